"""Polls and crosstabs of a run file, from its plain document: their mistakes are told together with its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runoff.data.polls.crosstabs import read_crosstabs
from runoff.data.polls.polls import Poll, Surveyed, read_polls
from runoff.errors import InputError, Problem
from runoff.race import FirstRound
from runoff.runfile.sections.fields import DEFAULT_NEW_VOTERS

_NONE = Surveyed((), (), ())


@dataclass(frozen=True, slots=True)
class Surveys:
    """Polls and crosstabs of a run file.

    sources : name and sha256 of each table as it was parsed, in the order in which they are named.
    notes : columns that are not read; what is odd about polls is `runoff.model.evidence`'s to say.
    """

    polls: tuple[Poll, ...] = ()
    crosstabs: tuple[Poll, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def read_surveys(document: dict[str, Any], first: FirstRound, folder: Path) -> Surveys:
    """Polls and crosstabs of the tables that the document names; what is wrong with the rest is said elsewhere.

    Raises
    ------
    InputError : with every problem of all tables.
    MissingFileError : a table is not there.
    """

    def found(section: str, key: str, kind: type) -> Any:
        return _found(document, section, key, kind)

    candidates = [candidate.name for candidate in first.candidates]
    named = [name for name in found("finalists", "names", list) or [] if name in candidates]
    finalists = named or candidates[: found("finalists", "advance", int) or 2]
    last = _day(found("race", "runoff", dt.date)) or dt.date.max
    blocs = list(dict.fromkeys([*(c.bloc for c in first.candidates), *_keys(document.get("blocs"))]))
    new = (found("new_voters", "name", str) or DEFAULT_NEW_VOTERS) if "new_voters" in document else None
    problems: list[Problem] = []
    polls = crosstabs = _NONE
    try:
        polls = read_polls(_tables(document, "polls", folder), candidates, finalists, blocs, last)
    except InputError as error:
        problems += error.problems
    try:
        crosstabs = read_crosstabs(_tables(document, "crosstabs", folder), candidates, finalists, blocs, new, last)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return Surveys(polls.polls, crosstabs.polls, (*polls.sources, *crosstabs.sources), (*polls.notes, *crosstabs.notes))


def _day(value: dt.date | None) -> dt.date | None:
    return None if isinstance(value, dt.datetime) else value


def _found(document: dict[str, Any], section: str, key: str, kind: type) -> Any:
    """A value of the document where it is of this kind, else None."""
    inside = document.get(section)
    value = inside.get(key) if isinstance(inside, dict) else None
    return value if isinstance(value, kind) and not isinstance(value, bool) else None


def _tables(document: dict[str, Any], key: str, folder: Path) -> list[Path]:
    names = _found(document, "evidence", key, str) or _found(document, "evidence", key, list) or []
    return [folder / name for name in ([names] if isinstance(names, str) else names) if isinstance(name, str)]


def _keys(value: object) -> list[str]:
    return list(value) if isinstance(value, dict) else []
