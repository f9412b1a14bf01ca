"""A page as lines of a terminal: what does not fit is broken, cut or left out, as the page's parts say."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from rich.cells import cell_len

from runoff.report.layout import NARROWEST, apart, drawn, fit, fitted
from runoff.report.page import Bars, Facts, Grid, Lines, Outline, Page, Part, captioned

_FACT = 9  # cells of a fact's name
_SIDE, _LEAST_SIDE = 14, 4  # cells of a histogram's names, where there is room and where there is none
_ROW = 27  # cells of a histogram's row without name and bar
_BESIDE = 18  # cells beside its label and bar: the share, the mark, and some air


def as_text(page: Page, width: int, color: bool = False) -> str:
    """The page in lines of at most `width` cells (NARROWEST at least), a blank line between its parts.

    Where it is an outline, headline and notes stand close to it.
    """
    width = max(width, NARROWEST)
    close = any(isinstance(part, Outline) for part in page.parts)
    headline = _hung(page.headline, width) if close else fitted(page.headline, width)
    body = "\n\n".join(filter(None, (_part(part, width) for part in page.parts)))
    remarks = (f"note: {note}" for note in page.notes)
    below = "\n".join(_hung(line, width) if close else fitted(line, width) for line in remarks)
    first = f"\x1b[1m{headline}\x1b[0m" if color else headline
    return ("\n" if close else "\n\n").join([first, *filter(None, (body, below))])


def _part(part: Part, width: int) -> str:
    lines: Iterable[str]
    match part:
        case Outline():
            return _outline(part, width)
        case Grid():
            kept = fit(part.columns, width)
            lines = filter(None, (captioned(part.above, kept), drawn(kept), *part.more, captioned(part.below, kept)))
        case Bars():
            lines = (part.above, *_bars(part, width))
        case Facts():
            lines = (f"{name:<{_FACT}}{said}" for name, said in part.rows)
        case Lines():
            lines = part.lines
    return fitted("\n".join(lines), width)


def _bars(bars: Bars, width: int) -> list[str]:
    """A row each, with its names cut and padded to one number of cells, and the bar in what room is left."""
    cut = apart(bars.names, max(min(_SIDE, width - _ROW), _LEAST_SIDE))
    wide = max(cell_len(name) for name in cut.values())
    most = max(row.count for row in bars.rows)
    lines = []
    for row in bars.rows:
        name = cut[row.name]
        label = f"{name}{' ' * (wide - cell_len(name))} {row.span:>9}"
        room = max(width - cell_len(label) - _BESIDE, 0)
        bar = "█" * round(room * row.count / most) or ("." if row.count else "")
        lines.append(f"{label} {row.share:>5} {bar} {row.mark}".rstrip())
    return lines


def _outline(outline: Outline, width: int) -> str:
    items = [_hung(text, width, depth) for depth, text in outline.items]
    return "\n".join([*items, *(_hung(f"note: {note}", width) for note in outline.notes)])


def _hung(line: str, width: int, depth: int = 0) -> str:
    """A line in as many lines as a terminal needs, further in than the first."""
    line = "  " * depth + line
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, width, subsequent_indent=indent, break_on_hyphens=False)
