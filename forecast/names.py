"""Names in one form: what two cells must share to mean one thing, and when two names are nearly one.

Every key of every table (unit, candidate, party, bloc, region, mode, status, pollster ...) goes through here.

    said(text)   the text as it is kept and shown: one Unicode form (NFC), each run of blanks one blank
    same(text)   equal for two spellings of one word where capitals cannot matter: party, bloc, region, mode, status
    alike(text)  equal for words that are probably one: accents, punctuation and characters that nobody sees left out
    near(text)   the same for people's names: without a bracket at the end, and in any order of given and family name

`problem` says what a name may not have: blanks around it, control characters, characters that nobody sees.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

Value = TypeVar("Value")

JOINERS = "\u200c\u200d"  # zero-width, and letters of words in Persian, Hindi and others
_BRACKET = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
_QUOTES = "'\u2018\u2019`\u00b4\u02bc\u02b9\"\u201c\u201d.\u00b7"
_PLAIN = {"\u00df": "ss", "\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u0131": "i"}


@lru_cache(maxsize=65_536)
def said(text: str) -> str:
    """A name as it is kept: NFC, each run of blanks one blank, none around it."""
    return " ".join(unicodedata.normalize("NFC", text).split())


@lru_cache(maxsize=65_536)
def same(text: str) -> str:
    """A word apart from its capitals, blanks and Unicode form: 'Red ' and 'RED' are one."""
    return unicodedata.normalize("NFC", said(unicodedata.normalize("NFKC", text)).casefold())


@lru_cache(maxsize=65_536)
def alike(text: str) -> str:
    """What is left of words without accents, punctuation and doubled blanks, in their order."""
    whole = same(text)
    letters = "".join(c for c in unicodedata.normalize("NFKD", whole) if not unicodedata.combining(c))
    letters = "".join(_PLAIN.get(c, c) for c in letters)
    kept = "".join(
        c if c.isalnum() else "" if unicodedata.category(c) == "Cf" or c in _QUOTES else " " for c in letters
    )
    return " ".join(kept.split()) or whole


def listed(values: Sequence[str], most: int, noun: str = "") -> str:
    """The first few of some names, and how many more there are: 'a, b and 3 more'."""
    more = len(values) - most
    return ", ".join(values[:most]) + (f" and {more:,} more{noun}" if more > 0 else "")


def by_same(values: Mapping[str, Value]) -> dict[str, Value]:
    """Values by `same` of their names."""
    return {same(name): value for name, value in values.items()}


@lru_cache(maxsize=65_536)
def near(text: str) -> str:
    """What is left of a person's name without all that, a bracket at its end, and the order of its words.

    'VOSS, Mara (Red)' and 'Mara Voss' are near; 'Tom Iver Sr.' and 'Tom Iver Jr.' are not.
    """
    whole = same(text)
    return " ".join(sorted(alike(_BRACKET.sub("", whole) or whole).split()))


def problem(text: str) -> tuple[str, str, str] | None:
    """What is wrong with a name, the rule and the way out; None where nothing is."""
    rule = "names have no spaces around them, no control characters and none that nobody sees"
    if not text.strip():
        return "empty", rule, "give the name"
    if text != text.strip():
        return "space around", rule, "take the space away"
    for place, character in enumerate(text):
        category = unicodedata.category(character)
        if category in _UNSEEN and not joins(text, place):
            what = "control character in" if category != "Cf" else "invisible character in"
            return what, rule, f"take out U+{ord(character):04X}, character {place + 1} of the name"
    return None


def joins(text: str, place: int) -> bool:
    """Whether a zero-width joiner stands between two letters of a script that uses it."""
    if text[place] not in JOINERS or not 0 < place < len(text) - 1:
        return False
    around = text[place - 1], text[place + 1]
    return all(ord(c) >= 0x0590 and unicodedata.category(c)[0] in "LM" for c in around)


@lru_cache(maxsize=131_072)
def key(name: str) -> tuple[object, ...]:
    """Where a name stands among others: numbers in it by size ("Ward 2" before "Ward 10"), the rest by letters."""
    parts = re.split("([0-9]+)", name)
    digits = [part.lstrip("0") for part in parts[1::2]]
    numbers = [(len(part), part) for part in digits]
    return (*(part for pair in zip(parts[::2], [*numbers, (0, "")], strict=True) for part in pair), name)
