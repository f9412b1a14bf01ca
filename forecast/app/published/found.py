"""The runs under a folder, by their manifests, and the latest of each race."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runoff.errors import InputError, MissingFileError, OutputError, UsageError, visible
from runoff.names import listed
from runoff.output import kept
from runoff.phases.base import Phase
from runoff.phases.registry import PHASES
from runoff.race import Row
from runoff.report.numbers import probability

_PHASES = {phase.name: phase for phase in PHASES}
_EARLIEST = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """A forecast on disk.

    written : when its manifest was, UTC.  counted : when the source counted a night's votes, where told.
    chances : candidates with their probability of winning, highest first.  mcse : Monte Carlo standard error of the
    highest.  effective : equally weighted trials that its trials are worth.
    """

    folder: Path
    run_id: str
    race_id: str
    race_name: str
    phase: str
    as_of: dt.date
    written: dt.datetime
    counted: dt.datetime | None
    trials: int
    effective: float
    seconds: float
    digest: str
    version: str
    chances: tuple[tuple[str, float], ...]
    mcse: float

    @property
    def said(self) -> str:
        """The chance of who is most likely to win, as far as the trials bear it: '60.5 % ± 0.3'."""
        return probability(self.chances[0][1] * self.effective, self.effective, self.mcse)

    @property
    def order(self) -> tuple[dt.date, dt.datetime, dt.datetime, str]:
        """What makes a run the later one of two: its day of information, its source's time, when it was written."""
        return self.as_of, self.counted or _EARLIEST, self.written, self.run_id


@dataclass(frozen=True, slots=True)
class _Other:
    """A folder with a manifest that is no forecast: a shard, a sweep."""

    kind: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """What stands under a folder: forecasts in the order of their race and time, and what is no forecast, in words."""

    runs: tuple[Found, ...]
    notes: tuple[str, ...]

    def latest(self) -> dict[str, Found]:
        """The latest run of each race, by its id."""
        return {run.race_id: run for run in sorted(self.runs, key=lambda run: run.order)}


def shelf(directory: Path) -> Shelf:
    """All forecasts under a folder, however deep; hidden folders and links to folders are not followed.

    Raises
    ------
    MissingFileError : there is no such folder.
    OutputError : it cannot be read.
    """
    return Reader(directory).look()


