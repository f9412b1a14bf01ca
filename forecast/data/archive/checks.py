"""What no past race can mean: sums, finalists, winners, days and ballots of each, and races that stand there twice.

Every problem of every race is told, with its row.  What follows from a race's figures and stands in a folder all the
same, and what stands beside races (polls, outright districts, codes), is `checks_beside`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from runoff import names
from runoff.data.archive.read import Folder, strangers
from runoff.data.archive.words import UNITED_STATES, area_of, nation_of
from runoff.errors import Problem

FINALISTS = (2, 4)
YEARS = (1789, 2199)
LONGEST = 366  # days between the rounds
TURNOUT = (0.02, 10.0)  # runoff votes over first-round votes
_NOTHING = frozenset(("nan", "null", "none", "n/a", "true", "false"))
ROUNDS = (("first_round", "first-round"), ("runoff", "runoff"))


@dataclass(frozen=True, slots=True)
class RaceRows:
    """A race's row, and its candidates' rows."""

    folder: Folder
    row: int
    rows: tuple[int, ...]

    def said(self, column: str) -> object:
        """A cell of the race."""
        return self.folder.columns["races"][column][self.row]

    def count(self, column: str) -> int | None:
        """A number of people of the race; None where not known."""
        found = self.said(column)
        return found if isinstance(found, int) else None

    def of(self, column: str) -> list[object]:
        """A column of its candidates."""
        return [self.folder.columns["candidates"][column][row] for row in self.rows]

    def votes(self, column: str) -> list[int]:
        """Votes of its candidates in a round, 0 where there are none."""
        return [found if isinstance(found, int) else 0 for found in self.of(column)]

    def problem(self, column: str, what: str, rule: str, fix: str = "") -> Problem:
        """A problem with a cell of the race."""
        whole = f"{self.said('race_id')}: {what}"
        return self.folder.texts["races"].problem(self.row, column, whole, rule, fix)

    def of_candidate(self, row: int, column: str, what: str, rule: str, fix: str = "") -> Problem:
        """A problem with a cell of a candidate."""
        whole = f"{self.folder.columns['candidates']['candidate'][row]}, {self.said('race_id')}: {what}"
        return self.folder.texts["candidates"].problem(row, column, whole, rule, fix)


def race_problems(folder: Folder) -> tuple[list[Problem], set[str]]:
    """What is wrong with races and candidates, and the ids of races of which nothing is."""
    races, candidates = folder.columns["races"], folder.columns["candidates"]
    problems = list(_twice(folder)) + list(_elections(folder))
    rows: dict[str, list[int]] = {race: [] for race in races["race_id"]}
    for row, race in enumerate(candidates["race_id"]):
        if race in rows:
            rows[race].append(row)
    problems += strangers(folder.texts["candidates"], candidates["race_id"], rows, "a candidate's")
    good: set[str] = set()
    for place, race in enumerate(races["race_id"]):
        found = list(_of_race(RaceRows(folder, place, tuple(rows[race]))))
        problems += found
        if not found:
            good.add(race)
    return problems, good


def _twice(folder: Folder) -> Iterator[Problem]:
    """Races of one id, or of one place, contest and both dates; candidates who stand in a race twice."""
    r, c = folder.columns["races"], folder.columns["candidates"]
    ids: dict[str, int] = {}
    places: dict[tuple[object, ...], int] = {}
    table = folder.texts["races"]
    for row, race in enumerate(r["race_id"]):
        first = ids.setdefault(names.same(race), row)
        if first != row:
            fix = f"the first is {table.line(first)}; remove one, or give it an id of its own"
            yield table.problem(row, "race_id", f"{race} stands there twice", "a race is one row", fix)
            continue
        place = (
            names.alike(r["country"][row]),
            names.alike(r["office"][row]),
            r["contest_type"][row],
            r["date_first"][row],
            r["date_runoff"][row],
        )
        first = places.setdefault(place, row)
        if first != row:
            what = f"{race} is {r['race_id'][first]} under another id: one place, one contest, the same two days"
            fix = f"the first is {table.line(first)}; remove one, or tell the offices apart"
            yield table.problem(row, "office", what, "a race stands there once", fix)
    people: dict[tuple[str, str], int] = {}
    for row, (race, name) in enumerate(zip(c["race_id"], c["candidate"], strict=True)):
        first = people.setdefault((race, names.same(name)), row)
        if first != row:
            table = folder.texts["candidates"]
            fix = f"the first is {table.line(first)}; remove one, or tell the two apart by their names"
            yield table.problem(row, "candidate", f"{name}, {race}, stands there twice", "a candidate is one row", fix)


def _elections(folder: Folder) -> Iterator[Problem]:
    """Races of one election id that are of two countries or days."""
    r = folder.columns["races"]
    first: dict[str, int] = {}
    for row, election in enumerate(r["election"]):
        other = first.setdefault(election, row)
        mine, theirs = ((nation_of(r["country"][n]), r["date_runoff"][n]) for n in (row, other))
        if mine != theirs:
            what = f"{r['race_id'][row]} and {r['race_id'][other]} are of one election, and not of one country and day"
            rule = "an election is of one country and one runoff date"
            yield folder.texts["races"].problem(row, "election", what, rule, "leave election empty: it follows")


def _of_race(race: RaceRows) -> Iterator[Problem]:
    """What is wrong with one race."""
    if len(race.rows) < 2:
        rule, fix = "a race has its candidates, two at least", "add a row for each, with this race_id"
        yield race.problem("race_id", f"{len(race.rows)} candidates", rule, fix)
        return
    yield from _named(race)
    yield from _finalists(race)
    yield from _winner(race)
    yield from _days(race)
    for name, words in ROUNDS:
        yield from _ballots(race, name, words)
    first, runoff = sum(race.votes("first_round_votes")), sum(race.votes("runoff_votes"))
    if first and runoff and not TURNOUT[0] <= runoff / first <= TURNOUT[1]:
        rule = f"runoff votes are {TURNOUT[0]:g} to {TURNOUT[1]:g} times the first round's"
        what = f"{runoff:,} runoff votes against {first:,} in the first round"
        yield race.problem("race_id", what, rule, "are both counted in the same units?")


def _named(race: RaceRows) -> Iterator[Problem]:
    """Places, offices and candidates have names; a state's race names its state; a primary is of one party."""
    country, contest = str(race.said("country")), str(race.said("contest_type"))
    for column in ("country", "office"):
        if _no_name(str(race.said(column))):
            yield race.problem(column, f"{race.said(column)} is no name", f"{column} is a name", "write the name")
    nation, brackets = nation_of(country), country.count("(") == country.count(")") <= 1
    if not brackets or _no_name(nation) or ("(" in country and _no_name(area_of(country))):
        rule, fix = "a country, and in brackets behind it the part of it", "write as in Chile (Coquimbo)"
        yield race.problem("country", f"{country} is no country and part of it", rule, fix)
    elif nation == UNITED_STATES and not area_of(country) and race.said("level") != "national":
        rule, fix = "races of one state and day are one election there", "write as in United States (Georgia)"
        yield race.problem("country", "the state is missing", rule, fix)
    for row, name, bloc in zip(race.rows, race.of("candidate"), race.of("bloc"), strict=True):
        if _no_name(str(name)):
            yield race.of_candidate(row, "candidate", "this is no name", "candidates have names", "write the name")
        if contest.startswith("primary_") and bloc != contest[-1]:
            rule, fix = f"everybody in a {contest} has bloc {contest[-1]}", "mend the bloc, or contest_type of the race"
            yield race.of_candidate(row, "bloc", f"{bloc} in a {contest}", rule, fix)


