from __future__ import annotations

import json
import random
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from runoff.app.shards.folders import merge, shard
from runoff.app.shards.part import GROUP, Part
from runoff.errors import InputError, MissingFileError, UsageError
from runoff.output import store
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.runfile.load import load
from tests.command import runoff
from tests.installed import ROOT

CONFIGS = ROOT / "configs" / "ga06-2017"


def _opened(out: Path, name: str = "april", **options: object) -> pipeline.Opened:
    return pipeline.opened(load(CONFIGS / f"{name}.toml"), Options(out=out, **options))  # type: ignore[arg-type]  # by name


@pytest.mark.parametrize(("trials", "shards"), [(1, 1), (5_000, 3), (1_024, 4), (1_000_000, 7), (262_145, 2)])
def test_shards_are_a_division_of_the_trials(trials: int, shards: int) -> None:
    """Each trial is in one shard, in order; all but the last begin and end at a group's edge."""
    ranges = [Part(k, shards).range(trials) for k in range(1, shards + 1)]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == trials
    assert all(a[1] == b[0] for a, b in pairwise(ranges))
    assert all(first % GROUP == 0 for first, _ in ranges)


@pytest.mark.parametrize(
    ("name", "trials", "shards"),
    [("april", 300_000, 3), ("eve", 20_000, 5), ("april", 3_000, 4), ("precincts", 3_000, 2)],
)
def test_merged_shards_have_the_digest_of_one_run(tmp_path: Path, name: str, trials: int, shards: int) -> None:
    """In any order, through the end of the detailed trials, with weights, by units: every table but its seconds."""
    order = list(range(1, shards + 1))
    random.Random(trials).shuffle(order)
    for number in order:
        shard(_opened(tmp_path / "parts", name, trials=trials, threads=1), Part(number, shards))
    run, finished = merge(tmp_path / "parts", tmp_path / "merged")
    whole = pipeline.keep(_opened(tmp_path / "whole", name, trials=trials, threads=1))
    assert finished.directory.name == whole.directory.name == run.run_id
    assert finished.tables["run"][0]["digest"] == whole.tables["run"][0]["digest"]
    for table, rows in whole.tables.items():
        told = [{k: v for k, v in row.items() if k != "seconds"} for row in finished.tables[table]]
        assert told == [{k: v for k, v in row.items() if k != "seconds"} for row in rows]


def test_a_shard_that_stands_is_left_alone_and_a_damaged_one_is_told(tmp_path: Path) -> None:
    """Submitted again it is not drawn again; a file altered since is named by merge."""
    run = _opened(tmp_path, trials=4_000, threads=1)
    first, stood = shard(run, Part(1, 2))
    assert not stood
    before = store.read(first)
    assert shard(run, Part(1, 2)) == (first, True)
    assert store.read(first) == before
    shard(run, Part(2, 2))
    (first / "tallies.parquet").write_bytes(b"x")
    with pytest.raises(InputError, match=r"tallies\.parquet"):
        merge(tmp_path)


def test_merge_refuses_what_is_no_run_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing there, shards missing, of two runs, of two divisions: each has a way out."""
    with pytest.raises(MissingFileError, match="no such folder"):
        merge(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFileError, match="no shards"):
        merge(tmp_path / "empty")
    one = tmp_path / "one"
    shard(_opened(one, trials=4_000, threads=1), Part(1, 3))
    with pytest.raises(InputError, match="--shard 2/3") as caught:
        merge(one)
    assert "2 shards are missing" in str(caught.value)
    with monkeypatch.context() as other:
        other.setattr("runoff.app.shards.folders.source", lambda: "0" * 64)
        with pytest.raises(InputError, match="shards of another program"):
            merge(one)
    shutil.copytree(one, tmp_path / "two")
    shard(_opened(tmp_path / "two", trials=5_000, threads=1), Part(2, 3))
    with pytest.raises(InputError, match="shards of several runs"):
        merge(tmp_path / "two")
    shard(_opened(one, trials=4_000, threads=1), Part(2, 2))
    with pytest.raises(InputError, match="shards that overlap"):
        merge(one)


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("first-round-night-2240", {}, "has no shards"),
        ("april", {"target_se": 0.001}, "target-se"),
        ("april", {"trials_table": True}, "table of trials"),
    ],
)
def test_what_is_no_sum_is_refused_with_the_reason(
    tmp_path: Path, name: str, options: dict[str, object], words: str
) -> None:
    """Nights, runs that stop early, tables of single trials."""
    with pytest.raises(UsageError, match=words):
        shard(_opened(tmp_path, name, **options), Part(1, 2))


def test_the_commands_say_what_they_did(tmp_path: Path) -> None:
    """`shard` twice, `merge --json`: the digest that `run --json` has; a shard that is none is told."""
    words = ("shard", str(CONFIGS / "april.toml"), "--trials", "4000", "--out", str(tmp_path))
    for number in (1, 2):
        said = runoff(*words, "--shard", f"{number}/2")
        assert (said.returncode, said.stderr) == (0, "")
        assert f"shard {number} of 2: trials" in said.stdout
    assert "(it stood there already)" in runoff(*words, "--shard", "1/2").stdout
    merged = json.loads(runoff("merge", str(tmp_path), "--json").stdout)
    whole = runoff(
        "run", str(CONFIGS / "april.toml"), "--trials", "4000", "--out", str(tmp_path / "w"), "--json"
    ).stdout
    assert merged["run"]["digest"] == json.loads(whole)["run"]["digest"]
    assert runoff(*words, "--shard", "3/2").returncode == 2
