"""From a run file's path to checked values, or to every problem at once.

In order: size and encoding, nesting, TOML, types and bounds, the tables, and what the tables say of the
names in the run file.  A step that fails does not keep the others from speaking where they can.
"""

from __future__ import annotations

import re
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pydantic import ValidationError

from runoff.data.polls.polls import Poll
from runoff.data.rounds.kept import KeptEstimate
from runoff.data.tables.shape import said_by
from runoff.data.votes.results import Results, read_results
from runoff.data.votes.words import Wanted
from runoff.errors import InputError, MissingFileError, Problem
from runoff.files import Files, decoded, read_bytes
from runoff.race import FirstRound
from runoff.runfile.checks.consistency import cross_check
from runoff.runfile.checks.finalists import settle_finalists
from runoff.runfile.estimates import read_estimates
from runoff.runfile.messages import parser_words
from runoff.runfile.positions import BoundsError, Positions, locate
from runoff.runfile.sections.run_file import RunFile, json_schema
from runoff.runfile.surveys import Surveys, read_surveys
from runoff.runfile.told import problems_of

if TYPE_CHECKING:
    from runoff.runfile.chamber import ChamberCase

__all__ = ["AnyCase", "Case", "json_schema", "load", "load_any", "loads", "loads_any", "one_race"]

T = TypeVar("T")

