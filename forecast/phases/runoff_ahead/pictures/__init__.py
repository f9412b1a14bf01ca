"""A run with pictures, from its tables alone."""
