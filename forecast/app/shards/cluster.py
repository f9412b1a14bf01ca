"""A Dask cluster as an executor: the extra `dask`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from runoff.errors import OutputError, UsageError, visible

RETRIES = 3  # of a task whose worker died
_PATIENCE = 10  # seconds in which a scheduler answers


@contextmanager
def at_scheduler(address: str | None) -> Iterator[Executor | None]:
    """The executor of a scheduler, or None where nobody named one; raises as `cluster` does."""
    if address is None:
        yield None
        return
    with cluster(address) as executor:
        yield executor


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The executor of the scheduler at an address, tcp://HOST:PORT; a task whose worker dies is drawn by another.

    Raises
    ------
    UsageError : Dask is not installed.
    OutputError : no scheduler answers there, or none of its workers does.
    """
    try:
        from distributed import Client
    except ModuleNotFoundError as missing:
        raise UsageError(f"--scheduler needs {missing.name}\n  fix:  pip install 'runoff[dask]'") from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as cause:
        raise OutputError(
            f"{visible(address)}: no scheduler answers: {cause}\n  fix:  give its address, as in tcp://10.0.0.1:8786"
        ) from None
    with client:
        if not client.nthreads():
            raise OutputError(
                f"{visible(address)}: the scheduler has no workers\n  fix:  start some: dask worker ADDRESS"
            )
        yield client.get_executor(pure=False, retries=RETRIES)
