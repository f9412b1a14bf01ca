"""Ours beside what a user would pick instead, in one run: `python -m benchmarks`."""

import os

# NumPy's matrix products on one thread: a rival "in one process" is one core's work.  Read when NumPy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
