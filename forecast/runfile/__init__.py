"""TOML to checked values, every problem at once with its place in the text.  Imports data."""
