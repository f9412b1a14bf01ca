"""A question in words, numbers, names in quotes and signs, each with its place; and how its mistakes are told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from runoff.errors import Problem, UsageError

MOST = 10_000  # characters of a question
_SIGNS = {
    "=": "==",
    "<>": "!=",
    "\u2265": ">=",
    "\u2264": "<=",
    "\u2260": "!=",
    ">=": ">=",
    "<=": "<=",
    "==": "==",
    "!=": "!=",
    ">": ">",
    "<": "<",
}
_NEARLY = {"=>": ">=", "=<": "<=", "&&": "and", "||": "or", "&": "and", "|": "or", "!": "not", "~": "not"}
_CLOSING = {'"': '"', "'": "'", "\u201c": "\u201d", "\u201e": "\u201c", "\u2018": "\u2019", "\u00ab": "\u00bb"}
_NUMBER = re.compile(r"[-+\u2212]?([0-9][0-9_]{0,40})?(\.[0-9]{1,40})?([eE][-+]?[0-9]{1,2})?")
_SIGN = re.compile(r"=>|=<|>=|<=|==|!=|<>|&&|\|\||[<>=\u2265\u2264\u2260&|!~]")
_BREAKS = frozenset(" \t\r\n()[],<>=!&|~\u2265\u2264\u2260%") | frozenset(_CLOSING)


@dataclass(frozen=True, slots=True)
class Token:
    """kind : word, name (in quotes), number, sign, one of `()[],`, or end; start, stop : characters of the question."""

    kind: str
    text: str
    start: int
    stop: int
    number: Fraction = Fraction(0)


def mistake(text: str, start: int, stop: int, what: str, rule: str = "", fix: str = "") -> UsageError:
    """A mistake in a question, with its place."""
    return UsageError(str(problem(text, start, stop, what, rule, fix)))


def problem(text: str, start: int, stop: int, what: str, rule: str = "", fix: str = "") -> Problem:
    """The same as one of several."""
    line = " ".join(text.split("\n"))
    return Problem("question", 1, start + 1, what, rule, "", fix, line, max(stop - start, 1))


def tokens(text: str) -> list[Token]:
    """The question's tokens, the last one its end.

    Raises
    ------
    UsageError : a sign that has no meaning, a name without an end, a question that is too long.
    """
    if len(text) > MOST:
        raise UsageError(f"question: at most {MOST:,} characters, got {len(text):,}")
    found, at = list[Token](), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token(text, at)
        found.append(token)
        at = token.stop
    return [*found, Token("end", "", len(text), len(text))]


def _token(text: str, at: int) -> Token:
    if text[at] in "()[],":
        return Token(text[at], text[at], at, at + 1)
    if text[at] in _CLOSING:
        return _name(text, at)
    number = _NUMBER.match(text, at)
    if number is not None and (number[1] or number[2]) and (number.end() == len(text) or text[number.end()] in _BREAKS):
        return _number(text, at, number.end())
    sign = _SIGN.match(text, at)
    if sign is not None:
        if sign[0] in _NEARLY:
            fix = f"say {_NEARLY[sign[0]]}"
            raise mistake(text, at, sign.end(), f"{sign[0]} has no meaning here", fix=fix)
        return Token("sign", _SIGNS[sign[0]], at, sign.end())
    stop = at
    while stop < len(text) and text[stop] not in _BREAKS:
        stop += 1
    if stop == at:
        rule = "a question has quantities, numbers, names in quotes, comparisons, and, or, not, brackets"
        raise mistake(text, at, at + 1, f"{text[at]} has no meaning here", rule)
    return Token("word", text[at:stop], at, stop)


def _name(text: str, at: int) -> Token:
    """A name in quotes; a backslash keeps the sign after it."""
    closing, stop, name = _CLOSING[text[at]], at + 1, ""
    while stop < len(text) and text[stop] != closing:
        if text[stop] == "\\" and stop + 1 < len(text) and text[stop + 1] in (closing, "\\"):
            stop += 1
        name += text[stop]
        stop += 1
    if stop == len(text):
        raise mistake(text, at, at + 1, "a name that does not end", "names stand in quotes", f"close it with {closing}")
    return Token("name", name, at, stop + 1)


def _number(text: str, at: int, stop: int) -> Token:
    """A number, with a % sign a hundredth of it."""
    value = Fraction(text[at:stop].replace("_", "").replace("\u2212", "-"))
    after = stop
    while after < len(text) and text[after] in " \t":
        after += 1
    if text[after : after + 1] == "%":
        value, stop = value / 100, after + 1
    return Token("number", text[at:stop], at, stop, value)
