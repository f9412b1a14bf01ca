"""Runs that are on disk, read and held against their manifest; see `runoff.output.store` for how they came there.

A manifest names the run, its phase and digest, its tables in order (the first has one row, with the digest), and the
sha256 and size of each file.  Those before 0.3.0 have the run and the files alone; what they held is in `_BEFORE`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runoff.errors import InputError, MissingFileError, Problem, visible
from runoff.output.stages import named
from runoff.race import Tables

MANIFEST = "manifest.json"
TRIALS = "trials"  # the table that is never read whole
_AGAIN = "draw the run again; equal config and seed give equal tables"
_BEFORE = (  # phase, tables that every run of it has, tables that some have
    (
        "runoff_ahead",
        ("run", "candidates", "quantiles", "margin_histogram", "rates", "transfers"),
        ("rates_blocs", "transfers_blocs", "units", "evidence"),
    ),
    ("first_round_open", ("night", "first_round", "pairings", "outstanding"), ()),
    ("runoff_night", ("runoff_night", "runoff_finalists", "runoff_out", "runoff_units"), ()),
)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says; files : sha256 and bytes of each, by name."""

    run_id: str
    phase: str
    digest: str
    tables: tuple[str, ...]
    files: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A run on disk: its folder, its phase's name, and its tables in order, without single trials."""

    folder: Path
    phase: str
    tables: Tables


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


def read_run(folder: Path, only: Callable[[Manifest], Iterable[str]] | None = None) -> Kept:
    """A run's tables, each as the manifest says, and all of one run.

    only : of its manifest, the tables besides the first that are looked at and read; by default all.

    Raises
    ------
    InputError : with every problem of the manifest and the files.
    OSError : a file cannot be read.
    """
    manifest = read_manifest(folder)
    wanted = manifest.tables
    if only is not None:
        some = {manifest.tables[0], *only(manifest)}
        wanted = tuple(name for name in manifest.tables if name in some)
    looked_at = manifest.files if only is None else {f"{name}.parquet" for name in wanted} & set(manifest.files)
    problems = [problem for name in looked_at for problem in _altered(folder / name, manifest.files[name])]
    problems += _unlisted(folder, manifest)
    if problems:
        raise InputError(problems)
    read = {name: _table(folder / f"{name}.parquet") for name in wanted}
    problems = _of_two_runs(folder, manifest, read)
    if problems:
        raise InputError(problems)
    return Kept(folder, manifest.phase, {name: rows for name, (rows, _) in read.items()})


