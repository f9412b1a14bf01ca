"""What the checker of types and bounds says of a run file, as problems with their place, in our words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, get_origin

from pydantic import BaseModel

from runoff.errors import Problem, near, shown, suggestion
from runoff.runfile.messages import type_words
from runoff.runfile.positions import Positions
from runoff.runfile.sections.rates import FORMS, RateSpec
from runoff.runfile.sections.run_file import RunFile


def problems_of(entries: Sequence[Any], positions: Positions, name: str, root: type[BaseModel]) -> list[Problem]:
    """All of pydantic's errors in our words; a section that stands there by a misspelt name is not missed."""
    sections = list(root.model_fields)
    spelt = {
        near(str(entry["loc"][-1]), sections)
        for entry in entries
        if entry["type"] == "extra_forbidden" and len(entry["loc"]) == 1
    }
    found = {(one,) for one in spelt}
    kept = [entry for entry in entries if entry["type"] != "missing" or entry["loc"] not in found]
    return [problem_of(entry, positions, name, root) for entry in kept]


def problem_of(entry: Any, positions: Positions, name: str, root: type[BaseModel] = RunFile) -> Problem:
    """One of pydantic's errors in our words; root : the model that was asked."""
    path = tuple(part for part in entry["loc"] if part != "[key]")
    kind, context = entry["type"], entry.get("ctx", {})
    section = _model_at(path[:-1], root)
    unknown, lacking = kind == "extra_forbidden", kind == "missing"
    span = positions.find(path[:-1] if lacking else path, value=not unknown and not lacking)
    line, column, text = positions.line_column(span.start) if span else (0, 0, "")
    where = _spoken(path[:-1])
    got = "" if lacking or isinstance(entry["input"], (dict, BaseModel)) else shown(entry["input"])
    fix = ""
    if unknown:
        keys = list(section.model_fields) if section else []
        got = str(path[-1])
        if len(path) == 1 and isinstance(entry["input"], dict):
            what, rule = f"there is no section [{got}]", f"sections are {', '.join(f'[{key}]' for key in keys)}"
            fix = f"did you mean [{near(got, keys)}]?" if near(got, keys) else "remove it"
        else:
            what, rule = f"unknown key in {where}", f"{where} has the keys {', '.join(keys)}"
            fix = suggestion(got, keys) or "remove it"
    elif lacking:
        what, rule, fix = _lacking(path, root)
    elif kind == "refused":
        what, rule, fix = context["what"], context["rule"], context["fix"]
    else:
        what, rule, fix = _typed(entry, path, root)
    return Problem(name, line, column, what, rule, shown(got), fix, text, span.length if span else 1)


def _lacking(path: tuple[str | int, ...], root: type[BaseModel]) -> tuple[str, str, str]:
    """A key or a whole section that is not there: what, rule and way out."""
    where, needed = _spoken(path[:-1]), _rule(path, root) or f"{path[-1]} is needed"
    section = _model_at(path, root)
    if section is None:
        return f"{where} lacks {path[-1]}", needed, f"add {path[-1]} = ..."
    keys = ", ".join(f"{name} = ..." for name, field in section.model_fields.items() if field.is_required())
    if len(path) > 1:  # within a section it is said in one line
        return f"{where} lacks {path[-1]}", needed, f"add {path[-1]} = {{ {keys} }}"
    return f"{where} lacks {_spoken(path)}", f"{_spoken(path)} is needed", f"add {_spoken(path)} with {keys}"


def _typed(entry: Any, path: tuple[str | int, ...], root: type[BaseModel]) -> tuple[str, str, str]:
    """A value of the wrong type or size: what, rule and way out."""
    rule, value = _rule(path, root), entry["input"]
    if _model_at(path, root) is RateSpec and not isinstance(value, dict):
        what, rule = "a rate has a mean and its sd, or two ends", f"a rate is {FORMS}"
        fix = "write { low = ..., high = ... }"
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


def _model_at(path: tuple[str | int, ...], root: type[BaseModel]) -> type[BaseModel] | None:
    """The model that stands at a path of the run file."""
    model: Any = root
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
    if get_origin(annotation) is list:  # its number comes next on the path
        return annotation
    arguments = [a for a in getattr(annotation, "__args__", ()) if a is not type(None)]
    return arguments[0] if len(arguments) == 1 else annotation


def _rule(path: tuple[str | int, ...], root: type[BaseModel]) -> str:
    """The description of the nearest field on a path."""
    for end in range(len(path), 0, -1):
        section = _model_at(path[: end - 1], root)
        field = section.model_fields.get(str(path[end - 1])) if section else None
        if field is not None and field.description:
            return field.description
    return ""
