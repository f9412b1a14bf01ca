"""How the tests run: each process on one thread of BLAS, as the processes already take every core.

OpenBLAS's idle threads wait by spinning: beside a worker for each core they make a night's regressions three times
as dear.  Children inherit the setting.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
