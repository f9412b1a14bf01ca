"""A report as one HTML document: templates with every text escaped, one style sheet within, pictures as SVG within.

The document has no script and names nothing outside itself; its policy forbids both to whatever shows it.  Equal
reports make equal bytes: nothing in here asks for a time, a place or a random number.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import jinja2

from runoff import __version__
from runoff.report.illustrated import Figure, Report
from runoff.report.page import Bars, Column, Facts, Grid, Lines, Outline, captioned
from runoff.report.pictures.shapes import Shape

MARK = '<meta name="generator" content="runoff '  # stands near the beginning of each report
_FOLDER = Path(__file__).with_name("templates")
_KINDS = {Figure: "figure", Bars: "bars", Facts: "facts", Grid: "grid", Lines: "lines", Outline: "outline"}
_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"  # to left
_TURNED = re.compile(f"[{_RIGHT}](?:[{_RIGHT} ]*[{_RIGHT}])?")
_OPEN = 20  # rows of a table that stands open


def as_html(report: Report) -> str:
    """The report as one document."""
    return rendered("report.html.jinja", report=report)


def rendered(template: str, **values: object) -> str:
    """A template with its values, a style sheet (ours, unless the values have one) and our version."""
    return _templates().get_template(template).render(**{"style": style(), "version": __version__, **values})


@cache
def style() -> str:
    """The style sheet that stands within each document."""
    return (_FOLDER / "report.css").read_text("utf-8")


@cache
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finished,
    )
    environment.filters |= {"n": number, "path": path, "rows": rows, "kind": lambda piece: _KINDS[type(piece)]}
    environment.filters |= {"captioned": lambda caption, columns: captioned(caption, columns)}
    environment.filters["opens"] = lambda figure: _rows_of(figure) <= _OPEN
    return environment


def _finished(value: object) -> object:
    """What stands in a document for a value: texts are made fit to be read, what is markup already stays."""
    return fit_to_read(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def fit_to_read(said: str) -> str:
    """A text whose numbers keep their sign at a line's end, and whose right-to-left words turn nothing else.

    Words from right to left, with the blanks between them, stand in an isolate (Unicode Standard Annex 9): the number
    after such a name would otherwise be shown before it.
    """
    said = said.replace(" ± ", "\u00a0±\u00a0").replace(" %", "\u00a0%")
    return said if said.isascii() else _TURNED.sub("\u2068\\g<0>\u2069", said)


def number(value: float) -> str:
    """A place in a picture, to a hundredth."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def path(shape: Shape) -> str:
    """The steps of an outline as SVG writes them."""
    return "".join(letter + " ".join(map(number, numbers)) for letter, numbers in shape.steps)


def rows(columns: tuple[Column, ...]) -> list[list[tuple[Column, str]]]:
    """The cells of a table row by row, each with its column."""
    return [list(zip(columns, cells, strict=True)) for cells in zip(*(c.cells for c in columns), strict=True)]


def _rows_of(figure: Figure) -> int:
    return len(figure.table.rows) if isinstance(figure.table, Bars) else len(figure.table.columns[0].cells)
