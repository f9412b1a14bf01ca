"""Files that are no table of ours, told by what they are: one line with the way out, not one a column."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence

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
# Columns by which public formats are known, and what they are; `runoff import` reads them.
_FORMATS = (
    ({"code du departement", "inscrits", "voix"}, "a file of the French ministry", "france"),
    ({"code departement", "inscrits", "voix 1"}, "a file of the French ministry", "france"),
    ({"precinct", "party detailed", "votes"}, "a table of the MIT Election Data + Science Lab", "medsl"),
    ({"county", "office", "candidate", "votes"}, "a table of OpenElections", "openelections"),
)
# What others call our columns, likeliest first.
_THEIRS = {
    "unit": "precinct,precinct name,polling place,ward,county,county name,town,municipality,jurisdiction,district,"
    "commune,libelle de la commune,libelle commune,bureau,comuna,municipio,mesa,gemeinde,comune,unit name,place",
    "candidate": "candidate name,name,choice,option,nom,candidat,candidato,kandidat",
    "votes": "total votes,candidatevotes,candidate votes,votes cast,voix,votos,stimmen,voti,total",
    "party": "party simplified,party detailed,party name,nuance,parti,partido,partei,partito",
    "bloc": "",
    "registered": "registered voters,total voters,inscrits,electors,electorate,padron,habilitados,wahlberechtigte",
    "ballots": "ballots cast,votants,votantes,turnout",
}
_MOST_NAMED = 40  # candidates whose columns are named in a message
_WHOLE = re.compile("[0-9]{0,12}")
_ASK = 'or [results] columns, where and wide say how it is read: docs/run-file.md, "Tables of others"'


def foreign_bytes(content: bytes, *, asked: bool = False) -> tuple[str, str] | None:
    """What a file is by its first bytes, where it is no table, and the way out.

    asked : the run file says how it is read as ours, so that a known format is no reason to refuse it.
    """
    for magic, what, fix in _MAGIC:
        if content.startswith(magic):
            return f"this is {what}", fix
    if b"<ElectionResult" in content[:4096]:
        return "this is Clarity's XML of an election night", "runoff import clarity FILE -o DIR"
    if content[:64].lstrip().lower().startswith(_MARKUP):
        return "this is a web page or a document with markup", "a table is needed: save its numbers as CSV"
    if content[:1] in (b"{", b"["):
        return "this is JSON", "write a row for each unit and candidate as CSV"
    if asked:
        return None
    text = content[:4096]
    head = text.decode("utf-8-sig" if text.startswith(b"\xef\xbb\xbf") else "latin-1", "replace").split("\n", 1)[0]
    return _format(head.split(";")) or _format(head.split("\t"))


def foreign_header(
    columns: Sequence[str], missing: Sequence[str], cells: Sequence[Sequence[str]] = ()
) -> tuple[str, str] | None:
    """What a table is by its columns, where it is a known one of somebody else's, and the way out.

    cells : of each column, by which those of candidates are told from others.
    """
    if not missing:
        return None
    known = _format(columns)
    if known:
        return known
    if {"candidate", "votes"} <= set(missing) and len(columns) > 2:
        what = "a table with a column for each candidate, it seems"
        return what, f"name them: {_wide_of(columns, cells)}; or write a row for each unit and candidate"
    return None


def renamed(ours: str, theirs: Sequence[str]) -> str:
    """The line of a run file by which one of their columns is ours; '' where none has a name that says so."""
    plain = {_plain(name): name for name in reversed(theirs)}
    found = next((plain[word] for word in _THEIRS.get(ours, "").split(",") if word in plain), "")
    return f"is it {found}? [results] columns = {{ {ours} = {_quoted(found)} }}" if found else ""


def where_of(values: Mapping[str, str]) -> str:
    """The line of a run file that keeps the rows with these values."""
    return f"[results] where = {{ {', '.join(f'{_key(name)} = {_quoted(value)}' for name, value in values.items())} }}"


def _wide_of(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """The lines of a run file for a table with columns for each candidate."""
    numbered = [name for name in columns if name.rstrip().endswith(" 1") and "%" not in name]
    votes = next((name for name in numbered if _plain(name)[:-2] in ("voix", "votes", "votos", "stimmen", "voti")), "")
    if votes:
        who = next((name for name in numbered if "nom" in _plain(name) or "name" in _plain(name)), "Name 1")
        return f"[results] wide = {_quoted(votes[:-1] + '{n}')}, name = {_quoted(who.rstrip()[:-1] + '{n}')}"
    known = {word for words in _THEIRS.values() for word in words.split(",")} | {*_THEIRS, "region", "mode", "status"}
    counts = _counts(cells)
    left = [
        name for i, name in enumerate(columns) if name and _plain(name) not in known and (not counts or i in counts)
    ]
    if not counts or len(left) > _MOST_NAMED:
        return f"[results] wide = [{', '.join(map(_quoted, left[:4]))}, ...]"
    lines = f"[results] wide = [{', '.join(map(_quoted, left))}]"
    return lines + ("" if "unit" in columns else _units(columns, cells, left))


def _units(columns: Sequence[str], cells: Sequence[Sequence[str]], others: Sequence[str]) -> str:
    """What names the units of such a table: a column without an empty cell or one twice, or two that are so."""
    named = [(name, of) for name, of in zip(columns, cells, strict=True) if name and name not in others and all(of)]
    numbers = [one for one in named if all(map(_WHOLE.fullmatch, one[1]))]
    words = sorted((one for one in named if one not in numbers), key=lambda one: -len(set(one[1])))
    together = [(words[0], other) for other in words[1:]]
    codes = [one for one in numbers[:1] if one[0] == columns[0]]  # a number that names units stands first
    for parts in (*((one,) for one in words), *together, *((one,) for one in codes)):
        if len(set(zip(*(of for _, of in parts), strict=True))) == len(parts[0][1]):
            said = [f"{ours} = {_quoted(name)}" for ours, (name, _) in zip(("unit", "region"), parts, strict=False)]
            return f", columns = {{ {', '.join(said)} }}"
    return ""


def _counts(cells: Sequence[Sequence[str]]) -> list[int]:
    """Places of the columns that may be candidates' votes: whole numbers behind the last column of words.

    Of these, those behind the last that is the sum of what follows it: before votes stand the roll and the valid votes.
    """
    numbers = [[int(cell or 0) for cell in of] if all(map(_WHOLE.fullmatch, of)) else None for of in cells]
    texts = [i for i, of in enumerate(numbers) if of is None]
    found = [i for i in range(max(texts, default=-1) + 1, len(numbers)) if any(numbers[i] or ())]
    for place, i in enumerate(found[:-2]):
        rest = [numbers[j] or [] for j in found[place + 1 :]]
        if numbers[i] == [sum(row) for row in zip(*rest, strict=True)]:
            return found[place + 1 :]
    return found


def _key(name: str) -> str:
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else _quoted(name)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _format(columns: Sequence[str]) -> tuple[str, str] | None:
    """What a table with these columns is, and the way out, where its format is known."""
    plain = {_plain(name) for name in columns}
    found = next(((what, word) for keys, what, word in _FORMATS if keys <= plain), None)
    return found and (f"this is {found[0]}", f"runoff import {found[1]} FILE -o DIR; {_ASK}")


def _plain(name: str) -> str:
    """A header's words without capitals, accents, quotes and underlines."""
    letters = unicodedata.normalize("NFKD", name.strip().strip('"').replace("_", " ").casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
