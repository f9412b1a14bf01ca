"""A runoff ahead, its rates: pool by pool and bloc by bloc, the votes they move, and what hangs on them."""

from __future__ import annotations

from runoff.output.columns import (
    ESS,
    KEYS,
    Column,
    Table,
    moments,
    quantiles,
)

_EXPLAINED = (
    "share of the margin's variance explained by this rate alone (first-order Sobol index: variance of the mean margin "
    "given the rate / variance of the margin); empty where the rate does not vary"
)
_BREAK_EVEN = (
    "the rate at which the first finalist wins half the time; empty where no value between the 1 % and 99 % quantiles "
    "does that"
)

_POOL = (
    *KEYS,
    Column("pool", "string", "the pool"),
    Column("bloc", "string", "the pool's bloc"),
    Column("kind", "string", "'finalist', 'eliminated' or 'new'"),
    Column("people", "int64", "people in the pool"),
)


def _at(name: str, level: str) -> tuple[Column, Column, Column]:
    """The columns of the win probability where a rate is near a quantile."""
    where = f"trials whose rate lies within 2.5 points of rank of its {level} % quantile"
    return (
        Column(f"p_win_{name}", "double", f"share of {where} that the first finalist wins"),
        Column(f"p_win_{name}_mcse", "double", "its Monte Carlo standard error"),
        Column(f"ess_{name}", "double", "effective trials behind the two"),
    )


_BLOC = (
    *KEYS,
    Column("pool", "string", "the bloc"),
    Column("bloc", "string", "the bloc"),
    Column("kind", "string", "'bloc'"),
    Column("people", "int64", "people in its eliminated pools, each of which has rows of its own in the other table"),
)

RATES = Table(
    "rates",
    "a pool and one of its rates",
    (
        *_POOL,
        Column("rate", "string", "'turnout' (voters / people) or 'preference' (votes / the pool's voters)"),
        Column("candidate", "string", "the finalist preferred; '' for a turnout"),
        Column("trials", "int64", "trials behind the row: the run's first ones, see `detail_trials`"),
        Column("mean", "double", "mean over trials"),
        Column("sd", "double", "standard deviation over trials"),
        Column("q05", "double", "5 % quantile"),
        Column("q10", "double", "10 % quantile"),
        Column("q50", "double", "median"),
        Column("q90", "double", "90 % quantile"),
        Column("q95", "double", "95 % quantile"),
        Column("correlation", "double", "correlation with the margin; empty where the rate does not vary", True),
        Column("explained", "double", _EXPLAINED, True),
        Column("break_even", "double", _BREAK_EVEN, True),
        Column("said", "string", "the rate as the run file has it; '' in `rates_blocs`"),
        Column("origin", "string", "layer of the run file that spoke: 'pool', 'bloc', 'own', 'default'; '' for a bloc"),
        Column("source", "string", "the run file's remark on where the rate comes from"),
        ESS,
    ),
)

SENSITIVITY = Table(
    "sensitivity",
    "a rate of `rates` or `rates_blocs` that varies, and how often the first finalist wins at its ends",
    (
        *_POOL[:4],
        Column("kind", "string", "'finalist', 'eliminated' or 'new'; 'bloc' for a bloc's eliminated pools together"),
        Column("people", "int64", "people in the pool, or in the bloc's eliminated pools"),
        Column("rate", "string", "'turnout' or 'preference', as in `rates`"),
        Column("candidate", "string", "the finalist preferred; '' for a turnout"),
        Column("winner", "string", "the first finalist, whose wins these are"),
        Column("trials", "int64", "trials behind the row: the run's first ones, see `detail_trials`"),
        Column("mean", "double", "mean of the rate over trials"),
        Column("q10", "double", "its 10 % quantile"),
        Column("q90", "double", "its 90 % quantile"),
        *_at("q10", "10"),
        *_at("q90", "90"),
        Column("first_order", "double", f"{_EXPLAINED}; over rates these sum to more than 1, as they share factors"),
        Column(
            "total",
            "double",
            "total index: mean variance of the margin over this rate while all other rates stay as they are, / "
            "variance of the margin; empty in runs before 0.3",
            True,
        ),
        Column("break_even", "double", f"{_BREAK_EVEN}; other rates move along", True),
        Column(
            "break_even_fixed",
            "double",
            "the rate at which a run with it fixed there, the others by themselves, gives the first finalist one half, "
            "within 0.005; empty as `break_even`, of three finalists and more, and where evidence counts",
            True,
        ),
    ),
)

