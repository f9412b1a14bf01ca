"""The runoff is being counted."""
