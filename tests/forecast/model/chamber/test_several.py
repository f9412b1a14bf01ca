"""Runoffs of three and more that are in: their line against derivatives, and what is learned against the truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from runoff.data.chamber.districts import District
from runoff.model.chamber import several as module
from runoff.model.chamber.pairs import camp_votes, pairs_of
from runoff.model.chamber.rates import Belief, Rates, rates_of
from runoff.model.chamber.several import answers, line, width
from runoff.model.chamber.shared import NAMES, learned, shared_law
from runoff.model.prior.fitted import table
from runoff.race import FloatArray
from tests import chambers

_SAME = {bloc: bloc for bloc in chambers.BLOCS}


def _rates(districts: tuple[District, ...]) -> list[Rates]:
    """Rates of those of them where three and more stand."""
    fit = table.shipped().without[""]
    pairs = pairs_of(districts, _SAME, "national_district", camp_votes(districts, _SAME))
    belief = Belief(fit, pairs, shared_law(fit, pairs.fields), _SAME)
    return [own for own in rates_of(districts, belief) if own is not None and own.finalists > 2]


MANY = _rates(chambers.districts(160))
NORMALS = np.random.default_rng(3).standard_normal((512, max(map(width, MANY))))


def _votes(rates: Rates, shared: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Votes of a race in one trial whose factors of preference are `shared`, by itself: from the model's words."""
    k, names = rates.finalists, list(dict.fromkeys(rates.together))
    own = {part: rng.standard_normal((len(names), k)) for part in ("bloc",)}["bloc"]
    of_race = np.array([rng.standard_normal(), *shared])
    votes = np.zeros(k)
    for j in range(len(rates.people)):
        mine = rng.standard_normal(k)
        parts = [of_race, own[names.index(rates.together[j])], mine]
        come = sum(np.sqrt(p) * part[0] for p, part in zip(rates.turnout_parts, parts, strict=True))
        turn = sum(np.sqrt(p) * part[1:] for p, part in zip(rates.preference_parts, parts, strict=True))
        share = special.softmax([*(rates.location[j] + rates.scale[j] @ turn), 0.0])
        votes += rates.people[j] * special.expit(rates.turnout[j] + rates.turnout_sd[j] * come) * share
    return votes


def test_there_are_such_races() -> None:
    """The made chamber has enough of them for what follows."""
    assert len(MANY) > 20


@pytest.mark.parametrize("place", [0, 5, 11])
def test_the_line_is_that_of_many_trials(place: int) -> None:
    """Mean, slopes and what is left, against 4,000 trials drawn apart and regressed there."""
    rates, rng = MANY[place], np.random.default_rng(place)
    shared = rng.standard_normal((4_000, rates.finalists - 1))
    votes = np.array([_votes(rates, row, rng) for row in shared])
    found = np.log(votes[:, :-1] / votes[:, -1:])
    x = np.column_stack([np.ones(len(shared)), shared])
    exact = np.linalg.lstsq(x, found, rcond=None)[0]
    mean, slope, left = line(rates, NORMALS)
    sd = np.sqrt(np.diag(left))
    np.testing.assert_allclose(mean, exact[0], atol=0.12 * float(sd.max()))
    np.testing.assert_allclose(slope.T, exact[1:], atol=0.12 * float(sd.max()))
    np.testing.assert_allclose(sd, (found - x @ exact).std(axis=0), rtol=0.1)


def test_shocks_are_found_as_well_as_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Chambers of three-way races drawn from the model, errors as they are: z of the shocks' sums have variance one.

    60 chambers of 20 races, in three directions: a mean square of 1 has a standard error of 0.11.
    """
    monkeypatch.setattr(module, "WIDER", 1.0)
    rng, squares = np.random.default_rng(9), []
    some = MANY[:20]
    directions = np.linalg.qr(np.array([some[i].weights[1, : len(NAMES)] for i in (0, 7, 13)]).T)[0].T
    for _ in range(60):
        z = rng.standard_normal(len(NAMES))
        races = []
        for rates in some:
            own = rates.own[1:] * rng.standard_normal(rates.finalists - 1)
            races.append((rates, np.rint(_votes(rates, rates.weights[1:, : len(NAMES)] @ z + own, rng)).astype(int)))
        law, said = answers([(rates, tuple(votes.tolist())) for rates, votes in races], NORMALS)
        found = learned(law, said, np.zeros(len(said)))
        sd = np.sqrt(((directions @ found.root) ** 2).sum(axis=1))
        squares.append(((directions @ (z - found.mean)) / sd) ** 2)
        assert (sd < 1.0).all()
    assert float(np.mean(squares)) == pytest.approx(1.0, abs=0.35)


def test_somebody_without_votes_is_no_infinity() -> None:
    """A finalist of nought votes counts as half of one."""
    law, said = answers([(MANY[0], (1_000, 0, *([500] * (MANY[0].finalists - 2))))], NORMALS)
    assert np.isfinite(said).all()
    assert np.isfinite(law.loads).all()
    assert (law.own == module.WIDER**2).all()