_SHARE = "adds up to 1 over the table"

FACTORS = Table(
    "factors",
    "a factor that rates hang on, and last what regions, units and counting do: its part in the margin's variance",
    (
        *KEYS,
        Column("rate", "string", "'turnout' or 'preference'; '' for an estimate, which moves both, and at the end"),
        Column(
            "level",
            "string",
            "'shared' by all pools, 'bloc', 'pool' for a pool's own, 'estimate' for what draws of an estimate have in "
            "common, or 'rest' in the last row",
        ),
        Column("name", "string", "the bloc, the pool or the estimate's run; '' for what is shared and the rest"),
        Column(
            "basis",
            "string",
            "'factors' where nothing is observed and they are independent; 'directions' where evidence makes them "
            "depend: the next three columns are then of the posterior's whitened direction nearest to the factor",
        ),
        Column("first_order", "double", "first-order index: variance of the mean margin given it / the variance"),
        Column("total", "double", "total index: the same with all that it does together with others"),
        Column("share", "double", f"share of the margin's variance, halfway between the two, scaled; {_SHARE}"),
        Column(
            "shapley",
            "double",
            "Shapley effect of the factor: what knowing it adds, on average over all orders; of the margin's linear "
            f"part where evidence counts, else `share`; {_SHARE}",
        ),
    ),
)


def _side(side: str, which: str) -> tuple[Column, ...]:
    """The columns of one of two rates."""
    return (
        Column(f"{side}_pool", "string", f"the pool or bloc of the {which} rate"),
        Column(f"{side}_bloc", "string", "its bloc"),
        Column(f"{side}_kind", "string", "'finalist', 'eliminated', 'new' or 'bloc', as in `sensitivity`"),
        Column(f"{side}_rate", "string", "'turnout' or 'preference'"),
        Column(f"{side}_candidate", "string", "the finalist preferred; '' for a turnout"),
        Column(f"{side}_low", "double", "the cell's lower end, included; the lowest cells hold what lies below too"),
        Column(f"{side}_high", "double", "its upper end, not included; the highest cells hold what lies above too"),
    )


RESPONSE = Table(
    "response",
    "a cell of the two rates that decide most, 20 bins of each; no rows where fewer than two rates vary",
    (
        *KEYS,
        Column("winner", "string", "the first finalist, whose wins these are"),
        *_side("x", "first"),
        *_side("y", "second"),
        Column("trials", "int64", "trials in the cell, of the run's first ones; of the effective ones, rounded"),
        Column("p_win", "double", "share of them that the first finalist wins; empty where there are none", True),
        Column("p_win_mcse", "double", "its Monte Carlo standard error; likewise", True),
        Column("margin_mean", "double", "mean margin there; likewise", True),
        Column(
            "y_even",
            "double",
            "the second rate at which half is won where the first is in the middle of its bin, by a line through all "
            "cells; empty beyond the bins",
            True,
        ),
    ),
)

TRANSFERS = Table(
    "transfers",
    "a pool and a destination; the rates of one pool add up to 1, and the votes of all pools to all people",
    (
        *_POOL,
        Column("destination", "string", "a finalist's name, or '' for not voting"),
        Column("trials", "int64", "trials behind the row: the run's first ones, see `detail_trials`"),
        *moments("rate", "share of the pool's people who go there"),
        *quantiles("rate", "that share"),
        Column("votes_mean", "double", "mean number of people: rate_mean * people"),
        ESS,
    ),
)

RATES_BLOCS = Table(
    "rates_blocs",
    "a bloc's eliminated pools together, two or more, and one of their rates",
    (*_BLOC, *RATES.columns[len(_POOL) :]),
)

TRANSFERS_BLOCS = Table(
    "transfers_blocs",
    "a bloc's eliminated pools together, two or more, and a destination: sums of rows of `transfers`",
    (*_BLOC, *TRANSFERS.columns[len(_POOL) :]),
)
