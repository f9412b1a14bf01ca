"""Normal and Student's t against the standard library and scipy."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from scipy import stats

from runoff.arithmetic import chances


def test_quantiles_are_the_standard_librarys() -> None:
    """From 1e-300 to 1 - 1e-15, within 1e-14 of the value; the middle is 0."""
    for p in (1e-300, 1e-20, 1e-9, 0.01, 0.07, 0.075, 0.3, 0.9, 0.925, 0.95, 1.0 - 1e-9, 1.0 - 1e-15):
        assert chances.quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=1e-14)
    assert chances.quantile(0.5) == 0.0


def test_tails_and_densities_are_those_of_libraries() -> None:
    """The normal's tail keeps its digits far out, and t's both tails are within 1e-15 at 4 and 5 degrees of freedom."""
    x = np.linspace(-9.0, 30.0, 2_001)
    tail = np.array([0.5 * math.erfc(value / math.sqrt(2.0)) for value in x])
    assert np.abs(chances.upper(x) / tail - 1.0).max() < 1e-12
    assert np.allclose(chances.density(x), stats.norm.pdf(x), rtol=1e-13, atol=0.0)
    for freedom in (4.0, 5.0):
        found = chances.t_both_tails(x, np.full(len(x), freedom))
        assert np.abs(found - 2.0 * stats.t.sf(np.abs(x), freedom)).max() < 1e-15
    with pytest.raises(ValueError, match="4 or 5 degrees of freedom, got"):
        chances.t_both_tails(x, np.full(len(x), 3.0))


@pytest.mark.parametrize("n", [3, 5, 24])
def test_nodes_are_gauss_and_hermites(n: int) -> None:
    """Nodes and weights agree with NumPy's, and give the normal's even moments up to 2n - 1."""
    nodes, weights = chances.normal_nodes(n)
    theirs, of = np.polynomial.hermite_e.hermegauss(n)
    assert np.allclose(nodes, theirs, atol=1e-13)
    assert np.allclose(weights, of / of.sum(), rtol=1e-11, atol=1e-17)
    assert float((weights * nodes**4).sum()) == pytest.approx(3.0, rel=1e-12)
