"""Columns of a first round's regressions, and whose votes an earlier election has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runoff.errors import InputError
from runoff.phases.first_round_open.model.design import NONE, Design, Known, curve
from runoff.runfile.load import load
from tests import night


def test_a_curve_is_a_brownian_motion() -> None:
    """Between knots the difference of two values has the variance of their distance; between them the line's."""
    knots = np.array([-2.0, -1.5, 0.3, 0.9, 4.0])
    columns = curve(knots, knots)
    for i, a in enumerate(knots):
        for k, b in enumerate(knots):
            assert ((columns[i] - columns[k]) ** 2).sum() == pytest.approx(abs(a - b))
    half = curve(np.array([0.6]), knots)
    assert half[0] == pytest.approx((columns[2] + columns[3]) / 2)
    assert curve(np.array([1.0, 2.0]), knots[:1]).shape == (2, 0)


def _read(path: Path, more: str, header: str = "unit,first,second,ballots") -> Known:
    run = night.folder(path, more=f'baseline = "base.csv"\n{more}')
    rows = [f"{unit},{100 + 10 * i},{200 - 5 * i},{400 + i}" for i, unit in enumerate(night.UNITS)]
    if "ballots" not in header:
        rows = [row.rsplit(",", 1)[0] for row in rows]
    (path / "base.csv").write_text("\n".join([header, *rows]) + "\n")
    case = load(run)
    count = night.counted(case)
    assert case.run_file.counting is not None
    return Known(count, tuple(case.run_file.counting.baseline_candidates or ()))


def test_a_candidate_of_the_earlier_election_has_odds_of_its_own(tmp_path: Path) -> None:
    """Against all who come after: the second's do not count those who had gone to the first; others have none."""
    known = _read(tmp_path, 'baseline_candidates = ["Ada", "Cy"]')
    order = ["Ada", "Bo", "Cy"]
    assert known.own(order, 1) is None
    first, second = known.own(order, 0), known.own(order, 2)
    assert first is not None
    assert second is not None
    assert first[3] - first[0] == pytest.approx(np.log(130.5 / 273.5) - np.log(100.5 / 300.5))
    assert second[3] - second[0] == pytest.approx(np.log(185.5 / 88.5) - np.log(200.5 / 100.5))


def test_whose_votes_they_are_is_checked(tmp_path: Path) -> None:
    """Somebody who does not stand is refused with a name that comes near, and so is a baseline without ballots."""
    with pytest.raises(InputError, match="Ada"):
        _read(tmp_path / "a", 'baseline_candidates = ["Adda", "Cy"]')
    with pytest.raises(InputError, match="no column ballots"):
        _read(tmp_path / "b", 'baseline_candidates = ["Ada", "Cy"]', "unit,first,second")


def test_one_mode_has_one_spread(tmp_path: Path) -> None:
    """Where a unit has one cell, its own spread and the cell's are one: the first is none and stays so."""
    count = night.counted(night.loaded(tmp_path))
    two = Design(count, Known(count)).effects("split")
    assert (two.widths > 0.0).all()
    single = replace(count, modes=("",), votes=count.votes[:, :1], complete=count.complete[:, :1])
    one = Design(single, Known(single)).effects("split")
    assert one.centre[one.groups] == NONE
    assert one.widths[one.groups :].tolist() == [0.0, 0.6]
