"""From a run file's path to checked values, or to every problem at once.

In order: size and encoding, nesting, TOML, types and bounds, the tables, and what the tables say of the
names in the run file.  A step that fails does not keep the others from speaking where they can.
"""

from __future__ import annotations

import re
import sys
import tomllib
import unicodedata
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from runoff.data.polls.polls import Poll
from runoff.data.votes.results import Results, read_results
from runoff.data.votes.votes import Wanted
from runoff.errors import InputError, MissingFileError, Problem, shown, suggestion
from runoff.files import Files, decoded, read_bytes
from runoff.race import FirstRound
from runoff.runfile.checks.consistency import cross_check
from runoff.runfile.checks.finalists import settle_finalists
from runoff.runfile.messages import parser_words, type_words
from runoff.runfile.positions import BoundsError, Positions, locate
from runoff.runfile.sections.rates import FORMS, RateSpec
from runoff.runfile.sections.run_file import RunFile, json_schema
from runoff.runfile.surveys import Surveys, read_surveys

__all__ = ["Case", "json_schema", "load", "loads"]

LARGEST = 256 * 1024  # bytes of a run file
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True)
class Case:
    """A run file that can be run, with the first round it speaks of, and the polls of the runoff.

    files : where its tables lie, and what was read of them.
    """

    run_file: RunFile
    first_round: FirstRound
    finalists: tuple[str, ...]
    text: str
    path: str
    warnings: tuple[str, ...]
    polls: tuple[Poll, ...] = ()
    crosstabs: tuple[Poll, ...] = ()
    survey_sources: tuple[tuple[str, str], ...] = ()
    results: Results | None = None
    files: Files = field(default_factory=Files, compare=False, repr=False)

    @property
    def folder(self) -> Path:
        """Where the paths of its tables start."""
        return self.files.folder

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Name and sha256 of each table that numbers come from."""
        return (*self.first_round.sources, *self.survey_sources)


def load(path: Path | None) -> Case:
    """Read and check a run file; None reads standard input, whose tables are relative to this folder.

    Raises
    ------
    InputError : with every problem found.
    MissingFileError : the run file or a table is not there.

    """
    content = _standard_input() if path is None else read_bytes(path, LARGEST, "the run file")
    name = "-" if path is None else str(path)
    return loads(decoded(content, name), Files(Path() if path is None else path.parent), name)


def loads(text: str, files: Files, name: str = "-") -> Case:
    """Check the text of a run file whose tables are among `files`; name : where problems are said to stand.

    Raises
    ------
    InputError : with every problem found.
    MissingFileError : a table is not there.

    """
    with files.open():
        return _checked(unicodedata.normalize("NFC", text.replace("\r\n", "\n")), files, name)


def _checked(text: str, files: Files, name: str) -> Case:
    document, positions = _parse(text, name)
    folder = files.folder
    problems: list[Problem] = []
    missing: MissingFileError | None = None
    table: tuple[str, ...] = ("results", "table")
    run_file = first_round = results = None
    try:
        run_file = RunFile.model_validate(document)
    except ValidationError as error:
        problems += [_problem(entry, positions, name) for entry in error.errors(include_url=False)]
    try:
        results = _results(document, folder)
        first_round = None if results is None else results.first
    except InputError as error:
        problems += error.problems
    except MissingFileError as error:
        missing = error
    warnings = list[str]() if results is None else [*results.notes]
    if first_round is not None:
        problems += cross_check(document, run_file, first_round, positions, name, warnings)
    surveys = Surveys()
    if first_round is not None:
        try:
            surveys = read_surveys(document, first_round, folder)
        except InputError as error:
            problems += error.problems
        except MissingFileError as error:
            missing, table = error, ("evidence",)
        warnings += surveys.notes
    if problems:
        if missing is not None:
            problems.append(_missing_table(missing, positions, name, table))
        raise InputError(problems)
    if missing is not None:
        raise missing
    assert run_file is not None
    assert first_round is not None
    finalists = settle_finalists(run_file, first_round)
    first_round = _with_blocs(first_round, run_file)
    return Case(
        run_file, first_round, finalists, text, name, tuple(warnings), surveys.polls, surveys.crosstabs,
        surveys.sources, results, files,
    )  # fmt: skip


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


def _results(document: dict[str, Any], folder: Path) -> Results | None:
    """The first round, if the document names a table; what is wrong with the rest is said elsewhere."""
    results, race, finalists = (document.get(key) for key in ("results", "race", "finalists"))
    if not isinstance(results, dict) or not isinstance(results.get("table"), str) or not results["table"]:
        return None
    registered, by = results.get("registered"), results.get("by", "unit")
    race_id = race.get("id") if isinstance(race, dict) else None
    advance = finalists.get("advance") if isinstance(finalists, dict) else None
    return read_results(
        folder / results["table"],
        folder / registered if isinstance(registered, str) and registered else None,
        by if by in ("unit", "region", "race") else "unit",
        race_id if isinstance(race_id, str) else "race",
        Wanted(_texts(results.get("drop")), _texts(results.get("keep"))),
        final="counting" not in document and "first_round_polls" not in document,
        finalists=advance if isinstance(advance, int) and 2 <= advance <= 4 else 2,
    )


def _texts(value: object) -> tuple[str, ...]:
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def _missing_table(error: MissingFileError, positions: Positions, name: str, table: tuple[str, ...]) -> Problem:
    span = positions.find(table, value=True)
    line, column, text = positions.line_column(span.start) if span else (0, 0, "")
    what = str(error).split("\n", 1)[0]
    return Problem(name, line, column, what, "tables are relative to the run file", fix="check the path", text=text)


def _problem(entry: Any, positions: Positions, name: str) -> Problem:
    """One of pydantic's errors in our words."""
    path = tuple(part for part in entry["loc"] if part != "[key]")
    kind, context = entry["type"], entry.get("ctx", {})
    section = _model_at(path[:-1])
    unknown, lacking = kind == "extra_forbidden", kind == "missing"
    span = positions.find(path[:-1] if lacking else path, value=not unknown and not lacking)
    line, column, text = positions.line_column(span.start) if span else (0, 0, "")
    where = _spoken(path[:-1])
    got = "" if lacking or isinstance(entry["input"], (dict, BaseModel)) else shown(entry["input"])
    fix = ""
    if unknown:
        keys = list(section.model_fields) if section else []
        what, rule, got = f"unknown key in {where}", f"{where} has the keys {', '.join(keys)}", str(path[-1])
        fix = suggestion(str(path[-1]), keys) or "remove it"
    elif lacking:
        what = f"{where} lacks {path[-1]}"
        rule, fix = _rule(path) or f"{path[-1]} is needed", f"add {path[-1]} = ..."
    elif kind == "refused":
        what, rule, fix = context["what"], context["rule"], context["fix"]
    else:
        what, rule, fix = _typed(entry, path)
    return Problem(name, line, column, what, rule, shown(got), fix, text, span.length if span else 1)


