"""What is believed of a whole chamber's districts: what they share, what each has of its own; draws nothing."""
