"""What is said of a run or a run file, as a value without a medium: its numbers are text, its texts are visible.

`runoff.report.text` makes lines of a terminal of it, `runoff.report.document` plain values.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

WIDTH = 80  # cells of text where nobody says


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a grid.

    head, cells : its texts.  left : padded on the right.  words : the cells are names, which may be cut (numbers are
    not).  most, least : cells that names and head are cut to where there is room, and where there is none; 0 for no
    limit.  leaves : place in the order in which columns leave a table that is too wide, from 1, together with those of
    the same place; 0 for never.  note : what the caption says of it.
    """

    head: str
    cells: tuple[str, ...]
    left: bool = False
    words: bool = False
    most: int = 0
    least: int = 0
    leaves: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Caption:
    """Words on a grid's columns: `bare` where none that is there has a note, else their notes between two texts."""

    bare: str
    before: str
    after: str
    joint: str = "; "


def captioned(caption: str | Caption, columns: Iterable[Column]) -> str:
    """What a caption says where these columns are there."""
    if isinstance(caption, str):
        return caption
    said = notes(columns)
    return f"{caption.before}{caption.joint.join(said)}{caption.after}" if said else caption.bare


def notes(columns: Iterable[Column]) -> list[str]:
    """What a caption says of the columns that are there, each note once."""
    return list(dict.fromkeys(column.note for column in columns if column.note))


@dataclass(frozen=True, slots=True)
class Lines:
    """Text, line by line."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Few facts, each with its name: (name, what is said)."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with what stands above and below it; `more` says how much of it is not shown."""

    columns: tuple[Column, ...]
    above: str | Caption = ""
    more: tuple[str, ...] = ()
    below: str | Caption = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a histogram: whose side and which range, its count (the bar's length), its share, a mark or ''."""

    name: str
    span: str
    count: int
    share: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """A histogram; `names` are all sides, whether a row shows them or not."""

    above: str
    names: tuple[str, ...]
    rows: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """Lines that stand under one another, each with its depth from 0, and the notes on them."""

    items: tuple[tuple[int, str], ...]
    notes: tuple[str, ...] = ()


Part = Lines | Facts | Grid | Bars | Outline


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """What is said of a run, or was understood of a run file: headline, parts, notes (what a reader must know)."""

    headline: str
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, headline: str, parts: Iterable[Part | None], warnings: str) -> Page:
        """A page of the parts that there are, with the notes of a table's column, a line each."""
        lines = tuple(warnings.split("\n")) if warnings else ()
        return cls(headline, tuple(part for part in parts if part is not None), lines)

    def text(self, width: int = WIDTH, color: bool = False) -> str:
        """Lines of at most `width` cells (20 at least); `color` makes the headline bold."""
        from runoff.report.text import as_text

        return as_text(self, width, color)

    def document(self) -> dict[str, Any]:
        """The page as dicts, lists and texts, with every column and names as the page has them."""
        from runoff.report.document import as_document

        return as_document(self)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"<page: {self.headline}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text())}</pre>"
