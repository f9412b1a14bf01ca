"""The tables of a run whose runoff is ahead."""

from __future__ import annotations

from runoff.output.columns import (
    ESS,
    KEYS,
    LEVELS,
    PERSON,
    RECOUNT_MARGIN,
    SHORT,
    Column,
    Table,
    chance,
    made,
    moments,
    quantiles,
)
from runoff.output.schemas.runoff_rates import (
    FACTORS,
    RATES,
    RATES_BLOCS,
    RESPONSE,
    SENSITIVITY,
    TRANSFERS,
    TRANSFERS_BLOCS,
)

RUN = Table(
    "run",
    "the run (one row)",
    (
        *KEYS,
        Column("race_name", "string", "the race's name"),
        Column("first_round", "date", "day of the first round"),
        Column("runoff", "date", "day of the runoff"),
        Column("as_of", "date", "last day whose information the forecast uses"),
        Column("trials", "int64", "trials drawn"),
        Column("detail_trials", "int64", "trials behind `rates`, `transfers` and `units`: the run's first ones"),
        Column("seed", "int64", "the run's seed"),
        Column("n_units", "int64", "units simulated"),
        Column("n_pools", "int64", "pools simulated"),
        Column("people", "int64", "people in all pools together"),
        Column("first_votes", "int64", "valid votes in the first round"),
        RECOUNT_MARGIN,
        *chance("p_tie", "share of trials in which the first two had equally many votes"),
        Column("ties", "int64", "trials that ended in a tie; of the effective ones where trials have weights"),
        *chance("p_recount", "share of trials within the recount margin, ties included"),
        Column("recounts", "int64", "the same in trials; of the effective ones where trials have weights"),
        *moments("margin", "margin: share of the first finalist minus the best other's"),
        *quantiles("margin", "the margin"),
        *moments("turnout", "turnout: valid runoff votes / people in all pools"),
        *quantiles("turnout", "the turnout"),
        Column("valid_votes_mean", "double", "mean number of valid runoff votes"),
        *made("every count of the run: equal for equal config, seed, version"),
        Column(
            "votes_bound",
            "double",
            "mean votes are within so many of drawing each unit and pool alone; else empty",
            True,
        ),
        ESS,
        Column("share_before", "double", "first finalist's expected share against the last, before evidence", True),
        Column("share_before_sd", "double", "its standard deviation; these four are empty without evidence", True),
        Column("share_after", "double", "the same after evidence; regions, units and counting left out of both", True),
        Column("share_after_sd", "double", "its standard deviation", True),
        Column(
            "variance_left_out",
            "double",
            "at most this share of a variance, or of pools' covariance, is left out; else empty",
            True,
        ),
    ),
)

CANDIDATES = Table(
    "candidates",
    "a finalist, in order of the first round",
    (
        *KEYS,
        *PERSON,
        Column("place", "int32", "place in the first round, from 1"),
        Column("first_votes", "int64", "votes in the first round"),
        Column("first_share", "double", "share of valid votes in the first round"),
        Column("trials", "int64", "trials drawn"),
        Column("wins", "int64", "trials won (of the effective ones where trials have weights); a tie is nobody's win"),
        *chance("p_win", "share of trials won, each with its weight"),
        *moments("share", "share of valid runoff votes"),
        *quantiles("share", "the share"),
        *moments("votes", "number of runoff votes"),
        ESS,
        SHORT,
    ),
)

QUANTILES = Table(
    "quantiles",
    "a quantity and a probability from the run file's `quantiles`",
    (
        *KEYS,
        Column("quantity", "string", "'share', 'margin' or 'turnout'"),
        Column("candidate", "string", "whose share; '' for margin and turnout"),
        Column("probability", "double", "the quantile's level, in (0, 1)"),
        Column("value", "double", "the quantile"),
        ESS,
    ),
)

MARGIN_HISTOGRAM = Table(
    "margin_histogram",
    "a bin of the margin, 0.1 point wide, from the first to the last that is not empty",
    (
        *KEYS,
        Column(
            "bin_low", "double", "lower end, included: the double nearest to 3 decimals; signed to the first finalist"
        ),
        Column("bin_high", "double", "upper end, not included: the next row's `bin_low`"),
        Column("trials", "int64", "trials in the bin; of the effective ones where trials have weights, rounded"),
        ESS,
    ),
)

UNITS = Table(
    "units",
    "a unit and a finalist",
    (
        *KEYS,
        Column("unit", "string", "the unit, as in the results table"),
        Column("region", "string", "the larger area it belongs to; '' where the table has none"),
        Column("candidate", "string", "the finalist"),
        Column("first_votes", "int64", "the finalist's votes here in the first round"),
        Column("people", "int64", "people in the unit's pools"),
        Column("trials", "int64", "trials behind the row: the run's first ones, see `detail_trials`"),
        Column("p_carry", "double", "share of trials in which the finalist led here"),
        *moments("votes", "number of runoff votes"),
        *moments("share", "share of the unit's valid runoff votes"),
        *quantiles("share", "the share"),
        ESS,
    ),
    on_request=True,
)

