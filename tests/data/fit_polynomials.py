"""Makes the coefficients of kernels/elementary.py: minimax fits by Lawson's reweighted least squares.

Run it (`python tests/data/fit_polynomials.py`) and compare; it needs numpy alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from numpy.polynomial import Polynomial, chebyshev

Floats = npt.NDArray[np.float64]
_POINTS = 4_000
_ROUNDS = 400


def fit(
    f: Callable[[Floats], Floats], low: float, high: float, degree: int, weight: Callable[[Floats], Floats]
) -> tuple[Floats, float]:
    """Coefficients, lowest first, and the largest weighted error of the fit of `f` on [low, high]."""
    t = np.cos(np.pi * (np.arange(_POINTS) + 0.5) / _POINTS)
    x = (t * (high - low) + low + high) / 2
    y, w = f(x), weight(x)
    basis = chebyshev.chebvander(t, degree)
    lawson = np.ones_like(x)
    for _ in range(_ROUNDS):
        root = np.sqrt(lawson) * w
        coefficients, *_ = np.linalg.lstsq(basis * root[:, None], y * root, rcond=None)
        error = np.abs((basis @ coefficients - y) * w)
        lawson *= error + 1e-30
        lawson /= lawson.sum()
    to_t = Polynomial([-(low + high) / (high - low), 2 / (high - low)])
    return Polynomial(chebyshev.cheb2poly(coefficients))(to_t).coef, float(error.max())


def log_tail(f: Floats) -> Floats:
    """(log(1 + f) - f + f^2/2) / f^3, by its series near 0."""
    near = np.abs(f) < 1e-3
    safe = np.where(near, 1.0, f)
    return np.where(near, 1 / 3 - f / 4 + f**2 / 5 - f**3 / 6, (np.log1p(safe) - safe + safe**2 / 2) / safe**3)


def exp_tail(r: Floats) -> Floats:
    """(exp(r) - 1 - r) / r^2, by its series near 0."""
    near = np.abs(r) < 1e-4
    safe = np.where(near, 1.0, r)
    return np.where(near, 0.5 + r / 6, (np.exp(safe) - 1 - safe) / safe**2)


def all_fits() -> dict[str, tuple[Floats, float]]:
    """The four polynomials of kernels/elementary.py, with the errors of their functions."""
    root, half_log = np.sqrt(0.5), np.log(2) / 2
    return {
        "log": fit(log_tail, root - 1, 2 * root - 1, 5, lambda f: np.abs(f) ** 3 + 1e-4),
        "exp": fit(exp_tail, -half_log, half_log, 3, lambda r: r**2 + 1e-4),
        "sin": fit(lambda s: np.pi * np.sinc(np.sqrt(s)), 0.0, 1 / 16, 2, lambda s: np.sqrt(s) + 1e-3),
        "cos": fit(lambda s: np.cos(np.pi * np.sqrt(s)), 0.0, 1 / 16, 3, lambda s: np.ones_like(s)),
    }


if __name__ == "__main__":
    for name, (found, largest) in all_fits().items():
        print(name, found.tolist(), f"largest error {largest:.2e}")
