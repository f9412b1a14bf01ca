"""The rows of `sensitivity`: how often the first finalist wins where a rate is at its ends."""

from __future__ import annotations

from runoff.estimate.tallied import mean_sd, near_quantile, quantile
from runoff.model.pools import Model
from runoff.phases.runoff_ahead.rates import RATE_WIDTH, rate_pools
from runoff.race import Row
from runoff.simulate.driver import PPM, Drawn, standard_error, whole

_ENDS = (10, 90)  # per cent


def sensitivity_rows(model: Model, drawn: Drawn) -> list[Row]:
    """A row a rate that varies, from the tallies of the trials in detail; the other rates are as they are then."""
    rows: list[Row] = []
    for index, pool in enumerate(rate_pools(model)):
        for quantity, name in enumerate(("", *model.finalists)):
            x, xx = (whole(sums) for sums in drawn.tallies.rate_moments[index, quantity, :2])
            mean, sd = mean_sd(x, xx, drawn.detail_total, 1.0 / PPM)
            if sd == 0.0:
                continue
            row: Row = {
                **pool.keys,
                "rate": "preference" if quantity else "turnout",
                "candidate": name,
                "winner": model.finalists[0],
                "trials": drawn.detail_trials,
                "mean": mean,
            }
            rows.append({**row, **_ends(drawn, index, quantity)})
    return rows


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
