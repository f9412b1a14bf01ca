"""Scenarios of a sweep that were drawn before it was ended: a line each, beside the place where its tables will stand.

A line is whole or it does not count, so a process that is killed loses at most the scenario that it was at.  The file
is named by the sweep, whose name hangs on everything that decides its numbers, and goes when the tables appear.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runoff.errors import OutputError, UsageError, visible

try:
    import fcntl
except ImportError:  # no locks here: who draws one sweep twice at once draws it twice
    fcntl = None  # type: ignore[assignment]  # a module elsewhere


class Journal:
    """What was drawn, by scenario; `found` holds what stood there.

    Raises
    ------
    UsageError : another process has it open.
    OSError : it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("a+b")
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system lets it go with the process
        except OSError:
            self._file.close()
            raise UsageError(
                f"another process draws this sweep into {visible(str(path.parent))}\n"
                "  fix:  wait for it, or give another folder with --out"
            ) from None
        self._file.seek(0)
        self.found, whole = _read(self._file.read())
        self._file.truncate(whole)  # the line at which its writer ended

    def add(self, scenario: int, drawn: Any) -> None:
        """Put what was drawn of a scenario on record."""
        self._file.write((json.dumps([scenario, drawn]) + "\n").encode())
        self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


@contextmanager
def journal(folder: Path, name: str) -> Iterator[Journal]:
    """The journal of the sweep of this name in a folder; it goes where the caller ends well.

    Raises
    ------
    UsageError : another process draws this sweep.
    OutputError : the folder cannot be written.
    """
    path = folder / f".{name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        kept = Journal(path)
        try:
            yield kept
            path.unlink(missing_ok=True)
        finally:
            kept.close()
    except OSError as cause:
        raise OutputError(
            f"{visible(str(cause.filename or path))}: cannot write: {cause.strerror or cause}\n"
            "  fix:  make room or check the rights, or give another folder with --out"
        ) from None


def _read(content: bytes) -> tuple[dict[int, Any], int]:
    """Scenarios of a journal's whole lines, and where the last of these ends."""
    found: dict[int, Any] = {}
    whole = 0
    for line in content.splitlines(keepends=True):
        try:
            scenario, drawn = json.loads(line)
        except ValueError:
            break
        if not line.endswith(b"\n"):
            break
        found[int(scenario)] = drawn
        whole += len(line)
    return found, whole
