"""Where a function is least, against scipy's search and in closed form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import optimize

from runoff.arithmetic.descent import least

WIDE = np.full(4, 10.0)


def _bowl(seed: int) -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(seed)
    half, centre = rng.normal(size=(4, 4)), rng.normal(size=4)
    return half @ half.T + 0.1 * np.eye(4), centre, lambda x: x - centre


@pytest.mark.parametrize("seed", range(5))
def test_a_bowl_ends_at_its_bottom_or_at_the_bounds(seed: int) -> None:
    """A quadratic's least is at its centre; between bounds that cut it off, where scipy's bounded search ends."""
    bent, centre, away = _bowl(seed)

    def of(x: Any) -> tuple[float, Any]:
        return float(0.5 * away(x) @ bent @ away(x)), bent @ away(x)

    assert least(of, np.zeros(4), -WIDE, WIDE) == pytest.approx(centre, abs=1e-3)
    low, high = centre - 0.2 - 0.3 * (np.arange(4) == 1), centre + np.array([-0.1, 0.5, 0.5, 0.5])
    bounds, options = list(zip(low, high, strict=True)), {"ftol": 1e-15, "gtol": 1e-10}
    theirs = optimize.minimize(of, 0.5 * (low + high), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    ours = least(of, 0.5 * (low + high), low, high)
    assert of(ours)[0] == pytest.approx(theirs.fun, abs=1e-7)
    assert ((ours >= low) & (ours <= high)).all()


def test_a_bent_valley_is_followed() -> None:
    """Rosenbrock's valley is followed to its end."""
    found = least(
        lambda x: (float(optimize.rosen(x)), optimize.rosen_der(x)), np.array([-1.2, 1.0]), -WIDE[:2], WIDE[:2]
    )
    assert found == pytest.approx([1.0, 1.0], abs=1e-3)


def test_numbers_without_room_stay() -> None:
    """A number whose bounds are one stays there, and the others are found."""
    low, high = np.array([2.0, -10.0]), np.array([2.0, 10.0])
    found = least(lambda x: (float((x * x).sum()), 2.0 * x), np.array([2.0, 5.0]), low, high)
    assert found[0] == 2.0
    assert abs(found[1]) < 1e-4
