"""A night that is followed: `run --results` of a file that changes, an address, or a folder of counts."""

from __future__ import annotations

import datetime as dt
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runoff.app.commands._answers import note, print_json
from runoff.app.feed.counts import Counts, kept_counts
from runoff.app.feed.follow import EVERY, EVERY_URL, Follower
from runoff.app.feed.source import FileSource, PlayedSource, Source, UrlSource, missing
from runoff.app.watched import lost
from runoff.errors import OutputError, visible
from runoff.report import terminal

if TYPE_CHECKING:
    from runoff.data.counts.count import SoFar
    from runoff.phases.pipeline import Opened
    from runoff.phases.settings import Options
    from runoff.runfile.load import Case


def watch(
    options: Namespace,
    case: Case,
    asked: Options,
    *,
    opened: Callable[[Namespace, Case, Options], Opened],
    drawn: Callable[[Namespace, Opened], list[dict[str, object]]],
) -> int:
    """Draw the night again for each count that comes; what has fallen or vanished since is said.

    Without --watch the first count is the only one, unless a folder of counts is played.
    """
    source, counts = _source(options), _counts(options, case)
    played = isinstance(source, PlayedSource)
    before: list[SoFar] = []

    def again(path: Path | None, time: dt.datetime) -> None:
        timed = replace(asked, count_time=time)
        run = opened(options, case, timed if path is None else replace(timed, results=path))
        now: SoFar = run.data.so_far
        for line in lost(before[0], now) if before else ():
            note(f"{now.reported.source[0]}: {line}")
        for document in drawn(options, run):
            print_json(document)
        before[:] = [now]
        sys.stdout.flush()

    if not options.watch and not played:
        return _once(source, counts, again)
    every = options.every or (EVERY_URL if isinstance(source, UrlSource) else min(EVERY, 1.0 / options.speed))
    runs = Follower(source, counts, again, _say).follow(every)
    terminal.say(f"stopped watching {visible(str(options.results))} after {runs} runs")
    return 0


def _once(source: Source, counts: Counts | None, again: Callable[[Path | None, dt.datetime], None]) -> int:
    """The count that is there now; what is wrong with it ends the command."""
    count = source.look()
    if count is None:
        raise OutputError("no count is there yet\n  fix:  --watch waits for one")
    again(None if counts is None else counts.admit(count).path, count.time)
    return 0


def _source(options: Namespace) -> Source:
    results = options.results
    if isinstance(results, str):
        return UrlSource(results)
    if results.is_dir():
        return PlayedSource(kept_counts(results), options.speed, time.monotonic)
    if not results.exists():
        raise missing(results)
    return FileSource(results)


def _counts(options: Namespace, case: Case) -> Counts | None:
    """Where counts are kept: as told; of an address always; a folder's are there already."""
    results = options.results
    if options.counts is not None:
        return Counts(options.counts)
    if isinstance(results, str):
        return Counts(Path("counts") / case.run_file.race.id)
    return Counts(results) if results.is_dir() else None


def _say(text: str) -> None:
    terminal.say(f"note: {text}" if "\n" not in text else text)
