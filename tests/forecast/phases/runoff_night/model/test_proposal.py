"""What a night's trials are drawn from: curvature beside differences, weights beside a linear night and Metropolis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special, stats

from runoff.estimate import tails
from runoff.estimate.ratios.shares import with_last
from runoff.phases.runoff_night.model.cells import NightModel, cells, lines, stacked, total_gradients
from runoff.phases.runoff_night.model.draw import NightDraws, draw_night
from runoff.phases.runoff_night.model.fit import Fit, fit
from runoff.phases.runoff_night.model.linear import linearised
from runoff.phases.runoff_night.model.proposal import Proposal, _sound, bend, bend_of_modes
from runoff.phases.runoff_night.model.seen import Polled
from runoff.runfile.load import load
from tests import night_modes
from tests import runoff_night as night
from tests import three_finalists as three
from tests.night_ranks import ranks, truth

Floats = np.ndarray


def _night(path: Path, by_mode: bool, of: Any = night) -> tuple[Any, Any, Fit]:
    """The small night with a part of its units in: case, what is reported, arrays and fit."""
    loaded = of.of_folder(path, by_mode=by_mode)
    modes = night.MODES if by_mode else ("",)
    votes = night.draw_truth(loaded, np.random.default_rng(1), modes)
    complete = np.zeros(votes.shape[:2], bool)
    complete[:12, 0] = True
    shown = night.reported(votes, complete, modes)
    prepared = night.prepared(loaded, shown)
    return shown, prepared, fit(prepared.model, prepared.seen, prepared.polled)


def _misses(model: NightModel, found: Fit, x: Floats) -> Floats:
    """Misses float64[(1 + Q) M, U, n] at x float64[n, C]."""
    h = stacked(*cells(*lines(model, x)))
    return np.where(found.mask[:, :, None], found.response[:, :, None] - h, 0.0)


@pytest.mark.parametrize("of", [night, three], ids=["two", "three"])
def test_the_bend_of_the_factors_is_that_of_differences(of: Any, tmp_path: Path) -> None:
    """Second derivatives of r' h by the factors, r the pull of the misses at the mode."""
    _, prepared, found = _night(tmp_path, by_mode=False, of=of)
    model, factors = prepared.model, prepared.model.pools.n_factors
    pull = (found.precision @ _misses(model, found, found.mode[None, :])[:, :, 0].T[:, :, None])[:, :, 0]

    def slope(z: Floats) -> Floats:
        votes, lean = total_gradients(model.pools, model.people, z)
        return np.asarray(pull[:, 0] @ votes + np.einsum("uq,quf->f", pull[:, 1:], lean))

    z, step = found.mode[:factors], 1e-5
    plain = [(slope(z + step * unit) - slope(z - step * unit)) / (2.0 * step) for unit in np.eye(factors)]
    assert np.abs(pull).max() > 0.1
    assert bend(model, found) == pytest.approx(np.array(plain), abs=1e-8)


@pytest.mark.parametrize("of", [night, three], ids=["two", "three"])
def test_the_bend_of_modes_is_that_of_differences(of: Any, tmp_path: Path) -> None:
    """With modes it comes on top, for all effects: both together are what differences of h' r have."""
    _, prepared, found = _night(tmp_path, by_mode=True, of=of)
    model, factors = prepared.model, prepared.model.pools.n_factors
    miss = _misses(model, found, found.mode[None, :])[:, :, 0]
    pull = (found.precision @ miss.T[:, :, None])[:, :, 0]

    def slope(x: Floats) -> Floats:
        return np.asarray(np.einsum("ui,uic->c", pull, linearised(model, x, np.zeros_like(found.own))[1]))

    step = 1e-5
    plain = np.array(
        [(slope(found.mode + d) - slope(found.mode - d)) / (2.0 * step) for d in step * np.eye(model.n_common)]
    )
    whole = bend_of_modes(model, found)
    assert np.abs(whole).max() > 1e-3
    # of the factors the totals bend besides; with modes that part is taken to first order
    own = np.arange(model.n_common) >= factors
    assert whole[np.ix_(own, own)] == pytest.approx(plain[np.ix_(own, own)], abs=1e-6)