def _typed(entry: Any, path: tuple[str | int, ...]) -> tuple[str, str, str]:
    """A value of the wrong type or size: what, rule and way out."""
    rule, value = _rule(path), entry["input"]
    if _model_at(path) is RateSpec and not isinstance(value, dict):
        what, rule, fix = (
            "a rate has a mean and its sd, or two ends",
            f"a rate is {FORMS}",
            "write { low = ..., high = ... }",
        )
        if isinstance(value, list) and len(value) == 2 and all(isinstance(v, float) for v in value):
            fix = f"write {{ low = {value[0]!r}, high = {value[1]!r} }}"
        elif isinstance(value, float) and 0 < value < 1:
            fix = f"write {{ mean = {value!r}, sd = {min(0.05, round(0.4 * (value * (1 - value)) ** 0.5, 4)):g} }}"
    elif path == ("finalists", "advance") and value == 1:
        what, fix = "one finalist: that is no runoff", "write 2, 3 or 4"
    else:
        what, rule, fix = type_words(entry["type"], value, entry.get("ctx", {}), rule)
        if path and entry["type"] == "date_type" and fix.startswith("write 2"):
            fix = fix.replace("write ", f"write {path[-1]} = ")
    return f"{_spoken(path)}: {what}", rule, fix


def _spoken(path: tuple[str | int, ...]) -> str:
    return "[" + ".".join(shown(str(part)) for part in path) + "]" if path else "the run file"


def _model_at(path: tuple[str | int, ...]) -> type[BaseModel] | None:
    """The model that stands at a path of the run file."""
    model: Any = RunFile
    for part in path:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(str(part))
            model = field.annotation if field else None
        else:
            model = _parameter(model)
        model = _without_none(model)
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


def _parameter(annotation: Any) -> Any:
    arguments = getattr(annotation, "__args__", ())
    return arguments[-1] if arguments else None


def _without_none(annotation: Any) -> Any:
    arguments = [a for a in getattr(annotation, "__args__", ()) if a is not type(None)]
    return arguments[0] if len(arguments) == 1 else annotation


def _rule(path: tuple[str | int, ...]) -> str:
    """The description of the nearest field on a path."""
    for end in range(len(path), 0, -1):
        section = _model_at(path[: end - 1])
        field = section.model_fields.get(str(path[end - 1])) if section else None
        if field is not None and field.description:
            return field.description
    return ""
