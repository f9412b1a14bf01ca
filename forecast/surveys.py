"""Polls and crosstabs of a run file, from its plain document: their mistakes are told together with its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.config import DEFAULT_NEW_VOTERS
from forecast.crosstabs import against_polls, read_crosstabs
from forecast.errors import InputError, Problem
from forecast.poll_notes import slips, spelled_two_ways
from forecast.polls import Poll, Surveyed, read_polls
from forecast.race import FirstRound

_NONE = Surveyed((), (), ())


@dataclass(frozen=True, slots=True)
class Surveys:
    """Polls and crosstabs of a run file.

    sources : name and sha256 of each table as it was parsed, in the order in which they are named.
    notes : what is odd about them and may be meant.
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
    runoff, first_day = (_day(found("race", key, dt.date)) for key in ("runoff", "first_round"))
    last = runoff or dt.date.max
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
    return Surveys(
        polls.polls, crosstabs.polls, (*polls.sources, *crosstabs.sources), _notes(polls, crosstabs, first_day)
    )


def _notes(polls: Surveyed, crosstabs: Surveyed, first_day: dt.date | None) -> tuple[str, ...]:
    """What is odd about the tables and may be meant; each note once."""
    everything = [*polls.polls, *crosstabs.polls]
    notes = [*polls.notes, *crosstabs.notes]
    notes += slips((poll.asked for poll in everything), first_day, of_runoff=True)
    notes += against_polls(crosstabs.polls, polls.polls)
    return tuple(dict.fromkeys([*notes, *spelled_two_ways(poll.pollster for poll in everything)]))


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
