"""A chamber's run file checked: its districts, the blocs they are of, and every problem at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from runoff import names
from runoff.data.archive.words import OTHER, bloc_of
from runoff.data.chamber.districts import District
from runoff.data.chamber.table import Districts, read_districts
from runoff.data.tables.shape import said_by
from runoff.errors import InputError, MissingFileError, Problem, shown, suggestion
from runoff.files import Files
from runoff.runfile.positions import Positions
from runoff.runfile.sections.chamber import ChamberFile, ChamberSection
from runoff.runfile.told import problems_of


@dataclass(frozen=True, slots=True)
class ChamberCase:
    """A chamber's run file that can be run, with its districts.

    blocs : the archive's bloc of each bloc of the table.
    """

    run_file: ChamberFile
    districts: tuple[District, ...]
    blocs: dict[str, str]
    text: str
    path: str
    warnings: tuple[str, ...]
    sources: tuple[tuple[str, str], ...]
    files: Files = field(default_factory=Files, compare=False, repr=False)

    @property
    def folder(self) -> Path:
        """Where the paths of its tables start."""
        return self.files.folder

    @property
    def seats(self) -> int:
        """Seats of the chamber."""
        return len(self.districts)

    @property
    def majority(self) -> int:
        """Seats that are a majority."""
        said = self.run_file.chamber.majority
        return len(self.districts) // 2 + 1 if said is None else said


def checked(document: dict[str, Any], positions: Positions, text: str, files: Files, name: str) -> ChamberCase:
    """The case of a document with a [chamber].

    Raises
    ------
    InputError : with every problem found.
    MissingFileError : a table is not there.
    """
    problems: list[Problem] = []
    run_file: ChamberFile | None = None
    try:
        run_file = ChamberFile.model_validate(document)
    except ValidationError as error:
        problems += problems_of(error.errors(include_url=False), positions, name, ChamberFile)
    found: Districts | None = None
    if run_file is not None:
        found = _districts(run_file.chamber, files.folder, positions, name, problems)
    if run_file is None or found is None or problems:
        raise InputError(problems)
    blocs, notes = _blocs(found.districts, run_file)
    problems += _words(run_file.chamber, found.districts, positions, name)
    problems += _polls(run_file, blocs, positions, name)
    problems += _seats(run_file.chamber, found.districts, positions, name)
    majority = run_file.chamber.majority
    if majority is not None and majority > len(found.districts):
        rule = f"the table has {len(found.districts):,} districts"
        problems.append(_at(positions, ("chamber", "majority"), name, "a majority beyond the chamber", rule, majority))
    if problems:
        raise InputError(problems)
    return ChamberCase(run_file, found.districts, blocs, text, name, (*found.notes, *notes), found.sources, files)


def _districts(
    section: ChamberSection, folder: Path, positions: Positions, name: str, problems: list[Problem]
) -> Districts | None:
    shape = said_by({"columns": dict(section.columns), "where": section.where})
    gone = None if section.withdrawals is None else folder / section.withdrawals
    try:
        return read_districts(folder / section.table, gone, section.law, shape)
    except InputError as error:
        problems += error.problems
    except MissingFileError as error:
        if not problems:
            raise
        what = str(error).split("\n", 1)[0]
        rule = "tables are relative to the run file"
        problems.append(_at(positions, ("chamber", "table"), name, what, rule, "", "check the path"))
    return None


def _blocs(districts: Sequence[District], run_file: ChamberFile) -> tuple[dict[str, str], list[str]]:
    """The archive's bloc of each bloc word, and a note on those that are none."""
    words = dict.fromkeys(candidate.bloc for district in districts for candidate in district.candidates)
    found = {word: bloc_of(word, run_file.prior.blocs) for word in words}
    unknown = [word for word, bloc in found.items() if bloc is None]
    notes = []
    if unknown:
        listed = names.listed([f'"{word}"' for word in unknown], 6)
        notes.append(
            f"the archive knows no bloc {listed}: taken as {OTHER}, which leans nowhere; say what they are in "
            "[prior.blocs]"
        )
    return {word: bloc or OTHER for word, bloc in found.items()}, notes


