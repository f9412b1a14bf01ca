"""Float64 functions against long double: how far they are off, and where they end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from runoff.kernels import functions

RNG = np.random.default_rng(20170620)
WIDE = np.concatenate(
    [RNG.uniform(-744.0, 709.0, 200_000), RNG.normal(0.0, 10.0, 300_000), RNG.uniform(-1.0, 1.0, 200_000)]
)
POSITIVE = np.concatenate(
    [
        np.exp(RNG.uniform(-740.0, 709.0, 300_000)),
        RNG.uniform(0.4, 2.5, 300_000),
        1.0 + RNG.uniform(-1e-3, 1e-3, 100_000),
    ]
)
ABOVE = np.concatenate([np.exp(RNG.uniform(-80.0, 100.0, 300_000)), RNG.uniform(-1.0, 1.0, 300_000)])
needs_more = pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="long double is no longer than double here")


def _of(which: int, x: Any) -> Any:
    x = np.asarray(x, np.float64)
    out = np.empty_like(x)
    functions.apply(which, x, out)
    return out


def _units_off(which: int, x: Any, exact: Callable[[Any], Any]) -> float:
    """The largest error in units of the last place."""
    true = exact(x.astype(np.longdouble))
    unit = np.spacing(np.abs(true.astype(np.float64))).astype(np.longdouble)
    return float((np.abs(_of(which, x).astype(np.longdouble) - true) / unit).max())


@needs_more
@pytest.mark.parametrize(
    ("which", "x", "exact", "bound"),
    [
        (functions.EXP, WIDE, np.exp, 1.0),
        (functions.LOG, POSITIVE, np.log, 1.0),
        (functions.LOG1P, ABOVE, np.log1p, 2.0),
        (functions.LOGISTIC, WIDE[np.abs(WIDE) < 700.0], lambda v: 1.0 / (1.0 + np.exp(-v)), 2.5),
    ],
    ids=["exp", "log", "log1p", "logistic"],
)
def test_errors_are_below_the_stated_units(which: int, x: Any, exact: Callable[[Any], Any], bound: float) -> None:
    """Exp and log err by less than one unit in the last place, log1p by less than two, the logistic two and a half."""
    assert _units_off(which, x, exact) < bound


@needs_more
def test_atan_errs_by_less_than_stated() -> None:
    """The arc tangent errs by less than 5e-16 anywhere."""
    x = np.concatenate([ABOVE, -ABOVE, RNG.uniform(-30.0, 30.0, 200_000)])
    assert float(np.abs(_of(functions.ATAN, x) - np.arctan(x.astype(np.longdouble))).max()) < 5e-16


def test_functions_end_as_they_should() -> None:
    """What is too large is inf, too small 0 or subnormal; logarithms of 0 and less are -inf and nan; nan stays nan."""
    inf, nan = np.inf, np.nan
    assert np.array_equal(
        _of(functions.EXP, [-inf, -800.0, -745.0, 0.0, 720.0, inf, nan]), [0.0, 0.0, 5e-324, 1.0, inf, inf, nan], True
    )
    assert np.array_equal(_of(functions.LOG, [0.0, -1.0, 1.0, inf, nan]), [-inf, nan, 0.0, inf, nan], True)
    assert _of(functions.LOG, [5e-324])[0] == pytest.approx(-1074.0 * np.log(2.0), rel=1e-15)
    assert np.array_equal(_of(functions.LOG1P, [-1.0, -2.0, 1e-300, inf]), [-inf, nan, 1e-300, inf], True)
    assert np.array_equal(_of(functions.LOGISTIC, [-inf, 0.0, inf]), [0.0, 0.5, 1.0])
    assert np.array_equal(_of(functions.ATAN, [-inf, 0.0, inf]), [-np.pi / 2.0, 0.0, np.pi / 2.0])


def test_float32_errs_by_less_than_stated() -> None:
    """In float32 exp errs by less than 1.2e-7 of its value from -87 to 88, and the logistic by as much and rounding."""
    x = RNG.uniform(-87.0, 88.0, 1_000_000).astype(np.float32)
    out, exact = np.empty_like(x), np.exp(x.astype(np.float64))
    functions.apply32(functions.EXP, x, out)
    assert np.abs(out / exact - 1.0).max() < 1.2e-7
    functions.apply32(functions.LOGISTIC, x, out)
    assert np.abs(out * (1.0 + 1.0 / exact) - 1.0).max() < 3e-7
    ends = np.array([-np.inf, -200.0, 200.0, np.inf, np.nan], np.float32)
    out = np.empty_like(ends)
    functions.apply32(functions.EXP, ends, out)
    assert np.array_equal(out, [0.0, 0.0, np.inf, np.inf, np.nan], equal_nan=True)


def test_interpreted_equals_compiled_to_the_bit() -> None:
    """The plain Python functions and the compiled loops agree in every bit."""
    x = RNG.uniform(0.01, 30.0, 500)
    for which, function in enumerate(
        (functions.exp, functions.log, functions.log1p, functions.logistic, functions.atan)
    ):
        plain = getattr(function, "py_func", function)
        assert np.array_equal(_of(which, x), [plain(value) for value in x])
    single, out = x.astype(np.float32), np.empty(len(x), np.float32)
    functions.apply32(functions.EXP, single, out)
    plain = getattr(functions.exp32, "py_func", functions.exp32)
    assert np.array_equal(out, np.array([plain(value) for value in single], np.float32))
