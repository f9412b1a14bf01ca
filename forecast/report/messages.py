"""Messages in lines of a terminal: sentences broken under their beginning, a file's line cut around its caret."""

from __future__ import annotations

import re

from rich.cells import cell_len

from runoff.report.layout import NARROWEST, broken, cells_between

_HEAD = re.compile(r" *(?:(?:rule|got|fix|note): +)?")  # what the lines that follow stand under
_LINE = re.compile(r"( *[0-9]* \| )(.*)")  # of a file, and below it the caret


def fitted_message(text: str, width: int) -> str:
    """The message in lines of at most `width` cells (NARROWEST at least); nothing of its words is lost."""
    width, lines, said = max(width, NARROWEST), text.split("\n"), list[str]()
    while lines:
        line = lines.pop(0)
        number = _LINE.fullmatch(line)
        below = _LINE.fullmatch(lines[0]) if number and lines else None
        if number and below and "^" in below[2]:
            lines.pop(0)
            said += _around(number[1], number[2], below[2], width)
        else:
            head = _HEAD.match(line)
            deep = len(head[0]) if head and head[0].strip() else len(line) - len(line.lstrip()) + 2
            said += broken(line, width, " " * min(deep, width // 2))
    return "\n".join(said)


def _around(number: str, line: str, caret: str, width: int) -> list[str]:
    """A file's line and the caret below it, both moved to the left until the caret's end is there."""
    room, end = width - len(number), len(caret)
    first = max(min(end - room, caret.index("^")), 0) if cell_len(line) > room or end > room else 0
    shown, gone = cells_between(line, first, room)
    return [number + shown, " " * (len(number) - 2) + "| " + caret[gone : gone + room]]
