"""How the tests run: the long ones first, and each process on one thread of BLAS, as the processes take every core.

OpenBLAS's idle threads wait by spinning: beside a worker for each core they make a night's regressions three times
as dear.  Children inherit the setting.
"""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `long` come first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