@pytest.mark.parametrize("of", [night, three], ids=["two", "three"])
@pytest.mark.parametrize("by_mode", [False, True])
def test_weights_are_even_where_the_night_is_linear(by_mode: bool, of: Any, tmp_path: Path) -> None:
    """Were cells linear in x, prior times likelihood over proposal would be one number in all trials and parts."""
    _, prepared, found = _night(tmp_path, by_mode, of)
    model = prepared.model
    observed = np.flatnonzero(found.mask.any(axis=0))
    proposal = Proposal(model, found, Polled(), observed)
    _, common, _ = linearised(model.of_units(observed), found.mode, np.zeros_like(found.own[:, observed]))
    common = np.where(found.mask.T[observed][:, :, None], common, 0.0)
    start = _misses(model, found, found.mode[None, :])[:, observed, 0].T
    weight = found.precision[observed]
    flat = common.reshape(-1, model.n_common)
    information = flat.T @ (weight @ common).reshape(-1, model.n_common)
    pull = flat.T @ (weight @ start[:, :, None]).ravel() + information @ found.mode
    own = np.arange(model.n_common) >= model.pools.n_factors
    proposal.parts = tails.mixture(
        information[np.ix_(proposal.order, proposal.order)], pull[proposal.order], own[proposal.order]
    )
    proposal.inverse = [np.linalg.inv(part.root) for part in proposal.parts]
    proposal.pulls = (weight @ common).reshape(-1, model.n_common)[:, proposal.order]

    def miss(x: Floats) -> Floats:
        return np.asarray(start.reshape(-1, 1) - flat @ (x - found.mode).T)

    rng = np.random.default_rng(2)
    part = rng.integers(0, len(proposal.parts), 64)
    x, log_weight = proposal.place(rng.standard_normal((64, model.n_common)), part, miss)
    left = miss(x).reshape(len(observed), -1, 64)
    log_weight -= 0.5 * np.einsum("uin,uij,ujn->n", left, weight, left)
    assert np.ptp(log_weight) < 1e-7


