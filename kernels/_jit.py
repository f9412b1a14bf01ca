"""How kernels are compiled, and where the compiled code is kept: the only place that decides either.

Flags, each with its reason:

- `nogil`: blocks run on plain threads, side by side.
- `error_model="numpy"`: Python's model puts a branch at each division, and the loop around it no
  longer becomes a vector loop (3.2 against 0.9 ns per logistic, measured).
- no `fastmath`: it lets the compiler reorder sums and fuse products, and then two CPUs disagree in
  the last bit.
- no `parallel`: its float sums depend on the thread count.

numba's own cache does not see a change in another file that a kernel calls, so the cache here is
keyed on the sources of the whole package (`_cache`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F", bound=Callable[..., Any])

_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": False, "_nrt": False}
_NO_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

# One run of the tests interprets every kernel as plain Python (habit 9).
INTERPRETED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")


def compiled(function: F, **flags: Any) -> F:
    """The function as numba compiles it for the kernels' CPU; as it is where numba is told not to compile.

    `part`, `scalar` and `entry` are made of it; measurements use it as it is.
    """
    if INTERPRETED:
        return function
    from runoff.kernels._target import KernelDispatcher

    made: Any = KernelDispatcher(function, targetoptions={"nopython": True, **_FLAGS, **flags})
    result: F = made
    return result


def part(function: F) -> F:
    """A piece of a kernel: compiled into whatever calls it, never by itself.

    Called from Python it is plain Python; `standalone` makes it fast.
    """
    return _inner(function, inline="never")


def scalar(function: F) -> F:
    """A function of a few numbers: always melted into the loop that calls it, which then is a vector loop."""
    return _inner(function, forceinline=True)


def standalone(piece: F) -> F:
    """A `part` or `scalar` compiled once more, so that Python calls machine code: for tests and measurements."""
    return piece if INTERPRETED else compiled(piece.py_func)  # type: ignore[attr-defined]  # a dispatcher has it


def _inner(function: F, **flags: Any) -> F:
    """Compiled without the wrappers by which Python calls them, a sixth of the time that compiling takes.

    A call from Python would jump to nowhere, so it never sees the machine code: it runs `function` itself.
    """
    made: Any = compiled(function, **_NO_WRAPPERS, **flags)
    if not INTERPRETED:
        made._insert = lambda *_args, **_kwargs: None
        made._compile_for_args = lambda *_args, **_kwargs: function
    result: F = made
    return result


def entry(function: F) -> F:
    """A kernel that `forecast` calls: compiled once per machine and kept on disk."""
    made: Any = compiled(function)
    if not INTERPRETED:
        from runoff.kernels._cache import KernelCache

        made._cache = KernelCache(function)
    result: F = made
    return result
