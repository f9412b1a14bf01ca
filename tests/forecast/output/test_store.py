"""Runs on disk: whole or not at all, typed as documented, equal in every reader."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runoff.errors import InputError, MissingFileError, OutputError, RunExistsError
from runoff.output import arrow, store
from runoff.output.columns import Column
from runoff.output.schemas.runoff_ahead import TABLES
from runoff.output.schemas.shard import TALLIES
from tests import night
from tests.forecast import example
from tests.installed import ROOT

FOOTER = {"config": "[race]\nname = 'Ω'\n", "seed": "1"}


def _write(directory: Path, run_id: str = "example-1") -> Path:
    with store.staged(directory, run_id) as stage:
        with stage.trials(["Ωμέγα 007", "王小明"], {"run_id": run_id, "race_id": "r"}) as trials:
            trials.append(0, np.arange(10, dtype=np.int32).reshape(5, 2), np.arange(1, 6) * 65_536)
            trials.append(5, np.arange(4, dtype=np.int32).reshape(2, 2), np.empty(0, np.int64))
        stage.write(example.tables(True), TABLES, FOOTER)
        return stage.commit("runoff_ahead", "")


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Tables come back as they went, from the folder, from one of its files and from its parent."""
    folder = _write(tmp_path)
    for path in (folder, folder / "rates.parquet", tmp_path):
        tables = store.read(path)
        assert tables["candidates"] == example.tables(True)["candidates"]
        assert set(tables) == set(TABLES) - {"trials"}


def test_trials_are_streamed_in_order(tmp_path: Path) -> None:
    """The trials table has a row a trial and finalist, in order, whatever the pieces."""
    table = pq.read_table(_write(tmp_path) / "trials.parquet")
    assert table.column("trial").to_pylist() == [t for t in range(7) for _ in range(2)]
    assert table.column("votes").to_pylist() == [*range(10), *range(4)]
    assert table.column("weight").to_pylist() == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 1, 1, 1, 1]
    assert table.column("candidate").to_pylist()[:2] == ["Ωμέγα 007", "王小明"]


def test_streamed_row_groups_have_the_documented_size(tmp_path: Path) -> None:
    """Many small pieces become row groups of 122,880."""
    with store.staged(tmp_path, "many") as stage:
        with stage.trials(["A", "B"], {"run_id": "many", "race_id": "r"}) as trials:
            for start in range(0, 200_000, 1_000):
                trials.append(start, np.zeros((1_000, 2), np.int32), np.empty(0, np.int64))
        stage.write({"run": example.tables(True)["run"]}, TABLES, {})
        folder = stage.commit("runoff_ahead", "")
    metadata = pq.ParquetFile(folder / "trials.parquet").metadata
    sizes = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert sum(sizes) == 400_000
    assert set(sizes[:-1]) == {arrow.ROW_GROUP}


def _arrow_type(column: Column) -> pa.DataType:
    return {
        "string": pa.string(), "int32": pa.int32(), "int64": pa.int64(), "double": pa.float64(), "bool": pa.bool_(),
        "date": pa.date32(), "timestamp": pa.timestamp("us", tz="UTC"),
    }[column.type]  # fmt: skip


@pytest.mark.parametrize("name", list(TABLES))
def test_files_have_the_documented_columns(tmp_path: Path, name: str) -> None:
    """Names, order, types and nullability are the schema's; the compression is zstd; the footer is ours."""
    path = _write(tmp_path) / f"{name}.parquet"
    schema = pq.read_schema(path)
    assert schema.names == [column.name for column in TABLES[name].columns]
    for column in TABLES[name].columns:
        found = schema.field(column.name)
        assert (found.type, found.nullable) == (_arrow_type(column), column.nullable)
    assert pq.ParquetFile(path).metadata.row_group(0).column(0).compression == "ZSTD"
    if name != "trials":
        assert arrow.read_file(path)[1] == FOOTER


def _values(rows: list[dict[str, Any]]) -> list[list[Any]]:
    """Rows as lists of plain values, with missing ones as None and dates as text."""

    def plain(value: Any) -> Any:
        if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
            return None
        return str(value)[:10] if hasattr(value, "isoformat") else value

    return [[plain(value) for value in row.values()] for row in rows]