def _no_name(text: str) -> bool:
    """Whether a text has no letter, or is what programs write for nothing."""
    return not any(c.isalpha() for c in text) or names.same(text) in _NOTHING


def _finalists(race: RaceRows) -> Iterator[Problem]:
    """Two to four advanced; they and nobody else have runoff votes; who withdrew is none of them."""
    advanced, withdrew, votes = race.of("advanced"), race.of("withdrew"), race.of("runoff_votes")
    if not FINALISTS[0] <= sum(map(bool, advanced)) <= FINALISTS[1]:
        rule, fix = "two to four candidates stand in a runoff", "mend the column advanced of its candidates"
        yield race.problem("race_id", f"{sum(map(bool, advanced))} of its candidates advanced", rule, fix)
    before = race.votes("first_round_votes")
    for row, stood, out, polled, first in zip(race.rows, advanced, withdrew, votes, before, strict=True):
        if stood and out:
            rule, fix = "who withdrew did not stand in the runoff", "take one of the two away"
            yield race.of_candidate(row, "withdrew", "withdrew and advanced", rule, fix)
        elif stood and polled is None:
            fix = "give them, or say that the candidate did not advance"
            yield race.of_candidate(row, "runoff_votes", "advanced, without runoff votes", "a finalist has votes", fix)
        if stood and not first:
            rule, fix = "finalists had votes in the first round", "mend the votes, or the column advanced"
            yield race.of_candidate(row, "first_round_votes", "advanced without a first-round vote", rule, fix)
        elif not stood and polled is not None:
            rule, fix = "only finalists have runoff votes", "say that the candidate advanced, or leave the votes empty"
            yield race.of_candidate(row, "runoff_votes", "runoff votes, and did not advance", rule, fix)


