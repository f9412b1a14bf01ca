"""A site of forecasts as plain files, for any host.

Each file is there whole or not at all, and an older forecast never takes the place of a newer one.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runoff.app.published import site
from runoff.app.published.found import Found, Shelf, published, shelf
from runoff.errors import InputError, OutputError, UsageError, visible
from runoff.output.history import alone, replace_file
from runoff.output.kept import sha256

MARK = ".runoff-site.json"  # tells a site of ours from any other folder, and what is the latest of each race


@dataclass(frozen=True, slots=True)
class Published:
    """What was put on a site: files written, files that stood as they are, notes."""

    written: int
    stood: int
    notes: tuple[str, ...]


def publish(directory: Path, to: Path, settings: site.Settings) -> Published:
    """Put the runs under a folder on a site; what stands there of other runs stays.

    A race keeps its latest pages where the site has a newer forecast than the folder.

    Raises
    ------
    MissingFileError, UsageError : no such folder; or `to` is no site of ours, or holds the runs.
    OutputError : it cannot be read or written.
    InputError : a run, or a history, is damaged.
    """
    _look(directory, to)
    found = shelf(directory)
    try:
        to.mkdir(parents=True, exist_ok=True)
        with alone(to / MARK):
            return _put(found, to, settings)
    except OSError as cause:
        raise OutputError(
            f"{visible(str(cause.filename or to))}: cannot write: {cause.strerror or cause}\n"
            "  each file that stands there is whole\n  fix:  make room or check the rights, and publish again"
        ) from None


def _look(directory: Path, to: Path) -> None:
    inside = to.resolve().is_relative_to(directory.resolve()) or directory.resolve().is_relative_to(to.resolve())
    if inside:
        raise UsageError(f"--to {visible(str(to))}: a site stands beside the runs, not among them")
    if to.exists() and not to.is_dir():
        raise UsageError(f"--to {visible(str(to))}: not a folder")
    if to.is_dir() and not (to / MARK).exists() and any(to.iterdir()):
        raise UsageError(
            f"--to {visible(str(to))}: something else stands there, and is left alone\n"
            "  rule: a site is a new or empty folder, or one that was published before\n  fix:  give another folder"
        )


def _put(found: Shelf, to: Path, settings: site.Settings) -> Published:
    before = _before(to)
    notes = list(found.notes)
    kept: set[str] = set()
    for race, run in found.latest().items():
        stands = before.get(race)
        if stands is not None and [*_order(run)] < stands["order"]:
            kept.add(race)
            notes.append(
                f"{race}: the site has a newer forecast, {stands['run_id']}; its latest pages stay, {run.run_id} is "
                "older"
            )
    entries = [
        entry
        for entry in site.entries(found, settings, _standing(found, to, before, notes)).values()
        if not any(entry.path.startswith(f"races/{race}/") for race in kept)
    ]
    written = sum(_write(to, entry) for entry in entries)
    _clear(to, {entry.path for entry in entries}, [race for race in found.latest() if race not in kept])
    now = {race: {"run_id": run.run_id, "order": _order(run)} for race, run in found.latest().items()}
    now = {**before, **{race: what for race, what in now.items() if race not in kept}}
    replace_file(to / MARK, (json.dumps(now, indent=2, sort_keys=True) + "\n").encode())
    return Published(written, len(entries) - written, tuple(notes))


def _standing(found: Shelf, to: Path, before: dict[str, Any], notes: list[str]) -> list[Found]:
    """Runs that the site has and the folder has not: its lists name them too."""
    here, standing = {run.run_id for run in found.runs}, list[Found]()
    for path in sorted((to / "runs").glob("*/run.json")):
        if path.parent.name in here:
            continue
        try:
            run = published(path.read_bytes(), path.parent)
        except (ValueError, KeyError, TypeError, AttributeError):
            notes.append(f"{visible(str(path))}: not the document of a run: the site's lists leave it out")
            continue
        latest = before.get(run.race_id)
        if latest is not None and latest["run_id"] == run.run_id:  # its time to the microsecond
            run = replace(run, written=dt.datetime.fromisoformat(latest["order"][-2]))
        standing.append(run)
    return standing


def _clear(to: Path, paths: set[str], races: list[str]) -> None:
    """Take away tables of a latest forecast that the present one has not."""
    for race in races:
        for path in (to / "races" / race / "latest").glob("*.parquet"):
            if path.relative_to(to).as_posix() not in paths:
                path.unlink(missing_ok=True)


def _order(run: Found) -> list[str]:
    as_of, counted, written, run_id = run.order
    return [as_of.isoformat(), *(time.isoformat(timespec="microseconds") for time in (counted, written)), run_id]


def _before(to: Path) -> dict[str, Any]:
    path = to / MARK
    if not path.exists():
        return {}
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if all(isinstance(what["order"], list) and isinstance(what["run_id"], str) for what in content.values()):
            return content
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise OutputError(
        f"{visible(str(path))}: damaged: nobody can tell which forecast is the latest\n"
        "  fix:  remove it and the races' folder, and publish again"
    )


def _write(to: Path, entry: site.Entry) -> bool:
    """Write an entry; False where it stands there with the same bytes."""
    path = to / entry.path
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(entry.content, Path):
        if path.is_file() and sha256(path) == entry.version:
            return False
        stage = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            shutil.copyfile(entry.content, stage)
            if sha256(stage) != entry.version:
                raise InputError.single(
                    str(entry.content),
                    "the file is not what the run wrote",
                    rule="size and sha256 as in manifest.json",
                    fix="draw the run again; equal config and seed give equal tables",
                )
            stage.replace(path)
        finally:
            stage.unlink(missing_ok=True)
        return True
    content = entry.content()
    if path.is_file() and path.read_bytes() == content:
        return False
    replace_file(path, content)
    return True