@pytest.mark.long
@pytest.mark.parametrize(("of", "by_mode"), [(night, False), (night, True), (three, False)])
def test_trials_are_the_posteriors_by_metropolis(of: Any, by_mode: bool, tmp_path: Path) -> None:
    """A plain random walk over the same posterior has the same mean and spread of the race's log-odds.

    It knows no mode, gradient or weight.  Five standard errors, of walks by their means: false alarm 1e-5.
    """
    shown, prepared, found = _night(tmp_path, by_mode, of)
    model = prepared.model
    seen = np.flatnonzero(found.mask.any(axis=0))
    own = np.arange(model.n_common) >= model.pools.n_factors
    edges = np.cumsum(np.exp(tails.LOG_CHANCE))[:-1]
    units = model.of_units(seen)

    def placed(u: Floats) -> Floats:
        tau = tails.SCALES[np.searchsorted(edges, special.ndtr(u[:, -1]))]
        return np.asarray(u[:, :-1] * np.where(own[None, :], np.sqrt(tau)[:, None], 1.0))

    def log_likelihood(u: Floats) -> Floats:
        h = stacked(*cells(*lines(units, placed(u))))
        miss = np.where(found.mask[:, seen, None], found.response[:, seen, None] - h, 0.0)
        return np.asarray(-0.5 * np.einsum("iun,uij,jun->n", miss, found.precision[seen], miss))

    def total(x: Floats) -> Floats:
        votes, lean = lines(model, x)[:2]
        whole = (np.exp(votes) * special.softmax(with_last(lean), axis=0)).sum(axis=1)
        return np.asarray(np.log(whole[0] / whole[-1]))

    rng, chains = np.random.default_rng(3), 200
    start = np.append(found.mode * np.sqrt(found.prior), 0.0)
    u = np.tile(start, (chains, 1))
    now, kept, step = log_likelihood(u), [], 0.12
    for number in range(4_000):
        moved = np.sqrt(1.0 - step**2) * u + step * rng.standard_normal(u.shape)
        then = log_likelihood(moved)
        take = np.log(rng.random(chains)) < then - now
        u[take], now[take] = moved[take], then[take]
        if number >= 1_000 and number % 10 == 0:
            kept.append(total(placed(u)))
    walked = np.array(kept)
    drawer = NightDraws(prepared, found, shown, night.UNITS, 1)
    xi, part = rng.standard_normal((8_192, model.n_common)), np.searchsorted(drawer.upto, rng.standard_normal(8_192))
    x, log_weight = drawer.proposal.place(xi, part, drawer._miss)
    weight = np.exp(log_weight - 0.5 * np.einsum("iun,uij,jun->n", *_of(model, found, x)) - log_weight.max())
    drawn = total(x)
    mean = np.average(drawn, weights=weight)
    sd = np.sqrt(np.average((drawn - mean) ** 2, weights=weight))
    se = np.hypot(
        walked.mean(axis=0).std(ddof=1) / np.sqrt(chains), sd / np.sqrt(weight.sum() ** 2 / (weight**2).sum())
    )
    assert abs(walked.mean() - mean) < 5 * se
    assert walked.std() == pytest.approx(sd, rel=0.08)


def _of(model: NightModel, found: Fit, x: Floats) -> tuple[Floats, Floats, Floats]:
    miss = _misses(model, found, x)
    return miss, found.precision, miss


@pytest.mark.parametrize("of", [night, three], ids=["two", "three"])
@pytest.mark.parametrize("by_mode", [False, True])
def test_trials_are_worth_a_third_and_more(by_mode: bool, of: Any, tmp_path: Path) -> None:
    """On the small night, with modes and without, at least a third of the trials' number."""
    shown, prepared, found = _night(tmp_path, by_mode, of)
    drawn = draw_night(prepared, found, shown, night.UNITS, trials=4_096, seed=1, threads=1)
    assert drawn.effective > 4_096 / 3


def test_the_truth_stands_anywhere_among_the_trials(tmp_path: Path) -> None:
    """Of 60 nights drawn from the night's own prior the place of the truth is uniform, at 1e-4.

    docs/runoff-night.md has a thousand (`python -m tests.night_ranks 1000`).
    """
    found = ranks(60, tmp_path)[:, 0]
    assert stats.kstest(found, "uniform").pvalue > 1e-4
    low, high = stats.binom.ppf([5e-5, 1.0 - 5e-5], 60, 0.8)
    assert low <= (np.abs(found - 0.5) < 0.4).sum() <= high


@pytest.mark.long
def test_a_mode_that_is_in_everywhere_says_nothing_of_what_is_out(tmp_path: Path) -> None:
    """On 24 nights drawn from the model, election day in and the rest out, the race's votes are where they should be.

    Mean and root mean square of (truth - mean) / sd within five standard errors of 0 and 1: a false alarm in 10^5.
    Where units' own effects reach as far as x lets them, x goes where they reach far, and the mean is below -1.5.
    """
    case = load(night_modes.folder(tmp_path))
    model = night.prepared(case, night.nothing(case, night_modes.MODES)).model
    away = []
    for number in range(24):
        votes = truth(model, np.random.default_rng([5, number]))
        complete = np.zeros(votes.shape[:2], bool)
        complete[:, night_modes.MODES.index("day")] = True
        shown = night.reported(votes, complete, night_modes.MODES)
        prepared = night.prepared(case, shown)
        found = fit(prepared.model, prepared.seen, prepared.polled)
        drawn = draw_night(prepared, found, shown, case.first_round.units, trials=1_024, seed=number, threads=1)
        total = np.log(drawn.votes.sum(axis=1))
        mean = np.average(total, weights=drawn.weights)
        sd = np.sqrt(np.average((total - mean) ** 2, weights=drawn.weights))
        away.append((np.log(votes.sum()) - mean) / sd)
    assert abs(np.mean(away)) < 5.0 / np.sqrt(24)
    assert abs(np.sqrt(np.mean(np.square(away))) - 1.0) < 5.0 / np.sqrt(48)


