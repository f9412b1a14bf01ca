"""What is said of two runs of a race."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runoff.report.layout import clipped
from runoff.report.numbers import percent, short_names
from runoff.report.page import Caption, Column, Grid, Lines, Page, Part

if TYPE_CHECKING:
    from runoff.app.after.compare import Comparison
    from runoff.app.after.studio import Row

_WORDS = {"noise": "chance of trials", "whole": "sum"}
_MOST_CHANGED = 60  # cells of the keys that differ


def page(found: Comparison) -> Page:
    """From where to where, then a line a part, and the sum."""
    before, after = found.before, found.after
    name = short_names([found.candidate])[found.candidate]
    opening = (
        f"{before['run_id']}: {percent(before['p_win'], 2)} %, version {before['version']}",
        f"{after['run_id']}: {percent(after['p_win'], 2)} %, version {after['version']}",
        f"in between {found.trials:,} trials, seed {before['seed']}; each part in two orders, averaged",
    )
    rows = found.rows
    parts_of = tuple(_WORDS.get(str(row["part"]), str(row["part"])) for row in rows)
    columns = (
        Column("what changed", parts_of, left=True, words=True, most=32, least=12),
        Column("P(win)", tuple(_points(row["p_win"]) for row in rows)),
        Column("in order", tuple(_points(row["p_win_forward"]) for row in rows), leaves=2),
        Column("reverse", tuple(_points(row["p_win_reverse"]) for row in rows), leaves=2),
        Column("share", tuple(_points(row["share_mean"]) for row in rows), leaves=1),
    )
    said = f"points of {name}'s chance and mean share"
    parts: list[Part] = [Lines(opening), Grid(columns, below=Caption(said, said, ""))]
    keys = [_changed(row) for row in rows if row["changed"]]
    if keys:
        parts.append(Lines(tuple(keys)))
    return Page(_headline(found, name), tuple(parts), found.notes)


def _headline(found: Comparison, name: str) -> str:
    whole = found.rows[-1]["p_win"]
    if not whole:
        return f"{name}'s chance is the same in both runs: {percent(found.after['p_win'], 2)} %"
    most = max(found.rows[:-1], key=lambda row: abs(row["p_win"]))
    ends = f"{percent(found.before['p_win'], 2)} to {percent(found.after['p_win'], 2)} %"
    what = _WORDS.get(most["part"], most["part"])
    return f"{name}'s chance went from {ends}, most by {what}: {_points(most['p_win'])} points"


def _changed(row: Row) -> str:
    return f"{row['part']}: {clipped(', '.join(row['changed']), _MOST_CHANGED)}"


def _points(change: float) -> str:
    text = f"{100 * change:+.2f}"
    return "0" if not change else "0.00" if float(text) == 0.0 else text
