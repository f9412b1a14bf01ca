from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from runoff.app.published.found import Reader, shelf
from runoff.errors import MissingFileError, UsageError
from runoff.output import store
from tests.forecast.app.published.shelves import TIME, put


def test_runs_are_found_however_deep_and_in_order(tmp_path: Path) -> None:
    """By race, then day of information, then time of writing; hidden folders and links to folders are not followed."""
    late = put(tmp_path.joinpath(*"abcdefghijklmnop"), "beta", minute=0, seed=3)
    early = put(tmp_path / "c", "beta", as_of="2025-03-04", minute=9, seed=2)
    other = put(tmp_path, "alpha")
    shutil.copytree(other, tmp_path / ".hidden" / "x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    found = shelf(tmp_path)
    assert [run.folder for run in found.runs] == [other, early, late]
    assert found.notes == ()
    assert {race: run.folder for race, run in found.latest().items()} == {"alpha": other, "beta": late}


def test_what_is_said_of_a_run_is_what_its_tables_say(tmp_path: Path) -> None:
    """Each field is the head table's, the chances are the candidates', highest first."""
    folder = put(tmp_path, minute=5)
    run, tables = shelf(tmp_path).runs[0], store.read(folder)
    head = tables["run"][0]
    for name in ("run_id", "race_id", "race_name", "as_of", "trials", "digest", "version"):
        assert getattr(run, name) == head[name]
    assert dict(run.chances) == {row["candidate"]: row["p_win"] for row in tables["candidates"]}
    assert run.chances[0][1] == max(p for _, p in run.chances)
    assert run.mcse == max(tables["candidates"], key=lambda row: float(str(row["p_win"])))["p_win_mcse"]
    assert run.written == dt.datetime.fromtimestamp(TIME + 300, dt.UTC)


def test_of_two_runs_of_a_day_the_one_written_later_is_the_latest(tmp_path: Path) -> None:
    """And an earlier day of information never is, however late it was written."""
    put(tmp_path, seed=1, minute=1)
    last = put(tmp_path, seed=2, minute=2)
    put(tmp_path, seed=3, minute=3, as_of="2025-03-04")
    assert shelf(tmp_path).latest()["race"].folder == last


def test_what_is_no_forecast_is_told(tmp_path: Path) -> None:
    """A damaged manifest, an altered table, a missing one, another kind of run, a double with other numbers."""
    sound = put(tmp_path, seed=1)
    altered, gone = put(tmp_path, seed=2), put(tmp_path, seed=3)
    (altered / "candidates.parquet").write_bytes(b"x")
    (gone / "run.parquet").unlink()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{")
    shutil.copytree(sound, tmp_path / "sweep")
    manifest = json.loads((tmp_path / "sweep" / "manifest.json").read_text())
    (tmp_path / "sweep" / "manifest.json").write_text(json.dumps({**manifest, "phase": "sweep"}))
    found = shelf(tmp_path)
    assert [run.folder for run in found.runs] == [sound]
    said = "\n".join(found.notes)
    assert "no forecasts, and left out: 1 of sweep" in said
    for folder in (altered, gone, tmp_path / "broken"):
        assert str(folder) in said


def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is behind it is left out with a word; one that went while we looked is not."""
    sound, shut, gone = put(tmp_path, seed=1), put(tmp_path / "shut", "other"), put(tmp_path / "gone", "third")
    real = os.scandir
    refused = {str(shut.parent): PermissionError(13, "Permission denied", str(shut.parent)),
               str(gone.parent): FileNotFoundError(2, "No such file", str(gone.parent))}  # fmt: skip

    def scandir(path: str) -> Any:
        if str(path) in refused:
            raise refused[str(path)]
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = shelf(tmp_path)
    assert [run.folder for run in found.runs] == [sound]
    assert found.notes == (f"{shut.parent}: left out: cannot read: Permission denied",)


def test_a_copy_of_a_run_is_the_same_run(tmp_path: Path) -> None:
    """Two folders with one name and one digest are listed once, without a word."""
    folder = put(tmp_path)
    shutil.copytree(folder, tmp_path / "copy" / folder.name)
    found = shelf(tmp_path)
    assert len(found.runs) == 1
    assert found.notes == ()


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    """Missing, or a file."""
    with pytest.raises(MissingFileError, match="no such folder"):
        shelf(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="not a folder"):
        shelf(tmp_path / "file")


def test_a_reader_reads_a_run_once_and_sees_what_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look reads new and altered manifests only, and forgets what is gone."""
    first = put(tmp_path, seed=1)
    reader = Reader(tmp_path)
    reader.look()
    read: list[Path] = []
    real = store.read_run if hasattr(store, "read_run") else None
    assert real is not None
    monkeypatch.setattr(
        "runoff.output.kept.read_run", lambda folder, only=None: (read.append(folder), real(folder, only))[1]
    )
    second = put(tmp_path, seed=2, minute=1)
    assert [run.folder for run in reader.look().runs] == [first, second]
    assert read == [second]
    os.utime(first / "manifest.json", (TIME + 999, TIME + 999))
    assert [run.folder for run in reader.look().runs] == [second, first]
    shutil.rmtree(second)
    assert [run.folder for run in reader.look().runs] == [first]
    assert read == [second, first]
