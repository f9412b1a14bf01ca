"""Compiled kernels on disk: one file each, found by what they were made of, never trusted blindly.

A file's name is a hash of everything that could change the machine code: the sources of this
package, the versions of numba, llvmlite, numpy and Python, the CPU with its features, and the
argument types.  A file starts with the sha256 of the rest; a truncated or altered one means a
recompile.  Content is run, so folder and file must be this user's, and nobody else's to write; a folder that is
not is left as it is, kernels are compiled anew, and a warning says so.  What nobody has used for long is swept.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import stat
import sys
import time
import warnings
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

_NAME = re.compile(r"(?:runoff\.)?kernels\.[\w.]+-[0-9a-f]{32}\.bin")
_STAGE = re.compile(r"\.(?:runoff\.)?kernels\.[\w.]+-[0-9a-f]{32}\.bin\.[0-9]+\.[0-9a-f]{8}\.tmp")
_UNUSED = 60 * 86_400  # seconds after which a kernel that nobody loaded goes: its version is no longer in use
_ABANDONED = 3_600  # seconds after which a file in the making has lost its writer
_DAY = 86_400


class CacheWarning(UserWarning):
    """Compiled kernels cannot be kept: the next run compiles again."""


def cache_folder() -> Path:
    """The folder for compiled kernels: $RUNOFF_CACHE_DIR, else the user's cache folder."""
    named = os.environ.get("RUNOFF_CACHE_DIR")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "runoff"
    named = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(named) if named.startswith("/") else Path.home() / ".cache") / "runoff"


@lru_cache(maxsize=1)
def sources_hash() -> str:
    """Hash of this package's sources and of what compiles them."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for package in ("numba", "llvmlite"):  # their versions, without importing what they name
        digest.update((_place_of(package) / "_version.py").read_bytes() + b"\0")
    for version in (np.__version__, sys.version):
        digest.update(version.encode() + b"\0")
    return digest.hexdigest()


def _place_of(package: str) -> Path:
    from importlib.util import find_spec

    found = find_spec(package)
    if found is None or found.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(found.origin).parent


@lru_cache(maxsize=1)
def _private_folder() -> Path | None:
    """The cache folder if it is, or can be made, this user's alone to write; else None, with a warning."""
    place = "a cache folder"
    try:
        folder = cache_folder()
        place = str(folder)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        problem = _trusted(folder.stat())
        if problem:
            raise PermissionError(problem)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError("it may not be written")
    except (OSError, RuntimeError, KeyError) as cause:  # without a home folder: RuntimeError
        warnings.warn(
            f"compiled kernels cannot be kept in {place} ({cause}); each run will compile anew. "
            "Set RUNOFF_CACHE_DIR to a folder of yours, which nobody else can write to.",
            CacheWarning,
            stacklevel=2,
        )
        return None
    return folder


def _trusted(status: os.stat_result) -> str:
    """Why what a file or folder holds may be somebody else's work; '' if it is not."""
    if hasattr(os, "getuid") and status.st_uid != os.getuid():
        return f"belongs to user {status.st_uid}"
    if hasattr(os, "getuid") and stat.S_IMODE(status.st_mode) & 0o022:
        return f"others can write to it, mode {stat.S_IMODE(status.st_mode):04o}"
    return ""


def _sweep(folder: Path) -> None:
    """Remove kernels that nobody has used for long, and files that never became one; nothing of another name."""
    now = time.time()
    for entry in os.scandir(folder):
        oldest = _UNUSED if _NAME.fullmatch(entry.name) else _ABANDONED if _STAGE.fullmatch(entry.name) else None
        with suppress(OSError):  # another process was faster
            if oldest is not None and now - entry.stat(follow_symlinks=False).st_mtime > oldest:
                Path(entry.path).unlink()


def path_of(name: str, types: Any) -> Path | None:
    """The file for a kernel's machine code on this machine; None where nothing can be kept."""
    folder = _private_folder()
    if folder is None:
        return None
    from runoff.kernels._machine import host

    asked = [
        os.environ.get(f"{word}", "") for word in ("NUMBA_CPU_NAME", "NUMBA_CPU_FEATURES", "NUMBA_OPT", "RUNOFF_WIDE")
    ]
    with suppress(OSError):  # numba's settings of a working folder
        asked.append(Path(".numba_config.yaml").read_text("utf-8", "replace"))
    key = hashlib.sha256("\0".join((sources_hash(), name, repr(types), *host(), *asked)).encode()).hexdigest()[:32]
    return folder / f"{name}-{key}.bin"


def content(path: Path) -> bytes | None:
    """What a kept file holds, if it is there, whole and this user's work; else None."""
    try:
        return _content(path)
    except OSError:
        return None


def keep(path: Path, body: bytes) -> None:
    """Keep machine code, and clear away what has aged; a full disk costs the next run a compilation, no more."""
    stage = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        with os.fdopen(os.open(stage, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(hashlib.sha256(body).digest() + body)
        stage.replace(path)
        _sweep(path.parent)
    except OSError as cause:
        warnings.warn(f"compiled kernel not kept: {cause}", CacheWarning, stacklevel=2)
    finally:
        with suppress(OSError):
            stage.unlink()


def _content(path: Path) -> bytes | None:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or _trusted(status):
            return None
        content = file.read()
    if time.time() - status.st_mtime > _DAY:
        with suppress(OSError):
            os.utime(path)  # the time of last use, for the sweep
    return content[32:] if hashlib.sha256(content[32:]).digest() == content[:32] else None
