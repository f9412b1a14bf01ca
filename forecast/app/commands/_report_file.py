"""A run's HTML page: made of its tables and, of a night, its history; put on disk whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from runoff.errors import InputError, OutputError, UsageError, visible
from runoff.phases.registry import phase_named

if TYPE_CHECKING:
    from runoff.race import Row, Tables

_BEGINNING = 600  # bytes in which a page of ours says that it is one


def page_of(phase: str, tables: Tables, history: Path | None = None) -> str:
    """The page as text.

    Raises
    ------
    UsageError : the run has no such page, or no history.
    InputError : the history is none, or has no row of this race.
    MissingFileError : the history is not there.
    """
    if phase == "estimate":
        from runoff.app.flows.pictures import report

        if history is not None:
            raise UsageError("--history goes with a runoff's night\n  fix:  leave it out")
        return report(tables).html()
    if phase == "rehearsal":
        raise UsageError("a rehearsal has no such page\n  fix:  runoff show prints it")
    if phase == "sweep" and history is None:
        from runoff.app.sweep.pictures import report

        return report(tables).html()
    rows: list[Row] = []
    if history is not None:
        from runoff.output.history import NIGHTS

        if phase not in NIGHTS:
            raise UsageError("--history goes with a night\n  fix:  leave it out")
        rows = _history(history, tables)
    return phase_named(phase).report(tables, rows).html()


def _history(path: Path, tables: Mapping[str, list[Row]]) -> list[Row]:
    """The rows of a history that are of the run's race, in order."""
    from runoff.output.history import history_of, read_history

    race = next(iter(tables.values()))[0]["race_id"]
    rows = [row for row in read_history(path, history_of(dict(tables))) if row["race_id"] == race]
    if not rows:
        raise InputError.single(
            str(path),
            "no row of this race",
            rule="a row's race_id is the run's",
            got=f"the run's is {race}",
            fix="give the history of this race, or leave --history out",
        )
    return rows


def look(path: Path) -> None:
    """See that a page may be put there: what is there already is such a page.

    Raises
    ------
    OutputError : something else stands there, or nobody can tell.
    """
    from runoff.report.html import MARK

    try:
        if path.exists() and (not path.is_file() or MARK.encode() not in _beginning(path)):
            raise OutputError(
                f"{visible(str(path))}: something else stands there, and is left alone\n"
                "  rule: only a page that runoff wrote is replaced\n  fix:  give another name for the page"
            )
    except OSError as cause:
        raise _unwritten(path, cause) from None


def put(path: Path, text: str) -> None:
    """Write a page, whole or not at all; a page that stands there is replaced.

    Raises
    ------
    OutputError : as told by `look`, or it cannot be written.
    """
    from runoff.output.history import replace_file

    look(path)
    try:
        replace_file(path.resolve(), text.encode())
    except OSError as cause:
        raise _unwritten(path, cause) from None


def _unwritten(path: Path, cause: OSError) -> OutputError:
    said = f"{visible(str(path))}: cannot write the page: {cause.strerror or cause}"
    return OutputError(f"{said}\n  what stood there still stands\n  fix:  make room or check the path")


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_BEGINNING)
