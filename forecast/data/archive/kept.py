"""An archive's races as columns of its tables and back, and the tables as bytes; checks nothing of what races say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from runoff.data.archive.columns import SCHEMA, TABLES, kinds
from runoff.data.archive.races import Nuance, OutrightRace, PastCandidate, PastPoll, PastRace, Turnout
from runoff.data.tables import typed
from runoff.data.tables.typed import Columns

_ROUND = ("valid", "blank", "null", "invalid_blank", "registered")


class Kept(NamedTuple):
    """What an archive keeps; races in order of id, with their candidates by first-round votes."""

    races: tuple[PastRace, ...]
    outright: tuple[OutrightRace, ...] = ()
    nuances: tuple[Nuance, ...] = ()


def in_order(candidates: Iterable[PastCandidate]) -> tuple[PastCandidate, ...]:
    """Candidates by first-round votes, most first; equal votes in order of name."""
    return tuple(sorted(candidates, key=lambda candidate: (-candidate.first_round_votes, candidate.name)))


def poll_order(poll: PastPoll) -> tuple[object, ...]:
    """Where a poll stands among those of its race: by day, and by all that it says."""
    return poll.day, poll.pollster, poll.percent_a, poll.percent_b, poll.sample_size or 0, poll.partisan, poll.source


def columns_of(kept: Kept) -> dict[str, Columns]:
    """The columns of all tables, rows in an order that hangs on what they say alone."""
    rows: dict[str, list[tuple[object, ...]]] = {name: [] for name in TABLES}
    for race in sorted(kept.races, key=lambda race: race.id):
        rows["races"].append(_race_row(race))
        rows["candidates"] += [
            (race.id, *_person(c), c.first_round_votes, c.advanced, c.withdrew, c.runoff_votes)
            for c in in_order(race.candidates)
        ]
        rows["polls"] += [
            (race.id, p.pollster, p.day, p.sample_size, p.partisan, p.percent_a, p.percent_b, p.source)
            for p in sorted(race.polls, key=poll_order)
        ]
    for district in sorted(kept.outright, key=lambda district: district.id):
        rows["outright"] += [
            (
                district.id,
                district.election,
                *_person(c),
                c.first_round_votes,
                c.name == district.elected,
                *_first(district.first),
            )
            for c in in_order(district.candidates)
        ]
    rows["nuances"] = [
        (n.office, n.year, n.nuance, n.bloc, n.camp, n.candidates, n.first_round_votes, n.finalists, n.reason)
        for n in sorted(kept.nuances, key=lambda n: (n.office, n.year, n.nuance))
    ]
    return {name: _turned(name, rows[name]) for name in TABLES}


def _person(c: PastCandidate) -> tuple[object, ...]:
    return c.name, c.party, c.bloc, c.camp, c.nuance


def _first(turnout: Turnout) -> tuple[object, ...]:
    return turnout.valid, turnout.invalid, turnout.registered


def _race_row(race: PastRace) -> tuple[object, ...]:
    return (
        *(race.id, race.country, race.office, race.level, race.contest, race.date_first, race.date_runoff),
        *(race.election, race.winner),
        *(getattr(turnout, _attribute(what)) for turnout in (race.first, race.runoff) for what in _ROUND),
        *(race.verified, race.source, race.note, race.polls_n, race.polls_average_a),
    )


def _attribute(column: str) -> str:
    return "invalid" if column == "invalid_blank" else column


def _turned(table: str, rows: Sequence[tuple[object, ...]]) -> Columns:
    columns = zip(*rows, strict=True) if rows else [()] * len(TABLES[table])
    return {name: list(column) for name, column in zip(kinds(table), columns, strict=True)}


def kept_of(tables: Mapping[str, Columns]) -> Kept:
    """Races of the columns of all tables; the opposite of `columns_of`."""
    r = tables["races"]
    candidates, polls = _candidates(tables["candidates"]), _polls(tables["polls"])
    turnouts = [map(Turnout, *(r[f"{name}_{what}"] for what in _ROUND)) for name in ("first_round", "runoff")]
    races = map(
        PastRace,
        *(r[name] for name in ("race_id", "country", "office", "level", "contest_type", "date_first", "date_runoff")),
        *(r["election"], (candidates[race] for race in r["race_id"]), *turnouts, r["winner"]),
        *(r["verified"], r["source"], r["note"], (polls.get(race, ()) for race in r["race_id"])),
        *(r["runoff_polls_n"], r["runoff_poll_avg_finalist_a"]),
    )
    n = tables["nuances"]
    return Kept(
        tuple(races), _outright(tables["outright"]), tuple(map(Nuance, *(n[name] for name in kinds("nuances"))))
    )


def sorted_kept(kept: Kept) -> Kept:
    """The same in the order in which archives keep everything."""
    return kept_of(columns_of(kept))


def _candidates(c: Columns) -> dict[str, tuple[PastCandidate, ...]]:
    made = map(PastCandidate, *(c[name] for name in kinds("candidates") if name != "race_id"))
    return _grouped(c["race_id"], made)


def _polls(p: Columns) -> dict[str, tuple[PastPoll, ...]]:
    return _grouped(p["race_id"], map(PastPoll, *(p[name] for name in kinds("polls") if name != "race_id")))


def _outright(o: Columns) -> tuple[OutrightRace, ...]:
    said = ("candidate", "party", "bloc", "camp", "nuance", "first_round_votes")
    rows = len(o["race_id"])
    no = [False] * rows
    candidates = _grouped(o["race_id"], map(PastCandidate, *(o[name] for name in said), no, no, [None] * rows))
    last = {race: place for place, race in enumerate(o["race_id"])}
    elected = {
        race: name for race, name, is_it in zip(o["race_id"], o["candidate"], o["elected"], strict=True) if is_it
    }
    return tuple(
        OutrightRace(
            race,
            o["election"][place],
            candidates[race],
            elected[race],
            Turnout(
                o["first_round_valid"][place],
                None,
                None,
                o["first_round_invalid_blank"][place],
                o["first_round_registered"][place],
            ),
        )
        for race, place in last.items()
    )


def _grouped(keys: Iterable[str], values: Iterable[Any]) -> dict[str, tuple[Any, ...]]:
    """Values by key, in their order."""
    groups: dict[str, list[Any]] = {}
    for key, value in zip(keys, values, strict=True):
        groups.setdefault(key, []).append(value)
    return {key: tuple(group) for key, group in groups.items()}


def files_of(kept: Kept) -> dict[str, bytes]:
    """The tables as Parquet files, by name; the same races make the same bytes."""
    columns = columns_of(kept)
    return {
        f"{name}.parquet": typed.written(columns[name], kinds(name), {"table": name, "archive_schema": SCHEMA})
        for name in TABLES
    }


def read_files(files: Mapping[str, bytes]) -> Kept:
    """Races of files that `files_of` made.

    Raises
    ------
    ValueError : one is damaged.  KeyError : one is not there, or a race has no candidates.
    """
    return kept_of({name: typed.read(files[f"{name}.parquet"], kinds(name)) for name in TABLES})
