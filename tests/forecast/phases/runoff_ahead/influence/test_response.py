from __future__ import annotations

import numpy as np
import pytest

from runoff.kernels.arrays import RATE_BIN, RESPONSE_BINS, Inputs
from runoff.model.pools import Model
from runoff.phases.runoff_ahead.influence.response import response_rows, with_response
from runoff.simulate.driver import Drawn, digest, draw, whole
from runoff.simulate.inputs import to_inputs
from tests.builders import Group, model, split_way, three_way, two_way
from tests.digest import weighted


def _cases() -> list[tuple[Model, Inputs]]:
    two, three, split = two_way(), three_way(), split_way()
    return [
        (two, with_response(to_inputs(two, 1), two)),
        (three, with_response(to_inputs(three, 1), three)),
        (split, with_response(to_inputs(split, 1), split)),
        (two, weighted(with_response(to_inputs(two, 1), two))),
    ]


def _drawn(inputs: Inputs) -> Drawn:
    return draw(inputs, 20_000, threads=2, detail_trials=9_000)


@pytest.mark.parametrize("case", range(4))
def test_cells_are_the_rates_tallies_taken_apart(case: int) -> None:
    """Over the second rate's bins they are the first rate's own bins, to the trial and weight, and the other way round.

    Each cell's trials, wins and margins; the lowest and the highest bins with all that lies beyond.
    """
    _, inputs = _cases()[case]
    drawn = _drawn(inputs)
    for side, (row, what, low, width) in enumerate(inputs.response.tolist()):
        own = drawn.tallies.rate_bins[row, what]
        place = np.clip((np.arange(len(own)) * RATE_BIN - low) // width, 0, RESPONSE_BINS - 1)
        merged = np.stack([np.bincount(place, own[:, k], RESPONSE_BINS) for k in range(3)], axis=1)
        assert (drawn.tallies.response.sum(axis=1 - side) == merged).all()
    assert drawn.tallies.response[:, :, 0].sum() == drawn.detail_total
    assert drawn.tallies.response[:, :, 2].sum() == whole(drawn.tallies.detail_margin[0])


def test_they_change_no_digest() -> None:
    """A run that looks at two rates has the digest of one that does not."""
    of = two_way()
    plain = to_inputs(of, 1)
    assert digest(_drawn(with_response(plain, of))) == digest(_drawn(plain))


def test_the_pair_is_the_one_that_decides() -> None:
    """Of three pools that split by themselves, and come surely, the two large ones; the larger first."""
    sizes = {"Cy": 300_000, "Di": 20_000, "Ed": 200_000}
    of = model(
        [Group(name, [people], (6.0, 0.01), (0.1, 0.4)) for name, people in sizes.items()], parts=(0.0, 0.0, 1.0)
    )
    spec = with_response(to_inputs(of, 1), of).response
    assert [(of.pools[row].name, what > 0) for row, what, *_ in spec.tolist()] == [("Cy", True), ("Ed", True)]


def test_nothing_to_look_at() -> None:
    """One pool whose rates do not vary: no pair, no rows."""
    of = model([Group("Cy", [1_000], (8.0, 1e-12), (0.1, 1e-12))])
    inputs = with_response(to_inputs(of, 1), of)
    assert inputs.response.shape == (0, 4)
    assert response_rows(of, inputs, draw(inputs, 1_024, threads=1)) == []


def test_rows_say_the_cells_and_the_line() -> None:
    """400 rows whose bins touch; chances are wins over trials; on the line the mean margin is near nought.

    Two pools of equal size, all voting: half is won where the two shares add up to 1, exactly.  Of 200,000 trials the
    line's standard error is below 0.002; 0.01 is allowed.
    """
    of = model([Group("Cy", [500_000], (8.0, 1e-6), (0.1, 0.3)), Group("Di", [500_000], (8.0, 1e-6), (-0.1, 0.3))],
               parts=(0.0, 0.0, 1.0))  # fmt: skip
    inputs = with_response(to_inputs(of, 1), of)
    drawn = draw(inputs, 200_000, threads=2)
    rows = response_rows(of, inputs, drawn)
    assert len(rows) == RESPONSE_BINS**2
    assert sum(int(str(row["trials"])) for row in rows) == 200_000
    assert {(row["x_rate"], row["y_rate"]) for row in rows} == {("preference", "preference")}
    favourites = {side: rows[0][f"{side}_candidate"] == "Ada" for side in ("x", "y")}
    lines = {row["x_low"]: row for row in rows}
    told = 0
    for row in lines.values():
        if row["y_even"] is not None:
            middle = (float(str(row["x_low"])) + float(str(row["x_high"]))) / 2
            there = {"x": middle, "y": float(str(row["y_even"]))}
            first = [rate if favourites[side] else 1 - rate for side, rate in there.items()]
            assert sum(first) == pytest.approx(1.0, abs=0.01)
            told += 1
    assert told >= 10
    for row in rows:
        if row["p_win"] is not None:
            assert 0.0 <= float(str(row["p_win"])) <= 1.0
            assert abs(float(str(row["margin_mean"]))) <= 1.0
