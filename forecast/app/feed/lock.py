"""A model lock: with what a night is forecast, written down before it, and refused once it is another.

What makes a night's numbers besides its counts: the program, the run file, the settings, and every other table.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

from runoff.app.shards.part import source
from runoff.errors import InputError, OutputError, visible
from runoff.names import listed
from runoff.output.history import alone, replace_file
from runoff.phases.pipeline import Opened

_LENGTH = 12  # of a model's name


def parts(run: Opened) -> dict[str, str]:
    """What the numbers come from besides the count, by name: hashes, and settings in words."""
    settings = run.settings
    said = f"{settings.trials} trials, seed {settings.seed}, as of {settings.as_of}, units {settings.units}"
    tables = {f"table {name}": digest for name, digest in sorted(run.data.beside)}
    text = hashlib.sha256(run.data.case.text.encode()).hexdigest()
    return {"program": source(), "run file": text, "settings": said, **tables}


def name(of: dict[str, str]) -> str:
    """The model's name, from its parts."""
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()[:_LENGTH]


def held(path: Path, run: Opened) -> Opened:
    """The run with its model's name, which the lock has; a lock that is not there is made.

    Raises
    ------
    InputError : the lock is of another model, with what differs; or it is no lock.
    OutputError : it cannot be written.
    """
    now = parts(run)
    try:
        with alone(path.resolve()):
            if path.exists():
                _same(path, now)
            else:
                content = json.dumps({"model": name(now), "parts": now}, indent=2) + "\n"
                replace_file(path.resolve(), content.encode())
    except OSError as cause:
        raise OutputError(
            f"{visible(str(path))}: cannot keep the lock: {cause.strerror or cause}\n  fix:  check the path"
        ) from None
    return replace(run, settings=replace(run.settings, model=name(now)))


def changed(path: Path, run: Opened) -> tuple[str, ...]:
    """What is other than in a lock; nothing where there is none yet.

    Raises
    ------
    InputError : it is no lock.
    """
    if not path.exists():
        return ()
    return _others(_read(path), parts(run))


def settings(path: Path) -> str:
    """The settings that a lock has, in words.

    Raises
    ------
    InputError : it is no lock.
    """
    return _read(path).get("settings", "no settings")


def _others(before: dict[str, str], now: dict[str, str]) -> tuple[str, ...]:
    return tuple(part for part in dict.fromkeys((*before, *now)) if before.get(part) != now.get(part))


def _same(path: Path, now: dict[str, str]) -> None:
    before = _read(path)
    others = _others(before, now)
    if others:
        raise InputError.single(
            str(path),
            f"the model is another than the one that is locked, {name(before)}: other {listed(others, 8)}",
            rule="a night is forecast with one model",
            got=name(now),
            fix="put back what was changed, or give another --lock for the new model",
        )


def _read(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text("utf-8"))
        of, called = found["parts"], found["model"]
        if all(isinstance(part, str) for part in of.values()) and name(of) == called:
            result: dict[str, str] = of
            return result
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    rule = "a lock has a model's name and the parts that make it, as --lock writes them"
    raise InputError.single(str(path), "not a model lock", rule=rule, fix="give another file with --lock")
