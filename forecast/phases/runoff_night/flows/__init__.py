"""Where people of the first round went, as far as the night's count tells: estimated from the units that are in."""
