"""The tables of a sweep: one race under many settings, with the same random numbers."""

from __future__ import annotations

from runoff.output.columns import KEYS, SCHEMA_VERSION, Column, Table

_NUMBERS = (
    Column("first", "string", "the first finalist: margins are signed to this one where there are two"),
    Column("p_first", "double", "chance of the first finalist; a tie is half"),
    Column("p_first_mcse", "double", "its Monte Carlo standard error"),
    Column("margin_mean", "double", "mean margin: of the first over the second, of three and more the winner's"),
    Column("margin_sd", "double", "its standard deviation"),
    *(Column(f"margin_q{q:02d}", "double", f"{q} % quantile of the margin") for q in (10, 50, 90)),
    Column("p_win", "string", "each finalist's chance, ties left out, as JSON"),
)

SWEEP = Table(
    "sweep",
    "a sweep (one row): the race as it is",
    (
        *KEYS,
        Column("race_name", "string", "the race's name"),
        Column("scenarios", "int64", "how many scenarios"),
        Column("trials", "int64", "trials drawn for each"),
        Column("seed", "int64", "the seed, the same for all"),
        *_NUMBERS,
        Column("digest", "string", "sha256 over all scenarios"),
        Column("version", "string", "version of the program"),
        Column("schema_version", "int32", f"version of these tables, {SCHEMA_VERSION}"),
    ),
)

SWEEP_SCENARIOS = Table(
    "sweep_scenarios",
    "a scenario: a combination of settings",
    (
        *KEYS,
        Column("scenario", "int64", "its number, from 1"),
        Column("settings", "string", "keys and values, as JSON"),
        *_NUMBERS,
        Column("p_first_less", "double", "chance of the first finalist less that of the race as it is"),
        Column("p_first_less_se", "double", "its standard error, paired: both have the same random numbers"),
    ),
)

SWEEP_UNITS = Table(
    "sweep_units",
    "a unit, and what it is over all scenarios and the race as it is",
    (
        *KEYS,
        Column("unit", "string", "the unit, as in the results table"),
        Column("region", "string", "the larger area it belongs to; '' where the table has none"),
        Column("first", "string", "the first finalist"),
        Column("p_lead", "double", "how often the first finalist leads there, the race as it is"),
        Column("p_lead_low", "double", "the least of this over all scenarios"),
        Column("p_lead_high", "double", "the most of this"),
        Column("leader", "string", "who leads there in most trials, the race as it is"),
        Column(
            "class",
            "string",
            "'safe': one finalist leads in at least 95 % of trials of every scenario; 'leaning': the same one in most "
            "trials of every scenario; 'deciding': not the same one in all scenarios",
        ),
    ),
    on_request=True,
)

SWEEP_TABLES = {table.name: table for table in (SWEEP, SWEEP_SCENARIOS, SWEEP_UNITS)}
