"""The margin's histogram in text."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len

from runoff.race import Tables
from runoff.report.layout import apart
from runoff.report.numbers import percent

_ROWS = 17  # about
_STEPS = (1, 2, 5, 10, 20, 50, 100)  # widths of a row, as margins in per mille
_TAIL = 0.001  # what lies beyond this quantile is left to the end rows
_NAME = 14  # cells of a finalist's name
_BESIDE = 18  # cells beside label and bar: the share, the median's mark, and some air
_LEAST = 27  # cells of a row without name and bar


def histogram(tables: Tables, first: str, second: str, width: int) -> str:
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
    most = max(rows.values())
    median = tables["run"][0]["margin_q50"]
    assert isinstance(median, float)
    marked = min(max(int(1_000 * median // step), first_row), last_row)
    names = _names(first, second, width)
    lines = []
    for place in range(first_row, last_row + 1):
        label = _label(place, step, *names)
        count = rows.get(place, 0)
        room = max(width - cell_len(label) - _BESIDE, 0)
        bar = "█" * round(room * count / most) or ("." if count else "")
        lines.append(f"{label} {percent(count / total):>5} {bar}{' median' if place == marked else ''}".rstrip())
    return "\n".join(lines)


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


def _names(first: str, second: str, width: int) -> tuple[str, str]:
    """Both names cut and padded to one number of cells."""
    most = max(min(_NAME, width - _LEAST), 4)
    cut = apart((first, second), most)
    wide = max(cell_len(name) for name in cut.values())
    one, other = (cut[name] + " " * (wide - cell_len(cut[name])) for name in (first, second))
    return one, other


def _label(place: int, step: int, first: str, second: str) -> str:
    """'Handel 2-4': a row from its winner's side."""
    low, high = place * step / 10, (place + 1) * step / 10
    name, near, far = (first, low, high) if place >= 0 else (second, -high, -low)
    digits = 0 if step >= 10 else 1
    return f"{name} {f'{abs(near):.{digits}f}-{far:.{digits}f}':>9}"
