"""Text in the cells of a terminal: lines broken, names cut, columns padded, and nothing in it that moves the cursor.

A cell is one column of the terminal: East Asian characters take two, combining marks none, and a mark is never
parted from its letter.  A table that is too wide first cuts its names, then loses columns in a stated order.
"""

from __future__ import annotations

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import TYPE_CHECKING

from rich.cells import cell_len

from runoff.errors import printable, unseen, visible
from runoff.report.page import Column

if TYPE_CHECKING:
    from runoff.race import Tables

NARROWEST = 20  # cells: a narrower terminal is written to as if it had so many
_JOINER = "\u200d"  # makes one sign of the characters around it
_GAP = 2  # cells between columns
_INDENT = "  "  # of what follows a broken line
_LINES = ("warnings",)  # columns whose line breaks are our own


def fit(columns: Iterable[Column], width: int) -> tuple[Column, ...]:
    """The columns that `width` has room for, names cut to it; what can neither be cut nor leave stays."""
    kept = tuple(columns)
    while True:
        widths = _widths(kept, width)
        last = min((column.leaves for column in kept if column.leaves), default=0)
        if not last or _total(widths) <= width:
            return tuple(_cut(column, wide) for column, wide in zip(kept, widths, strict=True))
        kept = tuple(column for column in kept if column.leaves != last)


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _widths(columns: Sequence[Column], width: int) -> list[int]:
    """Each column's width: as it would be, the widest first made narrower until all fit or none can be."""
    floors, widths = [], []
    for column in columns:
        cells = max((cell_len(cell) for cell in column.cells), default=0)
        head = cell_len(column.head)
        whole = max(cells, head)
        fixed = 0 if column.words else cells
        widths.append(max(min(whole, column.most or whole), fixed))
        floors.append(min(max(column.least or whole, fixed), widths[-1]))
    while _total(widths) > width:
        room = [wide - floor and wide for wide, floor in zip(widths, floors, strict=True)]
        if not any(room):
            break
        widths[room.index(max(room))] -= 1
    return widths


def _cut(column: Column, cells: int) -> Column:
    names = apart(column.cells, cells) if column.words else {}
    return replace(column, head=clipped(column.head, cells), cells=tuple(names.get(c, c) for c in column.cells))


def drawn(columns: Sequence[Column]) -> str:
    """Columns side by side, each padded to its widest cell."""
    padded = []
    for column in columns:
        texts = (column.head, *column.cells)
        wide = max(cell_len(text) for text in texts)
        pads = [" " * (wide - cell_len(text)) for text in texts]
        padded.append([t + pad if column.left else pad + t for t, pad in zip(texts, pads, strict=True)])
    return "\n".join((" " * _GAP).join(row).rstrip() for row in zip(*padded, strict=True))


def fitted(text: str, width: int) -> str:
    """Lines broken at blanks, and words that are longer than a line wherever it ends; widths from NARROWEST up."""
    return "\n".join(part for line in text.split("\n") for part in broken(line, max(width, NARROWEST)))


def broken(line: str, width: int, under: str = _INDENT) -> list[str]:
    """One line as lines of at most `width` cells, all but the first of which begin with `under`."""
    if cell_len(line) <= width:
        return [line]
    signs = _signs(line)
    upto = list(accumulate(map(cell_len, signs), initial=0))
    lines, start, indent = [], 0, ""
    while upto[-1] - upto[start] > width - len(indent):
        room = upto[start] + width - len(indent)
        end = max(bisect_right(upto, room) - 1, start + 1)
        most = bisect_right(upto, room - 1) - 1  # a line of words leaves the last cell free
        blank = next((i for i in range(most, start, -1) if signs[i] == " "), start)
        stop = blank if "".join(signs[start:blank]).strip() else end
        lines.append((indent + "".join(signs[start:stop])).rstrip())
        start = stop + (stop == blank)
        indent = under
    return [*lines, indent + "".join(signs[start:])]


def _signs(text: str) -> list[str]:
    """The text in pieces that stay together: a character with the marks and joined characters that follow it."""
    if text.isascii():
        return list(text)
    signs: list[str] = []
    for character in text:
        if signs and (cell_len(character) == 0 or signs[-1].endswith(_JOINER)):
            signs[-1] += character
        else:
            signs.append(character)
    return signs


def cells_between(text: str, first: int, most: int) -> tuple[str, int]:
    """At most `most` cells of a text from about the cell `first` on, and how many cells are before them."""
    signs = _signs(text)
    upto = list(accumulate(map(cell_len, signs), initial=0))
    begin = min(bisect_left(upto, first), len(signs))
    end = max(bisect_right(upto, upto[begin] + most) - 1, begin)
    return "".join(signs[begin:end]), upto[begin]


def clipped(name: str, cells: int) -> str:
    """A name cut to a number of cells, with an ellipsis at its end."""
    if cell_len(name) <= cells:
        return name
    signs = _signs(name)
    return _first(signs, cells - 1).rstrip() + "…"


def _first(signs: Sequence[str], cells: int) -> str:
    """As many of the signs as have room."""
    upto = list(accumulate(map(cell_len, signs)))
    return "".join(signs[: bisect_right(upto, max(cells, 0))])


def apart(names: Iterable[str], cells: int) -> dict[str, str]:
    """Names cut to a number of cells; those that would look alike are cut in the middle."""
    cut = {name: clipped(name, cells) for name in names}
    seen: dict[str, int] = {}
    for short in cut.values():
        seen[short] = seen.get(short, 0) + 1
    return {name: short if seen[short] == 1 else _without_middle(name, cells) for name, short in cut.items()}


def _without_middle(name: str, cells: int) -> str:
    signs = _signs(name)
    tail = _first(signs[::-1], (cells - 1) // 2)
    end = "".join(signs[len(signs) - len(_signs(tail)) :]) if tail else ""
    return _first(signs, cells - 1 - cell_len(end)).rstrip() + "…" + end.lstrip()


def place(region: str, mode: str) -> str:
    """A region and mode as a table's line has them."""
    return ", ".join(part for part in (region, mode) if part).replace("_", " ") or "all together"


def readable(tables: Mapping[str, list[dict[str, object]]]) -> Tables:
    """The tables with every text made visible, whatever a file may have had in it."""
    return {
        name: [
            {
                key: value if not isinstance(value, str) else printable(value) if key in _LINES else visible(value)
                for key, value in row.items()
            }
            for row in rows
        ]
        for name, rows in tables.items()
    }


def json_text(document: object) -> str:
    """A document as JSON whose letters stay letters, while characters that nobody sees are escapes."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    for character in {c for c in set(text) if c != "\n" and unseen(c)}:
        units = character.encode("utf-16-be", "surrogatepass").hex()
        text = text.replace(character, "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)))
    return text
