"""Progress on stderr while trials are drawn."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from runoff.report import terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress as RichBar

    from runoff.simulate.driver import Progress

_LONG = 300  # seconds: whoever waits longer is told so
_WONDER = 3  # seconds of silence after which people wonder


class Bar:
    """Progress on stderr: on a terminal a bar with trials per second and the time left; elsewhere a word on long runs.

    Where quiet, nothing.  told : whether a note on a terminal says that kernels are compiled, once a machine.
    """

    def __init__(self, title: str, *, quiet: bool, told: bool = True) -> None:
        self._title, self._terminal = title, sys.stderr.isatty()
        self._begun = time.monotonic()
        self._bar: RichBar | None = None
        self._told = _Told()
        self.progress: Progress | None = None if quiet else self._advance
        self._notes = told and not quiet and self._terminal
        self._deaf: Callable[[], object] | None = None

    def __enter__(self) -> Bar:
        if self._notes:
            from runoff.simulate.driver import when_compiling

            self._deaf = when_compiling(_compiling)
        return self

    def _advance(self, done: int, trials: int) -> None:
        seconds = time.monotonic() - self._begun
        self._told.hear(seconds, done, trials)
        if not self._terminal:
            return
        if self._bar is None:
            if seconds < 1.0:
                return  # most runs are over before a bar could be read
            self._bar = _start_bar(self._title, trials)
        bar, speed = self._bar, done / seconds / 1e6
        bar.update(bar.task_ids[0], completed=done, total=trials, speed=f"{speed:.1f}")

    def __exit__(self, *_: object) -> None:
        if self._deaf is not None:
            self._deaf()
        if self._bar is not None:
            self._bar.stop()


def _compiling(seconds: int) -> None:
    """Say that a kernel is being compiled, where that is long enough to wonder."""
    if seconds >= _WONDER:
        terminal.say(f"note: compiling for this machine, once: about {seconds} s")


class _Told:
    """Says once how long a run will take, where that is long; the first trials, in detail, are slower and left out."""

    def __init__(self) -> None:
        self._from: tuple[float, int] | None = None
        self._done = False

    def hear(self, seconds: float, done: int, trials: int) -> None:
        """So many trials were done after so many seconds."""
        if self._done or seconds < 0.5:
            return
        if self._from is None:
            self._from = seconds, done
        began, before = self._from
        if seconds < began + 1.0 or done == before:
            return
        self._done = True
        left = (trials - done) * (seconds - began) / (done - before)
        if left > _LONG:
            ends = "Ctrl-C ends it and writes nothing, fewer --trials or --target-se end sooner"
            terminal.say(f"note: {trials:,} trials take about {_spoken(left)} here; {ends}")


def _spoken(seconds: float) -> str:
    """A time as people say it."""
    for length, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {name}"
    return f"{seconds:.0f} seconds"


def _start_bar(title: str, trials: int) -> RichBar:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [
        TextColumn("{task.percentage:3.0f} %"),
        BarColumn(),
        TextColumn("{task.fields[speed]} million trials/s, time left"),
        TimeRemainingColumn(),
    ]
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task(title, total=trials, speed="-")
    bar.start()
    return bar
