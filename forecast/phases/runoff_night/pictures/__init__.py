"""A night with pictures, from its tables alone."""
