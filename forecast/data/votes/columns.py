"""Columns of a table of votes: different names once, in one spelling, and which of them each row has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from runoff import names
from runoff.data.tables.table import MOST_PROBLEMS, Table
from runoff.errors import Problem
from runoff.race import Int64Array

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of names: `values` its different names, `code` int64[rows] which of them a row has."""

    values: list[str]
    code: Int64Array


def names_of(table: Table, name: str, problems: list[Problem], notes: list[str], *, folded: bool) -> Column:
    """A column's names; `folded` where capitals and blanks cannot matter, and cells may be empty.

    What is wrong with a cell goes to `problems`, names that are written in several ways to `notes`.
    """
    texts = table.columns.get(name)
    if texts is None:
        return Column([""], np.zeros(len(table.lines), np.int64))
    place, code = coded(texts)
    wrong = {text: names.problem(text) for text in place if text or not folded}
    bad = [place[text] for text, found in wrong.items() if found]
    for row in np.flatnonzero(np.isin(code, bad))[: MOST_PROBLEMS - len(problems)].tolist() if bad else []:
        what, rule, fix = wrong[texts[row]] or ("", "", "")
        problems.append(table.problem(row, name, f"{what} {'the ' if what != 'empty' else ''}{name}", rule, fix))
    merged, values = _merged(list(place), code, names.same if folded else names.said)
    if folded:
        notes += [f"{name} {ways[0]} is also written {', '.join(ways[1:])}: taken as one" for ways in merged]
    kept = {spelling: i for i, spelling in enumerate(dict.fromkeys(values))}
    return Column(list(kept), np.array([kept[value] for value in values], np.int64)[code])


def coded(texts: Sequence[str]) -> tuple[dict[str, int], Int64Array]:
    """Different texts with their places, and int64[rows] which of them each row has."""
    place: dict[str, int] = {}
    return place, np.fromiter((place.setdefault(text, len(place)) for text in texts), np.int64, len(texts))


def _merged(
    spellings: Sequence[str], code: Int64Array, form: Callable[[str], str]
) -> tuple[list[list[str]], list[str]]:
    """Groups of spellings that are one, and for each spelling the one that stands for it: the commonest.

    A group lists its spellings, that one first.
    """
    count = np.bincount(code, minlength=len(spellings))
    groups: dict[str, list[int]] = {}
    for i, text in enumerate(spellings):
        groups.setdefault(form(text), []).append(i)
    chosen = [names.said(text) for text in spellings]
    merged = []
    for members in groups.values():
        ways: dict[str, int] = {}
        for i in members:
            ways[chosen[i]] = ways.get(chosen[i], 0) + int(count[i])
        order = sorted(ways, key=lambda way: (-ways[way], way))
        if len(order) > 1:
            merged.append(order)
        for i in members:
            chosen[i] = order[0]
    return sorted(merged), chosen


def in_order(values: Sequence[T], code: Int64Array, key: Callable[[T], Any]) -> tuple[list[T], Int64Array]:
    """The values that are used, sorted, and the codes among them."""
    order = sorted(np.flatnonzero(np.bincount(code)).tolist(), key=lambda i: key(values[i]))
    lookup = np.zeros(len(values), np.int64)
    lookup[order] = np.arange(len(order))
    return [values[i] for i in order], lookup[code]