def _words(section: ChamberSection, districts: Sequence[District], positions: Positions, name: str) -> list[Problem]:
    """What [[chamber.rates]], polls and stands_down name that is not in the table."""
    blocs = {candidate.bloc for district in districts for candidate in district.candidates}
    known = {
        "region": {district.region for district in districts},
        "districts": {district.id for district in districts},
        "bloc": blocs,
        "bloc or party": blocs | {candidate.party for d in districts for candidate in d.candidates},
    }
    problems = []
    asked: list[tuple[str, int, str, str, str]] = []
    for place, said in enumerate(section.rates):
        asked += [("rates", place, key, getattr(said, key), "bloc") for key in ("a", "b", "pool")]
        asked += [("rates", place, "region", said.region, "region")] if said.region is not None else []
        asked += [("rates", place, "districts", word, "districts") for word in said.districts or []]
    for place, poll in enumerate(section.polls):
        asked += [("polls", place, key, getattr(poll, key), "bloc") for key in ("a", "b", "pool")]
    for place, seats in enumerate(section.seat_polls):
        asked.append(("seat_polls", place, "of", seats.of, "bloc or party"))
    for place, down in enumerate(section.stands_down):
        words = {"bloc": down.bloc, "against": down.against}
        asked += [("stands_down", place, key, word, "bloc") for key, word in words.items() if word is not None]
    for part, place, key, word, kind in asked:
        if word not in known[kind]:
            fix = suggestion(word, list(known[kind])) or "write it as the table does"
            what = f"no such {kind.rstrip('s')} in the table"
            problems.append(_at(positions, ("chamber", part, place, key), name, what, "", word, fix))
    return problems


def _polls(run_file: ChamberFile, blocs: dict[str, str], positions: Positions, name: str) -> list[Problem]:
    """Polls that were asked at another time, or of blocs that are one to the archive."""
    race, problems = run_file.race, list[Problem]()
    for part in ("polls", "seat_polls"):
        for place, asked in enumerate(getattr(run_file.chamber, part)):
            if not race.first_round <= asked.field_end <= race.runoff:
                at, rule = ("chamber", part, place), f"people are asked between {race.first_round} and {race.runoff}"
                what, fix = "a poll of another time", "correct the day, or take the poll out"
                problems.append(_at(positions, (*at, "field_end"), name, what, rule, asked.field_end, fix))
    for place, poll in enumerate(run_file.chamber.polls):
        at = ("chamber", "polls", place)
        three = [blocs.get(word) for word in (poll.a, poll.b, poll.pool)]
        if None not in three and len(set(three)) < 3:
            rule = f"the archive takes them for {', '.join(str(bloc) for bloc in three)}"
            fix = "take the poll out, or say in [prior.blocs] what they are"
            problems.append(_at(positions, (*at, "a"), name, "blocs of a poll that are one", rule, poll.a, fix))
    return problems


def _seats(section: ChamberSection, districts: Sequence[District], positions: Positions, name: str) -> list[Problem]:
    """Polls of seats that nobody can have, alone or together."""
    problems, lows = list[Problem](), dict[str, list[int]]()
    blocs = {candidate.bloc for district in districts for candidate in district.candidates}
    for place, poll in enumerate(section.seat_polls):
        own = [[poll.of in (one.bloc, one.party) for one in d.candidates] for d in districts]
        decided = sum(d.elected is not None and of[d.elected] for d, of in zip(districts, own, strict=True))
        able = decided + sum(any(of[k] for k in d.finalists) for d, of in zip(districts, own, strict=True))
        fix = "check the number, and whom the table counts there"
        for key, odd, what, rule in (
            ("high", poll.high > len(districts), "more seats than the chamber has", f"{len(districts)} districts"),
            ("high", poll.high < decided, "fewer seats than are decided", f"{decided} are {poll.of}'s already"),
            (
                "low",
                poll.low > able,
                "more seats than can be won",
                f"districts where {poll.of} has won or stands: {able}",
            ),
        ):
            if odd:
                at = ("chamber", "seat_polls", place, key)
                problems.append(_at(positions, at, name, what, rule, getattr(poll, key), fix))
        if poll.of in blocs:
            lows.setdefault(poll.of, []).append(poll.low)
    fewest = sum(sum(of) / len(of) for of in lows.values())
    if fewest > len(districts):
        what, rule = "polls of seats that do not fit one another", f"there are {len(districts)}"
        got, fix = f"{fewest:.0f} at least for {names.listed(list(lows), 4)}", "check their numbers"
        problems.append(_at(positions, ("chamber", "seat_polls", 0, "low"), name, what, rule, got, fix))
    return problems


def _at(
    positions: Positions, path: tuple[str | int, ...], name: str, what: str, rule: str, got: object, fix: str = ""
) -> Problem:
    span = positions.find(path, value=True)
    line, column, text = positions.line_column(span.start) if span else (0, 0, "")
    return Problem(name, line, column, what, rule, shown(got), fix, text, span.length if span else 1)