def read_manifest(folder: Path) -> Manifest:
    """What the manifest in a run's folder says.

    Raises
    ------
    InputError : it is none.
    OSError : it cannot be read.
    """
    path = folder / MANIFEST
    rule = "a manifest has run_id, phase, digest, tables, and files with the sha256 and bytes of each"
    try:
        content = json.loads(path.read_bytes().decode("utf-8"))
        run_id, files = content["run_id"], content["files"]
        sound = isinstance(run_id, str) and all(
            isinstance(entry["sha256"], str) and isinstance(entry["bytes"], int) and "/" not in name
            for name, entry in files.items()
        )
        phase, tables, digest = content.get("phase"), content.get("tables"), content.get("digest")
        if phase is None and sound:
            phase, tables, digest = _before(path, files)
        sound &= isinstance(phase, str) and isinstance(digest, str) and isinstance(tables, list) and bool(tables)
        sound &= all(isinstance(name, str) for name in tables or [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
        raise InputError.single(
            str(path), "the manifest cannot be read", rule=rule, got=f"{type(cause).__name__}: {cause}", fix=_AGAIN
        ) from None
    if not sound:
        raise InputError.single(str(path), "the manifest is damaged", rule=rule, fix=_AGAIN)
    return Manifest(run_id, str(phase), str(digest), tuple(tables), files)


def _before(path: Path, files: dict[str, dict[str, Any]]) -> tuple[str, list[str], str]:
    """Phase, tables and digest of a run whose manifest has the files alone."""
    phases = [entry for entry in _BEFORE if f"{entry[1][0]}.parquet" in files]
    if len(phases) != 1:
        rule = f"a run has one of {', '.join(f'{needed[0]}.parquet' for _, needed, _ in _BEFORE)}"
        got = ", ".join(phase for phase, _, _ in phases)
        raise InputError.single(str(path), "not the tables of one run", rule=rule, got=got, fix=_AGAIN)
    phase, needed, others = phases[0]
    more = [name for name in others if f"{name}.parquet" in files or (path.parent / f"{name}.parquet").exists()]
    head = path.parent / f"{needed[0]}.parquet"
    return phase, [*needed, *more], _table(head)[1] if head.is_file() else ""


def _altered(path: Path, entry: dict[str, Any]) -> list[Problem]:
    """What is wrong with a file that the manifest names; of single trials, which can be many, only the size counts."""
    if not path.is_file():
        what = "the file is gone"
    else:
        size_only = path.stem == TRIALS
        if path.stat().st_size == entry["bytes"] and (size_only or sha256(path) == entry["sha256"]):
            return []
        what = "the file is not what the run wrote"
    return [Problem(str(path), 0, 0, what, f"size and sha256 as in {MANIFEST}", "", _AGAIN)]


def _unlisted(folder: Path, manifest: Manifest) -> list[Problem]:
    """Tables that the manifest should name among its files."""
    wanted = {f"{name}.parquet" for name in manifest.tables} | {path.name for path in folder.glob("*.parquet")}
    return [
        Problem(
            str(folder / MANIFEST), 0, 0, f"no word of {name}", "a manifest names each table of the run", "", _AGAIN
        )
        for name in sorted(wanted - set(manifest.files))
    ]


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


def checked(folder: Path, name: str) -> Path:
    """The file of a run's table that is not read as rows, held against the manifest.

    Raises
    ------
    InputError : it is gone, altered or of another run.
    OSError : it cannot be read.
    """
    manifest, path = read_manifest(folder), folder / f"{name}.parquet"
    entry = manifest.files.get(path.name)
    problems = _unlisted(folder, manifest) if entry is None else _altered(path, entry)
    if not problems and digest_of(path) != manifest.digest:
        rule, got = f"all tables are of the run that {MANIFEST} names", "another digest"
        problems = [Problem(str(path), 0, 0, "of another run", rule, got, _AGAIN)]
    if problems:
        raise InputError(problems)
    return path


def digest_of(path: Path) -> str:
    """The digest in a table's footer; '' of a file that is no table of ours."""
    import pyarrow as pa

    from runoff.output import arrow

    try:
        return arrow.read_footer(path).get("digest", "")
    except (pa.ArrowException, ValueError):
        return ""


def _of_two_runs(
    folder: Path, manifest: Manifest, read: dict[str, tuple[list[dict[str, object]], str]]
) -> list[Problem]:
    """Tables that came from elsewhere: another run's name in their rows, or another digest in their footer."""
    problems, rule = [], f"all tables are of the run that {MANIFEST} names, {manifest.run_id}"
    if len(read[manifest.tables[0]][0]) != 1:
        path = folder / f"{manifest.tables[0]}.parquet"
        return [Problem(str(path), 0, 0, "not one row", "the table of the run has one row")]
    for name, (rows, digest) in read.items():
        others = {str(row.get("run_id")) for row in rows} - {manifest.run_id}
        if others:
            got = ", ".join(sorted(others)[:3])
            problems.append(Problem(str(folder / f"{name}.parquet"), 0, 0, "of another run", rule, got, _AGAIN))
        elif digest != manifest.digest:
            got = f"a digest other than that of {MANIFEST}"
            problems.append(Problem(str(folder / f"{name}.parquet"), 0, 0, "of another run", rule, got, _AGAIN))
    return problems


def sha256(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as file, named(path):
        return hashlib.file_digest(file, "sha256").hexdigest()
