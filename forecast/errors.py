"""Everything that can go wrong for a reason of the user's, and how it is said.

    RunoffError                 exit code
    ├── UsageError              2    words on the command line
    ├── InputError              65   a run file or a table; carries every problem at once
    ├── MissingFileError        66   a file that is not there or cannot be read
    ├── RunExistsError          73   a run of this name stands there
    └── OutputError             74   the disk is full, read-only, gone

A problem says where, the rule, the value got, and the way out.
"""

from __future__ import annotations

import datetime as dt
import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from runoff.names import joins

_SHOWN = 50  # problems printed; the rest is counted
_TEXT = 72  # characters of a line that are shown around the caret
_VALUE = 120  # characters of a value that are shown
_NEAR = 200  # names longer than this are not compared for likeness


class RunoffError(Exception):
    """A failure that the user can mend; its text is the whole message, fit to be printed."""

    exit_code = 70

    def __str__(self) -> str:
        return printable(super().__str__())


class UsageError(RunoffError):
    """The command line's words do not fit."""

    exit_code = 2


class MissingFileError(RunoffError):
    """A file is not there, or cannot be read."""

    exit_code = 66


class RunExistsError(RunoffError):
    """A run of this name stands in the folder, and is left alone."""

    exit_code = 73


class OutputError(RunoffError):
    """Writing failed; what stood there before still stands."""

    exit_code = 74


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: where (line and column from 1, 0 for the file as a whole), the rule, the value, the way out.

    `text` is the line itself; `length` how many characters the caret underlines.
    """

    file: str
    line: int
    column: int
    what: str
    rule: str = ""
    got: str = ""
    fix: str = ""
    text: str = ""
    length: int = 1

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        lines = [f"{visible(place)}: {visible(self.what)}"]
        if self.line and self.text:
            lines += self._excerpt()
        for name, said in (("rule", self.rule), ("got", self.got), ("fix", self.fix)):
            if said:
                lines.append(f"  {name + ':':<5} {visible(said)}")
        return "\n".join(lines)

    def _excerpt(self) -> list[str]:
        """The line with a caret below; a long line is cut around the caret."""
        start = max(0, min(self.column - 1 - _TEXT // 3, len(self.text) - _TEXT))
        cut = self.text[start : start + _TEXT]
        before = visible(cut[: self.column - 1 - start])
        shown = before + visible(cut[self.column - 1 - start :])
        number = f"{self.line:>6}"
        caret = " " * _cells(before) + "^" * max(1, min(self.length, _TEXT - (self.column - 1 - start)))
        return [f"{number} | {shown}", f"{'':>6} | {caret}"]


class InputError(RunoffError):
    """A run file or its tables cannot be used; `problems` holds every reason, in order of place."""

    exit_code = 65

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column)))
        super().__init__(self.problems)

    @classmethod
    def single(cls, file: str, what: str, *, rule: str = "", got: str = "", fix: str = "") -> InputError:
        """An error with one problem of a file as a whole."""
        return cls([Problem(file, 0, 0, what, rule, got, fix)])

    def __str__(self) -> str:
        shown = [str(problem) for problem in self.problems[:_SHOWN]]
        hidden = len(self.problems) - len(shown)
        if hidden:
            shown.append(f"... and {hidden:,} more problems")
        return "\n".join(shown)


def visible(text: str) -> str:
    """Text that can neither move the cursor nor turn or hide what stands beside it.

    Control characters, bidirectional overrides and characters that nobody sees become escapes, a tabulator a blank;
    letters of every script, their marks, and joiners between letters that are joined stay.
    """
    if text.isprintable():
        return text
    return "".join(c if not unseen(c) or joins(text, i) else _escaped(c) for i, c in enumerate(text))


def printable(text: str) -> str:
    """Lines of text, each made visible."""
    return "\n".join(visible(line) for line in text.split("\n"))


def unseen(character: str) -> bool:
    """Whether a character shows nothing, or moves or turns what stands around it."""
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escaped(character: str) -> str:
    if character == "\t":
        return " "
    place = ord(character)
    return f"\\x{place:02x}" if place < 0x100 else f"\\u{place:04x}" if place < 0x10000 else f"\\U{place:08x}"


def _cells(text: str) -> int:
    """Columns that text takes on a terminal: wide characters take two, combining ones none."""
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return wide - sum(1 for c in text if unicodedata.category(c) in ("Mn", "Me"))


def shown(value: object) -> str:
    """A value as a message shows it: one line, as TOML spells it, not too long."""
    text = value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)
    text = value.isoformat() if isinstance(value, (dt.date, dt.time)) else text
    return text if len(text) <= _VALUE else text[: _VALUE - 3] + "..."


def suggestion(word: str, known: Iterable[str]) -> str:
    """`did you mean ...?` where a known word is near, else ''."""
    found = near(word, known)
    return f"did you mean {found}?" if found else ""


def near(word: str, known: Iterable[str]) -> str:
    """The known word that is nearest, whatever its capitals; '' where none is near."""
    if len(word) > _NEAR:
        return ""
    lower = {name.casefold(): name for name in known if len(name) <= _NEAR}
    found = difflib.get_close_matches(word.casefold(), list(lower)[:2_000], n=1, cutoff=0.6)
    return lower[found[0]] if found else ""
