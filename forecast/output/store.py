"""Runs on disk: a folder of Parquet tables that appears whole or not at all.

A run is written into a hidden stage folder beside its place: each file synced, a manifest with every
file's sha256, then one rename and a sync of the parent.  Whatever happens before the rename leaves what
stood there as it was.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from runoff import interrupts
from runoff.errors import OutputError, RunExistsError, RunoffError, UsageError, visible
from runoff.output import inputs, stages
from runoff.output.columns import Table
from runoff.output.kept import MANIFEST, Kept, read_run, run_folder, sha256
from runoff.output.schemas.runoff_ahead import TRIALS
from runoff.output.stages import named
from runoff.race import Tables

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")


def on_this_machine(path: Path) -> None:
    """Refuse an address, of which a path makes a folder that is called after its scheme.

    Raises
    ------
    UsageError : it is one.
    """
    if _ADDRESS.match(path.as_posix()):
        raise UsageError(
            f"{visible(path.as_posix())}: an address where a folder of this machine is meant\n"
            "  fix:  the command line reads and writes addresses (runoff run --out, runoff show)"
        )


@contextmanager
def staged(directory: Path, run_id: str) -> Iterator[Stage]:
    """A stage for one run; leaves nothing behind unless `commit` was called.

    Raises
    ------
    RunExistsError : a run of this name stands there (also when another writer was faster).
    OutputError : the folder cannot be written; path and cause are named.
    UsageError : the directory is an address.
    """
    if not NAME.match(run_id):
        raise ValueError(f"run_id must match {NAME.pattern}, got {run_id!r}")
    on_this_machine(directory)
    target = directory / run_id
    if os.path.lexists(target):
        raise _exists(target)
    stage = None
    try:
        directory.mkdir(parents=True, exist_ok=True)
        stages.sweep(directory)
        with stages.made(directory, run_id) as folder:
            stage = Stage(folder, target)
            yield stage
    except OSError as cause:
        raise _unwritten(cause, directory, target, stands=stage is not None and stage.committed) from None


def _unwritten(cause: OSError, directory: Path, target: Path, *, stands: bool) -> OutputError:
    path = cause.filename or directory
    said = f"the run stands in {target}, but the disk has not confirmed it"
    return OutputError(
        f"{path}: cannot write: {cause.strerror or cause}\n"
        f"  {said if stands else 'nothing was written; what stood there still stands'}\n"
        "  fix:  make room or check the rights, or give another folder with --out"
    )


def _exists(target: Path) -> RunExistsError:
    return RunExistsError(
        f"{target}: a run of this name stands there, and is left alone\n"
        "  fix:  move it away, or give another folder with --out"
    )


class Stage:
    """A run in the making; see `staged`."""

    def __init__(self, folder: Path, target: Path) -> None:
        self._folder, self._target = folder, target
        self.committed = False
        self._tables: list[str] = []
        self._inputs: dict[str, Any] | None = None

    def trials(self, finalists: Sequence[str], keys: Mapping[str, str]) -> TrialsWriter:
        """A writer for the trials table, in pieces and constant memory."""
        return TrialsWriter(self._folder / f"{TRIALS.name}.parquet", finalists, keys)

    def write(self, tables: Tables, schemas: Mapping[str, Table], footer: Mapping[str, str]) -> None:
        """Write each table by its schema, with the footer's entries; the first has one row."""
        from runoff.output import arrow

        for name, rows in tables.items():
            arrow.write_file(self._folder / f"{name}.parquet", arrow.arrow_table(schemas[name], rows, footer))
        self._tables = list(tables)

    def pieces(
        self, table: Table, footer: Mapping[str, str], keys: Mapping[str, str], pieces: Iterable[Mapping[str, Any]]
    ) -> None:
        """Write one more table, which is too large for rows (`runoff.output.arrow.write_pieces`)."""
        from runoff.output import arrow

        arrow.write_pieces(self._folder / f"{table.name}.parquet", table, footer, keys, pieces)
        self._tables.append(table.name)

    def inputs(self, of_run: inputs.Inputs) -> None:
        """Write what the run was drawn from."""
        self._inputs = inputs.write(self._folder, of_run)

    def commit(self, phase: str, digest: str) -> Path:
        """Make the run appear; returns its folder.  phase and digest stand in the manifest."""
        files = {}
        below = self._folder / inputs.FOLDER
        for path in sorted(below.iterdir()) if below.is_dir() else ():
            _sync(path)
        for path in sorted(self._folder.iterdir()):
            _sync(path)
            if path.name not in (stages.MARKER, inputs.FOLDER):
                files[path.name] = {"sha256": sha256(path), "bytes": path.stat().st_size}
        manifest = self._folder / MANIFEST
        content: dict[str, Any] = {"run_id": self._target.name, "phase": phase, "digest": digest}
        content |= {"tables": self._tables, **({"inputs": self._inputs} if self._inputs is not None else {})}
        with manifest.open("xb") as file, named(manifest):
            file.write((json.dumps({**content, "files": files}, indent=2) + "\n").encode())
        _sync(manifest)
        with interrupts.held():  # from here on an interrupt says that the run stands
            (self._folder / stages.MARKER).unlink()
            _sync(self._folder)
            try:
                self._folder.rename(self._target)
            except OSError:
                if os.path.lexists(self._target):
                    raise _exists(self._target) from None
                raise
            self.committed = True
            interrupts.wrote(self._target)
            _sync(self._target.parent)
        return self._target


