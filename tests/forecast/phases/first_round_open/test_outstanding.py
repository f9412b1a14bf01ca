"""What is out, drawn: closed forms, whole votes that add up, the same bits for any number of threads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy import integrate, special, stats

from runoff.data.counts.first_round_count import Count, Out
from runoff.estimate.hierarchical.cells import Forecast
from runoff.estimate.hierarchical.learn import POINTS
from runoff.phases.first_round_open.fit import Outstanding, Sizes, prepare
from runoff.phases.first_round_open.outstanding import (
    BLOCK,
    _shares,
    _sizes,
    _split,
    _turns,
    draw_first_round,
    in_proportion,
)
from runoff.race import Candidate, FirstRound
from runoff.runfile.load import load
from runoff.runfile.sections.observed import CountingSection
from tests import night
from tests.drawn import run_night
from tests.pages import render

TRIALS = 100_000
FALSE_ALARM = "5 sigmas: once in 1.7 million runs"


def _one_cell(counted: tuple[int, int], out: int, location: float, cell: float, effect: float) -> Outstanding:
    """One unit with one mode out: a known number of votes, log-odds of the first with a known normal."""
    votes = np.array([[counted]], np.int64)
    names = (Candidate("Ada", "L", "L"), Candidate("Bo", "R", "R"))
    roll = np.array([10 * (sum(counted) + out)], np.int64)
    first = FirstRound(names, ("u",), ("",), votes[:, 0], roll, votes[:, 0].sum(axis=1), ())
    where = Out("u", (0,), 0, True, out, None, None)
    count = Count(first, roll, ("",), votes, np.zeros((1, 1), bool), (where,), None, ())
    shape = (POINTS, 1)
    split = Forecast(
        np.full(shape, location), np.full((*shape, 1), effect), np.zeros(shape), np.full(shape, cell),
        np.ones((POINTS, 2)), np.zeros(1),
    )  # fmt: skip
    sizes = Sizes(np.array([np.log(out)]), np.zeros(1), (np.uint64(1),))
    return Outstanding(
        count, votes[0, 0], (0, 1), (), np.zeros(0), None, (split,), sizes, roll.astype(float),
        np.array([float(sum(counted))]), (roll - sum(counted)).astype(float), ("u\0",), ("intercept",),
        (("u", ""),), np.zeros(1, np.int64),
    )  # fmt: skip


def test_one_cell_out_has_its_closed_form() -> None:
    """P(outright) of one unit and mode is the normal probability of what is needed, counting noise by
    quadrature; 5 sigmas.
    """
    counted, out, location, cell, effect = (5_200, 4_800), 2_000, -0.25, 0.1, 0.12
    drawn = draw_first_round(_one_cell(counted, out, location, cell, effect), 11, TRIALS)
    passed = 2 * drawn.totals[:, 0] > drawn.totals.sum(axis=1)

    need = (sum(counted) + out) // 2 + 1 - counted[0]  # of what is out, to be above one half
    scale = np.hypot(cell, effect)

    def density(z: float) -> float:
        p = special.expit(location + scale * z)
        tail = stats.norm.sf((need - 0.5 - out * p) / np.sqrt(out * p * (1 - p)))
        return float(stats.norm.pdf(z) * tail)

    expected = integrate.quad(density, -8, 8, epsabs=1e-12)[0]
    error = np.sqrt(expected * (1 - expected) / TRIALS)
    assert 0.02 < expected < 0.9
    assert abs(passed.mean() - expected) < 5 * error


def test_a_large_count_leaves_only_the_normal(tmp_path: Path) -> None:
    """With a hundred thousand times the votes counting noise is gone: P = Phi((location - needed odds) / sd);
    5 sigmas.
    """
    counted, out, location, cell = (520_000_000, 480_000_000), 200_000_000, -0.25, 0.15
    drawn = draw_first_round(_one_cell(counted, out, location, cell, 0.0), 12, TRIALS)
    passed = 2 * drawn.totals[:, 0] > drawn.totals.sum(axis=1)
    needed = special.logit((sum(counted) + out) / 2 / out - counted[0] / out)
    expected = stats.norm.cdf((location - needed) / cell)
    assert abs(passed.mean() - expected) < 5 * np.sqrt(expected * (1 - expected) / TRIALS)


def _prepared(path: Path, out: tuple[str, ...] = night.OUT) -> Outstanding:
    return prepare(night.counted(night.loaded(path, out)), CountingSection(status="status.csv"))


def test_every_vote_is_whole_and_somebodys(tmp_path: Path) -> None:
    """Final votes are those counted and those out, no candidate loses a counted vote, no roll overflows."""
    out = _prepared(tmp_path)
    drawn = draw_first_round(out, 3, 5_000)
    assert drawn.totals.dtype == np.int64
    assert (drawn.totals.sum(axis=1) == out.counted.sum() + drawn.votes.sum(axis=1)).all()
    assert (drawn.totals >= out.counted).all()
    assert (_sizes(out, 3, 0) <= out.most).all()
    assert (drawn.votes >= 0).all()
    assert np.abs(drawn.expected.sum(axis=2) - drawn.votes).max() < 1e-6
    assert drawn.votes.shape[1] == len(out.groups) == 2


def test_threads_and_length_change_nothing(tmp_path: Path) -> None:
    """One thread or three, 3,000 trials or the first 3,000 of 7,000: the same bits."""
    out = _prepared(tmp_path)
    one, three = draw_first_round(out, 3, 3_000), draw_first_round(out, 3, 7_000, threads=3)
    assert (one.totals == three.totals[:3_000]).all()
    assert (one.expected == three.expected[:3_000]).all()
    assert not (draw_first_round(out, 4, 3_000).totals == one.totals).all()


def test_what_is_out_resembles_what_is_counted(tmp_path: Path) -> None:
    """Four units' day votes are out; the certified ones lie within four standard deviations of the forecast."""
    drawn = draw_first_round(_prepared(tmp_path), 3, 4_096)
    final = np.sum([night.votes(unit, mode) for unit in night.UNITS for mode in night.MODES], axis=0)
    order = np.argsort(-final, kind="stable")
    away = (drawn.totals.mean(axis=0) - final[order]) / drawn.totals.std(axis=0)
    assert np.abs(away).max() < 4
    share = drawn.totals[:, 0] / drawn.totals.sum(axis=1)
    assert abs(share.mean() - final[0] / final.sum()) < 4 * share.std()


