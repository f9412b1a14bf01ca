"""What pictures are made of: marks with a place and a role, from which a medium makes its own.

Places are in units of a drawing WIDTH wide, from its upper left corner; a text of `LETTER` is read at that width on a
telephone.  `role` says what a mark stands for (`a` to `d` for the sides of a race, `none` for nobody, `axis`, `tick`,
`quiet` ...) and never how it looks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from runoff.report.layout import clipped

WIDTH = 380.0
LETTER = 12.5  # height of a letter
CELL = 7.0  # width of a usual letter, which is one cell of a terminal
SIDES = ("a", "b", "c", "d")  # roles of the sides, in order


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `told` is what a pointer on it is told."""

    tag: ClassVar[str] = "rect"
    x: float
    y: float
    width: float
    height: float
    role: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Dot:
    """A disc."""

    tag: ClassVar[str] = "circle"
    x: float
    y: float
    r: float
    role: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    tag: ClassVar[str] = "line"
    x: float
    y: float
    to_x: float
    to_y: float
    role: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """An outline: a letter (M, L, C, Z of SVG's paths) and its numbers, step by step."""

    tag: ClassVar[str] = "path"
    steps: tuple[tuple[str, tuple[float, ...]], ...]
    role: str
    told: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """A line of text, its baseline at y; anchor : start, middle or end stands at x."""

    tag: ClassVar[str] = "text"
    x: float
    y: float
    said: str
    role: str = "label"
    anchor: str = "start"


Mark = Box | Dot | Line | Shape | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, with its title and what it shows in words for those who do not see it."""

    title: str
    told: str
    height: float
    marks: tuple[Mark, ...]
    width: float = WIDTH


def room_for(said: str, room: float) -> str:
    """A text cut to what fits so many units."""
    return clipped(said, max(int(room / CELL), 2))


def polygon(points: list[tuple[float, float]], role: str, told: str = "", *, closed: bool = True) -> Shape:
    """The outline through these points."""
    steps = [("M" if i == 0 else "L", point) for i, point in enumerate(points)]
    return Shape((*steps, ("Z", ())) if closed else tuple(steps), role, told)
