"""Compiled kernels on disk: one file each, found by what they were made of, never trusted blindly.

A file's name is a hash of everything that could change the machine code: the sources of this
package, the versions of numba, llvmlite, numpy and Python, the CPU with its features, and the
argument types.  A file starts with the sha256 of the rest; a truncated or altered one means a
recompile.  The folder is the user's own, mode 0700, because the content is unpickled; where no such
folder can be had, kernels are compiled anew and a warning says so.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import sys
import tempfile
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core import compiler, serialize
from numba.core.caching import NullCache
from numba.core.runtime.nrt import rtsys as _rtsys


class CacheWarning(UserWarning):
    """Compiled kernels cannot be kept: the next run compiles again."""


def cache_folder() -> Path:
    """The folder for compiled kernels: $RUNOFF_CACHE_DIR, else the user's cache folder."""
    named = os.environ.get("RUNOFF_CACHE_DIR")
    if named:
        return Path(named)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "runoff"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "runoff"


@lru_cache(maxsize=1)
def sources_hash() -> str:
    """Hash of this package's sources and of what compiles them."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for version in (numba.__version__, llvmlite.__version__, np.__version__, sys.version):
        digest.update(version.encode() + b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _private_folder() -> Path | None:
    """The cache folder if it is, or can be made, this user's alone; else None, with a warning."""
    folder = cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = folder.stat()
        if hasattr(os, "getuid") and status.st_uid != os.getuid():
            raise PermissionError(f"belongs to user {status.st_uid}")
        if stat.S_IMODE(status.st_mode) & 0o077:
            folder.chmod(0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, RuntimeError) as cause:
        warnings.warn(
            f"compiled kernels cannot be kept in {folder} ({cause}); each run will compile anew. "
            "Set RUNOFF_CACHE_DIR to a folder of yours.",
            CacheWarning,
            stacklevel=2,
        )
        return None
    return folder


class KernelCache(NullCache):
    """What a numba dispatcher asks for compiled code, and hands compiled code to."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._name = f"{function.__module__}.{function.__qualname__}"

    def _path(self, signature: Any, codegen: Any) -> Path | None:
        folder = _private_folder()
        if folder is None:
            return None
        parts = (sources_hash(), self._name, str(signature), str(codegen.magic_tuple()))
        key = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
        return folder / f"{self._name}-{key}.bin"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled function for these argument types, or None."""
        _rtsys.initialize(target_context)
        path = self._path(sig, target_context.codegen())
        if path is None:
            return None
        try:
            content = path.read_bytes()
            if hashlib.sha256(content[32:]).digest() != content[:32]:
                return None
            return compiler.CompileResult._rebuild(target_context, *pickle.loads(content[32:]))  # type: ignore[no-untyped-call]  # numba
        except Exception:
            # Whatever is wrong with a kept file, compiling anew puts it right.
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled function; a full disk costs the next run a compilation, no more."""
        path = self._path(sig, data.codegen if hasattr(data, "codegen") else data.library.codegen)
        if path is None or data.library.has_dynamic_globals:
            return
        body = serialize.dumps(data._reduce())  # type: ignore[no-untyped-call]  # numba
        try:
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stage:
                stage.write(hashlib.sha256(body).digest() + body)
            Path(stage.name).replace(path)
        except OSError as cause:
            warnings.warn(f"compiled kernel not kept: {cause}", CacheWarning, stacklevel=2)