def test_units_that_are_out_move_together(tmp_path: Path) -> None:
    """What is not known of a region's day votes is common to its units: their shares are correlated."""
    out = _prepared(tmp_path)
    share = np.concatenate([_shares(out, _sizes(out, 3, first), 3, first)[:, :, 0] for first in (0, BLOCK)])
    assert np.corrcoef(share[:, 0], share[:, 1])[0, 1] > 0.05
    assert share.mean(axis=1).std() > 1.1 * np.sqrt((share.var(axis=0)).sum()) / share.shape[1]


def test_sums_of_cells_are_multinomial() -> None:
    """Mean and covariance of the drawn split are those of a sum of multinomials, within 5 sigmas."""
    share = np.array([[0.5, 0.3, 0.15, 0.05], [0.2, 0.2, 0.5, 0.1]])
    votes = np.array([600, 900])
    parts = [
        _split(np.tile(votes, (BLOCK, 1)), np.tile(share, (BLOCK, 1, 1)), ["a", "b", "c"], 9, BLOCK * i)
        for i in range(40)
    ]
    drawn = np.concatenate(parts)
    n = len(drawn)
    assert (drawn.sum(axis=1) == votes.sum()).all()
    covariance = sum(size * (np.diag(p) - np.outer(p, p)) for size, p in zip(votes, share, strict=True))
    variance = np.diag(covariance)
    assert (np.abs(drawn.mean(axis=0) - votes @ share) < 5 * np.sqrt(variance / n)).all()
    error = np.sqrt((np.outer(variance, variance) + covariance**2) / n)
    assert (np.abs(np.cov(drawn.T) - covariance) < 5 * error + 0.2).all()  # 1/12 from rounding


