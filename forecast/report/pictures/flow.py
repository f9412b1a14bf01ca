"""Where amounts go: sources at the left, targets at the right, a band for each amount, all of one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runoff.report.pictures.shapes import LETTER, WIDTH, Box, Drawing, Mark, Shape, Words, room_for

_TALL = 330.0  # of all amounts together
_GAP = 9.0  # between two sources; targets share as much room
_LEFT, _RIGHT = 134.0, 88.0  # room for names
_BAR = 9.0
_LINE = 13.0  # from one name to the next
_TOP = 10.0


@dataclass(frozen=True, slots=True)
class Flow:
    """amounts[i][j] goes from source i to target j; sources and targets are (name, how their size is said).

    roles : of the targets.
    """

    sources: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, str], ...]
    roles: tuple[str, ...]
    amounts: tuple[tuple[float, ...], ...]


def drawing(of: Flow, title: str, told: str) -> Drawing:
    """Bands in order of sources and targets; heights are amounts."""
    total = sum(map(sum, of.amounts))
    unit = _TALL / total if total > 0 else 0.0
    tall = _TALL + _GAP * (len(of.sources) - 1)
    froms = _stacked([unit * sum(row) for row in of.amounts], _GAP)
    sizes = [unit * sum(row[j] for row in of.amounts) for j in range(len(of.targets))]
    tos = _stacked(sizes, _GAP * (len(of.sources) - 1) / max(len(of.targets) - 1, 1))
    marks: list[Mark] = []
    leaves, comes = [low for low, _ in froms], [low for low, _ in tos]
    for i, row in enumerate(of.amounts):
        for j, amount in enumerate(row):
            wide = unit * amount
            if wide > 0.02:
                said = f"{of.sources[i][0]} \u2192 {of.targets[j][0]}"
                marks.append(_band(leaves[i], comes[j], wide, f"band {of.roles[j]}", said))
            leaves[i] += wide
            comes[j] += wide
    left, right = _LEFT, WIDTH - _RIGHT - _BAR
    marks += [Box(left, low, _BAR, max(high - low, 0.5), "source") for low, high in froms]
    marks += [Box(right, low, _BAR, max(high - low, 0.5), r) for (low, high), r in zip(tos, of.roles, strict=True)]
    lowest = [_TOP + tall]
    for (name, size), y in zip(of.sources, _spread(froms, [1 + bool(s) for _, s in of.sources]), strict=True):
        marks.append(Words(left - 5.0, y, room_for(name, _LEFT - 16.0), "label", "end"))
        marks.append(Words(left - 5.0, y + _LINE, size, "tick", "end"))
        lowest.append(y + _LINE)
    for (name, size), y in zip(of.targets, _spread(tos, [2] * len(tos)), strict=True):
        marks.append(Words(right + _BAR + 5.0, y, room_for(name, _RIGHT - 8.0)))
        marks.append(Words(right + _BAR + 5.0, y + _LINE, size, "tick"))
        lowest.append(y + _LINE)
    return Drawing(title, told, max(lowest) + 6.0, tuple(marks))


def _stacked(sizes: Sequence[float], gap: float) -> list[tuple[float, float]]:
    """Upper and lower ends of boxes one under another."""
    ends, y = [], _TOP
    for size in sizes:
        ends.append((y, y + size))
        y += size + gap
    return ends


def _band(start: float, end: float, wide: float, role: str, told: str) -> Shape:
    left, right = _LEFT + _BAR, WIDTH - _RIGHT - _BAR
    middle = 0.5 * (left + right)
    return Shape(
        (
            ("M", (left, start)),
            ("C", (middle, start, middle, end, right, end)),
            ("L", (right, end + wide)),
            ("C", (middle, end + wide, middle, start + wide, left, start + wide)),
            ("Z", ()),
        ),
        role,
        told,
    )


def _spread(boxes: Sequence[tuple[float, float]], lines: Sequence[int]) -> list[float]:
    """Baselines of names beside the middles of boxes, moved down and then up so that none covers another."""
    tall = [_LINE * count for count in lines]
    places = [
        0.5 * (low + high) - 0.5 * high_of + LETTER - 2.0 for (low, high), high_of in zip(boxes, tall, strict=True)
    ]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + tall[i - 1] + 1.0)
    return places
