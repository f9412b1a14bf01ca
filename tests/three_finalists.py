"""A small runoff night of three finalists for tests: the two-finalist one's units, of two regions and two modes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runoff.runfile.load import Case, load
from tests import runoff_night as night

RUN = """
[race]
id = "triangle"
name = "A night of three"
first_round = 2021-03-01
runoff = 2021-04-01
as_of = 2021-03-20

[results]
table = "first.csv"
registered = "roll.csv"

[finalists]
advance = 3
{names}

[rates.own]
turnout = {{ low = 0.7, high = 0.9 }}
preference = {{ low = 0.85, high = 0.97 }}

[rates.candidates.Di]
turnout = {{ low = 0.6, high = 0.85 }}
preference = {{ counts = {{ Ada = 2, Bo = 12, Cy = {third} }} }}

[new_voters]
turnout = {{ low = 0.1, high = 0.25 }}
preference = {{ counts = {{ Ada = 20, Bo = 20, Cy = {new} }} }}

[factors.turnout]
shared = 0.4
bloc = 0.3
pool = 0.3
region = 0.05
unit = 0.1

[factors.preference]
shared = 0.3
bloc = 0.5
pool = 0.2
region = 0.05
unit = 0.1

{more}

[simulation]
trials = 2000
seed = 7
"""
PARTIES = (("Ada", "L"), ("Bo", "R"), ("Cy", "C"), ("Di", "R"))
SHARES = {"early": (0.36, 0.26, 0.24, 0.14), "day": (0.30, 0.32, 0.26, 0.12)}


def first_round(by_mode: bool = True) -> list[str]:
    """Rows of the first round's table; units differ in size and in the lean of two finalists."""
    rows = []
    for place, unit in enumerate(night.UNITS):
        whole = np.zeros(len(PARTIES), int)
        for mode in night.MODES:
            size = (200 if mode == "early" else 500) + 20 * place
            lean = np.array([1.0 + 0.08 * (place % 5), 1.0, 1.0 + 0.1 * (place % 3), 1.0]) * SHARES[mode]
            votes = np.round(size * lean / lean.sum()).astype(int)
            whole += votes
            if by_mode:
                rows += [f"{unit[0]},{unit},{n},{p},{mode},{v}" for (n, p), v in zip(PARTIES, votes, strict=True)]
        if not by_mode:
            rows += [f"{unit[0]},{unit},{n},{p},{v}" for (n, p), v in zip(PARTIES, whole, strict=True)]
    return rows


def folder(path: Path, *, by_mode: bool = True, more: str = "", rows: list[str] | None = None) -> Path:
    """The run file and its tables in a folder; returns the run file."""
    path.mkdir(parents=True, exist_ok=True)
    run = path / "night.toml"
    run.write_text(RUN.format(more=more, names='names = ["Ada", "Bo", "Cy"]', third=6, new=10), "utf-8")
    header = "region,unit,candidate,party,mode,votes" if by_mode else "region,unit,candidate,party,votes"
    (path / "first.csv").write_text("\n".join([header, *(rows or first_round(by_mode))]) + "\n", "utf-8")
    roll = [f"{unit[0]},{unit},{2_500 + 100 * place}" for place, unit in enumerate(night.UNITS)]
    (path / "roll.csv").write_text("\n".join(["region,unit,registered", *roll]) + "\n", "utf-8")
    return run


def of_folder(path: Path, more: str = "", by_mode: bool = True) -> Case:
    """The small night, loaded."""
    return load(folder(path, more=more, by_mode=by_mode))
