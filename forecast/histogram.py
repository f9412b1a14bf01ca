"""The margin's histogram in text."""

from __future__ import annotations

from typing import Any

from forecast.figures import percent

Tables = dict[str, list[dict[str, object]]]

_ROWS = 17  # about
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)  # widths of a row, as margins
_TAIL = 0.001  # what lies beyond this quantile is left to the end rows


def histogram(tables: Tables, first: str, second: str, width: int) -> str:
    """A bar a row, from the second finalist's side to the first's; the row with the median is marked."""
    bins: list[Any] = tables["margin_histogram"]
    total = sum(row["trials"] for row in bins)
    low, high = _range(bins, total)
    step = next((step for step in _STEPS if (high - low) / step <= _ROWS), _STEPS[-1])
    rows: dict[int, int] = {}
    first_row, last_row = int(low // step), int((high - 1e-9) // step)
    for row in bins:
        middle = (row["bin_low"] + row["bin_high"]) / 2
        place = min(max(int(middle // step), first_row), last_row)
        rows[place] = rows.get(place, 0) + row["trials"]
    most = max(rows.values())
    median = tables["run"][0]["margin_q50"]
    assert isinstance(median, float)
    lines = []
    for place in range(first_row, last_row + 1):
        label = _label(place, step, first, second)
        count = rows.get(place, 0)
        room = width - len(label) - 18
        bar = "█" * round(room * count / most) or ("." if count else "")
        mark = " median" if place == int(median // step) else ""
        lines.append(f"{label} {percent(count / total):>5} {bar}{mark}".rstrip())
    return "\n".join(lines)


def _range(bins: list[Any], total: int) -> tuple[float, float]:
    """Margins between which nearly all trials lie."""
    below, low, high = 0, bins[0]["bin_low"], bins[-1]["bin_high"]
    for row in bins:
        if below <= _TAIL * total:
            low = row["bin_low"]
        below += row["trials"]
        if below >= (1 - _TAIL) * total:
            high = row["bin_high"]
            break
    return low, high


def _label(place: int, step: float, first: str, second: str) -> str:
    """'Handel 2-4': a row from its winner's side; names cut so that rows align."""
    low, high = 100 * place * step, 100 * (place + 1) * step
    name, near, far = (first, low, high) if place >= 0 else (second, -high, -low)
    digits = 0 if step >= 0.01 else 1
    wide = min(max(len(first), len(second)), 14)
    return f"{name[:wide]:<{wide}} {f'{abs(near):.{digits}f}-{far:.{digits}f}':>9}"