LARGEST = 256 * 1024  # bytes of a run file
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True)
class Case:
    """A run file that can be run, with the first round it speaks of, and the polls of the runoff.

    files : where its tables lie, and what was read of them.  read_for : what of the text the results were read for.
    """

    run_file: RunFile
    first_round: FirstRound
    finalists: tuple[str, ...]
    text: str
    path: str
    warnings: tuple[str, ...]
    polls: tuple[Poll, ...]
    crosstabs: tuple[Poll, ...]
    survey_sources: tuple[tuple[str, str], ...]
    results: Results
    estimates: Mapping[str, KeptEstimate] = field(default_factory=dict, compare=False, repr=False)
    files: Files = field(default_factory=Files, compare=False, repr=False)
    read_for: object = field(default=None, compare=False, repr=False)

    @property
    def folder(self) -> Path:
        """Where the paths of its tables start."""
        return self.files.folder

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Name and sha256 of each table that numbers come from."""
        estimates = (source for estimate in self.estimates.values() for source in estimate.sources)
        return (*self.first_round.sources, *self.survey_sources, *estimates)


AnyCase: TypeAlias = "Case | ChamberCase"


def load(path: Path | None) -> Case:
    """Read and check a run file of one race; None reads standard input, whose tables are relative to this folder.

    Raises
    ------
    InputError : with every problem found; or it is a whole chamber's.
    MissingFileError : the run file or a table is not there.
    """
    return one_race(load_any(path))


def load_any(path: Path | None) -> AnyCase:
    """The same, of one race or of a whole chamber.

    Raises
    ------
    InputError, MissingFileError : as told by `load`.
    """
    content = _standard_input() if path is None else read_bytes(path, LARGEST, "the run file")
    name = "-" if path is None else str(path)
    return loads_any(decoded(content, name), Files(Path() if path is None else path.parent), name)


def loads(text: str, files: Files, name: str = "-", before: Case | None = None) -> Case:
    """Check the text of a run file whose tables are among `files`; name : where problems are said to stand.

    before : a case of the same files, whose tables are not read again where this text says the same of them.

    Raises
    ------
    InputError : with every problem found; or it is a whole chamber's.
    MissingFileError : a table is not there.
    """
    return one_race(loads_any(text, files, name, before))


def loads_any(text: str, files: Files, name: str = "-", before: Case | None = None) -> AnyCase:
    """The same, of one race or of a whole chamber.

    Raises
    ------
    InputError, MissingFileError : as told by `loads`.
    """
    with files.open():
        return _checked(unicodedata.normalize("NFC", text.replace("\r\n", "\n")), files, name, before)


def recounted(case: Case, count: Path) -> Case:
    """A case whose first round is being counted, with another count in the place of its table; its files are open.

    The table that the run file names says who stands, of which party, in which modes, and, without a roll, where.

    Raises
    ------
    InputError : with every problem found.
    MissingFileError : a table is not there.
    """
    document, positions = _parse(case.text, case.path)
    return _of_one(document, positions, case.text, case.files, case.path, None, count)


def one_race(case: AnyCase) -> Case:
    """A case of one race.

    Raises
    ------
    InputError : it is a whole chamber's.
    """
    if isinstance(case, Case):
        return case
    rule = "a [chamber] is run, checked, shown and reported; this asks for one race"
    fix = "runoff run draws it; a run file with [results] and [finalists] is of one race"
    raise InputError.single(case.path, "a whole chamber has no part in this", rule=rule, fix=fix)


def _checked(text: str, files: Files, name: str, before: Case | None) -> AnyCase:
    document, positions = _parse(text, name)
    if "chamber" in document:
        from runoff.runfile import chamber  # here, as its sections take long to make

        return chamber.checked(document, positions, text, files, name)
    return _of_one(document, positions, text, files, name, before)


def _of_one(
    document: dict[str, Any],
    positions: Positions,
    text: str,
    files: Files,
    name: str,
    before: Case | None,
    count: Path | None = None,
) -> Case:
    """The case of a document of one race; count : stands in for its table of a first round that is being counted."""
    folder, found = files.folder, _Found([])
    run_file: RunFile | None = None
    try:
        run_file = RunFile.model_validate(document)
    except ValidationError as error:
        found.problems += problems_of(error.errors(include_url=False), positions, name, RunFile)
    again = before is not None and before.read_for == _read_for(document)
    results = before.results if before is not None and again else None
    results = results or found.of(("results", "table"), lambda: _results(document, folder, count), None)
    first_round = None if results is None else results.first
    warnings = list[str]() if results is None else [*results.notes]
    if results is not None and not any(results.votes.party) and not any(results.votes.bloc) and "blocs" not in document:
        warnings.append("no party is said: each candidate is a bloc of its own; [results] party or [blocs] says more")
    surveys = Surveys()
    if first_round is not None:
        first = first_round
        found.problems += cross_check(document, run_file, first, positions, name, warnings)
        surveys = found.of(("evidence",), lambda: read_surveys(document, first, folder), surveys)
        warnings += surveys.notes
    none: dict[str, KeptEstimate] = {}
    estimates = none if run_file is None else found.of(("rates",), lambda: read_estimates(run_file, folder), none)
    problems, missing, table = found.problems, found.missing, found.table
    if missing is not None:
        if not problems:
            raise missing
        problems.append(_missing_table(missing, positions, name, table))
    if problems or run_file is None or results is None or first_round is None:
        raise InputError(problems)
    finalists = settle_finalists(run_file, first_round)
    first_round = _with_blocs(first_round, run_file)
    return Case(
        run_file=run_file,
        first_round=first_round,
        finalists=finalists,
        text=text,
        path=name,
        warnings=tuple(warnings),
        polls=surveys.polls,
        crosstabs=surveys.crosstabs,
        survey_sources=surveys.sources,
        results=results,
        estimates=estimates,
        files=files,
        read_for=_read_for(document),
    )


@dataclass(slots=True)
class _Found:
    """What is wrong, and a table that is not there, with the key that names it."""

    problems: list[Problem]
    missing: MissingFileError | None = None
    table: tuple[str, ...] = ()

    def of(self, table: tuple[str, ...], read: Callable[[], T], otherwise: T) -> T:
        """What `read` reads; what goes wrong with it is kept, so that the rest can speak."""
        try:
            return read()
        except InputError as error:
            self.problems += error.problems
        except MissingFileError as error:
            self.missing, self.table = error, table
        return otherwise


def _with_blocs(first: FirstRound, run_file: RunFile) -> FirstRound:
    """The first round with the run file's blocs over the table's."""
    bloc = {name: bloc for bloc, members in run_file.blocs.items() for name in members}
    candidates = [replace(c, bloc=bloc.get(c.name, c.bloc)) for c in first.candidates]
    return replace(first, candidates=tuple(candidates))


def _standard_input() -> bytes:
    content = sys.stdin.buffer.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InputError.single("-", "the run file is too large", rule=f"at most {LARGEST:,} bytes")
    return content


def _parse(text: str, name: str) -> tuple[dict[str, Any], Positions]:
    """The TOML document and where its parts stand."""
    try:
        positions = locate(text)
        return tomllib.loads(text), positions
    except BoundsError as error:
        line, column, shown_line = Positions(text).line_column(error.place)
        problem = Problem(name, line, column, error.what, error.rule, "", "shorten it", shown_line)
    except RecursionError:
        problem = Problem(name, 0, 0, "nested too deeply", "brackets nest at most 32 deep", fix="take brackets away")
    except ValueError as error:  # tomllib's own errors, and those of numbers it hands on
        problem = _syntax_problem(str(error), text, name)
    raise InputError([problem])


def _syntax_problem(message: str, text: str, name: str) -> Problem:
    match = _PLACE.search(message)
    if match:
        line, column = int(match.group(1)), int(match.group(2))
    else:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    lines = text.split("\n")
    if "integer string conversion" in message:
        what, rule, fix = "not TOML: a number without end", "numbers have at most 20 digits", "shorten it"
    else:
        what, rule, fix = parser_words(message, text, line)
    return Problem(name, line, column, what, rule, "", fix, lines[line - 1] if line <= len(lines) else "")


def _results(document: dict[str, Any], folder: Path, count: Path | None) -> Results | None:
    """The first round, if the document names a table; what is wrong with the rest is said elsewhere."""
    results, race, finalists = (document.get(key) for key in ("results", "race", "finalists"))
    if not isinstance(results, dict) or not isinstance(results.get("table"), str) or not results["table"]:
        return None
    registered, by = results.get("registered"), results.get("by", "unit")
    race_id = race.get("id") if isinstance(race, dict) else None
    advance = finalists.get("advance") if isinstance(finalists, dict) else None
    table, shape = folder / results["table"], said_by(results)
    if "counting" in document:  # the ballot and the night's counts may be written differently
        shape = replace(shape, strict=False)
    return read_results(
        table if count is None else count,
        folder / registered if isinstance(registered, str) and registered else None,
        by if by in ("unit", "region", "race") else "unit",
        race_id if isinstance(race_id, str) else "race",
        Wanted(_texts(results.get("drop")), _texts(results.get("keep")), shape),
        final="counting" not in document and "first_round_polls" not in document,
        finalists=advance if isinstance(advance, int) and 2 <= advance <= 4 else 2,
        ballot=None if count is None else table,
    )


def _read_for(document: dict[str, Any]) -> object:
    """All of the document that `_results` looks at: equal, equal results."""
    of = [document.get(key) for key in ("results", "race", "finalists")]
    race, finalists = (one if isinstance(one, dict) else {} for one in of[1:])
    others = ["counting" in document, "first_round_polls" in document]
    return [of[0], race.get("id"), finalists.get("advance"), *others]


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _missing_table(error: MissingFileError, positions: Positions, name: str, table: tuple[str, ...]) -> Problem:
    span = positions.find(table, value=True)
    line, column, text = positions.line_column(span.start) if span else (0, 0, "")
    what = str(error).split("\n", 1)[0]
    return Problem(name, line, column, what, "tables are relative to the run file", fix="check the path", text=text)
