"""Standard normals for the NumPy rivals: NumPy's own ziggurat, or Box and Muller by NumPy's vector functions.

In float32 NumPy's logarithm, sine and cosine are vector code, and three times as fast as its ziggurat, which
draws one value at a time; in float64 its sine and cosine are not, and the ziggurat is as good.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

METHODS = ("ziggurat", "box-muller")


class Normals:
    """Fills arrays with standard normals; `size` is that of the largest array."""

    def __init__(self, dtype: np.dtype[Any], method: str, size: int, seed: int, bits: str = "SFC64") -> None:
        if method not in METHODS:
            raise ValueError(f"normals are drawn by one of {METHODS}, got {method!r}")
        self._generator = np.random.Generator(getattr(np.random, bits)(seed))
        self._dtype, self._box_muller = dtype.type, method == "box-muller"
        self._uniform = np.empty(size + 1 if self._box_muller else 0, dtype)

    def fill(self, out: npt.NDArray[Any]) -> None:
        """Overwrite a contiguous array."""
        if not self._box_muller:
            self._generator.standard_normal(dtype=self._dtype, out=out)
            return
        half = (out.size + 1) // 2
        uniform = self._uniform[: 2 * half]
        self._generator.random(dtype=self._dtype, out=uniform)
        radius, angle = uniform[:half], uniform[half:]
        np.subtract(1, radius, out=radius)  # never 0
        np.log(radius, out=radius)
        radius *= -2
        np.sqrt(radius, out=radius)
        angle *= 2 * np.pi
        flat = out.reshape(-1)
        np.cos(angle, out=flat[:half])
        np.sin(angle[: out.size - half], out=flat[half:])
        flat[:half] *= radius
        flat[half:] *= radius[: out.size - half]
