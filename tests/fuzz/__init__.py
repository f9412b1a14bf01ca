"""Damaged files of every kind: each gets an answer, with a note or without, or one clear refusal.

python -m tests.fuzz KIND [N] [--seed S] [--draw SHARE] [--keep FOLDER]

races      the small races that are damaged
sheet      a table as rows of cells
syntax     bytes, characters, TOML, CSV
parquet    the same tables with the types that data frames give
semantic   slips of people: a row dropped, a name respelt, two cells swapped
judge      what counts as an answer, a note, a refusal, a failure
campaign   many cases of one kind
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command sets it: idle threads of a library count as work
