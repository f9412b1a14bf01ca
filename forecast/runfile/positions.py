"""Where in a TOML text each key and value stands; tomllib parses, this only locates.

The scanner follows TOML's grammar loosely: it never judges, it stops at what it does not understand, and
what it has found by then is used.  It also measures nesting, before tomllib is let near the text: deep
brackets exhaust its stack, and long dotted keys take it seconds.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass, field

MOST_NESTED = 32  # brackets within brackets
MOST_DOTS = 8  # parts of a dotted key
LONGEST_NUMBER = 200  # characters of a value without quotes, with the spaces behind it

Path = tuple[str | int, ...]
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_VALUE_END = re.compile(r"[,\]}#\n]")
_ESCAPE = re.compile(r'\\(["\\bfnrt]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})')
_PLAIN = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


class BoundsError(Exception):
    """Nesting, dotted keys or numbers beyond the bounds; `place` is the offset in the text."""

    def __init__(self, what: str, rule: str, place: int) -> None:
        super().__init__(what)
        self.what, self.rule, self.place = what, rule, place


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets of a piece of text."""

    start: int
    length: int


@dataclass(slots=True)
class Positions:
    """Spans of keys and of values by path; array elements are numbered from 0."""

    text: str
    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)

    def find(self, path: Path, *, value: bool) -> Span | None:
        """The span of a path's value or key, or of its nearest located parent."""
        for end in range(len(path), 0, -1):
            part = path[:end]
            found = self.values.get(part) if value and end == len(path) else None
            found = found or self.keys.get(part) or self.values.get(part)
            if found is not None:
                return found
        return None

    def line_column(self, offset: int) -> tuple[int, int, str]:
        """Line and column from 1, and the line's text."""
        start = self.text.rfind("\n", 0, offset) + 1
        end = self.text.find("\n", offset)
        line = self.text[start:] if end < 0 else self.text[start:end]
        return self.text.count("\n", 0, offset) + 1, offset - start + 1, line.rstrip("\r")


def locate(text: str) -> Positions:
    """Positions of every key and value that the scanner reaches.

    Raises
    ------
    BoundsError : nesting over MOST_NESTED, a dotted key of over MOST_DOTS parts, a number over LONGEST_NUMBER.
    """
    scanner = _Scanner(text)
    with contextlib.suppress(IndexError, _LostError):  # tomllib will say what is wrong with the text
        scanner.document()
    return scanner.found


class _LostError(Exception):
    """The scanner does not understand what stands here."""


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found = Positions(text)
        self.tables: dict[Path, int] = {}

    def document(self) -> None:
        """All tables and key-value lines."""
        current: Path = ()
        while True:
            self._blank(newlines=True)
            if self.at >= len(self.text):
                return
            if self.text[self.at] == "[":
                current = self._header()
            else:
                self._pair(current, 1)

    def _blank(self, *, newlines: bool) -> None:
        """Skip spaces, comments, and line ends where they are allowed."""
        text = self.text
        while self.at < len(text):
            character = text[self.at]
            if character == "#":
                end = text.find("\n", self.at)
                self.at = len(text) if end < 0 else end
            elif character in " \t\r" or (newlines and character == "\n"):
                self.at += 1
            else:
                return

    def _header(self) -> Path:
        double = self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        path, start = self._key()
        if self.text[self.at] != "]":
            raise _LostError
        path = self._resolve(path)
        self.found.keys.setdefault(path, Span(start, self.at - start))
        if double:
            number = self.tables.get(path, -1) + 1
            self.tables[path] = number
            path = (*path, number)
            self.found.keys[path] = Span(start, self.at - start)
        self.at += 2 if double else 1
        return path

    def _resolve(self, path: Path) -> Path:
        """A header below an array of tables speaks of its last table."""
        result: Path = ()
        for part in path:
            result = (*result, part)
            if result in self.tables and result != path:
                result = (*result, self.tables[result])
        return result

    def _key(self) -> tuple[Path, int]:
        parts: list[str] = []
        self._blank(newlines=False)
        start = self.at
        while True:
            self._blank(newlines=False)
            if self.text[self.at] in "\"'":
                parts.append(self._string())
            else:
                match = _BARE.match(self.text, self.at)
                if match is None:
                    raise _LostError
                parts.append(match.group())
                self.at = match.end()
            if len(parts) > MOST_DOTS:
                raise BoundsError("nested too deeply", f"a dotted key has at most {MOST_DOTS} parts", start)
            self._blank(newlines=False)
            if self.text[self.at] != ".":
                return tuple(parts), start
            self.at += 1

    def _pair(self, current: Path, depth: int) -> None:
        key, start = self._key()
        path = current
        for part in key:
            path = (*path, part)
            self.found.keys.setdefault(path, Span(start, len(self.text[start : self.at].rstrip())))
        if self.text[self.at] != "=":
            raise _LostError
        self.at += 1
        self._value(path, depth)

    def _value(self, path: Path, depth: int) -> None:
        self._blank(newlines=False)
        start = self.at
        if depth > MOST_NESTED:
            raise BoundsError("nested too deeply", f"brackets nest at most {MOST_NESTED} deep", start)
        opening = self.text[start]
        if opening in "\"'":
            self._string()
        elif opening == "[":
            self._array(path, depth)
        elif opening == "{":
            self._inline_table(path, depth)
        else:
            match = _VALUE_END.search(self.text, start)
            self.at = len(self.text) if match is None else match.start()
            if self.at - start > LONGEST_NUMBER:
                rule = f"a number has at most {LONGEST_NUMBER} characters"
                raise BoundsError("not TOML: a number without end", rule, start)
        shown = self.text[start : self.at].split("\n", 1)[0].rstrip()
        self.found.values.setdefault(path, Span(start, max(len(shown), 1)))

    def _array(self, path: Path, depth: int) -> None:
        self.at += 1
        number = 0
        while True:
            self._blank(newlines=True)
            if self.text[self.at] == "]":
                self.at += 1
                return
            self._value((*path, number), depth + 1)
            number += 1
            self._blank(newlines=True)
            if self.text[self.at] == ",":
                self.at += 1
            elif self.text[self.at] != "]":
                raise _LostError

    def _inline_table(self, path: Path, depth: int) -> None:
        self.at += 1
        while True:
            self._blank(newlines=True)
            if self.text[self.at] == "}":
                self.at += 1
                return
            self._pair(path, depth + 1)
            self._blank(newlines=True)
            if self.text[self.at] == ",":
                self.at += 1
            elif self.text[self.at] != "}":
                raise _LostError

    def _string(self) -> str:
        """Skip a string of any kind; returns its content, escapes resolved, for use as a key."""
        quote = self.text[self.at]
        long = self.text.startswith(quote * 3, self.at)
        closing = quote * 3 if long else quote
        start = self.at + len(closing)
        end = start
        while not self.text.startswith(closing, end):
            if end >= len(self.text) or (not long and self.text[end] == "\n"):
                raise _LostError
            end += 2 if self.text[end] == "\\" and quote == '"' else 1
        self.at = end + len(closing)
        while long and self.text.startswith(quote, self.at) and self.at < end + 5:
            self.at += 1  # up to two quotes may stand before the closing three
        content = self.text[start:end]
        return _ESCAPE.sub(_unescape, content) if quote == '"' else content


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code in _PLAIN:
        return _PLAIN[code]
    number = int(code[1:], 16)
    return chr(number) if number < 0x110000 else "\ufffd"
