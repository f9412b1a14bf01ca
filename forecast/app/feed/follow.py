"""The loop of a night: look, admit, forecast; a source that is away, a damaged count and a full disk are survived."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from runoff.app.feed.counts import Counts
from runoff.app.feed.source import Count, Source
from runoff.errors import InputError, RunoffError

EVERY = 1.0  # seconds between two looks at a file
EVERY_URL = 15.0  # and at an address


@dataclass(slots=True)
class Follower:
    """A night that is followed.

    counts : where counts are kept and put in order, or None: each that comes is used.  forecast : is given a count's
    path, or None where none are kept, and its time.  say : hears what is told beside the answer, each trouble once
    while it lasts.
    """

    source: Source
    counts: Counts | None
    forecast: Callable[[Path | None, dt.datetime], None]
    say: Callable[[str], None]
    done: int = 0
    _trouble: str = ""
    _waiting: tuple[Count, Path | None] | None = field(default=None)

    def follow(
        self,
        every: float = EVERY,
        stop: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
    ) -> int:
        """Look every so many seconds until `stop` says so, nothing more can come, or Ctrl-C; returns the forecasts."""
        try:
            while not stop():
                self.look()
                if self.source.over and self._waiting is None:
                    break
                sleep(every)
        except KeyboardInterrupt:
            pass
        return self.done

    def look(self) -> None:
        """Look once; a count that came and could not be put on disk is tried again."""
        try:
            count = self.source.look()
        except RunoffError as problem:
            return self._tell(str(problem))
        if self._trouble and self._waiting is None:
            self._trouble = ""
            self.say("the source answers again")
        try:
            if count is not None:
                self._admit(count)
            self._use()
        except InputError as problem:  # a table that is half written will be whole soon; the last forecast stands
            self._waiting = None
            self.say(str(problem))
        except RunoffError as problem:  # a full disk has room again
            self._tell(str(problem))
        return None

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self.say(trouble)

    def _admit(self, count: Count) -> None:
        if self.counts is None:
            self._waiting = count, None
            return
        verdict = self.counts.admit(count)
        if verdict.note:
            self.say(verdict.note)
        if verdict.used:
            self._waiting = count, verdict.path

    def _use(self) -> None:
        """Forecast from the count that waits, if one does."""
        if self._waiting is None:
            return
        count, path = self._waiting
        self.forecast(path, count.time)
        self.done, self._waiting, self._trouble = self.done + 1, None, ""
        if self.counts is not None:
            self.counts.take(count)
