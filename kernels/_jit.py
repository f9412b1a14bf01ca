"""How kernels are compiled, and where the compiled code is kept: the only place that decides either.

Flags, each with its reason:

- `nogil`: blocks run on plain threads, side by side.
- `error_model="numpy"`: Python's model puts a branch at each division, and the loop around it no
  longer becomes a vector loop (3.2 against 0.9 ns per logistic, measured).
- no `fastmath`: it lets the compiler reorder sums and fuse products, and then two CPUs disagree in
  the last bit.
- no `parallel`: its float sums depend on the thread count.

numba's own cache does not see a change in another file that a kernel calls, so the cache here is
keyed on the sources of the whole package (`_cache`).  Nor can it be read without the compiler, which takes
longer to import than most runs take to draw: a kernel that is kept is called without it (`_machine`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from runoff.kernels import _machine

F = TypeVar("F", bound=Callable[..., Any])

_FLAGS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": False, "_nrt": False}
_NO_WRAPPERS: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}

# One run of the tests interprets every kernel as plain Python (habit 9).
INTERPRETED = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")

_listeners: list[Callable[[int], object]] = []  # called before a kernel is compiled


def when_compiling(heard: Callable[[int], object]) -> Callable[[], None]:
    """Call `heard` whenever a kernel is about to be compiled, with the seconds it takes; returns what ends that."""
    _listeners.append(heard)
    return lambda: _listeners.remove(heard) if heard in _listeners else None


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


class Piece:
    """A part of kernels: plain Python where Python calls it, and what numba compiles into whatever calls it there.

    It is compiled without the wrappers by which Python calls it, a sixth of the time that compiling takes.
    """

    def __init__(self, function: Callable[..., Any], **flags: Any) -> None:
        self.py_func, self._flags = function, flags
        self.__doc__, self.__name__, self.__module__ = function.__doc__, function.__name__, function.__module__
        self._dispatcher: Any = None

    def __call__(self, *arguments: Any) -> Any:
        return self.py_func(*arguments)

    @property
    def dispatcher(self) -> Any:
        """What numba knows it as."""
        if self._dispatcher is None:
            self._dispatcher = compiled(self.py_func, **_NO_WRAPPERS, **self._flags)
        return self._dispatcher


class Kernel:
    """A function that `forecast` calls: compiled once per machine and types of its arguments, and kept on disk.

    seconds : that compiling takes on a core of today, about.
    """

    def __init__(self, function: Callable[..., Any], seconds: int) -> None:
        self.py_func, self._seconds = function, seconds
        self.__doc__, self.__name__, self.__module__ = function.__doc__, function.__name__, function.__module__
        self._made: dict[Any, Any] = {}
        self._lock = threading.Lock()

    @property
    def signatures(self) -> list[Any]:
        """The types of arguments for which there is machine code."""
        return list(self._made)

    def __call__(self, *arguments: Any) -> Any:
        types, words = _machine.told(arguments)
        code = self._made.get(types)
        if code is None:
            with self._lock:  # one thread compiles, the others wait for what it made
                code = self._made.get(types) or self._code(types, arguments)
                self._made[types] = code
        return code(words)

    def _code(self, types: Any, arguments: tuple[Any, ...]) -> Any:
        """Machine code for arguments of these types: what was kept, else made anew and kept."""
        from runoff.kernels import _cache

        name = f"{self.__module__}.{self.__name__}"
        path = _cache.path_of(name, types)
        kept = None if path is None else _cache.content(path)
        if kept is not None:
            with suppress(Exception):  # whatever is wrong with a kept file, compiling anew puts it right
                return _machine.loaded(kept)
        from runoff.kernels._target import built

        for heard in list(_listeners):
            heard(self._seconds)
        code, to_keep = built(self.py_func, arguments, _FLAGS)
        if path is not None and to_keep is not None:
            _cache.keep(path, to_keep)
        return code


def part(function: F) -> F:
    """A piece of a kernel: compiled into whatever calls it, never by itself.

    Called from Python it is plain Python; `standalone` makes it fast.
    """
    return _piece(function, inline="never")


def scalar(function: F) -> F:
    """A function of a few numbers: always melted into the loop that calls it, which then is a vector loop."""
    return _piece(function, forceinline=True)


def _piece(function: F, **flags: Any) -> F:
    made: Any = function if INTERPRETED else Piece(function, **flags)
    result: F = made
    return result


def standalone(piece: F) -> F:
    """A `part` or `scalar` compiled once more, so that Python calls machine code: for tests and measurements."""
    return piece if INTERPRETED else compiled(piece.py_func)  # type: ignore[attr-defined]  # a piece has it


def entry(function: F, seconds: int = 1) -> F:
    """A kernel that `forecast` calls: compiled once per machine, in about so many seconds, and kept on disk.

    function : its own, or a piece of other kernels that is called from outside as well.
    """
    plain: Any = function.py_func if isinstance(function, Piece) else function
    made: Any = plain if INTERPRETED else Kernel(plain, seconds)
    result: F = made
    return result
