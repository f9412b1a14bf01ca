"""What is said of a kept run's scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runoff.report.numbers import lead, percent, short_names
from runoff.report.page import Caption, Column, Facts, Grid, Page, Part

if TYPE_CHECKING:
    from runoff.app.after.score import Score

_LAWS = {"histogram": "from its histogram", "normal": "of a normal with its mean and sd"}


def page(found: Score) -> Page:
    """Who won and what the run had given, then scores."""
    race = found.race
    names = short_names([row["candidate"] for row in found.candidates])
    first, second, *more = names.values()
    other = "another" if more else second
    chances = f"log score {race['log_score']:.3f}, Brier {race['brier']:.3f}"
    median = f"the run's median {lead(race['margin_median'], first, other)}"
    inside = ", ".join(f"{level} % {'yes' if race[f'inside{level}'] else 'no'}" for level in (50, 80, 95))
    facts = [
        ("chances", chances),
        ("margin", f"{lead(race['margin'], first, other, 2)}, {median}"),
        ("", f"CRPS {percent(race['crps'], 2)} points, PIT {race['pit']:.3f} ({_LAWS[race['law']]})"),
        ("inside", inside),
    ]
    units = found.units
    if units is not None:
        covered = ", ".join(f"{level} % {percent(units[f'inside{level}'], 0)}" for level in (50, 80, 95))
        crps = f"CRPS {percent(units['crps'], 2)} points of share"
        facts.append(("units", f"{units['units']:,}: {crps}, error {percent(units['error'], 2)}; inside {covered} %"))
    parts: tuple[Part, ...] = (_finalists(found), Facts(tuple(facts)))
    return Page(_headline(race, names), parts, found.notes)


def _headline(race: dict[str, Any], names: dict[str, str]) -> str:
    if not race["winner"]:
        return "a tie, which is half a win for each"
    winner, p = names[race["winner"]], _chance(race["p_winner"])
    if not race["favourite"]:
        return f"{winner} won; the run had no favourite"
    if race["favourite"] == race["winner"]:
        return f"right: {winner} won, with a chance of {p} % in the run"
    return f"wrong: {winner} won, with a chance of {p} % in the run"


def _chance(p: float) -> str:
    return "<0.1" if p < 0.001 else ">99.9" if p > 0.999 else percent(p)


def _finalists(found: Score) -> Grid:
    rows = found.candidates
    columns = (
        Column("finalist", tuple(row["candidate"] for row in rows), left=True, words=True, most=24, least=12),
        Column("chance", tuple(f"{_chance(row['p_win'])} %" for row in rows)),
        Column("share", tuple(f"{percent(row['share'], 2)} %" for row in rows)),
        Column(
            "forecast", tuple(f"{percent(row['share_mean'])} ± {percent(row['share_sd'])}" for row in rows), leaves=2
        ),
        Column("away", tuple(f"{row['z']:+.1f}" for row in rows), leaves=1, note="away: in sd of the forecast"),
        Column("in 80 %", tuple("yes" if row["inside80"] else "no" for row in rows), leaves=3),
    )
    return Grid(columns, below=Caption("", "", ""))