TRIALS = Table(
    "trials",
    "a trial and a finalist",
    (
        *KEYS,
        Column("trial", "int64", "the trial's number, from 0"),
        Column("candidate", "string", "the finalist"),
        Column("votes", "int64", "runoff votes"),
        Column("weight", "double", "how often the trial counts; 1 where evidence gives no weights"),
    ),
    on_request=True,
)

BALLOTS = Table(
    "ballots",
    "a quantity of all ballots, blank and null ones among them, where the run file has [blank]",
    (
        *KEYS,
        Column(
            "quantity",
            "string",
            "'blank' (blank and null / all ballots), 'turnout' (all ballots / people in all pools), 'margin' (of "
            "votes, / all ballots) or 'share' (votes / all ballots)",
        ),
        Column("candidate", "string", "whose share; '' for the others"),
        Column("mean", "double", "mean"),
        Column("sd", "double", "standard deviation"),
        *(Column(f"q{level:02d}", "double", f"{level} % quantile") for level in LEVELS),
        Column("p_majority", "double", "chance that the share of all ballots is above one half; of shares", True),
        Column("p_majority_mcse", "double", "its Monte Carlo standard error; likewise", True),
        Column("counts", "string", "what the law takes shares of: 'valid' votes or 'all' ballots"),
        Column("said", "string", "the 80 % range of blank and null ballots"),
        Column("source", "string", "where that comes from"),
        ESS,
    ),
)

_WITHOUT = {
    "": "this row",
    "pollster_": "all rows of its pollster",
    "group_": "all rows of its kind and group",
}

EVIDENCE = Table(
    "evidence",
    "a poll or a crosstab and a finalist but the last, where the run file names any",
    (
        *KEYS,
        Column("kind", "string", "'race' for a poll; for a crosstab 'pool', 'bloc', 'party' or 'new'"),
        Column("group", "string", "the crosstab's pool or bloc; '' for a poll"),
        Column("pollster", "string", "as in the table of polls"),
        Column("sponsor", "string", "who paid; '' where the table does not say"),
        Column("side", "string", "the sponsor's bloc or finalist; '' for none"),
        Column("start", "date", "first day of the field work"),
        Column("end", "date", "last day of the field work"),
        Column("published", "date", "day of publication; the day after the last where the table does not say"),
        Column("population", "string", "who was asked; '' where the table does not say"),
        Column("sample_size", "int64", "people asked; empty where nobody knows", True),
        Column("candidate", "string", "the finalist whose share against the last finalist's the row is about"),
        Column("used", "bool", "whether it counts"),
        Column("reason", "string", "why it does not; '' where it counts.  Then the columns below are empty"),
        Column("share", "double", "two-way share found, those without a finalist in proportion", True),
        Column("log_odds", "double", "its log-odds", True),
        Column("shift", "double", "log-odds taken off for the sponsor's side", True),
        Column("sampling_sd", "double", "sd of sampling, with the design effect; all sd are in log-odds", True),
        Column("undecided_sd", "double", "sd for how those without a finalist split", True),
        Column("house_sd", "double", "sd between pollsters", True),
        Column("sponsor_sd", "double", "sd of the sponsor's shift", True),
        Column("drift_sd", "double", "sd of what may change up to the runoff", True),
        Column("shared_sd", "double", "sd of the error that all polls share", True),
        Column("recall_sd", "double", "sd of the error that all crosstabs of the group share", True),
        Column("total_sd", "double", "square root of the sum of their squares", True),
        Column("weight", "double", "its part in the average of its group; a group's weights sum to 1", True),
        Column("expected", "double", "two-way share that the posterior's mode expects", True),
        Column("residual", "double", "log-odds found, less shift and expected, / total_sd", True),
        Column("house", "double", "the pollster's house effect that this implies, in log-odds", True),
        Column("place", "string", "file and line of the row"),
        Column("source", "string", "the table's remark on where it comes from"),
        *(
            column
            for what, said in _WITHOUT.items()
            for column in (
                Column(f"{what}p_win_without", "double", f"first finalist's chance without {said}; of two", True),
                Column(f"{what}share_without", "double", "first finalist's mean share without it; of two", True),
            )
        ),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        *(RUN, CANDIDATES, QUANTILES, MARGIN_HISTOGRAM, RATES, RATES_BLOCS, TRANSFERS, TRANSFERS_BLOCS),
        *(SENSITIVITY, FACTORS, RESPONSE, UNITS, EVIDENCE, TRIALS, BALLOTS),
    )
}
