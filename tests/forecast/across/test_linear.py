"""Reading is linear: four times the units, candidates or modes take about four times the work."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from runoff.data.counts.runoff_count import first_modes, read_reported
from runoff.data.votes.results import read_results
from runoff.data.votes.words import Wanted
from runoff.errors import InputError
from runoff.runfile.load import load

FEW, MANY = 4_000, 16_000
BOUND = 9.0  # linear work is 4 times as much, quadratic 16 times


def _results(path: Path, n: int) -> Callable[[], object]:
    """A table of n units in 20 regions with three candidates, and its roll."""
    rows, roll = ["region,unit,candidate,party,votes"], ["region,unit,registered"]
    for u in range(n):
        region, unit = f"R{u % 20}", f"Unit {u:05d}"
        rows += [
            f"{region},{unit},{name},{name[0]},{50 + (u * k) % 97}" for k, name in enumerate(("Ada", "Bo", "Cy"), 3)
        ]
        roll.append(f"{region},{unit},900")
    (path / "f.csv").write_text("\n".join(rows) + "\n")
    (path / "r.csv").write_text("\n".join(roll) + "\n")
    return lambda: read_results(path / "f.csv", path / "r.csv", "region", "x", Wanted())


def _candidates(path: Path, n: int) -> Callable[[], object]:
    """A table of n candidates in three units."""
    rows = ["unit,candidate,party,votes"]
    rows += [f"{u},Person {c:05d},P{c % 30},{1 + (c * 7) % 89}" for c in range(n) for u in "abc"]
    (path / "f.csv").write_text("\n".join(rows) + "\n")
    return lambda: read_results(path / "f.csv", None, "unit", "x", Wanted())


def _night(path: Path, n: int) -> Callable[[], object]:
    """A runoff's table of n units, all of them with more votes than people."""
    _results(path, n)
    (path / "run.toml").write_text(
        '[race]\nid = "x"\nname = "X"\nfirst_round = 2025-03-02\nrunoff = 2025-03-30\nas_of = 2025-03-05\n'
        '[results]\ntable = "f.csv"\nregistered = "r.csv"\n'
    )
    rows = ["region,unit,candidate,votes"]
    loaded = load(path / "run.toml")
    rows += [f"R{u % 20},Unit {u:05d},{name},{500}" for u in range(n) for name in loaded.finalists]
    (path / "v.csv").write_text("\n".join(rows) + "\n")

    def refused() -> None:
        with pytest.raises(InputError, match="more than registered voters"):
            read_reported(loaded, path / "v.csv", first_modes(loaded))

    return refused


@pytest.mark.parametrize("kind", [_results, _candidates, _night])
def test_reading_is_linear(kind: Callable[[Path, int], Callable[[], object]], tmp_path: Path) -> None:
    """16,000 against 4,000 of them, in processor time of one run, the better of two each, garbage left lying."""
    taken = []
    for n in (FEW, MANY):
        (tmp_path / str(n)).mkdir()
        read = kind(tmp_path / str(n), n)
        times = []
        for _ in range(2):
            gc.collect()
            gc.disable()  # it goes through all that the other tests hold
            begun = time.process_time()
            read()
            times.append(time.process_time() - begun)
            gc.enable()
        taken.append(min(times))
    assert taken[1] < BOUND * taken[0]
