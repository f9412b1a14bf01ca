"""Votes as they come in: of a first round with what is out, of a runoff, and an earlier election beside them."""
