"""A run in ranges of its trials, drawn anywhere and put together: as folders, and by an executor."""
