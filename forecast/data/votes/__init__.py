"""Votes by unit, mode and candidate, the roll, and the first round that they make."""
