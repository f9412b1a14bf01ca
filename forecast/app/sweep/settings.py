"""Settings of a sweep: which key of a run file, and the values that it takes; every combination is a scenario.

A key is a path of TOML: `rates.blocs.R.turnout.mean`, `new_voters.people`, `factors.preference.shared`; names with dots
or blanks stand in quotes.  `mean` of a rate is special: it moves the mean that was understood, in log-odds, and keeps
the spread, however the rate was said, so that an interval or counts need not be said anew.
"""

from __future__ import annotations

import itertools
import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from runoff.errors import UsageError

MOST = 100_000  # scenarios
_BARE = re.compile(r"(?<![^\s,+-])\.(?=[0-9])|(?<=[0-9])\.(?=\s*(?:,|$))")  # .9 and 1. are no numbers of TOML
_RANGE = re.compile(r"(?P<low>[^:,]+):(?P<high>[^:,]+):(?P<step>[^:,]+)")

Path = tuple[str, ...]

_NOT_SWEPT = {("simulation", "trials"), ("simulation", "target_se")}


@dataclass(frozen=True, slots=True)
class Setting:
    """A key, as it was written and as a path, and the values that it takes in turn."""

    said: str
    path: Path
    values: tuple[Any, ...]

    @property
    def mean(self) -> bool:
        """Whether it moves the mean of a rate that was understood."""
        return len(self.path) > 1 and self.path[-1] == "mean" and self.path[-2] in ("turnout", "preference")


def settings(said: Sequence[str]) -> tuple[Setting, ...]:
    """The settings that were said, 'key=values' each; values are a:b:step, or a list with commas, or one.

    Raises
    ------
    UsageError : with every setting that is none.
    """
    found, problems = [], []
    for text in said:
        try:
            found.append(_setting(text))
        except ValueError as problem:
            problems.append(f"--set {text}: {problem}")
    paths = [setting.path for setting in found]
    problems += [f"--set {'.'.join(path)}: said twice" for path in dict.fromkeys(paths) if paths.count(path) > 1]
    many = math.prod(len(setting.values) for setting in found)
    if many > MOST:
        problems.append(f"{many:,} scenarios: at most {MOST:,}\n  fix:  take wider steps")
    if not said:
        problems.append("nothing to change\n  fix:  add --set 'rates.own.turnout.mean=0.7:0.9:0.05'")
    if problems:
        raise UsageError("\n".join(problems))
    return tuple(found)


def _setting(text: str) -> Setting:
    key, _, values = text.partition("=")
    if not key.strip() or not values.strip():
        raise ValueError("a setting is KEY=VALUES\n  fix:  as in rates.own.turnout.mean=0.7:0.9:0.05")
    path = _path(key.strip())
    if path[0] == "output" or path in _NOT_SWEPT:
        raise ValueError("changes no scenario\n  fix:  a sweep's trials are said by --trials, its folder by --out")
    return Setting(key.strip(), path, _values(values.strip()))


def _path(key: str) -> Path:
    """The parts of a dotted key of TOML."""
    try:
        document: Any = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        raise ValueError(
            'the key is none of TOML\n  fix:  dots between its parts, names in quotes: rates.candidates."Ann Ash"'
        ) from None
    parts = []
    while isinstance(document, dict):
        part, document = next(iter(document.items()))
        parts.append(part)
    return tuple(parts)


def _values(text: str) -> tuple[Any, ...]:
    found = _RANGE.fullmatch(text)
    if found is not None and not text.startswith(('"', "'", "[")):
        return tuple(_steps(*(found[part].strip() for part in ("low", "high", "step"))))
    try:
        values: list[Any] = tomllib.loads(f"values = [{_toml(text)}]")["values"]
    except tomllib.TOMLDecodeError:
        raise ValueError(
            "values are numbers with commas, or low:high:step, or texts in quotes\n"
            '  fix:  0.7:0.9:0.05, or 0.7, 0.8, or \'"runs/a", "runs/b"\''
        ) from None
    if not values:
        raise ValueError("no value")
    return tuple(values)


def _toml(text: str) -> str:
    """The values as TOML has them: of numbers without quotes .9 is 0.9, and 1. is 1.0."""
    if set(text) & set("\"'{["):
        return text
    return _BARE.sub(lambda found: "0." if found.end() < len(text) and text[found.end()].isdigit() else ".0", text)


def _steps(low: str, high: str, step: str) -> Iterator[float | int]:
    """Both ends and what lies between, in decimals, so that 0.7:0.9:0.1 has three values."""
    try:
        start, end, by = (Decimal(number.replace("_", "")) for number in (low, high, step))
    except InvalidOperation:
        raise ValueError("low, high and step are numbers\n  fix:  as in 0.7:0.9:0.05") from None
    if not (start.is_finite() and end.is_finite() and by.is_finite()) or by <= 0 or start > end:
        raise ValueError("low is at most high, and the step above 0\n  fix:  as in 0.7:0.9:0.05")
    if (end - start) / by > MOST:
        raise ValueError(f"at most {MOST:,} values\n  fix:  take wider steps")
    whole = all(number == number.to_integral_value() for number in (start, by))
    for k in range(int((end - start) / by) + 1):
        value = start + k * by
        yield int(value) if whole else float(value)


def scenarios(found: Sequence[Setting]) -> Iterator[dict[Path, Any]]:
    """Every combination of values, the last setting fastest."""
    for values in itertools.product(*(setting.values for setting in found)):
        yield {setting.path: value for setting, value in zip(found, values, strict=True)}


def changed(document: Mapping[str, Any], values: Mapping[Path, Any]) -> dict[str, Any]:
    """A run file's document with keys set; sections that are not there are made.

    Raises
    ------
    UsageError : a part of a path is no section.
    """
    result: dict[str, Any] = _copied(document)
    for path, value in values.items():
        place: Any = result
        for depth, part in enumerate(path[:-1]):
            place = place.setdefault(part, {})
            if not isinstance(place, dict):
                raise UsageError(f"--set {'.'.join(path)}: {'.'.join(path[: depth + 1])} is no section of the run file")
        place[path[-1]] = value
    return result


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return list(value) if isinstance(value, list) else value
