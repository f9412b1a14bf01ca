"""The NumPy rivals' normals are standard normals, whichever way they are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks.normals import METHODS, Normals


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("size", [200_000, 199_999])
def test_normals_are_standard_normals(method: str, dtype: str, size: int) -> None:
    """Kolmogorov and Smirnov's distance is within chance; both halves are uncorrelated; wrong once in 400,000."""
    out = np.empty(size, dtype)
    Normals(np.dtype(dtype), method, size, 5).fill(out)
    z = out.astype(np.float64)
    assert stats.kstest(z, "norm").pvalue > 1e-6
    half = size // 2
    for power in (1, 2):  # the two of a pair share a radius: their squares must be uncorrelated too
        near, far = z[:half] ** power, z[-half:] ** power
        assert abs(np.corrcoef(near, far)[0, 1]) < 5 / np.sqrt(half)


def test_an_unknown_method_is_named() -> None:
    """A misspelt method says what there is."""
    with pytest.raises(ValueError, match=r"one of \('ziggurat', 'box-muller'\), got 'polar'"):
        Normals(np.dtype("float64"), "polar", 10, 1)
