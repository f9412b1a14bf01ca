"""Past two-round races: the archive that ships with the package, a user's own, and what is checked of both."""
