"""The rows of `sensitivity`: what a rate decides, where the race is even, and how often it is won at its ends."""

from __future__ import annotations

from collections.abc import Iterable

from runoff.estimate.tallied import mean_sd, near_quantile, quantile
from runoff.model.pools import Model
from runoff.phases.runoff_ahead.influence.factors import variance
from runoff.phases.runoff_ahead.influence.fixed import fixed_break_evens
from runoff.phases.runoff_ahead.influence.margin import Margin
from runoff.phases.runoff_ahead.influence.rate_totals import rate_totals
from runoff.phases.runoff_ahead.rates import RATE_WIDTH, rate_pools
from runoff.race import Row
from runoff.simulate.driver import PPM, Drawn, standard_error, whole

_ENDS = (10, 90)  # per cent
_KEY = ("pool", "kind", "rate", "candidate")


def sensitivity_rows(model: Model, drawn: Drawn, rates: Iterable[Row], margin: Margin | None = None) -> list[Row]:
    """A row a rate that varies, from the tallies of the trials in detail; the other rates are as they are then.

    rates : rows of `rates` and `rates_blocs`.
    margin : the law that was drawn, from which come total indices and rates that are fixed; without it they are empty.
    """
    rows: list[Row] = []
    known = {tuple(row[name] for name in _KEY): row for row in rates}
    totals = None if margin is None else rate_totals(model, margin) / max(variance(drawn), 1e-300)
    fixed = None if margin is None else fixed_break_evens(model, margin)
    for index, pool in enumerate(rate_pools(model)):
        for quantity, name in enumerate(("", *model.finalists)):
            x, xx = (whole(sums) for sums in drawn.tallies.rate_moments[index, quantity, :2])
            mean, sd = mean_sd(x, xx, drawn.detail_total, 1.0 / PPM)
            if sd == 0.0:
                continue
            rate = "preference" if quantity else "turnout"
            of = known[pool.pool, pool.kind, rate, name]
            row: Row = {
                **pool.keys,
                "rate": rate,
                "candidate": name,
                "winner": model.finalists[0],
                "trials": drawn.detail_trials,
                "mean": mean,
                **_ends(drawn, index, quantity),
                "first_order": of["explained"],
                "total": None if totals is None else min(float(totals[index, min(quantity, 1)]), 1.0),
                "break_even": of["break_even"],
                "break_even_fixed": None if fixed is None else _fixed(drawn, index, quantity, fixed[index]),
            }
            rows.append(row)
    return rows


def _fixed(drawn: Drawn, index: int, quantity: int, even: tuple[float | None, float | None]) -> float | None:
    """The rate at which the race is even where it is fixed there, between its 1 % and its 99 % quantile."""
    rate = even[min(quantity, 1)]
    if rate is None:
        return None
    rate = 1.0 - rate if quantity > 1 else rate
    bins = drawn.tallies.rate_bins[index, quantity, :, 0]
    low, high = (quantile(bins, level, 0.0, RATE_WIDTH) for level in (0.01, 0.99))
    return rate if low <= rate <= high else None


def _ends(drawn: Drawn, index: int, quantity: int) -> Row:
    """The rate's ends, and the chance of the first finalist at each."""
    bins = drawn.tallies.rate_bins[index, quantity].T
    ends: Row = {}
    for level in _ENDS:
        near = near_quantile(bins, level / 100, drawn.detail_effective / drawn.detail_total)
        ends[f"q{level}"] = min(quantile(bins[0], level / 100, 0.0, RATE_WIDTH), 1.0)
        ends[f"p_win_q{level}"] = near.p
        ends[f"p_win_q{level}_mcse"] = standard_error(near.p, near.trials)
        ends[f"ess_q{level}"] = near.trials
    return ends