class TrialsWriter:
    """Streams trials into a Parquet file; rows are grouped to arrow.ROW_GROUP."""

    def __init__(self, path: Path, finalists: Sequence[str], keys: Mapping[str, str]) -> None:
        self._path, self._finalists, self._keys = path, tuple(finalists), dict(keys)
        self._writer: Any = None
        self._file: Any = None
        self._waiting: list[Any] = []
        self._rows = 0

    def __enter__(self) -> TrialsWriter:
        from runoff.output import arrow

        self._schema = arrow.arrow_schema(TRIALS, self._keys)
        self._file = self._path.open("xb")
        self._writer = arrow.open_writer(self._file, self._schema)
        return self

    def append(self, first: int, votes: npt.NDArray[np.int32], weights: npt.NDArray[np.int64]) -> None:
        """Add the votes int32[n, K] of trials first..first+n-1, and their weights int64[n] of 2^-16, or none."""
        from runoff.output.arrow import ROW_GROUP
        from runoff.output.trials import table_of

        n, k = votes.shape
        self._waiting.append(table_of((first, votes, weights), self._finalists, self._keys, self._schema))
        self._rows += n * k
        if self._rows >= ROW_GROUP:
            self._flush(ROW_GROUP)

    def _flush(self, multiple: int) -> None:
        """Write a multiple of so many rows, in groups of ROW_GROUP, and keep the rest."""
        import pyarrow as pa

        from runoff.output.arrow import ROW_GROUP

        table = pa.concat_tables(self._waiting).combine_chunks()
        whole = table.num_rows - table.num_rows % multiple
        with named(self._path):
            self._writer.write_table(table.slice(0, whole), row_group_size=ROW_GROUP)
        rest = table.slice(whole)
        self._waiting, self._rows = ([rest], rest.num_rows) if rest.num_rows else ([], 0)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:  # what is half written is thrown away; its own failure is what counts
            with suppress(Exception):
                self._writer.close()
            with suppress(OSError):
                self._file.close()
            return
        with named(self._path), self._file:
            if self._rows:
                self._flush(1)
            self._writer.close()


def standing(directory: Path, run_id: str) -> str | None:
    """The digest of a run that stands in a folder, or None; '' where it cannot be read."""
    folder = directory / run_id
    if not os.path.lexists(folder):
        return None
    try:
        tables = read(folder) if folder.is_dir() else {}
        return str(next(iter(tables.values()))[0]["digest"])
    except (RunoffError, KeyError, IndexError, StopIteration):
        return ""


def read(path: Path) -> Tables:
    """A run's tables (without single trials), from its folder or one of its files, checked by the manifest.

    Raises
    ------
    MissingFileError : no run there.
    InputError : a file is missing, truncated, altered, of another run, or not named by the manifest.
    OutputError : the disk does not answer.
    """
    return found(path).tables


def found(path: Path) -> Kept:
    """A run's folder and phase with the tables that `read` has.

    Raises
    ------
    MissingFileError, InputError, OutputError : as told by `read`.
    """
    on_this_machine(path)
    try:
        return read_run(run_folder(path))
    except OSError as cause:
        raise OutputError(
            f"{cause.filename or path}: cannot read: {cause.strerror or cause}\n  fix:  check the disk and the rights"
        ) from None


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        with named(path):
            os.fsync(handle)
    finally:
        os.close(handle)
