"""Files as bytes and as text: whole, not too large, UTF-8; and what was read, so that a run can carry it along."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from runoff.errors import InputError, MissingFileError, Problem, visible


@dataclass(frozen=True, slots=True)
class Files:
    """What is read below a folder.

    given : contents by name, in place of the disk, or None.  read : what has been read so far, by name; a name is the
    path from the folder where it lies below it, else the path as it was asked for.
    """

    folder: Path = Path()
    given: Mapping[str, bytes] | None = None
    read: dict[str, bytes] = field(default_factory=dict)

    def copy(self) -> Files:
        """The same with a record of its own, so that what is read from now on is not in this one."""
        return Files(self.folder, self.given, dict(self.read))

    @contextmanager
    def open(self) -> Iterator[None]:
        """Within, `read_bytes` reads from what is given, and what it reads is on record."""
        token = _OPEN.set(self)
        try:
            yield
        finally:
            _OPEN.reset(token)

    def name(self, path: Path) -> str:
        """The name of a path."""
        return str(path.relative_to(self.folder) if path.is_relative_to(self.folder) else path)


_OPEN: ContextVar[Files | None] = ContextVar("files", default=None)


def read_bytes(path: Path, largest: int, what: str) -> bytes:
    """The content of a plain file of at most `largest` bytes; where `Files` are open, on record or from what is given.

    Raises
    ------
    MissingFileError : not there, not a plain file, or not readable.
    InputError : too large; nothing is read then.
    """
    files = _OPEN.get()
    if files is None:
        return _from_disk(path, largest, what)
    name = files.name(path)
    if files.given is not None and name not in files.given:
        raise MissingFileError(f"{visible(name)}: {what} is not among the run's inputs\n  fix:  name the original file")
    content = _from_disk(path, largest, what) if files.given is None else files.given[name]
    files.read[name] = content
    return content


def _from_disk(path: Path, largest: int, what: str) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a plain file"
            raise MissingFileError(f"{visible(str(path))}: {what} is {kind}\n  fix:  name a file")
        if status.st_size > largest:
            rule, got = f"at most {largest:,} bytes", f"{status.st_size:,} bytes"
            raise InputError.single(str(path), f"{what} is too large", rule=rule, got=got)
        return path.read_bytes()
    except (OSError, ValueError) as cause:
        reason = os.strerror(cause.errno) if isinstance(cause, OSError) and cause.errno else str(cause)
        said = f"{visible(str(path))}: cannot read {what}: {reason}"
        raise MissingFileError(f"{said}\n  fix:  check the path and its rights") from None


def decoded(content: bytes, name: str) -> str:
    """Text of a UTF-8 file, without a byte order mark.

    Raises
    ------
    InputError : not UTF-8, or with NUL bytes.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = content.count(b"\n", 0, cause.start) + 1
        what, got = f"not UTF-8 at byte {cause.start:,} (line {line:,})", f"byte 0x{content[cause.start]:02x}"
        rule, fix = "files are UTF-8 text", "save the file as UTF-8"
        raise InputError.single(name, what, rule=rule, got=got, fix=fix) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        what, rule, fix = "a NUL byte in text", "files are UTF-8 text", "is it a text file?"
        raise InputError([Problem(name, line, 1, what, rule, "", fix)])
    return text