def test_votes_in_proportion_are_whole() -> None:
    """Shares of a pooled rest become whole votes that add up, each within one of its share."""
    share = np.array([0.61, 0.3, 0.09])
    votes = np.arange(0, 2_000, 7)
    found = in_proportion(votes, share)
    assert (found.sum(axis=1) == votes).all()
    assert np.abs(found - votes[:, None] * share).max() <= 1.0


def test_sets_of_spreads_take_turns() -> None:
    """Each set speaks equally often, and two regressions meet in all ways over the rounds."""
    met = set()
    for block in range(POINTS * POINTS // BLOCK):
        one, two = (_turns(block * BLOCK, turn) for turn in (0, 1))
        assert sorted(two.ravel()) == list(range(BLOCK))
        of_one, of_two = np.empty(BLOCK, int), np.empty(BLOCK, int)
        of_one[one], of_two[two] = np.arange(POINTS)[:, None], np.arange(POINTS)[:, None]
        met |= set(zip(of_one.tolist(), of_two.tolist(), strict=True))
    assert len(met) == POINTS * POINTS


def _extended(path: Path, row: str) -> Outstanding:
    """The night with one more status row, with a stated size."""
    header = "unit,mode,state,expected,low,high"
    status = [*(f"{gone},,," for gone in night.OUT), row]
    return prepare(
        night.counted(load(night.folder(path, status_header=header, status=status))), CountingSection(status="-")
    )


def test_stated_numbers_are_kept(tmp_path: Path) -> None:
    """A stated number is out in every trial; a stated range holds four in five (5 sigmas)."""
    trials = 20_000
    exact = _extended(tmp_path / "a", "n1,day,part,120,,")
    assert (_sizes(exact, 1, 0)[:, -1] == 120).all()
    ranged = _extended(tmp_path / "c", "n1,day,part,,100,300")
    drawn = np.concatenate([_sizes(ranged, 1, first)[:, -1] for first in range(0, trials, BLOCK)])
    inside = ((drawn >= 100) & (drawn <= 300)).mean()
    assert abs(inside - 0.8) < 5 * np.sqrt(0.16 / len(drawn)) + 0.004  # whole votes widen the range by one


def test_what_is_counted_of_a_part_stays(tmp_path: Path) -> None:
    """A cell out in part: what is predicted beyond its counted votes is out, never less than nothing."""
    out = _extended(tmp_path, "n1,day,part,,,")
    left = _sizes(out, 1, 0)[:, -1]
    counted = sum(night.votes("n1", "day"))
    assert (left >= 0).all()
    assert left.max() + counted <= 2_500
    assert (left == 0).mean() > 0.2  # n1 is counted whole in truth, and the units alike say so


def test_without_modes_and_regions_it_works_too(tmp_path: Path) -> None:
    """Units alone: no mode column, no regions; what is out is predicted from the units that are in."""
    run = night.folder(tmp_path, status_header="unit,state", status=["n5,out"])
    lines = ["unit,candidate,party,votes"]
    for unit in night.UNITS:
        both = np.sum([night.votes(unit, mode) for mode in night.MODES], axis=0)
        if unit != "n5":
            lines += [f"{unit},{name},{party},{v}" for (name, party), v in zip(night.CANDIDATES, both, strict=True)]
    (tmp_path / "counted.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "roll.csv").write_text("\n".join(["unit,registered", *(f"{unit},2600" for unit in night.UNITS)]))
    tables = run_night(load(run), trials=1_000, seed=1)
    truth = sum(sum(night.votes("n5", mode)) for mode in night.MODES)
    assert abs(float(str(tables["night"][0]["out_q50"])) - truth) < 0.15 * truth
    assert all((row["region"], row["mode"]) == ("", "") for row in tables["outstanding"])
    assert "how they split " in render(tables)
