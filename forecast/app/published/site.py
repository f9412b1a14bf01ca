"""What a site of forecasts holds: paths, and how the bytes behind each are made from runs on disk."""

from __future__ import annotations

import datetime as dt
import hashlib
import mimetypes
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runoff.app.published.found import Found, Shelf
from runoff.errors import RunoffError, visible
from runoff.output import kept, store
from runoff.output.history import NIGHTS, read_history
from runoff.output.schemas.first_round_open import FIRST_ROUND_HISTORY
from runoff.output.schemas.runoff_night import HISTORY, history_table
from runoff.phases.registry import phase_named
from runoff.race import Row
from runoff.report import site
from runoff.report.illustrated import Report
from runoff.report.layout import json_text

STALE = 30  # minutes after which a page says that it is old
_EARLIER = 10  # runs of a race that its page links
_KINDS = {".parquet": "application/vnd.apache.parquet", ".js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at a path.

    content : what makes its bytes, or the file that has them.  version : differs wherever the bytes may.
    lasting : equal for good.
    """

    path: str
    version: str
    content: Callable[[], bytes] | Path
    lasting: bool = False

    @property
    def kind(self) -> str:
        """Its media type."""
        suffix = Path(self.path).suffix
        known = _KINDS.get(suffix) or mimetypes.guess_type(self.path)[0] or "application/octet-stream"
        return (
            f"{known}; charset=utf-8"
            if known in ("text/html", "application/json") and "charset" not in known
            else known
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """histories : tables of nights, as --history of `run` writes them.  stale : minutes."""

    title: str = "Forecasts"
    histories: tuple[Path, ...] = ()
    stale: int = STALE


def entries(shelf: Shelf, settings: Settings, standing: Sequence[Found] = ()) -> dict[str, Entry]:
    """Everything that a site of these runs holds, by its path: runs first, then each race's latest, the list last.

    standing : runs of other folders whose files stand on the site, for its lists.
    """
    found: list[Entry] = []
    whole = Shelf(tuple(sorted((*shelf.runs, *standing), key=lambda run: (run.race_id, *run.order))), shelf.notes)
    for run in shelf.runs:
        found += _of_run(run)
    for race, run in sorted(shelf.latest().items()):
        found += _of_race(race, run, whole, settings)
    seen = _hash(whole.notes, settings.title, *(f"{run.run_id} {run.digest} {run.written}" for run in whole.runs))
    found += [
        Entry("renew.js", _hash(site.script()), lambda: site.script().encode()),
        Entry("runs.json", seen, lambda: _json([summary(run) for run in whole.runs])),
        Entry("index.html", seen, lambda: _index(whole, settings).encode()),
    ]
    return {entry.path: entry for entry in found}


def _of_run(run: Found) -> list[Entry]:
    """A run's report, its document and its tables."""
    base = f"runs/{run.run_id}"
    return [
        *_tables(run, base, lasting=True),
        Entry(f"{base}/run.json", _stamp(run), lambda: _document(run)),
        Entry(f"{base}/report.html", _stamp(run), lambda: _report(run, ()).encode()),
    ]


def _tables(run: Found, base: str, *, lasting: bool) -> list[Entry]:
    try:
        manifest = kept.read_manifest(run.folder)
    except (RunoffError, OSError):  # gone or damaged since it was found: the next look says so
        return []
    files = sorted(name for name in manifest.files if name.endswith(".parquet"))
    return [
        Entry(f"{base}/{name}", manifest.files[name]["sha256"], run.folder / name, lasting=lasting) for name in files
    ]


def _of_race(race: str, run: Found, shelf: Shelf, settings: Settings) -> list[Entry]:
    """A race's latest run, and the page that renews itself."""
    base, histories = f"races/{race}", settings.histories if run.phase in NIGHTS else ()
    earlier = [one for one in reversed(shelf.runs) if one.race_id == race and one is not run][:_EARLIER]
    stamp = _hash(_stamp(run), str(settings.stale), *(one.run_id for one in earlier), *map(_file_stamp, histories))
    return [
        *_tables(run, f"{base}/latest", lasting=False),
        Entry(f"{base}/curve.json", stamp, lambda: _json(_curve(run, settings.histories))),
        Entry(f"{base}/latest.html", stamp, lambda: _report(run, histories).encode()),
        Entry(f"{base}/index.html", stamp, lambda: _live(run, earlier, histories, settings).encode()),
        Entry(f"{base}/latest.json", _stamp(run), lambda: _document(run)),
    ]


def _report(run: Found, histories: Sequence[Path]) -> str:
    return _made(run, histories).html()


def _made(run: Found, histories: Sequence[Path]) -> Report:
    """The report of a run, every table held against its manifest."""
    report: Report = phase_named(run.phase).report(store.found(run.folder).tables, _curve(run, histories))
    return report


def _live(run: Found, earlier: Sequence[Found], histories: Sequence[Path], settings: Settings) -> str:
    base = f"races/{run.race_id}"
    links = [
        site.Link("index.html", "all races"),
        site.Link(f"{base}/latest.html", "as one file"),
        site.Link(f"{base}/latest.json", "JSON"),
        *([site.Link(f"{base}/curve.json", "curve")] if histories else []),
        *(
            site.Link(f"runs/{one.run_id}/report.html", f"{one.as_of}, written {one.written:%m-%d %H:%M}")
            for one in earlier
        ),
    ]
    return site.live(_made(run, histories), links, "../../", _time(run.written), settings.stale)


def _document(run: Found) -> bytes:
    """What `run --json` prints, with what tells it from other runs."""
    document = phase_named(run.phase).document(store.found(run.folder).tables)
    return _json({**document, "published": summary(run)})


def summary(run: Found) -> dict[str, Any]:
    """What tells a run from others, and what it says in short."""
    return {
        "run_id": run.run_id,
        "race_id": run.race_id,
        "race_name": run.race_name,
        "phase": run.phase,
        "as_of": run.as_of.isoformat(),
        "written": _time(run.written),
        "counted": None if run.counted is None else _time(run.counted),
        "trials": run.trials,
        "effective_trials": run.effective,
        "digest": run.digest,
        "version": run.version,
        "p_win": dict(run.chances),
        "p_win_mcse": run.mcse,
    }


def _curve(run: Found, histories: Sequence[Path]) -> list[Row]:
    """The rows of a run's race and phase in the histories, in order of time.

    Raises
    ------
    RunoffError : a history is none.
    """
    rows: list[Row] = []
    for path in histories:
        for table in (FIRST_ROUND_HISTORY, *(history_table(finalists) for finalists in (4, 3, 2))):
            try:
                found = [row for row in read_history(path, table) if row["race_id"] == run.race_id]
            except RunoffError:
                if table.columns == HISTORY.columns:  # the last that it could be
                    raise
                continue
            rows += found if (table is FIRST_ROUND_HISTORY) == (run.phase == "first_round_open") else []
            break
    return sorted(rows, key=lambda row: str(row["time"]))


def _index(shelf: Shelf, settings: Settings) -> str:
    latest = [run for _, run in sorted(shelf.latest().items())]
    order = sorted(shelf.runs, key=lambda run: run.order, reverse=True)
    races = site.Listed("Races", ("race", "forecast", "as of", "written (UTC)"), tuple(_race_line(r) for r in latest))
    runs = site.Listed("Runs", ("run", "race", "forecast", "as of"), tuple(_run_line(run) for run in order))
    return site.index(settings.title, (races, runs), [visible(note) for note in shelf.notes])


def _race_line(run: Found) -> site.Line:
    name, said = _words(run)
    return site.Line(name, f"races/{run.race_id}/index.html", (said, str(run.as_of), f"{run.written:%Y-%m-%d %H:%M}"))


def _run_line(run: Found) -> site.Line:
    name, said = _words(run)
    return site.Line(run.run_id, f"runs/{run.run_id}/report.html", (name, said, str(run.as_of)))


def _words(run: Found) -> tuple[str, str]:
    """The race's name and what is said of it, fit to be read."""
    return visible(run.race_name), f"{visible(run.chances[0][0])} {run.said}"


def _time(of: dt.datetime) -> str:
    return of.isoformat(timespec="seconds").replace("+00:00", "Z")


def _stamp(run: Found) -> str:
    return _hash(run.run_id, run.digest, run.written.isoformat())


def _file_stamp(path: Path) -> str:
    try:
        state = path.stat()
    except OSError:
        return "gone"
    return f"{state.st_mtime_ns} {state.st_size}"


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _json(document: object) -> bytes:
    return (json_text(document) + "\n").encode()


def tag(content: bytes) -> str:
    """A strong ETag of bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
