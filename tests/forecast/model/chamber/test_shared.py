from __future__ import annotations

import numpy as np
import pytest

from runoff.data.chamber.counted import Counted
from runoff.model.chamber.night import after
from runoff.model.chamber.pairs import pairs_of
from runoff.model.chamber.shared import NAMES, Learned, Shared, learned, shared_law
from runoff.model.prior.fitted import table
from runoff.model.prior.fitted.fields import STRATA
from runoff.model.prior.law import margin_law
from runoff.simulate.chamber.draw import draw_chamber
from tests import chambers

_FIT = table.shipped().without[""]
_SAME = {bloc: bloc for bloc in chambers.BLOCS}


def _law() -> tuple[Shared, int]:
    pairs = pairs_of(chambers.districts(), _SAME, "national_district")
    return shared_law(_FIT, pairs.fields), len(pairs.district)


def test_the_law_with_its_shocks_apart_is_the_archive_s() -> None:
    """Mean and standard deviation of each pair's margin are those of `margin_law`, which has no shocks by name."""
    pairs = pairs_of(chambers.districts(), _SAME, "national_district")
    law, usual = shared_law(_FIT, pairs.fields), margin_law(_FIT, pairs.fields)
    assert STRATA[int(pairs.fields.stratum[0])] == "district"
    np.testing.assert_allclose(law.mean, usual.mean, atol=1e-12)
    np.testing.assert_allclose(law.sd, usual.sd, rtol=1e-9)


def test_shocks_after_results_are_the_normal_s_conditional() -> None:
    """Given some margins, mean and covariance are those of the joint normal, conditioned the long way round."""
    law, many = _law()
    draw = np.random.default_rng(1)
    margin = law.mean + 0.1 * draw.standard_normal(many)
    noise = np.where(np.arange(many) < 5, 0.0, np.inf)
    noise[5] = 0.01
    found = learned(law, margin, noise)
    rows = np.flatnonzero(np.isfinite(noise))
    loads = law.loads[rows]
    cov = loads @ loads.T + np.diag(law.own[rows] + noise[rows])
    gain = loads.T @ np.linalg.inv(cov)
    np.testing.assert_allclose(found.mean, gain @ (margin - law.mean)[rows], atol=2e-5)
    np.testing.assert_allclose(found.root @ found.root.T, np.eye(len(NAMES)) - gain @ loads, atol=1e-4)


def test_the_density_of_results_is_the_joint_normal_s() -> None:
    """Differences of log densities between two scales of the own variance are those of the dense normal."""
    law, many = _law()
    margin, noise = law.mean + 0.05, np.zeros(many)

    def dense(scale: float) -> float:
        cov = law.loads @ law.loads.T + np.diag(law.own * scale)
        away = margin - law.mean
        return -0.5 * float(np.linalg.slogdet(cov)[1] + away @ np.linalg.solve(cov, away))

    ours = [learned(Shared(law.mean, law.loads, law.own * scale), margin, noise).loglik for scale in (0.5, 2.0)]
    assert ours[1] - ours[0] == pytest.approx(dense(2.0) - dense(0.5), abs=1e-6)


def test_nothing_counted_changes_nothing() -> None:
    """Without results the shocks are standard normals and the law is as it was."""
    of = chambers.districts()
    pairs = pairs_of(of, _SAME, "national_district")
    law = shared_law(_FIT, pairs.fields)
    known = after(of, pairs, law, {}, 0.9)
    assert known.law is law
    assert known.shocks.mean.tolist() == Learned.nothing().mean.tolist()


def test_a_count_in_part_moves_a_district_less_than_a_whole_one_and_more_than_none() -> None:
    """The margin of a duel counted in part lies between the law's and the count's, nearer the more is in."""
    of = chambers.districts(30)
    pairs = pairs_of(of, _SAME, "national_district")
    law = shared_law(_FIT, pairs.fields)
    row = next(r for r, d in enumerate(pairs.district.tolist()) if len(of[d].finalists) == 2)
    district = of[int(pairs.district[row])]
    total, means = sum(district.votes), []
    for part in (0.1, 0.5, 0.9):
        first = round(part * total * 0.7)
        counted = {district.id: Counted((first, round(part * total) - first), complete=False)}
        means.append(float(after(of, pairs, law, counted, 1.0).law.mean[row]))
    assert law.mean[row] < means[0] < means[1] < means[2] <= 0.4 + 1e-9


def test_margins_that_are_drawn_are_the_law_s() -> None:
    """Means of duels' margins over trials are the law's within 0.4 points (Monte Carlo: at most 0.17 at 10,000)."""
    of = chambers.districts(8)
    ready = chambers.ready(of)
    pairs = pairs_of(of, _SAME, "national_district")
    law = shared_law(_FIT, pairs.fields)
    drawn = draw_chamber(ready.chamber, 10_000, seed=1, threads=1)
    for row, d in enumerate(pairs.district.tolist()):
        if len(of[d].finalists) == 2:
            assert drawn.sums[d, 0] / 10_000 / 1e6 == pytest.approx(law.mean[row], abs=0.012)
