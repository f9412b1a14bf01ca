"""What is said of odd cells, with what was expected and what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runoff.arithmetic.functions import exp, logistic
from runoff.estimate.logistic import TAIL

MOST = 10  # odd units that are named one by one
_PARTIAL = 0.5  # a unit with less than this part of what was expected may be partly in


@dataclass(frozen=True, slots=True)
class OddCell:
    """A cell that is set aside: what came, and 80 % intervals of what was expected.

    low, high : votes, or None where their number is not odd.  lean : (name, came, low, high), shares of the votes,
    or None where the split is not odd.
    """

    unit: str
    mode: str
    votes: int
    size: tuple[float, float] | None
    lean: tuple[str, float, float, float] | None


def votes_between(expected: float, sd: float) -> tuple[float, float]:
    """An 80 % interval of votes from their expected logarithm and its standard deviation."""
    low, high = (max(float(exp(min(expected + part * sd, 40.0))) - 0.5, 0.0) for part in (-TAIL, TAIL))
    return low, high


def share_between(expected: float, sd: float) -> tuple[float, float]:
    """An 80 % interval of a share from its expected log-odds and their standard deviation."""
    low, high = (float(logistic(expected + part * sd)) for part in (-TAIL, TAIL))
    return low, high


def odd_notes(cells: Sequence[OddCell]) -> list[str]:
    """A line for each odd unit, the first MOST of them by name of the table's order, and how many more there are."""
    units = list(dict.fromkeys(cell.unit for cell in cells))
    lines = [_unit_note([cell for cell in cells if cell.unit == unit]) for unit in units[:MOST]]
    if len(units) > MOST:
        lines.append(f"{len(units) - MOST} more units are set aside as odd: check the table of votes")
    return lines


def _unit_note(cells: list[OddCell]) -> str:
    sizes = [cell for cell in cells if cell.size is not None]
    if len(cells) > 1 and len(sizes) == len(cells):  # the unit as a whole
        low = sum(cell.size[0] for cell in sizes if cell.size is not None)
        high = sum(cell.size[1] for cell in sizes if cell.size is not None)
        parts = [_size(cells[0].unit, sum(cell.votes for cell in cells), (low, high))]
        parts += [_lean(f"{cell.mode}: ", cell.lean) for cell in cells if cell.lean is not None]
    else:
        parts = []
        for i, cell in enumerate(cells):
            place = ", ".join(part for part in (cell.unit if i == 0 else "", cell.mode) if part)
            said = _size(place, cell.votes, cell.size) if cell.size is not None else ""
            lean = _lean("" if said else f"{place}: ", cell.lean) if cell.lean is not None else ""
            parts.append("; ".join(part for part in (said, lean) if part))
    asked = "; partial?" if any(c.size is not None and c.votes < _PARTIAL * c.size[0] for c in cells) else ""
    return f"odd: {'; '.join(parts)}{asked} (counted as it stands, but nothing is learned from it)"


def _size(place: str, votes: int, size: tuple[float, float]) -> str:
    return f"{place}: {votes:,} votes, {_round(size[0]):,} to {_round(size[1]):,} expected"


def _lean(place: str, lean: tuple[str, float, float, float]) -> str:
    name, came, low, high = lean
    return f"{place}{name} has {100 * came:.1f} %, {100 * low:.1f} to {100 * high:.1f} expected"


def _round(votes: float) -> int:
    """Two figures of a number of votes that is only expected."""
    if votes < 100.0:
        return round(votes)
    unit = 10 ** (len(str(int(votes))) - 2)
    return int(round(float(votes) / unit)) * int(unit)  # noqa: RUF046  # NumPy rounds to its own kind


def many_note(units: int) -> list[str]:
    """What a reader must know where so many units are odd that the expectation may be what is wrong."""
    if not units:
        return []
    said = f"{units:,} units have numbers far from what the others let expect, too many to set any of them aside"
    return [f"{said}: are they in part? a status says so"]
