"""What is believed of pools and rates, and what evidence makes of it; draws nothing.  Imports runfile and below."""
