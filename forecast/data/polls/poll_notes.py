"""What is odd about polls and may be meant: days, sizes and sums that look like slips, one poll as several.

Every kind of poll is told of in the same words, as `Asked`.  Each function is one pass over the polls and one
sort: thousands of them are read as fast as their number says.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from runoff import names

LONG = 31  # days of field work
EARLY = 183  # days before the first round
LATE = 60  # days from the end of the field work to publication
FEW, MANY = 50, 100_000  # people asked
NEAR_ALL = 0.97  # that shares add up to at least, where the undecided are told
_FRACTION = 0.005  # a share in per cent below which it may be meant as a fraction
SOON = 14  # days within which equal numbers of equally many people are one poll
_COLLECTED = {"average", "averages", "mean", "aggregate", "result", "results", "moyenne", "promedio", "durchschnitt"}
_NO_POLL = "an average, or a result: is it a poll?"
_UNKNOWN = "asked before anybody knew the finalists"
_SLIPS = 3  # polls of before the first round that may be slips of the year; more were entered on purpose
_ALIKE = 0.9  # likeness of two pollsters' names that is worth asking about
_BESIDE = 10  # names of the alphabet's neighbours that a name is compared with
_ORDINALS = {2: "second", 3: "third"}
_MOST = 2_000  # pollsters compared letter by letter; more are compared by `names.near` alone


@dataclass(frozen=True, slots=True)
class Asked:
    """What every kind of poll has.  name : as a reader knows it; part : kind and group of the people asked;
    shares : fractions by candidate; total : of all shares, or None where the rest is somebody's; whole : the
    undecided are told too, so that the total is near 1; undecided : a fraction.
    """

    name: str
    pollster: str
    part: tuple[str, str]
    start: dt.date
    end: dt.date
    published: dt.date
    size: int | None
    shares: tuple[tuple[str, float], ...]
    total: float | None = None
    whole: bool = False
    undecided: float = 0.0


def slips(polls: Iterable[Asked], first_round: dt.date | None, of_runoff: bool) -> list[str]:
    """Days, sizes and sums that are probably slips, a note for each poll that has one.

    More than a few polls of before the first round are no slip: where polls of runoffs that may come are usual, all of
    them are told in one note, and those of another year in notes of their own.
    """
    polls = tuple(polls)
    early = [] if first_round is None or not of_runoff else [poll for poll in polls if poll.end < first_round]
    many = len(early) > _SLIPS
    notes = [_early(early, first_round)] if many and first_round is not None else []
    of_finalists = of_runoff and not many
    for poll in polls:
        odd = [_NO_POLL] if set(names.alike(poll.pollster).split()) & _COLLECTED else []
        odd += [*_days(poll, first_round, of_finalists), *_numbers(poll), *(_shares(poll) if of_runoff else ())]
        notes += [f"{poll.name}: {'; '.join(odd)}"] if odd else []
    return notes


def spelled_two_ways(pollsters: Iterable[str]) -> list[str]:
    """Pollsters whose names are nearly the same; house effects are by name, apart from capitals and blanks."""
    known = sorted({names.same(name): name for name in sorted(set(pollsters), reverse=True)}.values())
    by_near: dict[str, str] = {}
    pairs = []
    for name in known:
        other = by_near.setdefault(names.near(name), name)
        if other != name:
            pairs.append((other, name))
    if len(by_near) <= _MOST:
        spelt = {names.alike(name).replace(" ", ""): name for name in by_near.values()}
        pairs += [(spelt[one], spelt[other]) for one, other in _neighbours(list(spelt))]
    return [f"pollsters {one} and {other}: one pollster spelled two ways?" for one, other in dict.fromkeys(pairs)]


def one_as_several(polls: Sequence[Asked]) -> list[str]:
    """A note for each pollster whose polls share days of field work, or are equal within SOON days."""
    parts: dict[tuple[str, tuple[str, str]], list[Asked]] = {}
    for poll in polls:
        parts.setdefault((names.near(poll.pollster), poll.part), []).append(poll)
    runs: dict[str, list[list[Asked]]] = {}
    for (pollster, _), mine in parts.items():
        runs.setdefault(pollster, []).extend(run for run in _runs(mine) if len(run) > 1)
    return [_overlap(found) for found in runs.values() if found]


def same_numbers(polls: Sequence[Asked]) -> list[str]:
    """A note for each set of numbers that several pollsters have of the same day: one poll under two names, perhaps."""
    found: dict[object, dict[str, Asked]] = {}
    for poll in polls:
        if poll.size is not None and len(poll.shares) > 1:
            key = (poll.end, poll.size, poll.shares, poll.part)
            found.setdefault(key, {}).setdefault(names.near(poll.pollster), poll)
    notes = []
    for alike in (list(polls.values()) for polls in found.values() if len(polls) > 1):
        who = " and ".join(dict.fromkeys(poll.pollster for poll in alike[:3]))
        notes.append(f"{who}: the same shares of {alike[0].size:,} people, {alike[0].end}: one poll under two names?")
    return notes


def _early(polls: Sequence[Asked], first_round: dt.date) -> str:
    """One note for polls of before the first round."""
    days = [(first_round - poll.end).days for poll in polls]
    who = "; ".join(poll.name for poll in polls[:3])  # names have commas
    when = f"their field work ended {min(days)} to {max(days)} days before the first round"
    return f"{who} and {len(polls) - 3:,} more: {_UNKNOWN}, {when}; they count, unless you leave them out"


def _days(poll: Asked, first_round: dt.date | None, of_runoff: bool) -> list[str]:
    found = []
    length, wait = (poll.end - poll.start).days + 1, (poll.published - poll.end).days
    if length > LONG:
        found.append(f"field work of {length} days, from {poll.start} to {poll.end}: is a day or a year mistyped?")
    if first_round is not None:
        before = (first_round - poll.end).days
        if of_runoff and before > 0:
            found.append(
                f"{_UNKNOWN}: the field work ended {before} days before the first round; mend the year, or leave it out"
            )
        elif before > EARLY:
            found.append(f"the field work ended {before} days before the first round: is the year mistyped?")
    if wait > LATE:
        found.append(f"published on {poll.published}, {wait} days after its field work: is a day mistyped?")
    return found


def _numbers(poll: Asked) -> list[str]:
    found = []
    if poll.size is not None and poll.size > MANY:
        found.append(f"{poll.size:,} people asked: the sample, or those who were called?")
    if poll.size is not None and poll.size < FEW and poll.part[0] == "race":
        found.append(f"{poll.size:,} people asked: is a digit missing?")
    if poll.total is not None and poll.total < (NEAR_ALL if poll.whole else 0.5):
        found.append(f"its shares add up to {100 * poll.total:g} %: is somebody missing, or a digit?")
    return found


def _shares(poll: Asked) -> list[str]:
    """Shares that no poll of a runoff has: nearly nobody for the second finalist, or a fraction among percentages."""
    found = []
    shares = sorted((share for _, share in poll.shares), reverse=True)
    if poll.part[0] in ("race", "new") and len(shares) > 1 and poll.undecided > shares[1]:
        odd = f"{100 * poll.undecided:g} % undecided, more than for the second finalist"
        found.append(f"{odd}: are two numbers swapped?")
    if shares and 0.0 < shares[-1] < _FRACTION:
        found.append(f"a share of {100 * shares[-1]:g} %: a fraction among percentages?")
    return found


def _neighbours(words: Sequence[str]) -> list[tuple[str, str]]:
    """Pairs that are alike among neighbours in the alphabet, read from the left and from the right."""
    pairs: dict[tuple[str, str], None] = {}
    place = {word: i for i, word in enumerate(words)}
    for order in (sorted(words), sorted(words, key=lambda word: word[::-1])):
        for i, word in enumerate(order):
            for other in order[i + 1 : i + 1 + _BESIDE]:
                match = difflib.SequenceMatcher(None, word, other)
                if match.real_quick_ratio() >= _ALIKE and match.ratio() >= _ALIKE:
                    one, two = sorted((word, other), key=place.__getitem__)
                    pairs[one, two] = None
    return sorted(pairs, key=lambda pair: (place[pair[1]], place[pair[0]]))


def _runs(polls: Sequence[Asked]) -> list[list[Asked]]:
    """Polls of one pollster and group in runs: each shares days with one before it, or is equal and soon after."""
    runs: list[list[Asked]] = []
    until = dt.date.min
    equal: dict[object, dt.date] = {}
    for poll in sorted(polls, key=lambda poll: (poll.start, poll.end, poll.shares)):
        numbers = (poll.size, poll.shares)
        again = (poll.end - equal.get(numbers, dt.date.min)).days <= SOON
        if runs and (poll.start <= until or again):
            runs[-1].append(poll)
        else:
            runs.append([poll])
        until = max(until, poll.end)
        equal[numbers] = max(equal.get(numbers, dt.date.min), poll.end)
    return runs


def _overlap(runs: Sequence[Sequence[Asked]]) -> str:
    """What a reader must know of a pollster's runs: the longest of them, and what to do."""
    longest = max(runs, key=len)
    equal = len({(poll.size, poll.shares) for poll in longest}) == 1
    group = "" if longest[0].part[0] == "race" else f" ({longest[0].part[1]})"
    ends = f"ended {min(poll.end for poll in longest)} to {max(poll.end for poll in longest)}"
    apart = _apart(longest)
    said = f"{longest[0].pollster}{group}: field work of {len(longest)} rows overlaps ({ends})"
    if equal and apart == len(longest):
        said = f"{longest[0].pollster}{group}: {len(longest)} rows within days of each other ({ends})"
    if equal and apart in (1, len(longest)):
        return f"{said}, with the same shares of equally many people: one poll entered several times? keep one"
    every = math.ceil(len(longest) / apart)
    keep = "keep one of them" if apart == 1 else f"keep every {_ORDINALS.get(every, f'{every}th')}"
    return f"{said}: windows overlap; {keep}, or the interviews count twice{', shares are equal' if equal else ''}"


def _apart(polls: Sequence[Asked]) -> int:
    """How many of the polls can be kept without a day in common."""
    kept: list[Asked] = []
    for poll in sorted(polls, key=lambda poll: poll.end):
        if not kept or poll.start > kept[-1].end:
            kept.append(poll)
    return len(kept)
