"""The logistic function, and half an 80 % interval, in one place."""

from __future__ import annotations

from runoff.arithmetic import functions
from runoff.arithmetic.chances import quantile
from runoff.race import FloatArray

TAIL = quantile(0.9)  # half an 80 % interval in standard deviations


def logistic(x: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)) without overflow."""
    found: FloatArray = functions.logistic(x)
    return found
