"""The night as a curve: a row for each run."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from runoff import interrupts
from runoff.errors import InputError, OutputError, visible
from runoff.files import decoded, read_bytes
from runoff.output.columns import CORE, Column, Table
from runoff.output.schemas.first_round_open import FIRST_ROUND_HISTORY
from runoff.output.schemas.runoff_night import HISTORY, history_table
from runoff.race import Row, Tables

NIGHTS = ("first_round_open", "runoff_night")  # phases that have one
_LARGEST = 100 << 20  # bytes of a history that is read
_PATIENCE = 60  # seconds that one writer waits for another, whose turn takes milliseconds
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets take for the beginning of a formula


def history_of(tables: Tables) -> Table:
    """The history that a night's tables belong in: a runoff's of so many finalists, or a first round's."""
    return FIRST_ROUND_HISTORY if "night" in tables else history_table(len(tables["runoff_finalists"]))


def history_row(tables: Tables, now: dt.datetime | None = None) -> Row:
    """The row of `history_of` for a night's tables.

    now : when it was run, with a time zone; by default the clock's.
    """
    time = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC).isoformat(timespec="seconds")
    if "night" in tables:
        return _first_round_row(tables, time)
    night, finalists = tables["runoff_night"][0], tables["runoff_finalists"]
    own: Row = {
        "time": time,
        "p_first": finalists[0]["p_win"],
        "p_second": finalists[1]["p_win"],
        "p_mcse": finalists[0]["p_win_mcse"],
    }
    for place, one in zip(("third", "fourth"), finalists[2:], strict=False):
        own[place], own[f"p_{place}"] = one["candidate"], one["p_win"]
    columns = history_table(len(finalists)).columns
    return {column.name: own.get(column.name, night.get(column.name)) for column in columns}


def _first_round_row(tables: Tables, time: str) -> Row:
    night = tables["night"][0]
    own: Row = {"time": time}
    for place, one in zip(("first", "second"), tables["first_round"], strict=False):
        own[place] = one["candidate"]
        own |= {f"{place}_share_q{level:02d}": one[f"share_q{level:02d}"] for level in CORE}
        own[f"p_{place}_outright"], own[f"p_{place}_advances"] = one["p_outright"], one["p_advance"]
        own[f"p_{place}"] = one["p_win"]
    return {column.name: own.get(column.name, night.get(column.name)) for column in FIRST_ROUND_HISTORY.columns}


def append_history(path: Path, row: Row) -> None:
    """Add a row to a history table, CSV or (by its name) Parquet; the file is replaced whole or not at all.

    Writers wait for each other, so that no row is lost.  A link stays a link, and the file keeps its mode.

    Raises
    ------
    InputError : what stands there is no history table.
    OutputError : it cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        with alone(target):
            _check_place(target)
            content = (_parquet if path.suffix.lower() == ".parquet" else _csv)(target, row)
            replace_file(target, content)
    except OSError as cause:
        raise OutputError(
            f"{visible(str(path))}: cannot write the history: {cause.strerror or cause}\n"
            "  what stood there still stands\n  fix:  check the path"
        ) from None


def read_history(path: Path, table: Table = HISTORY) -> list[Row]:
    """The rows of a night's history, CSV or (by its name) Parquet, in order, with numbers as numbers.

    Raises
    ------
    MissingFileError : it is not there, or cannot be read.
    InputError : it is no such history.
    """
    content = read_bytes(path, _LARGEST, "the history")
    columns = table.columns
    names = [column.name for column in columns]
    if path.suffix.lower() == ".parquet":
        return _parquet_rows(path, names)
    text = decoded(content, str(path))
    _check_rows(path, text, names)
    lines = list(csv.reader(io.StringIO(text, newline="")))[1:]
    try:
        return [{c.name: _value(c, cell) for c, cell in zip(columns, cells, strict=True)} for cells in lines if cells]
    except ValueError as cause:
        raise _not_ours(path, names, got=str(cause)) from None


def _value(column: Column, cell: str) -> object:
    """A cell of CSV as its column has it."""
    if column.type == "string":
        return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULA else cell
    if not cell and column.nullable:
        return None
    number = int(cell) if column.type == "int64" else float(cell)
    if not math.isfinite(number):
        raise ValueError(f"{column.name} is {cell}")
    return number


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """Whoever else adds to this file waits; the lock is a file beside it, which goes with the last who holds it."""
    from filelock import FileLock, Timeout

    if not target.parent.is_dir():  # a lock would make the folder
        raise FileNotFoundError(2, f"no folder {target.parent}")
    lock = target.with_name(f".{target.name}.lock")
    try:
        with FileLock(lock, timeout=_PATIENCE):
            try:
                yield
            finally:
                lock.unlink(missing_ok=True)  # who waits on it sees that it is gone, and makes a new one
    except Timeout:
        raise TimeoutError(0, f"another process has held {lock.name} for {_PATIENCE} seconds") from None


def _check_place(target: Path) -> None:
    if target.exists():
        if not target.is_file():
            raise OSError(0, "not a plain file")
        if not os.access(target, os.W_OK):
            raise PermissionError(0, "the file may not be written")


def replace_file(target: Path, content: bytes) -> None:
    """Put a file in a path's place, whole or not at all, with the mode of what stood there; OSError where it cannot."""
    stage = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with interrupts.removed_at_once(lambda: stage.unlink(missing_ok=True)):
        try:
            with stage.open("xb") as file:
                if target.exists():
                    os.fchmod(file.fileno(), stat.S_IMODE(target.stat().st_mode))
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            with interrupts.held():
                stage.replace(target)
                interrupts.wrote(target)
        finally:
            stage.unlink(missing_ok=True)


