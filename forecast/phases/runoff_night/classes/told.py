"""Classes of ballots in words: in what was understood of a run file, and on a run's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff import names
from runoff.phases.runoff_night.classes.ballots import WORDS
from runoff.report.numbers import percent, whole
from runoff.report.page import Caption, Column, Grid

if TYPE_CHECKING:
    from runoff.phases.runoff_night.classes.ballots import BallotClass
    from runoff.runfile.sections.observed import NightClass

_MOST = 3  # units that are named
_MOST_CLASSES = 12

Row = dict[str, Any]


def stated_lines(classes: Sequence[BallotClass], said: dict[str, NightClass], units: Sequence[str]) -> list[str]:
    """A line a class: where, how it stands to what is out there, how many, how they split, whether they count."""
    if not classes:
        return []
    return ["classes of ballots", *(f"  {_line(one, said[one.name], units)}" for one in classes)]


def _line(one: BallotClass, said: NightClass, units: Sequence[str]) -> str:
    inside = [units[u] for u in np.flatnonzero(one.units).tolist()]
    where = names.listed(inside, _MOST, " units")
    if said.units is None:
        where = names.listed(said.regions, _MOST, " regions") if said.regions else "all units"
    where = f"{', '.join(one.modes)} in {where}" if one.modes else where
    parts = [f"{one.name}: {WORDS[one.kind]} ({where})"]
    if said.low is not None and said.high is not None:
        parts.append(f"{said.low:,} to {said.high:,} ballots (80 %)")
    if said.split is not None:
        parts.append(f"{percent(said.split.low)} to {percent(said.split.high)} % {said.split.to} (80 %)")
    elif one.lean_sd > 0.0:
        parts.append(f"leaning as there, ± {one.lean_sd:g} log-odds")
    if one.p_counted < 1.0:
        parts.append(f"counted with probability {one.p_counted:g}")
    return "; ".join(parts)


def classes_table(rows: Sequence[Row], ahead: str, name: str, chance: Callable[[Row, str], str]) -> Grid | None:
    """A line a class: its ballots, the leader's share of them, and his chance with them and without.

    ahead : who is likeliest to win, and name : his in short.  chance : of a row's column, as trials support it.
    """
    mine = [row for row in rows if row["candidate"] == ahead]
    if not mine:
        return None
    shown = mine[:_MOST_CLASSES]

    def between(column: str, say: Callable[[float], str]) -> tuple[str, ...]:
        return tuple(f"{say(row[f'{column}_q10'])}-{say(row[f'{column}_q90'])}" for row in shown)

    columns = (
        Column("class", tuple(row["class"] for row in shown), left=True, words=True, most=24, least=10),
        Column("ballots", tuple(whole(row["ballots_q50"]) for row in shown), leaves=4),
        Column("80 %", between("ballots", whole), leaves=2),
        Column(f"{name}, %", tuple(percent(row["share_q50"]) for row in shown), leaves=3),
        Column("80 %", between("share", lambda share: percent(share, 0)), leaves=1),
        Column("counts, %", tuple(percent(row["p_counted"], 0) for row in shown), leaves=5),
        Column(
            "wins if",
            tuple(chance(row, "p_win_counted") for row in shown),
            note=f"{name} wins if the class counts, and if not",
        ),
        Column("if not", tuple(chance(row, "p_win_not") for row in shown)),
    )
    more = len(mine) - len(shown)
    return Grid(columns, more=(f"{more} more classes",) if more > 0 else (), below=Caption("", "(", ")"))
