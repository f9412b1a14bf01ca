"""The counts of a night as they came: kept, each once, and admitted in the order of their own time.

A count that is later than the last one used is used, whatever it says: lower votes are a correction.  One that is of
the same time or earlier is kept, named, and not used, so that a file that comes late cannot turn the night back.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from runoff.app.feed.source import Count
from runoff.errors import InputError, MissingFileError, OutputError, visible
from runoff.output.history import replace_file

_NAME = re.compile(r"(?P<time>[0-9]{8}T[0-9]{6}Z)-(?P<sha>[0-9a-f]{12})(?P<suffix>\.[a-z]{3,7})")
_TIME = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a count: where it is kept, whether it is to be used, and what is said of it, or ''."""

    path: Path
    used: bool
    note: str = ""


class Counts:
    """A folder of counts, and which of them was used last."""

    def __init__(self, folder: Path, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)) -> None:
        self._folder, self._now = folder, now
        self._last: Count | None = None

    def admit(self, count: Count) -> Verdict:
        """Keep a count, and say whether it is used.

        Raises
        ------
        OutputError : it cannot be kept.
        """
        path = self._kept(count)
        last = self._last
        if last is not None and count.content == last.content:
            return Verdict(path, used=False)
        said = f"{path.name}: of {_clock(count.time)} by {count.by}"
        if last is not None and count.time <= last.time:
            order = "the same time as" if count.time == last.time else "earlier than"
            return Verdict(
                path, used=False, note=f"{said}, {order} the count in use ({_clock(last.time)}): kept, not used"
            )
        ahead = count.time - self._now()
        early = f"{said}: {ahead.total_seconds() / 60:.0f} minutes from now" if ahead > dt.timedelta(minutes=5) else ""
        return Verdict(path, used=True, note=early)

    def take(self, count: Count) -> None:
        """The count was used: a night was made of it."""
        self._last = count

    def _kept(self, count: Count) -> Path:
        sha = hashlib.sha256(count.content).hexdigest()[:12]
        path = self._folder / f"{count.time.astimezone(dt.UTC).strftime(_TIME)}-{sha}{count.suffix}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                replace_file(path, count.content)
        except OSError as cause:
            raise OutputError(
                f"{visible(str(path))}: cannot keep the count: {cause.strerror or cause}\n"
                "  fix:  make room, or give another folder with --counts"
            ) from None
        return path


def kept_counts(folder: Path) -> list[Count]:
    """The counts of a folder, in the order of their time.

    Raises
    ------
    MissingFileError : there are none.
    InputError : one is not what its name says.
    """
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        name = _NAME.fullmatch(path.name)
        if name is None:
            continue
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest()[:12] != name["sha"]:
            rule = "a kept count is called by its time and the beginning of its sha256"
            raise InputError.single(str(path), "the count is not what was kept", rule=rule)
        try:
            when = dt.datetime.strptime(name["time"], _TIME).replace(tzinfo=dt.UTC)
        except ValueError:
            rule = "a kept count is called by its time and the beginning of its sha256"
            raise InputError.single(str(path), "no such time", rule=rule, got=name["time"]) from None
        found.append(Count(content, when, "the time in its name", name["suffix"]))
    if not found:
        raise MissingFileError(
            f"{visible(str(folder))}: no counts there\n"
            "  rule: counts are called by time and hash, 20170620T205500Z-0123456789ab.csv, as --counts keeps them\n"
            "  fix:  name such a folder"
        )
    return sorted(found, key=lambda count: count.time)


def _clock(time: dt.datetime) -> str:
    return time.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
