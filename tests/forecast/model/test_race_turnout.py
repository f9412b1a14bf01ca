from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from runoff.errors import InputError
from runoff.model.pools import Model, build
from runoff.runfile.load import load
from runoff.simulate.driver import PPM, draw, whole
from runoff.simulate.inputs import to_inputs

RUN = """[race]
id = "made"
name = "A made race"
first_round = 2022-06-12
runoff = 2022-06-19
as_of = 2022-06-13
[results]
table = "first.csv"
[prior]
source = "none"
"""
TABLE = "unit,candidate,party,votes\na,Ann,left,40000\na,Bo,right,35000\na,Cy,left,25000\n"
NEW = """[new_voters]
people = 90000
turnout = { low = 0.1, high = 0.2 }
preference = { to = "Ann", low = 0.4, high = 0.6 }
"""


def _said(low: float, high: float) -> str:
    span = f"turnout = {{ low = {low}, high = {high} }}"
    return f"[rates.own]\n{span}\n[rates.blocs.left]\n{span}\n"


def _model(tmp_path: Path, more: str) -> Model:
    (tmp_path / "first.csv").write_text(TABLE)
    (tmp_path / "run.toml").write_text(RUN + more)
    return build(load(tmp_path / "run.toml"))


@pytest.mark.parametrize(("low", "high"), [(0.06, 0.25), (0.4, 0.55), (0.7, 0.9)])
def test_a_tenth_of_trials_lie_below_and_above_what_is_said(tmp_path: Path, low: float, high: float) -> None:
    """200,000 trials without a gap: 10 and 90 % quantiles of the race's turnout as they were said, to half a point."""
    model = _model(tmp_path, f"{NEW}[turnout]\nlow = {low}\nhigh = {high}\ngap = 0.0\n")
    drawn = draw(to_inputs(model, 1), 200_000, threads=1, units=False)
    upto = np.cumsum(drawn.tallies.turnout_bins) / drawn.total
    width = 1.0 / len(upto)
    for level, said in ((0.1, low), (0.9, high)):
        assert (int(np.searchsorted(upto, level)) + 0.5) * width == pytest.approx(said, abs=0.005)


def test_middles_keep_their_distances_and_sides_differ_by_the_gap(tmp_path: Path) -> None:
    """Log-odds of all pools move by one amount; the difference between two blocs has the sd that is said."""
    before = _model(tmp_path, NEW)
    after = _model(tmp_path, NEW + "[turnout]\nlow = 0.3\nhigh = 0.5\ngap = 0.2\n")
    moved = [b.turnout.location[0] - a.turnout.location[0] for a, b in zip(before.pools, after.pools, strict=True)]
    assert max(moved) - min(moved) < 1e-5
    sd = after.pools[0].turnout.scale[0][0]
    assert math.sqrt(2.0 * after.turnout.parts[1]) * sd == pytest.approx(0.2, abs=1e-4)
    assert after.turnout.parts[2] == 0.0
    assert {pool.turnout.origin for pool in after.pools} == {"race"}


def test_a_turnout_of_the_race_is_no_difference_between_sides(tmp_path: Path) -> None:
    """6 to 25 % of the race: the margin's sd is that of a race of known turnout; said by pool it is wider."""

    def sd(more: str) -> float:
        drawn = draw(to_inputs(_model(tmp_path, more), 1), 100_000, threads=1, units=False)
        first, second = (whole(value) / PPM**k for k, value in zip((1, 2), drawn.tallies.margin, strict=True))
        return math.sqrt(second / drawn.total - (first / drawn.total) ** 2)

    said = sd("[turnout]\nlow = 0.06\nhigh = 0.25\ngap = 0.05\n")
    known = sd("[turnout]\nlow = 0.149\nhigh = 0.151\ngap = 0.05\n")
    pools = sd(_said(0.06, 0.25))
    assert said == pytest.approx(known, rel=0.08)
    assert pools > 1.3 * said


def test_a_contradiction_is_named(tmp_path: Path) -> None:
    """Pools said to come nearly all, the race to be empty: a note with both numbers; no word of pools, no note."""
    said = _said(0.9, 0.95)
    found = _model(tmp_path, said + "[turnout]\nlow = 0.1\nhigh = 0.12\n")
    assert any("[turnout] 10 to 12 % is" in note for note in found.warnings)
    assert not any("[turnout]" in note for note in _model(tmp_path, "[turnout]\nlow = 0.1\nhigh = 0.12\n").warnings)


def test_ends_the_wrong_way_round_are_told(tmp_path: Path) -> None:
    """Low above high is refused, with the two swapped as the way out."""
    with pytest.raises(InputError, match="swap them"):
        _model(tmp_path, "[turnout]\nlow = 0.5\nhigh = 0.4\n")
