"""The same job as others would write it, a file each: NAME, and `prepare(problem, ...)`, which gives a `Contest`."""
