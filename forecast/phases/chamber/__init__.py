"""A whole chamber of two-round districts: its first round held, its runoffs ahead or being counted."""
