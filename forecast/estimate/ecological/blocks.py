"""Work over units in blocks of one size, on threads, with sums in the blocks' order: the same bits for any threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
UNITS = 1024  # in a block, part of what the last bits are


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes of both rounds by unit, in canonical order: first float64[n, R], second float64[n, C], equal row sums."""

    first: FloatArray
    second: FloatArray

    @property
    def origins(self) -> FloatArray:
        """People of each origin: float64[R]; whole numbers up to 2^53 add up exactly."""
        total: FloatArray = self.first.sum(axis=0)
        return total

    @property
    def destinations(self) -> FloatArray:
        """People of each destination: float64[C]."""
        total: FloatArray = self.second.sum(axis=0)
        return total

    @property
    def people(self) -> float:
        """Everybody."""
        return float(self.origins.sum())

    def turned(self) -> Votes:
        """The same, from the second round to the first."""
        return Votes(self.second, self.first)


class Blocks:
    """Blocks of units, worked on by threads."""

    def __init__(self, units: int, threads: int) -> None:
        self.parts = [slice(start, min(start + UNITS, units)) for start in range(0, max(units, 1), UNITS)]
        threads = min(threads, len(self.parts))
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="units") if threads > 1 else None

    def __enter__(self) -> Blocks:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def each(self, work: Callable[[int, slice], object]) -> None:
        """Call work(number, units) for each block, whoever does it; all are done on return."""
        if self._pool is None:
            for number, part in enumerate(self.parts):
                work(number, part)
            return
        for future in [self._pool.submit(work, number, part) for number, part in enumerate(self.parts)]:
            future.result()


def in_order(parts: FloatArray) -> FloatArray:
    """Sum over the first axis, one after another: float addition in an order that no library chooses."""
    total: FloatArray = parts[0].copy()
    for part in parts[1:]:
        total += part
    return total
