"""An archive as a folder of tables: Parquet as the shipped ones, or CSV for a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
from pathlib import Path

from runoff.data.archive.archive import Archive
from runoff.data.archive.columns import TABLES
from runoff.data.archive.kept import columns_of, files_of
from runoff.data.tables.typed import Columns
from runoff.errors import OutputError, RunExistsError, visible


def write_folder(archive: Archive, folder: Path, *, as_csv: bool = False) -> list[Path]:
    """Write the tables into a folder that is new, or has none of them; returns their paths.

    `Archive.read` of the folder is the same archive, to the hash.

    Raises
    ------
    RunExistsError : a table stands there.
    OutputError : the folder cannot be written.
    """
    contents = _csv_files(archive) if as_csv else files_of(archive.kept)
    there = [folder / f"{name}.{end}" for name in TABLES for end in ("csv", "parquet")]
    for path in there:
        if path.exists():
            said = visible(str(path))
            raise RunExistsError(f"{said}: stands there, and is left alone\n  fix:  name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (folder / name).write_bytes(content)
    except OSError as cause:
        raise OutputError(f"{cause.filename or folder}: cannot write: {cause.strerror}") from None
    return [folder / name for name in contents]


def _csv_files(archive: Archive) -> dict[str, bytes]:
    return {f"{name}.csv": _csv(columns) for name, columns in columns_of(archive.kept).items()}


def _csv(columns: Columns) -> bytes:
    """UTF-8 with commas, a header, and the ends of lines that every system reads."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def _cell(value: object) -> str:
    """A value as `read` reads it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, dt.date) else str(value)
