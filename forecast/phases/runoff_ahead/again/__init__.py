"""A run's trials again: what a question sees of them, and one of them as rows.  Imports simulate and its room."""
