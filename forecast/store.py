"""Runs on disk: a folder of Parquet tables that appears whole or not at all.

A run is written into a hidden stage folder beside its place: each file synced, a manifest with every
file's sha256, then one rename and a sync of the parent.  Whatever happens before the rename leaves what
stood there as it was.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.errors import InputError, MissingFileError, OutputError, RunExistsError
from forecast.schema import TABLES, TRIALS, Table
from forecast.schema_night import NIGHT_TABLES
from forecast.schema_runoff_night import RUNOFF_NIGHT_TABLES

Tables = dict[str, list[dict[str, object]]]

NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
MANIFEST = "manifest.json"
EVERY_TABLE: dict[str, Table] = {**TABLES, **NIGHT_TABLES, **RUNOFF_NIGHT_TABLES}
_HEADS = ("run", "night", "runoff_night")  # tables of one row, which has the digest
_STALE = 24 * 3600  # seconds after which a stage folder of a dead process is swept


@contextmanager
def staged(directory: Path, run_id: str) -> Iterator[Stage]:
    """A stage for one run; leaves nothing behind unless `commit` was called.

    Raises
    ------
    RunExistsError : a run of this name stands there (also when another writer was faster).
    OutputError : the folder cannot be written; path and cause are named.

    """
    if not NAME.match(run_id):
        raise ValueError(f"run_id must match {NAME.pattern}, got {run_id!r}")
    target = directory / run_id
    if target.exists():
        raise _exists(target)
    stage = None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _sweep(directory)
        stage = directory / f".{run_id}.{os.getpid()}.{secrets.token_hex(4)}.stage"
        stage.mkdir()
        yield Stage(stage, target)
    except OSError as cause:
        path = cause.filename or directory
        raise OutputError(
            f"{path}: cannot write: {cause.strerror or cause}\n"
            "  nothing was written; what stood there still stands\n"
            "  fix:  make room or check the rights, or give another folder with --out"
        ) from None
    finally:
        if stage is not None:
            shutil.rmtree(stage, ignore_errors=True)


def _exists(target: Path) -> RunExistsError:
    return RunExistsError(
        f"{target}: a run of this name stands there, and is left alone\n"
        "  fix:  move it away, or give another folder with --out"
    )


class Stage:
    """A run in the making; see `staged`."""

    def __init__(self, folder: Path, target: Path) -> None:
        self._folder, self._target = folder, target
        self._trials: TrialsWriter | None = None

    def trials(self, finalists: Sequence[str], keys: Mapping[str, str]) -> TrialsWriter:
        """A writer for the trials table, in pieces and constant memory."""
        self._trials = TrialsWriter(self._folder / f"{TRIALS.name}.parquet", finalists, keys)
        return self._trials

    def write(self, tables: Tables, footer: Mapping[str, str]) -> None:
        """Write each table with the footer's entries."""
        from forecast import arrow

        for name, rows in tables.items():
            arrow.write_file(self._folder / f"{name}.parquet", arrow.arrow_table(EVERY_TABLE[name], rows, footer))

    def commit(self) -> Path:
        """Make the run appear; returns its folder."""
        files = {}
        for path in sorted(self._folder.iterdir()):
            _sync(path)
            files[path.name] = {"sha256": _sha256(path), "bytes": path.stat().st_size}
        manifest = self._folder / MANIFEST
        manifest.write_text(json.dumps({"run_id": self._target.name, "files": files}, indent=2) + "\n", "utf-8")
        _sync(manifest)
        _sync(self._folder)
        try:
            self._folder.rename(self._target)
        except OSError:
            if self._target.exists():
                raise _exists(self._target) from None
            raise
        _sync(self._target.parent)
        return self._target


