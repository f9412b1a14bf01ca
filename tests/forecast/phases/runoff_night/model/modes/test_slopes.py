"""Modes that move with lean: centred, between a unit's modes alone, and learned where they are seen."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runoff.estimate.ratios.shares import logistic
from runoff.phases.runoff_night.model.cells import NightModel, cells, lines
from runoff.phases.runoff_night.model.draw import draw_night
from runoff.phases.runoff_night.model.fit import fit
from runoff.phases.runoff_night.model.linear import lines_by
from runoff.phases.runoff_night.model.modes.slopes import ModeSlopes
from runoff.runfile.load import Case, load
from tests import night_modes
from tests import runoff_night as night


def _case(path: Path, sd: float) -> Case:
    """Forty units in three modes, with slopes of this size."""
    return load(night_modes.folder(path / f"{sd}", f"[night]\nmode_slope_sd = {sd}"))


def _model(path: Path, sd: float) -> NightModel:
    case = _case(path, sd)
    return night.prepared(case, night.nothing(case, night_modes.MODES)).model


def _at(model: NightModel, name: str) -> int:
    """The place in x of an effect."""
    return model.pools.n_factors + model.names.index(name)


def test_lines_are_those_of_loads_unit_by_unit(tmp_path: Path) -> None:
    """Log-shares and leans of modes are the dense sum over units, modes and effects, and so are their derivatives."""
    model = _model(tmp_path, 0.4)
    x = np.random.default_rng(1).normal(size=(5, model.n_common))
    none = ModeSlopes.none(model.n_modes, len(model.region), model.n_common)
    plain = lines(replace(model, slopes=none), x)
    slopes = model.slopes
    votes = np.einsum("pmc,pu,nc->mun", slopes.votes, slopes.votes_at, x)
    leans = np.einsum("pmc,pqu,nc->qmun", slopes.lean, slopes.lean_at, x)
    for place, dense in ((2, votes), (3, leans)):
        assert np.abs(dense).max() > 0.5
        assert lines(model, x)[place] == pytest.approx(plain[place] + dense, abs=1e-12)
    step = np.zeros(model.n_common)
    step[_at(model, "slope of mode lean\0mail")] = 1e-6
    moved = (lines(model, x[:1] + step)[3] - lines(model, x[:1] - step)[3])[0, :, :, 0] / 2e-6
    at = _at(model, "slope of mode lean\0mail")
    assert pytest.approx(moved, abs=1e-7) == lines_by(model, x[0])[:, 2 + model.n_modes :, at].T


def test_slopes_are_centred(tmp_path: Path) -> None:
    """The mean of a slope's load is nought: over votes for shares, over votes that change hands for leans."""
    model = _model(tmp_path, 0.4)
    votes, lean = (part[..., 0] for part in lines(model, np.zeros((1, model.n_common)))[:2])
    plain = votes - model.expected_votes, (lean - model.expected_lean)[0]
    moves = np.exp(plain[0]) * logistic(plain[1]) * logistic(-plain[1])
    assert np.ptp(model.slopes.lean_at) > 2.0
    assert abs(np.average(model.slopes.votes_at[0], weights=np.exp(plain[0]))) < 1e-12
    assert abs(np.average(model.slopes.lean_at[0, 0], weights=moves)) < 1e-12


def test_modes_add_up_whatever_slopes_do(tmp_path: Path) -> None:
    """With slopes of 0.5 on each of 200 draws a unit's modes have its votes, and its split within 1e-6."""
    model = _model(tmp_path, 0.5)
    line = lines(model, np.random.default_rng(2).normal(size=(200, model.n_common)))
    log_votes, odds = cells(*line)
    votes = np.exp(log_votes)
    assert votes.sum(axis=0) == pytest.approx(np.exp(line[0]), rel=1e-12)
    share = (votes * logistic(odds[0])).sum(axis=0) / votes.sum(axis=0)
    assert np.abs(share - logistic(line[1][0])).max() < 1e-6


def test_before_a_count_slopes_change_nothing(tmp_path: Path) -> None:
    """Nothing reported: trials with slopes of 0.3 and with none differ by counting noise alone.

    Equal factors and effects, trial by trial; a region and mode's count has its own noise, of about 0.4 points of
    margin here, and Newton's one step for units' shifts leaves another tenth.
    """
    margins = []
    for sd in (0.0, 0.3):
        case = _case(tmp_path, sd)
        shown = night.nothing(case, night_modes.MODES)
        prepared = night.prepared(case, shown)
        found = fit(prepared.model, prepared.seen, prepared.polled)
        votes = draw_night(prepared, found, shown, case.first_round.units, trials=4_096, seed=3, threads=1).votes
        margins.append((votes[:, 0] - votes[:, 1]) / votes.sum(axis=1))
    away = margins[1] - margins[0]
    assert np.abs(away).max() < 0.05
    assert away.std() < 0.1 * margins[0].std()
    assert abs(away.mean()) < 0.001
    assert margins[1].std() == pytest.approx(margins[0].std(), rel=0.01)


def test_with_one_mode_there_are_none(tmp_path: Path) -> None:
    """A night without modes has no such effect, and its arrays are those of a night that says 0."""
    models = []
    for sd in (0.0, 1.0):
        case = night.of_folder(tmp_path / f"{sd}", f"[night]\nmode_slope_sd = {sd}", by_mode=False)
        models.append(night.prepared(case, night.nothing(case, ("",))).model)
    assert models[0].names == models[1].names
    assert (models[0].lean_effect == models[1].lean_effect).all()


def test_a_slope_that_is_seen_is_learned(tmp_path: Path) -> None:
    """Modes complete in half of the units, with mail half a log-odds steeper: the fit finds it within 4 of its own sd.

    The slope is of mail against the unit; without the term the fit has nothing to say it with.
    """
    case = _case(tmp_path, 0.3)
    model = night.prepared(case, night.nothing(case, night_modes.MODES)).model
    x = np.zeros(model.n_common)
    at = _at(model, "slope of mode lean\0mail")
    x[at] = 0.5 / 0.3
    log_votes, odds = cells(*(part[..., 0] for part in lines(model, x[None, :])))
    total = np.round(np.exp(log_votes)).astype(np.int64)
    first = np.round(total * logistic(odds[0])).astype(np.int64)
    votes = np.stack([first, total - first], axis=2).transpose(1, 0, 2)
    complete = np.zeros(votes.shape[:2], bool)
    complete[::2] = True
    shown = night.reported(votes, complete, night_modes.MODES)
    prepared = night.prepared(case, shown)
    found = fit(prepared.model, prepared.seen, prepared.polled)
    slopes = [found.mode[_at(model, f"slope of mode lean\0{mode}")] * 0.3 for mode in night_modes.MODES]
    covariance = np.linalg.inv(found.information + np.diag(found.prior))
    others = np.average(slopes[:2], weights=[450.0, 300.0])
    assert covariance[at, at] < 0.8 / found.prior[at]
    assert slopes[2] - others == pytest.approx(0.5, abs=4 * 0.3 * np.sqrt(covariance[at, at]))
    assert slopes[2] - others > 0.25
