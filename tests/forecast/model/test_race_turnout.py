from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from runoff.errors import InputError
from runoff.model.pools import Model, build
from runoff.race import Pool
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
    """More come: log-odds of all move by one amount; the difference between two blocs has the sd that is said."""
    before = _model(tmp_path, NEW)
    after = _model(tmp_path, NEW + "[turnout]\nlow = 0.6\nhigh = 0.75\ngap = 0.2\n")
    moved = [b.turnout.location[0] - a.turnout.location[0] for a, b in zip(before.pools, after.pools, strict=True)]
    assert max(moved) - min(moved) < 1e-5
    sd = after.pools[0].turnout.scale[0][0]
    assert math.sqrt(2.0 * after.turnout.parts[1]) * sd == pytest.approx(0.2, abs=1e-4)
    assert after.turnout.parts[2] == 0.0
    assert {pool.turnout.origin for pool in after.pools} == {"race"}


def test_where_fewer_come_all_fall_by_one_factor(tmp_path: Path) -> None:
    """A tenth comes: pools keep the ratios of their turnouts."""
    before, after = (_model(tmp_path, NEW + more) for more in ("", "[turnout]\nlow = 0.099\nhigh = 0.101\ngap = 0.0\n"))
    fell = [_share(a) / _share(b) for a, b in zip(after.pools, before.pools, strict=True)]
    assert max(fell) / min(fell) == pytest.approx(1.0, abs=0.002)


def _share(pool: Pool) -> float:
    return 1.0 / (1.0 + math.exp(-pool.turnout.location[0]))


@pytest.mark.parametrize("gap", [0.1, 0.3])
def test_the_gap_is_taken_out_of_what_all_share(tmp_path: Path, gap: float) -> None:
    """80 % of trials lie in the range that is said, with a gap as without, within a point and a half."""
    drawn = draw(to_inputs(_model(tmp_path, f"{NEW}[turnout]\nlow = 0.4\nhigh = 0.55\ngap = {gap}\n"), 1), 100_000,
                 threads=1, units=False)  # fmt: skip
    upto = np.cumsum(drawn.tallies.turnout_bins) / drawn.total
    inside = upto[round(0.55 * len(upto))] - upto[round(0.4 * len(upto))]
    assert inside == pytest.approx(0.8, abs=0.015)


def test_a_gap_that_widens_the_range_and_parts_beside_it_are_told(tmp_path: Path) -> None:
    """Sides that differ by more than the race: a note; [factors.turnout] parts: refused."""
    wide = _model(tmp_path, NEW + "[turnout]\nlow = 0.45\nhigh = 0.46\ngap = 1.0\n")
    assert any("lower gap" in note for note in wide.warnings)
    with pytest.raises(InputError, match="beside"):
        _model(
            tmp_path,
            NEW + "[turnout]\nlow = 0.4\nhigh = 0.5\n[factors.turnout]\nshared = 0.1\nbloc = 0.1\npool = 0.8\n",
        )


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
    found = _model(tmp_path, said + "[turnout]\nlow = 0.1\nhigh = 0.12\ngap = 0.0\n")
    assert any("[turnout] 10 to 12 % is" in note for note in found.warnings)
    unsaid = _model(tmp_path, "[turnout]\nlow = 0.1\nhigh = 0.12\ngap = 0.0\n")
    assert not any("[turnout]" in note for note in unsaid.warnings)


def test_ends_the_wrong_way_round_are_told(tmp_path: Path) -> None:
    """Low above high is refused, with the two swapped as the way out."""
    with pytest.raises(InputError, match="swap them"):
        _model(tmp_path, "[turnout]\nlow = 0.5\nhigh = 0.4\n")
