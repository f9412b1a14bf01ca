"""A chamber's tables as districts: the first round of every one, who withdrew, and the runoffs counted so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runoff import names
from runoff.data.chamber.districts import District, Law, elected, qualified
from runoff.data.tables import cells
from runoff.data.tables.shape import Shape
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.errors import InputError, Problem, suggestion
from runoff.race import Candidate

_REQUIRED = ("district", "candidate", "votes")
_OPTIONAL = ("region", "party", "bloc", "registered", "withdrew", "unit")
MOST_DISTRICTS = 20_000


@dataclass(frozen=True, slots=True)
class Districts:
    """Every district, in the table's order; sources : name and sha256 of the tables; notes : for a reader."""

    districts: tuple[District, ...]
    sources: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


@dataclass(slots=True)
class _Row:
    """What one candidate's rows say."""

    row: int
    party: str
    bloc: str
    votes: int
    withdrew: bool


def read_districts(path: Path, withdrawals: Path | None, law: Law, shape: Shape) -> Districts:
    """The districts of a table, with who stands by law and does not withdraw.

    Raises
    ------
    InputError : with every problem of both tables.
    MissingFileError : one is not there.
    """
    table = read_table(path, _REQUIRED, _OPTIONAL, shape=shape)
    problems: list[Problem] = []
    rows, rolls, regions = _rows(table, problems)
    gone, notes, sources = _withdrawn(withdrawals, rows, problems), list(table.notes), [_source(table)]
    if gone.table is not None:
        sources.append(_source(gone.table))
        notes += gone.table.notes
    if len(rows) > MOST_DISTRICTS:
        problems.append(Problem(table.name, 0, 0, "too many districts", f"at most {MOST_DISTRICTS:,}", str(len(rows))))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    found = []
    for name, own in rows.items():
        district = _district(table, name, own, (regions.get(name, ""), rolls.get(name)), law, gone.names)
        if isinstance(district, Problem):
            problems.append(district)
        else:
            found.append(district)
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return Districts(tuple(found), tuple(sources), (*notes, *_remarks(found, law)))


def _source(table: Table) -> tuple[str, str]:
    return Path(table.name).name, table.sha256


def _rows(
    table: Table, problems: list[Problem]
) -> tuple[dict[str, dict[str, _Row]], dict[str, int | None], dict[str, str]]:
    """Candidates by district with their rows added up; the roll and the region of each district."""
    found: dict[str, dict[str, _Row]] = {}
    rolls: dict[str, dict[str, int | None]] = {}
    regions: dict[str, str] = {}
    units = "unit" in table.columns
    for row in range(len(table.lines)):
        if len(problems) >= MOST_PROBLEMS:
            break
        district = cells.name(table, row, "district", problems)
        candidate = cells.name(table, row, "candidate", problems)
        votes = cells.whole(table, row, "votes", problems) or 0
        region = cells.text(table, row, "region")
        if regions.setdefault(district, region) != region:
            what = f"{district} is in two regions: {regions[district]} and {region}"
            problems.append(table.problem(row, "region", what, "a district is in one region", "mend one of them"))
        unit = cells.text(table, row, "unit")
        roll = cells.maybe_whole(table, row, "registered", problems)
        if rolls.setdefault(district, {}).setdefault(unit, roll) != roll:
            what, rule = f"two numbers of registered voters for {unit or district}", "a district's rows say one"
            problems.append(table.problem(row, "registered", what, rule, "mend one of them"))
        said = cells.text(table, row, "party"), cells.text(table, row, "bloc")
        withdrew = "withdrew" in table.columns and cells.yes_no(table, row, "withdrew", problems)
        own = found.setdefault(district, {})
        if candidate not in own:
            own[candidate] = _Row(row, said[0] or said[1], said[1] or said[0], votes, withdrew)
            continue
        _again(table, row, own[candidate], (candidate, district), units, problems)
        own[candidate].votes += votes
    return found, {name: _sum(own) for name, own in rolls.items()}, regions


def _again(table: Table, row: int, before: _Row, of: tuple[str, str], units: bool, problems: list[Problem]) -> None:
    """A candidate's second row: of another unit, or a mistake."""
    said = cells.text(table, row, "bloc") or cells.text(table, row, "party")
    if not units:
        fix = f"the first is in {table.line(before.row)}: remove one, or tell units apart in a column unit"
        what = f"a second row for {of[0]} in {of[1]}"
        problems.append(table.problem(row, "candidate", what, "a row a candidate and district", fix))
    elif said and said != before.bloc:
        what = f"{of[0]} in two blocs: {before.bloc} and {said}"
        problems.append(table.problem(row, "candidate", what, "a candidate is of one bloc", "mend one of them"))


