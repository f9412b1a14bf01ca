"""fma: rounded once, compiled or interpreted."""

from __future__ import annotations

from fractions import Fraction

import numba
import numpy as np
import pytest

from runoff.kernels.fused import fma


@numba.njit(error_model="numpy")
def _each(a, b, c):  # type: ignore[no-untyped-def]  # numba infers
    out = np.empty_like(a)
    for i in range(a.size):
        out[i] = fma(a[i], b[i], c[i])
    return out


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_interpreted_equals_compiled_to_the_bit(dtype: type) -> None:
    """20,000 triples, a third of them cancelling almost wholly: the plain Python and the compiled agree."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(size=(2, 20_000)).astype(dtype)
    c = (rng.normal(size=20_000) * 2.0 ** rng.integers(-30, 30, 20_000)).astype(dtype)
    c[::3] = -(a[::3] * b[::3])
    expected = np.array([fma(x, y, z) for x, y, z in zip(a, b, c, strict=True)])
    assert np.array_equal(_each(a, b, c), expected)


def test_float32_is_the_nearest_to_the_exact_value() -> None:
    """No float32 is nearer to the exact a b + c than the one returned; halfway cases included."""
    rng = np.random.default_rng(2)
    triples = [tuple(np.float32(x) for x in rng.normal(size=3) * 10.0 ** rng.integers(-3, 4, 3)) for _ in range(5_000)]
    # a sum that float64 rounds onto the middle of two float32: rounding twice would go the wrong way
    triples.append((np.float32(1 + 2**-23), np.float32(1 + 2**-12), np.float32(2**-54)))
    for a, b, c in triples:
        exact = Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))
        got = fma(a, b, c)
        error = abs(Fraction(float(got)) - exact)
        for side in (np.float32(np.inf), np.float32(-np.inf)):
            assert error <= abs(Fraction(float(np.nextafter(got, side))) - exact)
