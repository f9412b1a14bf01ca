"""The night as a curve: a row for each run, and a file that is watched."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from forecast.errors import InputError, MissingFileError, OutputError
from forecast.schema_runoff_night import HISTORY

Row = dict[str, object]
Tables = dict[str, list[Row]]


def history_row(tables: Tables, now: dt.datetime | None = None) -> Row:
    """The row of `forecast.schema_runoff_night.HISTORY` for a night's tables.

    now : when it was run, with a time zone; by default the clock's.
    """
    night, finalists = tables["runoff_night"][0], tables["runoff_finalists"]
    when = (now or dt.datetime.now(dt.UTC)).astimezone(dt.UTC)
    own: Row = {
        "time": when.isoformat(timespec="seconds"),
        "p_first": finalists[0]["p_win"],
        "p_second": finalists[1]["p_win"],
        "p_mcse": finalists[0]["p_win_mcse"],
    }
    return {column.name: own.get(column.name, night.get(column.name)) for column in HISTORY.columns}


def append_history(path: Path, row: Row) -> None:
    """Add a row to a history table, CSV or (by its name) Parquet; the file is replaced whole or not at all.

    Raises
    ------
    InputError : what stands there is no history table.
    OutputError : it cannot be written.

    """
    parquet = path.suffix.lower() == ".parquet"
    try:
        content = (_parquet if parquet else _csv)(path, row)
        stage = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        try:
            with stage.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            stage.replace(path)
        finally:
            stage.unlink(missing_ok=True)
    except OSError as cause:
        raise OutputError(
            f"{path}: cannot write the history: {cause.strerror or cause}\n  fix:  check the path"
        ) from None


def _csv(path: Path, row: Row) -> bytes:
    names = [column.name for column in HISTORY.columns]
    before = path.read_text("utf-8") if path.exists() else ""
    if before and before.splitlines()[0].split(",") != names:
        raise _not_ours(path)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, lineterminator="\n")
    if not before:
        writer.writeheader()
    writer.writerow({name: "" if row[name] is None else row[name] for name in names})
    return (before + ("" if not before or before.endswith("\n") else "\n") + text.getvalue()).encode()


def _parquet(path: Path, row: Row) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from forecast.arrow import arrow_table, read_file

    before: list[Row] = []
    if path.exists():
        try:
            before = read_file(path)[0]
        except (pa.ArrowException, ValueError):
            raise _not_ours(path) from None
    if before and list(before[0]) != [column.name for column in HISTORY.columns]:
        raise _not_ours(path)
    sink = io.BytesIO()
    pq.write_table(arrow_table(HISTORY, [*before, row], {}), sink)
    return sink.getvalue()


def _not_ours(path: Path) -> InputError:
    rule = f"a history has the columns {', '.join(column.name for column in HISTORY.columns)}"
    return InputError.single(str(path), "not a history table", rule=rule, fix="give another file")


def watch(
    path: Path,
    on_change: Callable[[], None],
    *,
    seconds: float = 1.0,
    stop: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """Call `on_change` at once, and again whenever the file's time or size has changed; returns how often.

    Looks every so many seconds, until `stop` says so or Ctrl-C.  A file that is missing is waited for: some
    programs replace a file by taking it away first.  One that is still growing is read once it stands still.

    Raises
    ------
    MissingFileError : it is not there at the start.

    """
    seen, calls = _stamp(path), 0
    if seen is None:
        raise MissingFileError(f"{path}: no such file to watch\n  fix:  check the path")
    try:
        on_change()
        calls = 1
        settled: tuple[int, int] | None = seen
        while not stop():
            sleep(seconds)
            now = _stamp(path)
            if now is not None and now != seen and now == settled:
                seen = now
                on_change()
                calls += 1
            settled = now
    except KeyboardInterrupt:
        pass
    return calls


def _stamp(path: Path) -> tuple[int, int] | None:
    """Time of change and size, or None where there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
