"""The logistic function, and half an 80 % interval, in one place."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from runoff.race import FloatArray

TAIL = NormalDist().inv_cdf(0.9)  # half an 80 % interval in standard deviations


def logistic(x: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)) without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))
