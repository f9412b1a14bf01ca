"""Where a night's counts come from: a file, an address, or a folder of counts that is played again.

A source is looked at again and again; it answers with a count when there is a new one.  Counts have a time: that of
their own column `counted_at`, else the file's, the server's Last-Modified, or that of their arrival.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import http.client
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from runoff import __version__
from runoff.data.tables.table import read_table
from runoff.data.votes.counted_at import COLUMN, counted_at
from runoff.errors import InputError, MissingFileError, OutputError, Problem, UsageError, visible

LARGEST = 100 << 20  # bytes of a count
_PATIENCE = 20.0  # seconds in which a server answers
_HERE = ("127.0.0.1", "localhost", "::1")
_KINDS = (".csv", ".tsv", ".txt", ".parquet")


@dataclass(frozen=True, slots=True)
class Count:
    """A table of counted votes as it came; time : UTC; by : what said so."""

    content: bytes
    time: dt.datetime
    by: str
    suffix: str = ".csv"


class Source(Protocol):
    """Something that counts come from."""

    def look(self) -> Count | None:
        """The count that is there, where it may be another than at the last look.

        Raises
        ------
        OutputError : the source does not answer now.
        """

    @property
    def over(self) -> bool:
        """Whether nothing can come any more."""


@dataclass(slots=True)
class FileSource:
    """A file that somebody writes anew; one that still grows is read once it stands still."""

    path: Path
    _seen: tuple[int, int] | None = None
    _before: tuple[int, int] | None = None
    over: bool = False

    def look(self) -> Count | None:
        """The file's content, once its time or size has changed and then stood still for a look."""
        stamp = self._stamp()
        settled, self._before = stamp == self._before or self._seen is None, stamp
        if stamp is None or stamp == self._seen or not settled:
            return None
        self._seen = stamp
        try:
            content = self.path.read_bytes()
        except OSError as cause:
            raise OutputError(f"{visible(str(self.path))}: cannot read: {cause.strerror or cause}") from None
        when = dt.datetime.fromtimestamp(stamp[0] / 1e9, dt.UTC)
        return _timed(Count(content, when, "the file's time", self.path.suffix.lower() or ".csv"))

    def _stamp(self) -> tuple[int, int] | None:
        try:
            state = self.path.stat()
        except OSError:  # some programs replace a file by taking it away first
            return None
        return state.st_mtime_ns, state.st_size


class _OnlySafe(urllib.request.HTTPRedirectHandler):
    """Follows redirections to addresses that could have been given."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]  # urllib's own
        address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


@dataclass(slots=True)
class UrlSource:
    """An address that is asked with what it said last (ETag, Last-Modified), so that an old count is not sent again."""

    url: str
    now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    over: bool = False
    _tag: str | None = None
    _modified: str | None = None
    _opener: urllib.request.OpenerDirector = field(default_factory=lambda: urllib.request.build_opener(_OnlySafe()))

    def look(self) -> Count | None:
        """The count at the address, unless the server says it is the one of before."""
        asked = urllib.request.Request(self.url, headers={"User-Agent": f"runoff/{__version__}"})  # checked
        if self._tag is not None:
            asked.add_header("If-None-Match", self._tag)
        if self._modified is not None:
            asked.add_header("If-Modified-Since", self._modified)
        try:
            with self._opener.open(asked, timeout=_PATIENCE) as answer:
                content = answer.read(LARGEST + 1)
                headers = answer.headers
        except urllib.error.HTTPError as status:
            if status.code == 304:
                return None
            raise OutputError(f"{visible(self.url)}: the server answers {status.code} {status.reason}") from None
        except (OSError, ValueError, http.client.HTTPException) as cause:
            raise OutputError(f"{visible(self.url)}: no answer: {getattr(cause, 'reason', cause)}") from None
        if len(content) > LARGEST:
            raise OutputError(f"{visible(self.url)}: more than {LARGEST:,} bytes: no table of counted votes")
        said = headers.get("Content-Length")
        if said is not None and said.isdigit() and int(said) != len(content):
            raise OutputError(f"{visible(self.url)}: the answer was cut: {len(content):,} of {int(said):,} bytes")
        self._tag, self._modified = headers.get("ETag"), headers.get("Last-Modified")
        suffix = Path(urlsplit(self.url).path).suffix.lower()
        when = _http_time(self._modified)
        known = suffix if suffix in _KINDS else ".csv"
        return _timed(Count(content, when or self.now(), "Last-Modified" if when else "its arrival", known))


def _timed(count: Count) -> Count:
    """The count with the latest time that its own table states, where it states one that can be read.

    What is wrong with a table, or with a time, is told when the table is read for a forecast.
    """
    if COLUMN.encode() not in count.content:
        return count
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"count{count.suffix}"
        path.write_bytes(count.content)
        try:
            time = counted_at(read_table(path, (), (COLUMN,), empty=True), problems)
        except InputError:
            return count
    return count if time is None or problems else replace(count, time=time, by=f"its column {COLUMN}")


def _http_time(said: str | None) -> dt.datetime | None:
    try:
        found = None if said is None else email.utils.parsedate_to_datetime(said)
    except ValueError:
        return None
    return None if found is None else found.astimezone(dt.UTC)


def address(text: str) -> str:
    """An address that counts may be fetched from: https, or http of this machine.

    Raises
    ------
    UsageError : another.
    """
    parts = urlsplit(text)
    if parts.scheme == "https" and parts.hostname:
        return text
    if parts.scheme == "http" and parts.hostname in _HERE:
        return text
    raise UsageError(f"{visible(text)}: counts are fetched by https\n  fix:  https://..., or a file")


@dataclass(slots=True)
class PlayedSource:
    """Counts of a folder, each when its time has come: the first at once, the others `speed` times as fast as then."""

    counts: Sequence[Count]
    speed: float
    clock: Callable[[], float]
    _begun: float | None = None
    _next: int = 0

    @property
    def over(self) -> bool:
        """Whether all have been played."""
        return self._next >= len(self.counts)

    def look(self) -> Count | None:
        """The next count, once it is its turn."""
        if self.over:
            return None
        self._begun = self.clock() if self._begun is None else self._begun
        count = self.counts[self._next]
        due = (count.time - self.counts[0].time).total_seconds() / self.speed
        if self.clock() - self._begun < due:
            return None
        self._next += 1
        return count


def missing(path: Path) -> MissingFileError:
    """What is said where there is no file to begin with."""
    return MissingFileError(f"{visible(str(path))}: no such file to watch\n  fix:  check the path")
