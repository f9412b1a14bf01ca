"""Polls of the runoff, their crosstabs, and polls of a first round."""
