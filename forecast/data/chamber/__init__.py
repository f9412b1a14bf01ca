"""A whole chamber's first round: a table of districts, and what the law makes of it."""
