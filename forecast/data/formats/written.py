"""A race that was read, as our tables and a run file that runs; nothing that stands there is overwritten."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runoff import names
from runoff.data.formats.imported import Imported
from runoff.errors import OutputError, RunExistsError, visible

RESULTS, ROLL, RUN_FILE = "results.csv", "registered.csv", "runoff.toml"


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a race; `guessed`: no file and nobody says the runoff's."""

    first_round: dt.date
    runoff: dt.date
    guessed: bool


def results_table(found: Imported) -> str:
    """unit, candidate, party, votes; region, mode and status where a row has one."""
    columns = ["region", "unit", "candidate", "party", "mode", "votes", "status"]
    rows = [
        [r.region, r.unit, r.candidate, r.party, r.mode, "" if r.votes is None else str(r.votes), r.status]
        for r in found.rows
    ]
    kept = [i for i, name in enumerate(columns) if name not in ("region", "mode", "status") or any(r[i] for r in rows)]
    return _csv([columns[i] for i in kept], [[row[i] for i in kept] for row in rows])


def roll_table(found: Imported) -> str:
    """unit, registered, ballots of the race's units; '' where no unit has registered voters."""
    units = found.units
    told = [found.roll.get(unit, (None, None)) for unit in units]
    if not any(registered for registered, _ in told):
        return ""
    ballots = all(cast is not None for _, cast in told)
    header = ["region"] * any(region for region, _ in units) + ["unit", "registered"] + ["ballots"] * ballots
    rows = [
        [
            *([region] if "region" in header else []),
            unit,
            "" if number is None else str(number),
            *([str(cast)] * ballots),
        ]
        for (region, unit), (number, cast) in zip(units, told, strict=True)
    ]
    return _csv(header, rows)


def run_file(found: Imported, days: Days, title: str, *, roll: bool, prior: Sequence[tuple[str, str]] = ()) -> str:
    """A run file of the race as it stands the day after the first round; rates are those of past races.

    prior : keys of [prior] with their values, as far as the format tells them.
    """
    name = title or found.race
    ident = re.sub(r"[^a-z0-9]+", "-", names.alike(f"{name} {days.first_round.year}")).strip("-")[:100] or "race"
    ident = ident if ident.isascii() and ident[0].isalnum() else f"race-{days.first_round.year}"
    guess = "  # not in the files: mend it" if days.guessed else ""
    lines = [
        "[race]",
        f'id = "{ident}"',
        f"name = {_quoted(name)}",
        f"first_round = {days.first_round}",
        f"runoff = {days.runoff}{guess}",
        f"as_of = {days.first_round}",
        "",
        "[results]",
        f'table = "{RESULTS}"',
        *([f'registered = "{ROLL}"'] if roll else []),
        f"total_votes = {found.total}",
        *(["", "[prior]", *(f"{key} = {_quoted(value)}" for key, value in prior)] if prior else []),
    ]
    return "\n".join(lines) + "\n"


def write(folder: Path, contents: dict[str, str]) -> list[Path]:
    """Write the files into a folder; all or none.

    Raises
    ------
    RunExistsError : one of them stands there.
    OutputError : the folder cannot be written.
    """
    for name in (RESULTS, ROLL, RUN_FILE):
        if (folder / name).exists():
            said = visible(str(folder / name))
            raise RunExistsError(f"{said}: stands there, and is left alone\n  fix:  name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (folder / name).write_text(text, "utf-8", newline="\n")
    except OSError as cause:
        raise OutputError(f"{cause.filename or folder}: cannot write: {cause.strerror}") from None
    return [folder / name for name in contents]


def _csv(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _quoted(text: str) -> str:
    """Text as TOML has it."""
    return '"' + "".join(c if c.isprintable() else " " for c in text).replace("\\", "\\\\").replace('"', '\\"') + '"'
