"""From a run file's path to checked values, or to every problem at once.

In order: size and encoding, nesting, TOML, types and bounds, the tables, and what the tables say of the
names in the run file.  A step that fails does not keep the others from speaking where they can.
"""

from __future__ import annotations

import re
import sys
import tomllib
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from forecast.config import RunFile, json_schema
from forecast.crosscheck import cross_check, settle_finalists
from forecast.errors import InputError, MissingFileError, Problem, shown, suggestion
from forecast.order import canonical
from forecast.polls import Poll, spelled_two_ways
from forecast.positions import BoundsError, Positions, locate
from forecast.race import FirstRound
from forecast.results import read_first_round
from forecast.surveys import read_surveys, survey_sources
from forecast.tables import decoded, read_bytes

__all__ = ["LoadedRun", "json_schema", "load"]

LARGEST = 256 * 1024  # bytes of a run file
_PLACE = re.compile(r" \(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True)
class LoadedRun:
    """A run file that can be run, with the first round it speaks of, and the polls of the runoff."""

    run_file: RunFile
    first_round: FirstRound
    finalists: tuple[str, ...]
    text: str
    path: str
    warnings: tuple[str, ...]
    polls: tuple[Poll, ...] = ()
    crosstabs: tuple[Poll, ...] = ()
    survey_sources: tuple[tuple[str, str], ...] = ()

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Name and sha256 of each table that numbers come from."""
        return (*self.first_round.sources, *self.survey_sources)


def load(path: Path | None) -> LoadedRun:
    """Read and check a run file; None reads standard input, whose tables are relative to this folder.

    Raises
    ------
    InputError : with every problem found.
    MissingFileError : the run file or a table is not there.

    """
    name = "-" if path is None else str(path)
    content = _standard_input() if path is None else read_bytes(path, LARGEST, "the run file")
    text = unicodedata.normalize("NFC", decoded(content, name).replace("\r\n", "\n"))
    document, positions = _parse(text, name)
    problems: list[Problem] = []
    missing: MissingFileError | None = None
    table: tuple[str, ...] = ("results", "table")
    run_file = first_round = None
    try:
        run_file = RunFile.model_validate(document)
    except ValidationError as error:
        problems += [_problem(entry, positions, name) for entry in error.errors(include_url=False)]
    try:
        first_round = _first_round(document, Path() if path is None else path.parent)
    except InputError as error:
        problems += error.problems
    except MissingFileError as error:
        missing = error
    warnings: list[str] = []
    if first_round is not None:
        problems += cross_check(document, run_file, first_round, positions, name, warnings)
    polls: tuple[Poll, ...] = ()
    crosstabs: tuple[Poll, ...] = ()
    if first_round is not None:
        try:
            polls, crosstabs = read_surveys(document, first_round, Path() if path is None else path.parent)
        except InputError as error:
            problems += error.problems
        except MissingFileError as error:
            missing, table = error, ("evidence",)
        warnings += spelled_two_ways([*polls, *crosstabs])
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
    sources = survey_sources(document, Path() if path is None else path.parent)
    return LoadedRun(run_file, first_round, finalists, text, name, tuple(warnings), polls, crosstabs, sources)


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
        problem = Problem(name, line, column, error.what, error.rule, "", "", shown_line)
    except RecursionError:
        problem = Problem(name, 0, 0, "nested too deeply", "brackets nest at most 32 deep")
    except ValueError as error:  # tomllib's own errors, and those of numbers it hands on
        problem = _syntax_problem(str(error), text, name)
    raise InputError([problem])


def _syntax_problem(message: str, text: str, name: str) -> Problem:
    match = _PLACE.search(message)
    what = _PLACE.sub("", message).removesuffix(" (at end of document)")
    what = shown(f"not TOML: {what[:1].lower()}{what[1:]}")
    rule = "the run file is TOML 1.0, with text in quotes"
    if match:
        line, column = int(match.group(1)), int(match.group(2))
    else:
        line, column = text.count("\n") + 1, len(text) - text.rfind("\n")
    lines = text.split("\n")
    return Problem(name, line, column, what, rule, text=lines[line - 1] if line <= len(lines) else "")


def _first_round(document: dict[str, Any], folder: Path) -> FirstRound | None:
    """The first round, if the document names a table; what is wrong with the rest is said elsewhere."""
    results, race = document.get("results"), document.get("race")
    if not isinstance(results, dict) or not isinstance(results.get("table"), str) or not results["table"]:
        return None
    registered = results.get("registered")
    by = results.get("by", "unit")
    race_id = race.get("id") if isinstance(race, dict) else None
    first = read_first_round(
        folder / results["table"],
        folder / registered if isinstance(registered, str) and registered else None,
        by if by in ("unit", "region", "race") else "unit",
        race_id if isinstance(race_id, str) else "race",
        final="counting" not in document and "first_round_polls" not in document,
    )
    return canonical(first)


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
        message = entry["msg"]
        what = f"{_spoken(path)}: {message[:1].lower()}{message[1:]}"
        rule = _rule(path)
    return Problem(name, line, column, what, rule, shown(got), fix, text, span.length if span else 1)


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
