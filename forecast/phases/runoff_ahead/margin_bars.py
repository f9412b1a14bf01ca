"""The margin's histogram."""

from __future__ import annotations

from typing import Any

from runoff.race import Tables
from runoff.report.numbers import percent
from runoff.report.page import Bar, Bars

_ROWS = 17  # about
_STEPS = (1, 2, 5, 10, 20, 50, 100)  # widths of a row, as margins in per mille
_TAIL = 0.001  # what lies beyond this quantile is left to the end rows


def histogram(tables: Tables, first: str, second: str) -> Bars:
    """A bar a row, from the second finalist's side to the first's; the row with the median is marked."""
    bins: list[Any] = tables["margin_histogram"]
    total = sum(row["trials"] for row in bins)
    low, high = _range(bins, total)
    step = next((step for step in _STEPS if (high - low) / step <= _ROWS), _STEPS[-1])
    rows: dict[int, int] = {}
    first_row, last_row = low // step, (high - 1) // step
    for row in bins:
        place = min(max(_permille(row["bin_low"]) // step, first_row), last_row)
        rows[place] = rows.get(place, 0) + row["trials"]
    median = tables["run"][0]["margin_q50"]
    assert isinstance(median, float)
    marked = min(max(int(1_000 * median // step), first_row), last_row)
    bars = []
    for place in range(first_row, last_row + 1):
        count = rows.get(place, 0)
        name = first if place >= 0 else second
        mark = "median" if place == marked else ""
        bars.append(Bar(name, _span(place, step), count, percent(count / total), mark))
    return Bars("margin, in points; each row's share of trials", (first, second), tuple(bars))


def _permille(margin: float) -> int:
    return round(1_000 * margin)


def _range(bins: list[Any], total: int) -> tuple[int, int]:
    """Margins in per mille between which nearly all trials lie."""
    below, low, high = 0, bins[0]["bin_low"], bins[-1]["bin_high"]
    for row in bins:
        if below <= _TAIL * total:
            low = row["bin_low"]
        below += row["trials"]
        if below >= (1 - _TAIL) * total:
            high = row["bin_high"]
            break
    return _permille(low), _permille(high)


def _span(place: int, step: int) -> str:
    """'2-4': the margins of a row, from its winner's side."""
    low, high = place * step / 10, (place + 1) * step / 10
    near, far = (low, high) if place >= 0 else (-high, -low)
    digits = 0 if step >= 10 else 1
    return f"{abs(near):.{digits}f}-{far:.{digits}f}"
