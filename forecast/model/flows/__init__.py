"""Transfers between two rounds, for who estimates them: both rounds of a case, what is known before, cells in rows."""