@pytest.mark.parametrize("name", list(TABLES))
def test_four_readers_agree(tmp_path: Path, name: str) -> None:
    """pyarrow, pandas, DuckDB and Polars see equal values and equal types of columns."""
    path = _write(tmp_path) / f"{name}.parquet"
    expected = _values(pq.read_table(path).to_pylist())
    frame = pd.read_parquet(path)
    relation = duckdb.sql(f"select * from read_parquet('{path}')")
    polars = pl.read_parquet(path)
    assert _values(frame.to_dict("records")) == expected
    assert _values([dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]) == expected
    assert _values(polars.to_dicts()) == expected
    duck = {
        "bool": "BOOLEAN",
        "string": "VARCHAR",
        "int32": "INTEGER",
        "int64": "BIGINT",
        "double": "DOUBLE",
        "date": "DATE",
    }
    pol = {
        "bool": pl.Boolean,
        "string": pl.String,
        "int32": pl.Int32,
        "int64": pl.Int64,
        "double": pl.Float64,
        "date": pl.Date,
    }
    numpy = {"int32": "int32", "int64": "int64", "double": "float64"}
    for column in TABLES[name].columns:
        assert str(relation.types[relation.columns.index(column.name)]) == duck[column.type]
        assert polars.schema[column.name] == pol[column.type]
        if column.type in numpy:
            assert str(frame[column.name].dtype) == numpy[column.type]


def test_a_nan_is_never_written() -> None:
    """A NaN, a missing value, an unknown column: an error before anything is on disk."""
    good = example.tables()["quantiles"][0]
    for bad in ({**good, "value": float("nan")}, {**good, "value": None}, {**good, "more": 1}):
        with pytest.raises(ValueError, match=r"quantiles"):
            arrow.arrow_table(TABLES["quantiles"], [bad], {})


