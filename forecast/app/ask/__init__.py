"""Questions to a kept run: their grammar, what they count, and the answer."""
