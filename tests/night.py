"""A small night for tests: two regions of units that vote early and on the day, and the tables that say so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from runoff.data.counts.first_round_count import Count, read_count
from runoff.phases.first_round_open.polled import Polled, read_polls
from runoff.runfile.load import Case, load

RUN = """
[race]
id = "night"
name = "A night"
first_round = 2021-03-01
runoff = 2021-04-01
as_of = 2021-03-01

[results]
table = "counted.csv"
registered = "roll.csv"

[counting]
status = "status.csv"
{more}

[rates.own]
turnout = {{ low = 0.8, high = 0.9 }}
preference = {{ low = 0.9, high = 0.98 }}

[rates.blocs.R]
turnout = {{ low = 0.7, high = 0.9 }}
preference = {{ to = "Bo", low = 0.7, high = 0.9 }}

[rates.candidates.Di]
preference = {{ to = "Bo", low = 0.6, high = 0.8 }}

[new_voters]
turnout = {{ low = 0.1, high = 0.2 }}
preference = {{ to = "Ada", low = 0.4, high = 0.6 }}

[simulation]
trials = 1000
seed = 7
"""
CANDIDATES = (("Ada", "L"), ("Bo", "R"), ("Cy", "R"), ("Di", "R"), ("Ed", "L"))
MODES = ("early", "day")
SHARES = {"early": (0.56, 0.20, 0.14, 0.09, 0.01), "day": (0.44, 0.27, 0.16, 0.12, 0.01)}
OUT = ("n4,day,out", "n5,day,out", "s4,day,out", "s5,day,out")
UNITS = tuple(f"{region}{i}" for region in "ns" for i in range(1, 6))


def votes(unit: str, mode: str) -> list[int]:
    """Certified votes of a unit by mode, somewhat different from unit to unit."""
    place = UNITS.index(unit)
    size = (300 if mode == "early" else 700) + 20 * place
    lean = np.array([1.0 + 0.02 * (place % 4), 1.0, 1.0, 1.0 - 0.01 * place, 1.0]) * SHARES[mode]
    return [int(x) for x in np.round(size * lean / lean.sum())]


def rows(out: Sequence[str] = OUT) -> list[str]:
    """Rows of the results table for cells that no status row names as out."""
    gone = {tuple(row.split(",")[:2]) for row in out}
    lines = []
    for unit in UNITS:
        for mode in MODES:
            if (unit, mode) not in gone and (unit, "") not in gone:
                for (name, party), count in zip(CANDIDATES, votes(unit, mode), strict=True):
                    lines.append(f"{unit[0]},{unit},{name},{party},{mode},{count}")
    return lines


def folder(
    path: Path,
    out: Sequence[str] = OUT,
    *,
    more: str = "",
    counted: Sequence[str] | None = None,
    status_header: str = "unit,mode,state",
    status: Sequence[str] | None = None,
) -> Path:
    """Write the night's files; returns the run file's path."""
    path.mkdir(parents=True, exist_ok=True)
    lines = rows(out) if counted is None else list(counted)
    (path / "counted.csv").write_text("\n".join(["region,unit,candidate,party,mode,votes", *lines]) + "\n")
    roll = [f"{unit[0]},{unit},{2500 + 50 * i}" for i, unit in enumerate(UNITS)]
    (path / "roll.csv").write_text("\n".join(["region,unit,registered", *roll]) + "\n")
    words = out if status is None else status
    (path / "status.csv").write_text("\n".join([status_header, *(words or ["n1,day,counted"])]) + "\n")
    run = path / "night.toml"
    run.write_text(RUN.format(more=more))
    return run


def loaded(path: Path, out: Sequence[str] = OUT, more: str = "") -> Case:
    """The night, read and checked."""
    return load(folder(path, out, more=more))


def counted(case: Case) -> Count:
    """The count of a case that has one."""
    assert case.run_file.counting is not None
    return read_count(case, case.run_file.counting)


def polled(case: Case) -> Polled:
    """The polls of a case whose first round is ahead."""
    assert case.run_file.first_round_polls is not None
    return read_polls(case, case.run_file.first_round_polls)
