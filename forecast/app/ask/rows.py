"""Rows of an answer: a row an event, a row a winner and bracket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runoff.app.ask.brackets import OUTRIGHT
from runoff.app.ask.tally import Sum, Tally, chance
from runoff.phases.asked import NOBODY

Row = dict[str, Any]


def event_row(tally: Tally, i: int) -> Row:
    """An event's row: its chance among all trials and, where there is a condition, among those in which that holds."""
    so, every = tally.so[i], tally.every
    p, mcse = chance(so, every)
    row = {
        "event": tally.events[i].text,
        "p": p,
        "p_mcse": mcse,
        "trials": so.trials,
        "undefined": tally.open[i].trials,
    }
    if tally.given is None:
        return row
    p, mcse = chance(tally.so_given[i], tally.condition)
    return row | {
        "p_given": p,
        "p_given_mcse": mcse,
        "trials_given": tally.so_given[i].trials,
        "undefined_given": tally.open_given[i].trials,
    }


def bracket_rows(tally: Tally, names: Sequence[str]) -> tuple[Row, ...]:
    """A row a winner and bracket, then a tie; of an open first round those who win at all, and outright wins."""
    if tally.brackets is None:
        return ()
    whole = tally.every if tally.given is None else tally.condition
    spans = tally.brackets.spans
    found = {key: part for key, part in tally.in_brackets.items() if part.trials}
    outright = any(who != NOBODY and place == OUTRIGHT for who, place in found)
    rows = list[Row]()
    for who, name in enumerate(names):
        if outright and not any(one == who for one, _ in found):
            continue
        for place, (low, high) in enumerate(spans):
            rows.append(_bracket(name, "runoff", low, high, found.get((who, place), Sum()), whole))
        if outright:
            rows.append(_bracket(name, "outright", None, None, found.get((who, OUTRIGHT), Sum()), whole))
    return (*rows, _bracket("", "tie", None, None, found.get((NOBODY, OUTRIGHT), Sum()), whole))


def _bracket(name: str, how: str, low: float | None, high: float | None, part: Sum, whole: Sum) -> Row:
    p, mcse = chance(part, whole)
    return {"candidate": name, "how": how, "low": low, "high": high, "p": p, "p_mcse": mcse, "trials": part.trials}
