"""Runs that are on disk, read and held against their manifest; see `runoff.output.store` for how they came there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from runoff.errors import InputError, MissingFileError, Problem, visible
from runoff.output.schemas.first_round_open import NIGHT_TABLES
from runoff.output.schemas.runoff_ahead import TABLES, TRIALS, Table
from runoff.output.schemas.runoff_night import RUNOFF_NIGHT_TABLES
from runoff.output.stages import named

Tables = dict[str, list[dict[str, object]]]

MANIFEST = "manifest.json"
EVERY_TABLE: dict[str, Table] = {**TABLES, **NIGHT_TABLES, **RUNOFF_NIGHT_TABLES}
NEEDED = {  # tables that every run of a phase has; the first has one row, with the digest
    "run": ("run", "candidates", "quantiles", "margin_histogram", "rates", "transfers"),
    "night": ("night", "first_round", "pairings", "outstanding"),
    "runoff_night": ("runoff_night", "runoff_finalists", "runoff_out", "runoff_units"),
}
HEADS = tuple(NEEDED)
_AGAIN = "draw the run again; equal config and seed give equal tables"


def run_folder(path: Path) -> Path:
    """The folder of the run that a path names: a folder, one of its files, or the parent of one run only.

    Raises
    ------
    MissingFileError : no run there.

    """
    if not path.exists():
        raise MissingFileError(f"{visible(str(path))}: no such run\n  fix:  name a run's folder, or one of its tables")
    folder = path if path.is_dir() else path.parent
    if (folder / MANIFEST).exists():
        return folder
    runs = sorted(child.name for child in folder.iterdir() if (child / MANIFEST).exists() and child.name[0] != ".")
    if len(runs) == 1:
        return folder / runs[0]
    found = f"it holds {', '.join(runs[:20])}" if runs else f"it has no {MANIFEST}"
    raise MissingFileError(
        f"{visible(str(folder))}: not one run's folder: {visible(found)}\n  fix:  name a run's folder"
    )


def read_run(folder: Path) -> Tables:
    """The tables of a run (without single trials), each as the manifest says, and all of one run.

    Raises
    ------
    InputError : with every problem of the manifest and the files.
    OSError : a file cannot be read.

    """
    run_id, files = _manifest(folder / MANIFEST)
    problems = [problem for name in files for problem in _altered(folder / name, files[name])]
    problems += _unlisted(folder, set(files))
    if problems:
        raise InputError(problems)
    tables: Tables = {}
    digests: dict[str, str] = {}
    for name in EVERY_TABLE:
        if name != TRIALS.name and f"{name}.parquet" in files:
            tables[name], digests[name] = _table(folder / f"{name}.parquet")
    problems = _of_two_runs(folder, tables, run_id, digests)
    if problems:
        raise InputError(problems)
    return tables


def _manifest(path: Path) -> tuple[str, dict[str, dict[str, Any]]]:
    """The run's name, and of each file its sha256 and size."""
    rule = "a manifest has run_id, and files with the sha256 and bytes of each"
    try:
        content = json.loads(path.read_bytes().decode("utf-8"))
        run_id, files = content["run_id"], content["files"]
        sound = isinstance(run_id, str) and all(
            isinstance(entry["sha256"], str) and isinstance(entry["bytes"], int) and "/" not in name
            for name, entry in files.items()
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
        raise InputError.single(
            str(path), "the manifest cannot be read", rule=rule, got=f"{type(cause).__name__}: {cause}", fix=_AGAIN
        ) from None
    if not sound:
        raise InputError.single(str(path), "the manifest is damaged", rule=rule, fix=_AGAIN)
    return run_id, files


def _altered(path: Path, entry: dict[str, Any]) -> list[Problem]:
    """What is wrong with a file that the manifest names; of single trials, which can be many, only the size counts."""
    if not path.is_file():
        what = "the file is gone"
    else:
        size_only = path.stem == TRIALS.name
        if path.stat().st_size == entry["bytes"] and (size_only or sha256(path) == entry["sha256"]):
            return []
        what = "the file is not what the run wrote"
    return [Problem(str(path), 0, 0, what, f"size and sha256 as in {MANIFEST}", "", _AGAIN)]


def _unlisted(folder: Path, listed: set[str]) -> list[Problem]:
    """Tables that the manifest should name."""
    phases = [phase for phase in NEEDED if f"{phase}.parquet" in listed]
    wanted = {f"{name}.parquet" for phase in phases for name in NEEDED[phase]}
    wanted |= {f"{name}.parquet" for name in EVERY_TABLE if (folder / f"{name}.parquet").exists()}
    manifest = folder / MANIFEST
    problems = [
        Problem(str(manifest), 0, 0, f"no word of {name}", "a manifest names each table of the run", "", _AGAIN)
        for name in sorted(wanted - listed)
    ]
    if len(phases) != 1 and not problems:
        rule = f"a run has one of {', '.join(f'{phase}.parquet' for phase in NEEDED)}"
        problems.append(Problem(str(manifest), 0, 0, "not the tables of one run", rule, ", ".join(phases), _AGAIN))
    return problems


def _table(path: Path) -> tuple[list[dict[str, object]], str]:
    """Rows and digest of a table."""
    import pyarrow as pa

    from runoff.output import arrow

    try:
        with named(path):
            rows, footer = arrow.read_file(path)
    except (pa.ArrowException, ValueError) as cause:
        got = str(cause).split("\n", 1)[0]
        raise InputError.single(
            str(path), "not a Parquet file", rule="tables are Parquet", got=got, fix=_AGAIN
        ) from None
    return rows, footer.get("digest", "")


def _of_two_runs(folder: Path, tables: Tables, run_id: str, digests: dict[str, str]) -> list[Problem]:
    """Tables that came from elsewhere: another run's name in their rows, or another digest in their footer."""
    problems = []
    head = next(name for name in HEADS if name in tables)
    if len(tables[head]) != 1:
        return [Problem(str(folder / f"{head}.parquet"), 0, 0, "not one row", "the table of the run has one row")]
    for name, rows in tables.items():
        names = {str(row.get("run_id")) for row in rows} - {run_id}
        rule = f"all tables are of the run that {MANIFEST} names, {run_id}"
        if names:
            got = ", ".join(sorted(names)[:3])
            problems.append(Problem(str(folder / f"{name}.parquet"), 0, 0, "of another run", rule, got, _AGAIN))
        elif digests[name] != digests[head]:
            got = f"a digest other than that of {head}.parquet"
            problems.append(Problem(str(folder / f"{name}.parquet"), 0, 0, "of another run", rule, got, _AGAIN))
    return problems


def sha256(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as file, named(path):
        return hashlib.file_digest(file, "sha256").hexdigest()
