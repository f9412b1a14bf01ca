"""How a table of text is written: its encoding, what separates its fields, its decimal mark; found, or asked about.

Ours is UTF-8, commas and points.  Another dialect is read where it can mean one thing only, and named in a note.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence

from runoff import names
from runoff.errors import InputError, shown
from runoff.files import decoded

SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright bars"}
_UTF8_LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}")
_AROUND = "\u2018\u2019\u201c\u201d\u00ab\u00bb\u2013\u2014\u2026\u00b0\u00ba\u00aa\u00a0\u20ac\u00a7"
_WORD = re.compile(r"[^\s,;|\"]*[^\x00-\x7f][^\s,;|\"]*")
_MOST_HIGH = 0.4  # of a file's letters: more of them is no Western text
_SAID = re.compile(r'"?sep=([,;\t|])"?', re.IGNORECASE)
_COMMA, _POINT = re.compile(r"-?[0-9]+,[0-9]+"), re.compile(r"-?[0-9]+\.[0-9]+")


def text_of(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """A table's text and a note on its encoding: UTF-8, or Windows-1252 (which holds Latin-1) where it can be no other.

    Raises
    ------
    InputError : neither, or with NUL bytes.
    """
    try:
        return decoded(content, name), ()
    except InputError:
        text = _western(content)
        if text is None:
            raise
    words = [shown(word) for word in dict.fromkeys(_WORD.findall(text[:200_000]))][:3]
    said = f", as in {', '.join(words)}" if words else ""
    return text, (f"not UTF-8: read as Windows-1252 (Latin-1){said}; save it as UTF-8 if these are misspelt",)


def _western(content: bytes) -> str | None:
    """The text in Windows-1252, where its letters stand as Western words have them; None where they do not."""
    if b"\0" in content or _UTF8_LETTER.search(content):
        return None  # letters in UTF-8 beside others: a damaged file, or two put together
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        return None
    high = [i for i, c in enumerate(text) if c > "\x7f"]
    letters = sum(1 for i in high if text[i].isalpha())
    if letters > _MOST_HIGH * (letters + sum(map(str.isalpha, text[:2_000_000])) + 1) and letters > 20:
        return None
    return text if all(_in_place(text, i) for i in high) else None


def _in_place(text: str, at: int) -> bool:
    """Whether a character beyond ASCII stands where Western words have it."""
    c = text[at]
    if c in _AROUND:
        return True
    before = text[at - 1] if at else " "
    return unicodedata.category(c) in ("Ll", "Lu") and not (c.isupper() and before.islower())


def separator_of(text: str, known: Sequence[str]) -> str:
    """What separates the fields, by the first line that is not empty: the sign that makes most known names of it.

    A comma where no other sign makes two names more than one, or parts of a line without commas as of the line below.
    """
    first = [line for line in text[:200_000].splitlines() if line.strip()]
    line, below = [*first, "", ""][:2]
    if said := _SAID.fullmatch(line):  # a line that spreadsheets write and read; no header
        return said.group(1)
    columns = {names.same(name) for name in known}
    fits = {sign: sum(names.same(part) in columns for part in _parts(line, sign)) for sign in SEPARATORS}
    best = max(fits, key=lambda sign: (fits[sign], sign == ","))
    if fits[best] > max(1, fits[","]):
        return best
    parts = {sign: len(_parts(line, sign)) for sign in SEPARATORS}
    most = max(parts, key=lambda sign: parts[sign])
    return most if parts[","] == 1 and 1 < parts[most] == len(_parts(below, most)) else ","


def _parts(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=sign), [])
    except csv.Error:
        return []


def decimal_of(cells: Iterable[str], separator: str) -> str:
    """A comma where numbers of a table that no comma separates have one and none has a point; else a point."""
    if separator == ",":
        return "."
    comma = False
    for cell in cells:
        if _POINT.fullmatch(cell):
            return "."
        comma = comma or bool(_COMMA.fullmatch(cell))
    return "," if comma else "."


def notes_of(separator: str, decimal: str) -> tuple[str, ...]:
    """What is said of a dialect that is not ours."""
    said = [f"fields are separated by {SEPARATORS[separator]}"] if separator != "," else []
    return (*said, *(["decimal commas are read as points"] if decimal == "," else []))
