"""The phases of a race and what runs them.  Imports simulate and below."""
