"""Public formats of results, a file a format: read as rows of votes by unit, mode and candidate, and a roll."""
