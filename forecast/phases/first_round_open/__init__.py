"""The first round is being counted, or ahead with polls in its place."""
