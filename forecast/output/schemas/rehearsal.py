"""The tables of a rehearsal: a finished race replayed as nights."""

from __future__ import annotations

from runoff.output.columns import KEYS, SCHEMA_VERSION, Column, Table

_ENDS = tuple(
    Column(f"{end}{p}", "double", f"{name} end of the forecast's {p} % interval of the final margin")
    for p in (50, 80, 90)
    for end, name in (("low", "lower"), ("high", "upper"))
)

REHEARSAL = Table(
    "rehearsal",
    "a rehearsal (one row)",
    (
        *KEYS,
        Column("race_name", "string", "the race's name"),
        Column("first", "string", "the first finalist: margins are signed to this one"),
        Column("second", "string", "the second finalist"),
        Column("truth", "double", "the final margin"),
        Column("trials", "int64", "trials drawn for each night"),
        Column("seed", "int64", "the seed of trials and orders"),
        Column("results_sha256", "string", "sha256 of the table of the result"),
        Column("units_inside80", "double", "units inside their 80 % range, total given; empty if not asked for", True),
        Column("units_crps", "double", "their mean CRPS, as a share", True),
        Column("units_spread", "double", "spread of units' shares, forecast over real", True),
        *(
            Column(f"bias_fifth{k}", "double", f"real minus forecast share, fifth {k} by lean", True)
            for k in range(1, 6)
        ),
        Column("digest", "string", "sha256 over the numbers of all nights and units"),
        Column("version", "string", "version of the program"),
        Column("schema_version", "int32", f"version of these tables, {SCHEMA_VERSION}"),
        Column("warnings", "string", "what a reader must know, a line each, with the nights that had it"),
        Column("finalists", "int64", "finalists; where there are three and more, margins are over the best other"),
    ),
)

NIGHTS = Table(
    "rehearsal_nights",
    "a night of a rehearsal",
    (
        *KEYS,
        Column("order", "string", "in which units report: random, small, large, first, second, region"),
        Column("counted", "double", "per cent of the votes asked for"),
        Column("units_in", "int64", "units that have reported"),
        Column("counted_share", "double", "share of all votes that is in"),
        Column("truth", "double", "the final margin"),
        Column("margin_mean", "double", "the forecast's mean final margin"),
        Column("margin_sd", "double", "its standard deviation"),
        Column("margin_median", "double", "the forecast's median margin"),
        *_ENDS,
        Column("p_first", "double", "the forecast's chance of the first finalist; half of a tie's"),
        Column("crps", "double", "continuous ranked probability score of the margin"),
        Column("swing_margin", "double", "margin by plain swing of the log-odds; empty where that has no answer", True),
        Column("effective_trials", "double", "equally weighted trials that would be worth as much"),
    ),
)

SCORES = Table(
    "rehearsal_scores",
    "nights of an order and a share counted together; '' and -1 are all orders and all shares",
    (
        *KEYS,
        Column("order", "string", "in which units report"),
        Column("counted", "double", "per cent of the votes that are in"),
        Column("nights", "int64", "nights"),
        Column("inside50", "double", "share of nights whose truth lies inside the 50 % interval"),
        Column("inside80", "double", "the same of the 80 % interval"),
        Column("inside90", "double", "the same of the 90 % interval"),
        Column("error", "double", "mean absolute error of the median margin"),
        Column("swing_error", "double", "the same of plain swing; empty where that has no answer", True),
        Column("rms_z", "double", "root of the mean square of errors in the forecast's standard deviations"),
        Column("crps", "double", "mean continuous ranked probability score of the margin"),
        Column("brier", "double", "mean square of the distance between p_first and what came"),
    ),
)

UNITS = Table(
    "rehearsal_units",
    "a unit, forecast from the first round and the race's total alone",
    (
        *KEYS,
        Column("unit", "string", "the unit"),
        Column("votes", "int64", "votes of the runoff"),
        Column("fifth", "int64", "fifth of the first round's votes by lean, from the second finalist's, 1, to 5"),
        Column("share", "double", "the first finalist's share"),
        Column("share_mean", "double", "its mean forecast"),
        Column("share_sd", "double", "the forecast's standard deviation, with the noise of counting"),
        Column("crps", "double", "continuous ranked probability score of the share"),
    ),
)

REHEARSAL_TABLES: dict[str, Table] = {table.name: table for table in (REHEARSAL, NIGHTS, SCORES, UNITS)}
