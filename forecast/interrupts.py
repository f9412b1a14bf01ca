"""Ctrl-C, and an end asked for from outside: heard at any moment, never lost, answered with what stands.

The first signal raises `Interrupted` wherever the main thread is.  A library that swallows it (pyarrow does, while it
looks for pandas) cannot lose it: `look` raises it again between blocks of trials.  While `held` it waits, so that
nothing is said to be unwritten that has just been written.  A second signal ends the process at once.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_LISTED = 5  # files that a message names


class Interrupted(KeyboardInterrupt):
    """The user, or whoever runs the service, wants an end."""


class _State:
    """What is known of this process's end: the signal, whether it waits, what was written, what is to be removed."""

    def __init__(self) -> None:
        self.signal = 0
        self.holds = 0
        self.patient = 0
        self.written: list[str] = []
        self.removals: list[Callable[[], object]] = []


_state = _State()


def heed() -> None:
    """Listen to the signals that nobody told this process to ignore (as nohup does, and a shell's background)."""
    if not _in_main_thread():
        return
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _hear)
    before = sys.unraisablehook

    def quiet(problem: sys.UnraisableHookArgs) -> None:
        if not _state.signal:
            before(problem)

    sys.unraisablehook = quiet


def _in_main_thread() -> bool:
    """Whether this is the thread that hears signals; there is no other where nobody has loaded threads."""
    threading = sys.modules.get("threading")
    return threading is None or threading.current_thread() is threading.main_thread()


def deaf() -> None:
    """What remains is the end of the process: signals come too late to change anything."""
    if _in_main_thread():
        for name in _NAMES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is _hear:
                signal.signal(number, signal.SIG_IGN)


def _hear(number: int, _: object) -> None:
    if _state.signal and not _state.holds:
        _end_at_once()
    _state.signal = _state.signal or number
    if not _state.holds and not _state.patient:
        raise Interrupted


def _end_at_once() -> None:
    for remove in _state.removals:
        with suppress(Exception):
            remove()
    shown = "\x1b[?25h" if os.isatty(2) else ""  # a progress bar hides the cursor
    with suppress(OSError):
        os.write(2, f"{shown}{message()}\n".encode("ascii", "backslashreplace"))
    os._exit(exit_code())


def asked() -> bool:
    """Whether an end was asked for."""
    return bool(_state.signal)


def look() -> None:
    """Raise `Interrupted` if an end was asked for and got lost."""
    if _state.signal and not _state.holds:
        raise Interrupted


@contextmanager
def held() -> Iterator[None]:
    """Signals wait until this is done; for what is short and must not be cut."""
    _state.holds += 1
    try:
        yield
    finally:
        _state.holds -= 1
    look()


@contextmanager
def patient() -> Iterator[None]:
    """Signals are heard by `look` alone, which is called often; for loops that share locks with threads.

    An exception in the middle of taking a lock would leave it taken, and the threads that wait for it would never end.
    """
    _state.patient += 1
    try:
        yield
    finally:
        _state.patient -= 1
    look()


@contextmanager
def removed_at_once(remove: Callable[[], object]) -> Iterator[None]:
    """Within this, an end at once first calls `remove`."""
    _state.removals.append(remove)
    try:
        yield
    finally:
        _state.removals.remove(remove)


def wrote(path: object) -> None:
    """A file or folder now stands, whatever comes; call it while `held`."""
    if str(path) not in _state.written:
        _state.written.append(str(path))


def exit_code() -> int:
    """128 and the signal's number, as shells have it."""
    return 128 + (_state.signal or signal.SIGINT)


def message() -> str:
    """One line: that it ended, and what stands."""
    from runoff.errors import visible

    word = "interrupted" if exit_code() == 128 + signal.SIGINT else "terminated"
    if not _state.written:
        return f"{word}: nothing was written"
    more = len(_state.written) - _LISTED
    listed = ", ".join(visible(path) for path in _state.written[-_LISTED:])
    return f"{word}: what was written by then stands: {listed}" + (f" and {more} more" if more > 0 else "")


def written() -> tuple[str, ...]:
    """What was written so far."""
    return tuple(_state.written)
