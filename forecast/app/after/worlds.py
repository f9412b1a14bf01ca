"""A kept run's inputs in parts, each of which can be exchanged for another run's.

A table is named by a hash of its content, so that two runs' tables have one name where they are equal, and two where
they are not.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runoff.app.after.again import options_of
from runoff.data.rounds.kept import DRAWS, MATRIX
from runoff.errors import InputError
from runoff.files import Files
from runoff.output import inputs
from runoff.phases.settings import Options
from runoff.runfile.load import Case, loads
from runoff.runfile.toml_text import toml_text

PARTS = ("data", "rates", "polls", "settings")
_ALWAYS = "always"  # the first run's: what changes no probability
_SECTIONS = {
    "results": "data",
    "finalists": "data",
    "counting": "data",
    "blocs": "rates",
    "rates": "rates",
    "new_voters": "rates",
    "first_round_polls": "polls",
    "short": _ALWAYS,
    "blank": _ALWAYS,
    "simulation": _ALWAYS,
    "output": _ALWAYS,
}
_KEYS = {
    ("race", "id"): _ALWAYS,
    ("race", "name"): _ALWAYS,
    ("race", "as_of"): "polls",  # which of them count
    ("results", "by"): "settings",
    ("evidence", "polls"): "polls",
    ("evidence", "crosstabs"): "polls",
    ("night", "results"): "data",
    ("night", "previous"): "data",
    ("night", "sizes"): "data",
}
_ASKED = {"as_of": "polls", "results": "data"}

Entries = dict[tuple[str, ...], Any]


def _part(section: str, key: str) -> str:
    return _KEYS.get((section, key), _SECTIONS.get(section, "settings"))


@dataclass(frozen=True, slots=True)
class Side:
    """One run's inputs: entries by part, each under its section and key; files by the names that entries have."""

    entries: Mapping[str, Entries]
    asked: Mapping[str, Mapping[str, Any]]
    files: Mapping[str, bytes]
    name: str
    options: Options

    def changed(self, other: Side, part: str) -> tuple[str, ...]:
        """The keys of a part in which two runs differ, as in `rates.blocs`."""
        one, two = self.entries[part], other.entries[part]
        keys = [key for key in dict.fromkeys([*one, *two]) if one.get(key) != two.get(key)]
        said = [name for name in _ASKED if self.asked[part].get(name) != other.asked[part].get(name)]
        return (*(".".join(key) for key in keys), *(f"--{name.replace('_', '-')}" for name in said))


def side(path: Path) -> Side:
    """The inputs of a kept run.

    Raises
    ------
    MissingFileError : no run there, or one that does not carry its inputs.
    InputError : they are damaged.
    """
    found = inputs.read(path)
    options = options_of(found, path)
    try:
        document = tomllib.loads(found.text.replace("\r\n", "\n"))
    except ValueError as cause:
        raise InputError.single(str(path), "its run file is damaged", got=str(cause)) from None
    named = _names(found.files)
    entries: dict[str, Entries] = {part: {} for part in (*PARTS, _ALWAYS)}
    for section, value in document.items():
        if isinstance(value, dict) and value and section not in ("rates", "blocs", "short"):
            for key, own in value.items():
                entries[_part(section, key)][section, key] = _renamed(own, named)
        else:
            entries[_SECTIONS.get(section, "settings")][section,] = _renamed(value, named)
    asked: dict[str, dict[str, Any]] = {part: {} for part in (*PARTS, _ALWAYS)}
    for name, part in _ASKED.items():
        if name in found.asked:
            asked[part][name] = _renamed(found.asked[name], named)
    files = {named[name]: content for name, content in found.files.items()}
    return Side(entries, asked, files, found.name, options)


def _names(files: Mapping[str, bytes]) -> dict[str, str]:
    """Names of tables by their content; those of an estimate keep their own below its folder, named by both."""
    found = {name: f"{_digest(content)}/{Path(name).name}" for name, content in files.items()}
    for name, content in files.items():
        folder = Path(name).parent
        if Path(name).name == MATRIX and (drawn := files.get(str(folder / DRAWS))) is not None:
            found[str(folder)] = f"{_digest(content + drawn)}/{folder.name}"
            found |= {str(folder / table): f"{found[str(folder)]}/{table}" for table in (MATRIX, DRAWS)}
    return found


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _renamed(value: Any, named: Mapping[str, str]) -> Any:
    """A value with the names of tables, and of estimates, by their content."""
    if isinstance(value, dict):
        return {key: _renamed(one, named) for key, one in value.items()}
    if isinstance(value, str):
        return named.get(str(Path(value)), value)
    if isinstance(value, list):
        return [_renamed(one, named) for one in value]
    return value


@dataclass(frozen=True, slots=True)
class World:
    """What a forecast is drawn from, of one run or of two; equal worlds give equal numbers."""

    text: str
    as_of: str | None
    results: str | None
    name: str

    def case(self, files: Mapping[str, bytes]) -> Case:
        """The case, its tables among `files`.

        Raises
        ------
        InputError, MissingFileError : the parts do not fit one another.
        """
        return loads(self.text, Files(given=files), self.name)

    def options(self, **draws: Any) -> Options:
        """What the command line says, with how it is to be drawn."""
        said = {name: value for name, value in (("as_of", self.as_of), ("results", self.results)) if value is not None}
        return Options.of({**said, **draws})


def world(a: Side, b: Side, exchanged: Collection[str]) -> World:
    """The first run's inputs with some of PARTS from the second."""
    chosen = {part: b if part in exchanged else a for part in PARTS} | {_ALWAYS: a}
    document: dict[str, Any] = {}
    order = dict.fromkeys(key[0] for one in (a, b) for part in one.entries.values() for key in part)
    for section in order:
        for part, whose in chosen.items():
            for key, value in whose.entries[part].items():
                if key[0] != section:
                    continue
                if len(key) == 1:
                    document[section] = value
                else:
                    document.setdefault(section, {})[key[1]] = value
    asked = {name: chosen[part].asked[part].get(name) for name, part in _ASKED.items()}
    return World(toml_text(document), asked["as_of"], asked["results"], a.name)