def test_a_second_run_of_the_same_name_loses(tmp_path: Path) -> None:
    """The first run stands, the second is told; nothing else is left in the folder."""
    _write(tmp_path)
    before = (tmp_path / "example-1" / "manifest.json").read_bytes()
    with pytest.raises(RunExistsError, match="left alone"):
        _write(tmp_path)
    assert (tmp_path / "example-1" / "manifest.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["example-1"]


def test_of_many_writers_at_once_one_wins(tmp_path: Path) -> None:
    """Eight writers start together: one run stands, whole, and seven are told."""
    gate, outcomes = threading.Barrier(8), []

    def writer() -> None:
        gate.wait()
        try:
            _write(tmp_path)
            outcomes.append("won")
        except RunExistsError:
            outcomes.append("lost")

    threads = [threading.Thread(target=writer) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost"] * 7 + ["won"]
    assert store.read(tmp_path)["run"]
    assert [path.name for path in tmp_path.iterdir()] == ["example-1"]


@pytest.mark.parametrize("step", ["write_file", "_sync", "rename", "mkdir"])
def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """Whichever step meets a full disk: exit code 74, path and cause, and no trace in the folder."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "the/path")

    target = {"write_file": arrow, "_sync": store, "rename": Path, "mkdir": Path}[step]
    monkeypatch.setattr(target, step, full)
    with pytest.raises(OutputError, match=r"the/path: cannot write: No space left on device") as caught:
        _write(tmp_path)
    monkeypatch.undo()
    assert caught.value.exit_code == 74
    assert list(tmp_path.iterdir()) == []


def test_a_real_limit_on_file_size_leaves_nothing(tmp_path: Path) -> None:
    """Under a limit of 4 kB a file, the command fails with exit code 74 and leaves the folder empty."""
    run = night.folder(tmp_path / "night")
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from runoff.app.cli import main\nimport runoff.app.commands, runoff.phases.pipeline\n"
        "import runoff.output.store, runoff.kernels.fill\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        f"main(['run', {str(run)!r}, '--out', {str(tmp_path / 'runs')!r}])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 74, answer.stderr
    assert "cannot write" in answer.stderr
    assert not list((tmp_path / "runs").glob("*"))


def test_kill_leaves_no_visible_run(tmp_path: Path) -> None:
    """After kill -9 in the middle of writing: no run appears, and the next one is written."""
    code = (
        "import os, signal\nfrom pathlib import Path\n"
        "from tests.forecast import example\nfrom runoff.output import store\n"
        "from runoff.output.schemas.runoff_ahead import TABLES as schemas\n"
        f"with store.staged(Path({str(tmp_path)!r}), 'example-1') as stage:\n"
        "    stage.write(example.tables(True), schemas, {})\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert answer.returncode == -signal.SIGKILL
    assert not (tmp_path / "example-1").exists()
    assert store.read(_write(tmp_path))["run"]


@pytest.mark.parametrize("how", ["truncate", "alter", "remove", "manifest"])
def test_damage_is_told(tmp_path: Path, how: str) -> None:
    """A truncated, altered or missing file, or a broken manifest, is refused with its name."""
    folder = _write(tmp_path)
    victim = folder / ("manifest.json" if how == "manifest" else "rates.parquet")
    if how == "remove":
        victim.unlink()
    else:
        content = victim.read_bytes()
        victim.write_bytes(content[:100] if how != "alter" else content[:50] + b"x" + content[51:])
    with pytest.raises(InputError, match=victim.name):
        store.read(folder)


def test_what_is_no_run_is_told(tmp_path: Path) -> None:
    """An empty folder, an absent one, one with two runs: exit code 66, and the runs found are listed."""
    for path, words in ((tmp_path, "no manifest"), (tmp_path / "absent", "no such run")):
        with pytest.raises(MissingFileError, match=words):
            store.read(path)
    for name in ("a", "b"):
        _write(tmp_path, name)
    with pytest.raises(MissingFileError, match="it holds a, b"):
        store.read(tmp_path)


def test_names_never_become_paths(tmp_path: Path) -> None:
    """A run's name that could leave the folder is refused."""
    with pytest.raises(ValueError, match="run_id"), store.staged(tmp_path, "../escape"):
        pass


def test_the_manifest_lists_every_file(tmp_path: Path) -> None:
    """Names and sha256 of all files but itself."""
    folder = _write(tmp_path)
    files = json.loads((folder / "manifest.json").read_text())["files"]
    assert set(files) == {path.name for path in folder.iterdir()} - {"manifest.json"}


def test_runs_before_0_3_are_read(tmp_path: Path) -> None:
    """A manifest with the run and its files alone, as 0.1 and 0.2 wrote it: the same tables, and damage is told."""
    folder = _write(tmp_path)
    new = store.found(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    for name in ("sensitivity", "factors", "response", "ballots"):  # which they had not
        (folder / f"{name}.parquet").unlink()
        del manifest["files"][f"{name}.parquet"], new.tables[name]
    (folder / "manifest.json").write_text(json.dumps({key: manifest[key] for key in ("run_id", "files")}))
    old = store.found(folder)
    assert (old.phase, old.tables) == (new.phase, new.tables)
    (folder / "rates.parquet").unlink()
    with pytest.raises(InputError, match=r"rates\.parquet"):
        store.read(folder)


def test_a_manifest_that_lacks_a_word_is_damaged(tmp_path: Path) -> None:
    """Each of its keys has to be there and be what it is, and the digest is that of the tables."""
    folder = _write(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    for damage in ({"phase": 5}, {"tables": 5}, {"tables": []}, {"tables": [1]}, {"digest": 5}, {"digest": None}):
        (folder / "manifest.json").write_text(json.dumps({**manifest, **damage}))
        with pytest.raises(InputError, match="the manifest"):
            store.read(folder)
    (folder / "manifest.json").write_text(json.dumps({**manifest, "digest": "another"}))
    with pytest.raises(InputError, match="of another run"):
        store.read(folder)


def test_a_table_in_pieces_is_the_table(tmp_path: Path) -> None:
    """Pieces of several lengths, one longer than a row group and one empty, come back as they went; the file has the
    table's schema, footer and keys in every row.
    """
    rng = np.random.default_rng(1)
    sizes = {"wins": 3, "unit_bins": arrow.ROW_GROUP + 5, "margin": 0, "share": 7}
    pieces: list[dict[str, Any]] = [
        {"tally": name, "place": np.arange(n, dtype=np.int64), "value": rng.integers(-(2**62), 2**62, n)}
        for name, n in sizes.items()
    ]
    path = tmp_path / "tallies.parquet"
    arrow.write_pieces(path, TALLIES, {"digest": "d"}, {"run_id": "r", "race_id": "e"}, pieces)
    assert arrow.read_footer(path)["digest"] == "d"
    assert pq.read_schema(path).equals(arrow.arrow_schema(TALLIES, {"digest": "d"}), check_metadata=True)
    back: dict[str, list[list[np.ndarray]]] = {}
    for name, arrays in arrow.read_pieces(path, "tally", ("place", "value")):
        back.setdefault(name, []).append(arrays)
    assert set(back) == {name for name, n in sizes.items() if n}
    for piece in pieces:
        if len(piece["place"]):
            found = [np.concatenate(parts) for parts in zip(*back[str(piece["tally"])], strict=True)]
            assert np.array_equal(found[0], piece["place"])
            assert np.array_equal(found[1], piece["value"])
    rows, _ = arrow.read_file(path)
    assert {(row["run_id"], row["race_id"]) for row in rows} == {("r", "e")}
    assert len(rows) == sum(sizes.values())
