"""Work on plain threads, its results in order, ended by an interrupt and never hung by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from runoff import interrupts

T = TypeVar("T")


def in_order(
    work: Callable[[int], T], starts: Sequence[int], threads: int, on_done: Callable[[int], object] | None = None
) -> list[T]:
    """`work(start)` for each start, whoever does it; `on_done` hears how many are done."""
    parts: list[T] = []
    with interrupts.patient(), ThreadPoolExecutor(threads) as pool:
        try:
            for future in [pool.submit(work, start) for start in starts]:
                parts.append(future.result())
                interrupts.look()
                if on_done is not None:
                    on_done(len(parts))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return parts
