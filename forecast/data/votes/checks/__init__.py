"""What a table of votes as a whole cannot mean, and units unlike all others."""