def test_a_bend_leaves_a_quarter_of_the_priors_precision() -> None:
    """A curvature of -0.74 times the prior's is taken, one of -0.76 is not, in effects of the largest scale or none."""
    own = np.array([False, True])
    for place, prior in enumerate((1.0, 1.0 / tails.SCALES[-1])):
        for part, sound in ((-0.74, True), (-0.76, False)):
            information = np.zeros((2, 2))
            information[place, place] = part * prior
            assert _sound(information, own) is sound


def test_no_trial_runs_away(tmp_path: Path) -> None:
    """Whatever is missed, each step of Newton's moves an effect by four standard deviations at most."""
    _, prepared, found = _night(tmp_path, by_mode=True)
    observed = np.flatnonzero(found.mask.any(axis=0))
    proposal = Proposal(prepared.model, found, Polled(), observed)
    rows, part = len(proposal.pulls), np.arange(7)
    x, log_weight = proposal.place(np.zeros((7, prepared.model.n_common)), part, lambda x: np.full((rows, len(x)), 1e9))
    start = max(float(np.abs(of.mean).max()) for of in proposal.parts)
    assert np.isfinite(log_weight).all()
    assert start < np.abs(x).max() <= start + 4.0 * (len(proposal.blocks) - 2 + 3)


@pytest.mark.parametrize("of", [night, three], ids=["two", "three"])
def test_what_is_out_strays_by_a_scale_of_its_own(of: Any, tmp_path: Path) -> None:
    """Each trial's log-ratios and log votes of units that are out are as far from those at the mode as a scale of the
    law, to the power that half the root of the share counted is, says: one for all units; all scales occur.
    """
    shown, prepared, found = _night(tmp_path, False, of)
    drawers = [NightDraws(replace(prepared, tails=on), found, shown, night.UNITS, 1) for on in (False, True)]
    plain, stretched = (_logs(drawer.told(0)[1][:, 0]) for drawer in drawers)  # of the units that are out
    votes, ratios = drawers[1].at_mode
    at_mode = np.concatenate([votes, ratios[:, 0]])
    held, out = float(shown.votes.sum()), float(np.exp(votes.astype(np.float64)).sum())
    said = tails.SCALES ** (0.5 * np.sqrt(held / (held + out)))
    place = tails.places(drawers[1].normals(drawers[1].astray, 0)[0])
    assert set(place) >= set(range(5))
    far = np.abs(plain - at_mode) > 0.05
    assert np.abs((stretched - at_mode) / (plain - at_mode) / said[place] - 1.0)[far].max() < 0.01


def _logs(out: Any) -> Floats:
    """Log votes and log-ratios [K, units, n] of votes [K, units, n]."""
    votes = out.astype(np.float64)
    result: Floats = np.concatenate([np.log(votes.sum(axis=0))[None], np.log(votes[:-1] / votes[-1])])
    return result


def test_scales_come_as_often_as_the_law_says() -> None:
    """Of a million normals each scale has its part, within five standard errors."""
    found = np.bincount(tails.places(np.random.default_rng(1).standard_normal(1_000_000)), minlength=len(tails.SCALES))
    chance = np.exp(tails.LOG_CHANCE)
    assert (np.abs(found / 1e6 - chance) < 5.0 * np.sqrt(chance * (1.0 - chance) / 1e6)).all()