class TrialsWriter:
    """Streams trials into a Parquet file; rows are grouped to arrow.ROW_GROUP."""

    def __init__(self, path: Path, finalists: Sequence[str], keys: Mapping[str, str]) -> None:
        self._path, self._finalists, self._keys = path, tuple(finalists), dict(keys)
        self._writer: Any = None
        self._waiting: list[Any] = []
        self._rows = 0

    def __enter__(self) -> TrialsWriter:
        from forecast import arrow

        self._schema = arrow.arrow_schema(TRIALS, self._keys)
        self._writer = arrow.open_writer(self._path, self._schema)
        return self

    def append(self, first: int, votes: npt.NDArray[np.int32], weights: npt.NDArray[np.int64]) -> None:
        """Add the votes int32[n, K] of trials first..first+n-1, and their weights int64[n] of 2^-16, or none."""
        import pyarrow as pa

        from forecast.arrow import ROW_GROUP

        n, k = votes.shape
        names = pa.array(self._finalists * n, pa.string())
        columns = {
            **{key: pa.repeat(value, n * k) for key, value in self._keys.items()},
            "trial": pa.array(np.repeat(np.arange(first, first + n), k)),
            "candidate": names,
            "votes": pa.array(votes.reshape(-1).astype(np.int64)),
            "weight": pa.array(np.repeat(weights / 65_536.0 if weights.size else np.ones(n), k)),
        }
        self._waiting.append(pa.table({f.name: columns[f.name] for f in self._schema}, schema=self._schema))
        self._rows += n * k
        if self._rows >= ROW_GROUP:
            self._flush(ROW_GROUP)

    def _flush(self, multiple: int) -> None:
        """Write a multiple of so many rows, in groups of ROW_GROUP, and keep the rest."""
        import pyarrow as pa

        from forecast.arrow import ROW_GROUP

        table = pa.concat_tables(self._waiting).combine_chunks()
        whole = table.num_rows - table.num_rows % multiple
        self._writer.write_table(table.slice(0, whole), row_group_size=ROW_GROUP)
        rest = table.slice(whole)
        self._waiting, self._rows = ([rest], rest.num_rows) if rest.num_rows else ([], 0)

    def __exit__(self, *_: object) -> None:
        try:
            if self._rows:
                self._flush(1)
        finally:
            self._writer.close()


def standing(directory: Path, run_id: str) -> str | None:
    """The digest of a run that stands in a folder, or None; '' where it cannot be read."""
    if not (directory / run_id).exists():
        return None
    try:
        tables = read(directory / run_id)
        head = next(name for name in _HEADS if name in tables)
        return str(tables[head][0]["digest"])
    except (InputError, MissingFileError, KeyError, IndexError, StopIteration):
        return ""


def read(path: Path) -> Tables:
    """A run's tables (without single trials), from its folder or one of its files, checked by the manifest.

    Raises
    ------
    MissingFileError : no run there.
    InputError : a file is missing, truncated or altered.

    """
    from forecast import arrow

    folder = _run_folder(path)
    manifest = _manifest(folder)
    tables: Tables = {}
    for name in EVERY_TABLE:
        file = folder / f"{name}.parquet"
        if name == TRIALS.name or file.name not in manifest:
            continue
        if not file.exists() or _sha256(file) != manifest[file.name]["sha256"]:
            raise InputError.single(
                str(file),
                "the file is not what the run wrote" if file.exists() else "the file is gone",
                rule=f"sha256 as in {MANIFEST}",
                fix="draw the run again; equal config and seed give equal tables",
            )
        tables[name] = arrow.read_file(file)[0]
    return tables


def _run_folder(path: Path) -> Path:
    if not path.exists():
        raise MissingFileError(f"{path}: no such run\n  fix:  name a run's folder, or one of its tables")
    folder = path if path.is_dir() else path.parent
    if (folder / MANIFEST).exists():
        return folder
    runs = sorted(child.name for child in folder.iterdir() if (child / MANIFEST).exists() and child.name[0] != ".")
    if len(runs) == 1:
        return folder / runs[0]
    found = f"it holds {', '.join(runs[:20])}" if runs else f"it has no {MANIFEST}"
    raise MissingFileError(f"{folder}: not one run's folder: {found}\n  fix:  name a run's folder")


def _manifest(folder: Path) -> dict[str, dict[str, str]]:
    try:
        files = json.loads((folder / MANIFEST).read_text("utf-8"))["files"]
    except (ValueError, KeyError, TypeError) as cause:
        raise InputError.single(str(folder / MANIFEST), "the manifest cannot be read", got=str(cause)) from None
    result: dict[str, dict[str, str]] = files
    return result


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(directory: Path) -> None:
    """Remove stage folders that a killed process left a day ago or earlier."""
    for stage in directory.glob(".*.stage"):
        try:
            if time.time() - stage.stat().st_mtime > _STALE:
                shutil.rmtree(stage, ignore_errors=True)
        except OSError:
            continue  # another process was faster
