"""A page with pictures, as a value without a medium: what `runoff.report.html` makes a document of."""

from __future__ import annotations

from dataclasses import dataclass

from runoff.report.page import Bars, Grid, Lines, Page, Part
from runoff.report.pictures.shapes import Drawing


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture, what stands under it, and its numbers as a table."""

    drawing: Drawing
    below: str
    table: Grid | Bars


Piece = Part | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what follows it: parts of a page, and pictures."""

    heading: str
    pieces: tuple[Piece, ...]

    @classmethod
    def of(cls, heading: str, *pieces: Piece | None) -> Section:
        """A section of the pieces that there are."""
        return cls(heading, tuple(piece for piece in pieces if piece is not None))


@dataclass(frozen=True, slots=True)
class Report:
    """What is said of a run with pictures: the page whose headline and notes it has, what opens it, and sections.

    about : the race, as a title.
    """

    about: str
    page: Page
    opening: Lines
    sections: tuple[Section, ...]

    def html(self) -> str:
        """One document of its own: no script, nothing from elsewhere, the same text for the same value."""
        from runoff.report.html import as_html

        return as_html(self)
