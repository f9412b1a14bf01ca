"""Stage folders: where a run is written before it appears, and how those of killed writers are told from others.

A stage is named `.RUN.PID.HEX.stage`, holds a marker with the writer's machine and process, and is locked (flock on the
folder) for as long as its writer lives: the system lets the lock go with the process, however that ends.  Only what has
all three signs of a dead writer of this machine is swept, and what has stood for a while with nothing in it but a
marker that was never finished (its writer died while it began); any other folder is somebody else's.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from runoff import interrupts

try:
    import fcntl
except ImportError:  # no flock here: nothing is swept
    fcntl = None  # type: ignore[assignment]  # a module elsewhere

MARKER = ".writer.json"
BEGINNING = 60.0  # seconds that a living writer may need, at the very most, from making its stage to marking it
_STAGE = re.compile(r"\.(?P<run>[A-Za-z0-9][A-Za-z0-9._-]{0,99})\.(?P<pid>[0-9]+)\.[0-9a-f]{8}\.stage")


@contextmanager
def made(directory: Path, run_id: str) -> Iterator[Path]:
    """A new stage for a run, locked while it is used and removed afterwards, if it is still there.

    Raises
    ------
    OSError : it cannot be made.
    """
    folder = directory / f".{run_id}.{os.getpid()}.{secrets.token_hex(4)}.stage"
    remove = partial(shutil.rmtree, folder, ignore_errors=True)
    handle = -1
    with interrupts.removed_at_once(remove):
        try:
            folder.mkdir()
            handle = _locked(folder)
            marker = folder / MARKER
            with marker.open("xb") as file, named(marker):
                file.write(json.dumps({"run_id": run_id, "host": socket.gethostname(), "pid": os.getpid()}).encode())
            yield folder
        finally:
            with interrupts.held():
                remove()
                if handle >= 0:
                    os.close(handle)


def _locked(folder: Path) -> int:
    """An open descriptor of a folder with the lock on it, or -1 where there are no such locks."""
    if fcntl is None:
        return -1
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:  # a file system without locks: the stage will not be swept, as nobody else gets one either
        os.close(handle)
        return -1
    return handle


def sweep(directory: Path) -> None:
    """Remove the stages in a folder whose writer, on this machine, has died."""
    if fcntl is None:
        return
    with suppress(OSError):
        for entry in directory.iterdir():
            match = _STAGE.fullmatch(entry.name)
            if match is not None:
                with suppress(OSError):  # another process was faster
                    _sweep(entry, match["run"])


def _sweep(folder: Path, run_id: str) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        if _ours(folder, run_id) or _unbegun(folder):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # fails while the writer lives
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)


def _ours(folder: Path, run_id: str) -> bool:
    """Whether a folder has the marker of a writer of this machine."""
    try:
        marker = json.loads((folder / MARKER).read_text("utf-8"))
        return bool(marker["run_id"] == run_id and marker["host"] == socket.gethostname())
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _unbegun(folder: Path) -> bool:
    """Whether a folder has stood for a while with nothing in it but, at most, a marker that was never finished."""
    if time.time() - folder.stat().st_mtime < BEGINNING or any(path.name != MARKER for path in folder.iterdir()):
        return False
    try:
        json.loads((folder / MARKER).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return True
    return False


@contextmanager
def named(path: Path) -> Iterator[None]:
    """An OSError within says which file it is about."""
    try:
        yield
    except OSError as cause:
        if cause.filename is None:
            cause.filename = str(path)
        raise
