"""Files that are no table of ours, told by what they are: one line with the way out, not one a column."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

_MAGIC = (
    (b"PK", "a spreadsheet or another packed file", "save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet", "save the sheet as CSV (UTF-8)"),
    (b"PAR1", "a Parquet file under another name", "name it .parquet"),
    (b"\x1f\x8b", "a compressed file", "unpack it first"),
    (b"%PDF", "a PDF document", "a table is needed: copy its numbers into CSV"),
    (b"\xff\xfe", "text in UTF-16", "save the file as UTF-8"),
    (b"\xfe\xff", "text in UTF-16", "save the file as UTF-8"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml")
# Columns by which public formats are known, what they are, and how to get a table of ours out of them.
_FORMATS = (
    (
        {"code du departement", "inscrits", "voix"},
        "a file of the French ministry: a line a place, candidates side by side",
        "make it a row for each unit and candidate: unit, candidate, party, votes; Inscrits go to a table of their own",
    ),
    (
        {"precinct", "party detailed", "votes"},
        "a precinct table of the MIT Election Data + Science Lab",
        "keep one office, and rename: precinct to unit, county_name to region, party_simplified to party",
    ),
    (
        {"county", "office", "candidate", "votes"},
        "a table of OpenElections",
        "keep one office, and rename: precinct (or county) to unit, and county to region where there are precincts",
    ),
)


def foreign_bytes(content: bytes) -> tuple[str, str] | None:
    """What a file is by its first bytes, where it is no text, and the way out."""
    for magic, what, fix in _MAGIC:
        if content.startswith(magic):
            return f"this is {what}", fix
    if content[:64].lstrip().lower().startswith(_MARKUP):
        return "this is a web page or a document with markup", "a table is needed: save its numbers as CSV"
    if content[:1] in (b"{", b"["):
        return "this is JSON", "write a row for each unit and candidate as CSV"
    head = content[:4096].decode("latin-1").split("\n", 1)[0]
    return _format(head.split(";")) or _format(head.split("\t"))


def foreign_header(columns: Sequence[str], missing: Sequence[str]) -> tuple[str, str] | None:
    """What a table is by its columns, where it is a known one of somebody else's, and the way out."""
    if not missing:
        return None
    known = _format(columns)
    if known:
        return known
    if {"candidate", "votes"} <= set(missing) and len(columns) > 2:
        what = "a table with a column for each candidate, it seems"
        return what, "write a row for each unit and candidate, with the columns unit, candidate, party, votes"
    return None


def _format(columns: Sequence[str]) -> tuple[str, str] | None:
    """What a table with these columns is, and the way out, where its format is known."""
    plain = {_plain(name) for name in columns}
    return next(((f"this is {what}", fix) for keys, what, fix in _FORMATS if keys <= plain), None)


def _plain(name: str) -> str:
    """A header's words without capitals, accents, quotes and underlines."""
    letters = unicodedata.normalize("NFKD", name.strip().strip('"').replace("_", " ").casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
