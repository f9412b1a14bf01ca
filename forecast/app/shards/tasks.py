"""Tasks that any `concurrent.futures.Executor` does: processes, threads, or a cluster's; few of them in flight.

A task that is tried again, or done in another order, comes back with the same answer: what is done hangs on nothing
but the task and the program, and each task says which program that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from typing import Any, TypeVar

from runoff import __version__
from runoff.app.shards.part import source
from runoff.errors import OutputError, UsageError

IN_FLIGHT = 4  # tasks a worker that wait or are done

Task = TypeVar("Task")
Answer = TypeVar("Answer")


def executor_of(executor: Any) -> Executor:
    """The executor, if it is one.

    Raises
    ------
    UsageError : it is something else, with what to say instead.
    """
    if isinstance(executor, Executor):
        return executor
    way = "client.get_executor(pure=False)" if hasattr(executor, "get_executor") else "ProcessPoolExecutor(4)"
    raise UsageError(f"executor: {type(executor).__name__} is no concurrent.futures.Executor\n  fix:  say {way}")


def answers(executor: Executor, do: Callable[[Task], Answer], tasks: Iterable[Task]) -> Iterator[Answer]:
    """What the tasks come back with, in the order in which they do.

    Raises
    ------
    OutputError : the executor lost its workers, or takes no tasks any more.
    """
    most, waiting = IN_FLIGHT * _workers(executor), set[Future[Answer]]()
    try:
        for task in tasks:
            waiting.add(_submitted(executor, do, task))
            if len(waiting) >= most:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    except (BrokenExecutor, CancelledError) as broken:
        raise OutputError(
            f"the executor lost its workers: {str(broken) or type(broken).__name__}\n"
            "  fix:  run again; `runoff shard` keeps what was drawn, and Dask's workers are tried again"
        ) from None
    finally:
        for future in waiting:
            future.cancel()


def _submitted(executor: Executor, do: Callable[[Task], Answer], task: Task) -> Future[Answer]:
    try:
        return executor.submit(do, task)
    except BrokenExecutor:
        raise
    except RuntimeError as closed:  # Python's word for one that was shut down
        fix = "fix:  call within its `with` block, or make a new one"
        raise OutputError(f"the executor takes no tasks: {closed}\n  {fix}") from None


def _workers(executor: Executor) -> int:
    """How many tasks an executor does at a time, as far as it says."""
    of_dask = getattr(executor, "_client", None)
    if of_dask is not None:
        return max(1, int(sum(of_dask.nthreads().values())))
    return int(getattr(executor, "_max_workers", 0) or 16)


def same_program(asked: str) -> None:
    """Refuse a task that another program made; asked : hash of that one's sources.

    Raises
    ------
    UsageError : this is another one.
    """
    if asked != source():
        raise UsageError(
            f"this worker runs another program than who asked: version {__version__}, sources {source()[:12]} "
            f"and not {asked[:12]}\n  fix:  install the same version on every machine"
        )