def _sum(rolls: Mapping[str, int | None]) -> int | None:
    """The roll of a district: the sum of its units', None where one is not known."""
    values = [roll for roll in rolls.values() if roll is not None]
    return sum(values) if values and len(values) == len(rolls) else None


@dataclass(frozen=True, slots=True)
class _Gone:
    table: Table | None
    names: frozenset[tuple[str, str]]


def _withdrawn(path: Path | None, rows: Mapping[str, Mapping[str, _Row]], problems: list[Problem]) -> _Gone:
    """(district, candidate) of those who withdrew, by both tables."""
    said = {(district, name) for district, own in rows.items() for name, one in own.items() if one.withdrew}
    if path is None:
        return _Gone(None, frozenset(said))
    table = read_table(path, ("district", "candidate"), ())
    for row in range(len(table.lines)):
        pair = cells.name(table, row, "district", problems), cells.name(table, row, "candidate", problems)
        if known(table, row, pair, rows, problems):
            said.add(pair)
    return _Gone(table, frozenset(said))


def known(
    table: Table, row: int, pair: tuple[str, str], rows: Mapping[str, Mapping[str, object]], problems: list[Problem]
) -> bool:
    """Whether a row's district and candidate are of the first round; what is wrong goes to `problems`."""
    district, candidate = pair
    if district not in rows:
        fix = suggestion(district, list(rows)) or "write it as the first round does, or take the row out"
        problems.append(table.problem(row, "district", "no such district", "districts are those of the table", fix))
        return False
    if candidate not in rows[district]:
        fix = suggestion(candidate, list(rows[district])) or "write it as the first round does, or take the row out"
        what = f"no such candidate in {district}"
        problems.append(table.problem(row, "candidate", what, "candidates are those of the first round", fix))
        return False
    return True


def _district(
    table: Table,
    name: str,
    own: Mapping[str, _Row],
    place: tuple[str, int | None],
    law: Law,
    gone: frozenset[tuple[str, str]],
) -> District | Problem:
    """One district by law, or what keeps it from being one."""
    region, roll = place
    order = sorted((word for word in own if own[word].votes > 0), key=lambda word: -own[word].votes)
    first = next(iter(own.values())).row
    if not order:
        return table.problem(first, "votes", f"no votes in {name}", "a district has votes", "leave it out")
    votes = tuple(own[word].votes for word in order)
    if roll is not None and roll < sum(votes):
        what = f"{name} has {sum(votes):,} votes and {roll:,} registered voters"
        return table.problem(first, "registered", what, "votes are at most the registered voters", "mend one of them")
    candidates = tuple(Candidate(word, own[word].party or word, own[word].bloc or word) for word in order)
    winner = elected(votes, roll, law)
    stand = () if winner is not None else qualified(votes, roll, law)
    left = tuple(k for k in stand if (name, order[k]) not in gone)
    away = tuple(k for k in stand if (name, order[k]) in gone)
    for k, word in enumerate(order):
        if (name, word) in gone and k not in away:
            what = f"{word} withdrew in {name}, and might not stand there"
            rule = "who withdraws is one of those who may stand" if winner is None else "the first round elected there"
            return table.problem(own[word].row, "candidate", what, rule, "take the withdrawal out, or mend the law")
    if winner is None and not left:
        return table.problem(first, "candidate", f"everybody withdrew in {name}", "somebody stands", "mend it")
    if len(left) == 1:
        winner, left = left[0], ()
    return District(name, region, candidates, votes, roll, left, away, winner)


def _remarks(districts: Sequence[District], law: Law) -> list[str]:
    """What a reader should know: rolls that nobody told, equal votes for the last place, no parties."""
    notes = []
    without = [district.id for district in districts if district.registered is None]
    if without and not (law.of_valid and not law.outright_registered):
        listed = names.listed(without, 3)
        notes.append(
            f"{len(without):,} districts without registered voters ({listed}): shares are of the valid votes there"
        )
    tied = [d.id for d in districts if _tied(d)]
    if tied:
        notes.append(f"equal votes decide who stands in {names.listed(tied, 3)}: the table's order is taken")
    if all(c.party == c.name and c.bloc == c.name for d in districts for c in d.candidates):
        notes.append("no party is said: each candidate is a bloc of its own")
    return notes


def _tied(district: District) -> bool:
    standing = [*district.finalists, *district.withdrawn]
    last = max(standing) if standing else len(district.votes)
    return last + 1 < len(district.votes) and district.votes[last] == district.votes[last + 1]