def _winner(race: RaceRows) -> Iterator[Problem]:
    """The winner is a finalist who has the most votes; a tie needs one to be named."""
    votes = race.votes("runoff_votes")
    stood = {str(n): v for n, a, v in zip(race.of("candidate"), race.of("advanced"), votes, strict=True) if a}
    winner = str(race.said("winner"))
    most = [name for name, has in stood.items() if has == max(stood.values())]
    table = race.folder.texts["races"]
    unsaid = not table.columns["winner"][race.row].strip() if "winner" in table.columns else True
    if len(most) > 1 and unsaid:
        what = f"{' and '.join(most)} have equal votes, and no winner is named"
        yield race.problem("winner", what, "a tie has a winner all the same", "write who won into winner")
    elif stood and winner not in stood:
        rule, fix = "the winner stood in the runoff", f"write one of {', '.join(stood)}"
        yield race.problem("winner", f"winner {winner} is none of the finalists", rule, fix)
    elif stood and winner not in most:
        rule, fix = "the winner has the most runoff votes", f"did you mean {most[0]}?"
        yield race.problem("winner", f"{winner} has {stood[winner]:,} votes, {most[0]} {max(votes):,}", rule, fix)


def _days(race: RaceRows) -> Iterator[Problem]:
    """The runoff is after the first round, by a year at most."""
    days = (
        race.folder.columns["races"]["date_runoff"][race.row] - race.folder.columns["races"]["date_first"][race.row]
    ).days
    years = [race.folder.columns["races"][day][race.row].year for day in ("date_first", "date_runoff")]
    if not YEARS[0] <= min(years) <= max(years) <= YEARS[1]:
        rule = f"races are from {YEARS[0]} to {YEARS[1]}"
        yield race.problem("date_first", f"a race of {min(years)}", rule, "mend the year")
    if days <= 0:
        rule, fix = "the runoff is after the first round", "are the two days swapped?"
        yield race.problem("date_runoff", "the runoff is not after the first round", rule, fix)
    elif days > LONGEST:
        rule = f"the runoff is at most {LONGEST} days after the first round"
        yield race.problem("date_runoff", f"the runoff is {days:,} days after the first round", rule, "mend a year")


def _ballots(race: RaceRows, name: str, words: str) -> Iterator[Problem]:
    """Votes sum to valid ballots, blank and null to both together, and all of them are cast by registered voters."""
    votes = sum(race.votes(f"{name}_votes"))
    valid, invalid = race.count(f"{name}_valid") or 0, race.count(f"{name}_invalid_blank")
    if not votes:
        what, rule = f"no {words} votes", "somebody has votes in each round"
        yield race.problem("race_id", what, rule, "add the votes of its candidates")
    told = race.said("verified") == "partial" and race.said("note")
    if votes != valid and not told:
        what = f"candidates have {votes:,} {words} votes, valid ballots are {valid:,}"
        rule = "votes sum to valid ballots; where a source's do not, verified is partial and the note says so"
        yield race.problem(f"{name}_valid", what, rule, "add who is missing, in one row of others perhaps")
    parts = race.count(f"{name}_blank"), race.count(f"{name}_null")
    known = [part for part in parts if part is not None]
    if len(known) == 2 and invalid is None:
        fix = f"write {sum(known):,} into {name}_invalid_blank".replace(",", "")
        rule = "who tells blank from null ballots gives both together too"
        yield race.problem(f"{name}_invalid_blank", f"no {words} blank and null ballots together", rule, fix)
    elif invalid is not None and (sum(known) > invalid or (len(known) == 2 and sum(known) != invalid)):
        what = f"{sum(known):,} {words} ballots blank or null, {invalid:,} of both together"
        yield race.problem(f"{name}_invalid_blank", what, "blank and null sum to both together", "mend one of them")
    registered, cast = race.count(f"{name}_registered"), max(valid, votes) + (invalid or 0)
    if registered is not None and registered < cast:
        what = f"{cast:,} {words} ballots of {registered:,} registered voters"
        yield race.problem(f"{name}_registered", what, "registered voters are at least the ballots", "mend one of them")
