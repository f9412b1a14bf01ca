"""A chamber in ranges of its trials: shards in any order, and an executor, give the tables of one run."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import runoff
from runoff.app.shards.executor import spread
from runoff.app.shards.folders import merge, shard
from runoff.app.shards.part import Part
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.race import Row, Tables
from runoff.runfile.load import load_any
from tests import chambers

TRIALS = 11_000


def _opened(folder: Path, out: Path, night: bool) -> pipeline.Opened:
    of = chambers.districts(20)
    file = chambers.folder(folder, of)
    if night:
        one = next(d for d in of if d.elected is None)
        rows = [f"{one.id},{one.candidates[k].name},{9_000 + 500 * k}" for k in one.finalists]
        (folder / "counted.csv").write_text("\n".join(["district,candidate,votes", *rows]) + "\n", "utf-8")
    results = folder / "counted.csv" if night else None
    return pipeline.opened(load_any(file), Options(out=out, trials=TRIALS, threads=1, results=results))


def _told(tables: Tables) -> dict[str, list[Row]]:
    return {name: [{k: v for k, v in row.items() if k != "seconds"} for row in rows] for name, rows in tables.items()}


@pytest.mark.parametrize("night", [False, True])
@pytest.mark.parametrize("shards", [1, 4, 9])
def test_a_chambers_shards_are_the_chamber(tmp_path: Path, shards: int, night: bool) -> None:
    """Before and during the count, drawn in any order, one of them twice: every table but its seconds."""
    run = _opened(tmp_path, tmp_path / "parts", night)
    order = [*range(1, shards + 1), 1]
    random.Random(shards).shuffle(order)
    for number in order:
        shard(run, Part(number, shards))
    _, merged = merge(tmp_path / "parts", tmp_path / "merged")
    whole = pipeline.keep(_opened(tmp_path, tmp_path / "whole", night))
    assert _told(merged.tables) == _told(whole.tables)
    assert len(whole.tables["races"]) > 20


def test_an_executors_chamber_is_the_chamber(tmp_path: Path) -> None:
    """Every table but its seconds, in seven tasks on two threads; progress ends at all trials."""
    case = load_any(chambers.folder(tmp_path))
    whole, heard = runoff.run(case, trials=TRIALS), list[int]()
    opened = pipeline.opened(case, Options(trials=TRIALS))
    with ThreadPoolExecutor(2) as pool:
        drawn = spread(opened, pool, parts=7, on_progress=lambda done, _: heard.append(done))
    assert drawn.digest == whole.digest
    assert runoff.Result(opened.run_id, opened.phase.name, drawn.tables) == whole
    assert heard[-1] == TRIALS