class Reader:
    """Looks at a folder again and again; a run that stood there before is not read twice."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._known: dict[Path, tuple[tuple[int, int], Found | _Other | str]] = {}

    def look(self) -> Shelf:
        """What stands there now; raises as `shelf` does."""
        known: dict[Path, tuple[tuple[int, int], Found | _Other | str]] = {}
        closed: list[OSError] = []
        for folder in run_folders(self._directory, closed.append):
            try:
                stamp = _stamp(folder)
                before = self._known.get(folder)
                known[folder] = before if before is not None and before[0] == stamp else (stamp, _read(folder))
            except OSError as cause:
                known[folder] = (0, 0), f"{visible(str(folder))}: cannot read: {cause.strerror or cause}"
        for shut in closed:
            if isinstance(shut, FileNotFoundError):  # it went while we looked
                continue
            path = Path(shut.filename)
            known[path] = (0, 0), f"{visible(str(path))}: left out: cannot read: {shut.strerror or shut}"
        self._known = known
        return _shelf(found for _, found in known.values())


def _shelf(found: Iterable[Found | _Other | str]) -> Shelf:
    runs: dict[str, Found] = {}
    notes: list[str] = []
    others: Counter[str] = Counter()
    for one in found:
        if isinstance(one, str):
            notes.append(one)
            continue
        if isinstance(one, _Other):
            others[one.kind] += 1
            continue
        same = runs.setdefault(one.run_id, one)
        if same is not one and same.digest != one.digest:
            notes.append(
                f"{visible(str(one.folder))}: another run of this name, with other numbers, is at {same.folder}"
            )
    if others:
        said = listed([f"{many} of {kind}" for kind, many in sorted(others.items())], 8)
        notes.append(f"no forecasts, and left out: {said}")
    order = sorted(runs.values(), key=lambda run: (run.race_id, *run.order))
    return Shelf(tuple(order), tuple(notes))


def run_folders(directory: Path, closed: Callable[[OSError], object]) -> Iterator[Path]:
    """Folders with a manifest, in order of their names; raises as `shelf` does.

    closed : hears of each folder that cannot be read.
    """
    try:
        next(directory.iterdir(), None)
    except FileNotFoundError:
        raise MissingFileError(f"{visible(str(directory))}: no such folder\n  fix:  name a folder with runs") from None
    except NotADirectoryError:
        raise UsageError(f"{visible(str(directory))}: not a folder\n  fix:  name a folder with runs") from None
    except OSError as cause:
        raise OutputError(f"{visible(str(directory))}: cannot read: {cause.strerror or cause}") from None
    for path, folders, files in os.walk(directory, onerror=closed):
        if kept.MANIFEST in files:
            folders.clear()
            yield Path(path)
        folders[:] = sorted(name for name in folders if not name.startswith("."))


def _stamp(folder: Path) -> tuple[int, int]:
    state = (folder / kept.MANIFEST).stat()
    return state.st_mtime_ns, state.st_size


def _read(folder: Path) -> Found | _Other | str:
    """What stands in a folder; else what is wrong with it."""
    written = dt.datetime.fromtimestamp((folder / kept.MANIFEST).stat().st_mtime, dt.UTC)
    try:
        manifest = kept.read_manifest(folder)
        phase = _PHASES.get(manifest.phase)
        if phase is None:
            return _Other(manifest.phase)
        run = kept.read_run(folder, only=lambda _: (phase.head, phase.chances))
        if not {phase.head, phase.chances} <= set(run.tables):
            return f"{visible(str(folder))}: its manifest lacks {phase.head} or {phase.chances}"
        return _found(folder, phase, run, written)
    except InputError as error:
        return f"{visible(str(folder))}: left out: {error.problems[0].what}"
    except (KeyError, TypeError, ValueError) as cause:
        return f"{visible(str(folder))}: left out: not the tables of a forecast ({type(cause).__name__}: {cause})"


def _found(folder: Path, phase: Phase, run: kept.Kept, written: dt.datetime) -> Found:  # type: ignore[type-arg]  # any phase
    head: Row = run.tables[phase.head][0]
    rows = sorted(run.tables[phase.chances], key=lambda row: -float(str(row["p_win"])))
    as_of = head["as_of"]
    if not isinstance(as_of, dt.date):
        raise TypeError("as_of is no day")
    trials = int(str(head["trials"]))
    return Found(
        folder=folder,
        run_id=str(head["run_id"]),
        race_id=str(head["race_id"]),
        race_name=str(head["race_name"]),
        phase=run.phase,
        as_of=as_of,
        written=written,
        counted=_time(head.get("count_time")),
        trials=trials,
        effective=float(str(head.get("effective_trials", head.get("ess", trials)))),
        seconds=float(str(head.get("seconds") or 0.0)),
        digest=str(head["digest"]),
        version=str(head["version"]),
        chances=tuple((str(row["candidate"]), float(str(row["p_win"]))) for row in rows),
        mcse=float(str(rows[0]["p_win_mcse"])),
    )


def _time(value: object) -> dt.datetime | None:
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else None


def published(document: bytes, folder: Path) -> Found:
    """A run again from the document that a site has of it.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError : it is none.
    """
    said = json.loads(document)["published"]
    return Found(
        folder=folder,
        run_id=str(said["run_id"]),
        race_id=str(said["race_id"]),
        race_name=str(said["race_name"]),
        phase=str(said["phase"]),
        as_of=dt.date.fromisoformat(said["as_of"]),
        written=dt.datetime.fromisoformat(said["written"]),
        counted=None if said.get("counted") is None else dt.datetime.fromisoformat(said["counted"]),
        trials=int(said["trials"]),
        effective=float(said["effective_trials"]),
        seconds=0.0,
        digest=str(said["digest"]),
        version=str(said["version"]),
        chances=tuple((str(name), float(p)) for name, p in said["p_win"].items()),
        mcse=float(said["p_win_mcse"]),
    )
