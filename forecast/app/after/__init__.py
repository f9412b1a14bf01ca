"""What is asked of runs that are kept: how good one was, and why two of them differ."""
