"""Files as bytes and as text: whole, not too large, UTF-8."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from runoff.errors import InputError, MissingFileError, Problem, visible


def read_bytes(path: Path, largest: int, what: str) -> bytes:
    """The content of a plain file of at most `largest` bytes.

    Raises
    ------
    MissingFileError : not there, not a plain file, or not readable.
    InputError : too large; nothing is read then.

    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a plain file"
            raise MissingFileError(f"{visible(str(path))}: {what} is {kind}\n  fix:  name a file")
        if status.st_size > largest:
            raise InputError.single(
                str(path),
                f"{what} is too large",
                rule=f"at most {largest:,} bytes",
                got=f"{status.st_size:,} bytes",
            )
        return path.read_bytes()
    except (OSError, ValueError) as cause:
        reason = os.strerror(cause.errno) if isinstance(cause, OSError) and cause.errno else str(cause)
        place = visible(str(path))
        raise MissingFileError(
            f"{place}: cannot read {what}: {reason}\n  fix:  check the path and its rights"
        ) from None


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
        raise InputError.single(
            name,
            f"not UTF-8 at byte {cause.start:,} (line {line:,})",
            rule="files are UTF-8 text",
            got=f"byte 0x{content[cause.start]:02x}",
            fix="save the file as UTF-8",
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(
            [Problem(name, line, 1, "a NUL byte in text", "files are UTF-8 text", "", "is it a text file?")]
        )
    return text