def _csv(path: Path, row: Row) -> bytes:
    names = list(row)
    before = path.read_bytes() if path.exists() else b""
    if before:
        _check_rows(path, decoded(before, str(path)), names)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if not before:
        writer.writerow(names)
    writer.writerow([_cell(row[name]) for name in names])
    return before + (b"" if not before or before.endswith(b"\n") else b"\n") + text.getvalue().encode()


def _check_rows(path: Path, text: str, names: list[str]) -> None:
    """Refuse what is no history, and a history that is cut or mixed up."""
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as cause:
        raise _not_ours(path, names, got=str(cause)) from None
    if not rows or rows[0] != names:
        raise _not_ours(path, names)
    for number, cells in enumerate(rows[1:], 2):
        if cells and len(cells) != len(names):
            raise _not_ours(path, names, got=f"row {number} has {len(cells)} cells, not {len(names)}")


def _cell(value: object) -> object:
    """A cell as CSV has it; text that a spreadsheet would run as a formula gets an apostrophe before it."""
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


def comma_separated(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV, lines ended by a line feed; no text in it runs as a formula in a spreadsheet."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _parquet(path: Path, row: Row) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from runoff.output.arrow import arrow_table

    before = _parquet_rows(path, list(row)) if path.exists() and path.stat().st_size else []
    try:
        table = arrow_table(_table_of(row), [*before, row], {})
    except (pa.ArrowException, ValueError, TypeError) as cause:
        raise _not_ours(path, row, got=str(cause).split("\n", 1)[0]) from None
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def _table_of(row: Row) -> Table:
    """The history that a row is of."""
    return FIRST_ROUND_HISTORY if "p_runoff" in row else history_table(2 + (len(row) - len(HISTORY.columns)) // 2)


def _parquet_rows(path: Path, names: list[str]) -> list[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from runoff.output.arrow import read_file

    try:
        if pq.read_schema(path).names != names:
            raise _not_ours(path, names)
        return read_file(path)[0]
    except (pa.ArrowException, ValueError, TypeError, OSError) as cause:
        if isinstance(cause, OSError) and cause.errno:  # the disk's word, not the content's
            raise
        raise _not_ours(path, names, got=str(cause).split("\n", 1)[0]) from None


def _not_ours(path: Path, names: Iterable[str], got: str = "") -> InputError:
    rule = f"this night's history has the columns {', '.join(names)}"
    return InputError.single(str(path), "not a history table", rule=rule, got=got, fix="give another file")
