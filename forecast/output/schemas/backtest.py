"""The tables of a backtest: past races forecast as if they were to come, beside what came."""

from __future__ import annotations

from runoff.output.columns import CORE, KEYS, SCHEMA_VERSION, Column, Table

_RACE = (
    Column("election", "string", "the races that share a day: country, kind of office, runoff date"),
    Column("country", "string", "the country"),
    Column("level", "string", "kind of office"),
    Column("contest", "string", "who stood on the ballot"),
    Column("pair", "string", "camps of the finalists, in order of the alphabet"),
)
_SCORES = ("log", "brier", "crps", "inside50", "inside80", "inside95")
_SAID = {
    "log": "log score: minus the log of the chance of what came",
    "brier": "Brier score: square of the chance's distance from 0 or 1",
    "crps": "continuous ranked probability score of the margin, as a share",
    "inside50": "share of margins inside the central 50 % interval",
    "inside80": "share inside the 80 % interval",
    "inside95": "share inside the 95 % interval",
}

BACKTEST_RUN = Table(
    "backtest_run",
    "a backtest (one row)",
    (
        KEYS[0],
        Column("races", "int64", "races that were forecast"),
        Column("duels", "int64", "of them, with two finalists"),
        Column("elections", "int64", "elections that they are part of"),
        Column("way", "string", "what was known: usual, chronological or same_day"),
        Column("archive_sha256", "string", "hash of the races that were forecast"),
        Column("fit_on_sha256", "string", "hash of the races that were learned from"),
        Column("trials", "int64", "trials drawn for each race"),
        Column("seed", "int64", "the seed"),
        Column("digest", "string", "sha256 over all rows"),
        Column("version", "string", "version of the program"),
        Column("schema_version", "int32", f"version of these tables, {SCHEMA_VERSION}"),
        Column("seconds_fit", "double", "wall time of what had to be learned; left out of the digest"),
        Column("seconds_draw", "double", "wall time of all forecasts and rivals; likewise"),
    ),
)

BACKTEST = Table(
    "backtest",
    "a race between two finalists; margins are the first-round leader's, as shares in [-1, 1]",
    (
        *KEYS,
        *_RACE,
        Column("first", "string", "the finalist with more votes in the first round"),
        Column("second", "string", "the other"),
        Column("p_a", "double", "chance of the first to win; a tie is half"),
        Column("margin_mean", "double", "mean margin"),
        Column("margin_sd", "double", "its standard deviation"),
        *(Column(f"q{q:02d}", "double", f"{q} % quantile of the margin") for q in (5, 10, 50, 90, 95)),
        Column("actual_margin", "double", "the margin that came"),
        *(Column(name, "double", _SAID[name.removesuffix("_score")]) for name in ("log_score", "brier", "crps")),
        Column("pit", "double", "where what came lies in the forecast, 0 to 1"),
        Column("q25", "double", "25 % quantile of the margin"),
        Column("q75", "double", "75 % quantile of the margin"),
        Column("q025", "double", "2.5 % quantile of the margin"),
        Column("q975", "double", "97.5 % quantile of the margin"),
        Column(
            "people",
            "int64",
            "people on the first round's roll; with all that follows empty where it is not known",
            True,
        ),
        Column("turnout_mean", "double", "mean turnout: the runoff's valid votes over these people", True),
        Column("turnout_sd", "double", "its standard deviation", True),
        *(Column(f"turnout_q{q:02d}", "double", f"{q} % quantile of the turnout", True) for q in CORE),
        Column("actual_turnout", "double", "the turnout that came", True),
        Column("turnout_crps", "double", "continuous ranked probability score of the turnout, as a share", True),
        Column("turnout_pit", "double", "where the turnout that came lies in the forecast, 0 to 1", True),
    ),
)

BACKTEST_CANDIDATES = Table(
    "backtest_candidates",
    "a finalist of a race with three or four",
    (
        *KEYS,
        *(column for column in _RACE if column.name in ("election", "level")),
        Column("candidate", "string", "the finalist"),
        Column("camp", "string", "the finalist's camp"),
        Column("p_win", "double", "chance of the finalist to win"),
        Column("share_mean", "double", "mean share of the runoff's votes"),
        Column("share_sd", "double", "its standard deviation"),
        Column("actual_share", "double", "the share that came"),
        Column("won", "bool", "whether the finalist won"),
        Column("log_score", "double", _SAID["log"]),
        Column("brier", "double", _SAID["brier"]),
        Column("z", "double", "what came less the mean share, in standard deviations"),
    ),
)

BACKTEST_SCORES = Table(
    "backtest_scores",
    "a group of races between two finalists, ours and each rival's forecasts of it",
    (
        KEYS[0],
        Column("forecaster", "string", "'archive', or a rival: base, lead, gain, pairs, split, polls"),
        Column("by", "string", "all, level, contest, country, pair or election"),
        Column("group", "string", "which of them"),
        Column("races", "int64", "races"),
        Column("elections", "int64", "elections, which standard errors go by"),
        *(
            column
            for name in _SCORES
            for column in (
                Column(name, "double", _SAID[name]),
                Column(f"{name}_se", "double", "its standard error; empty for one election", True),
            )
        ),
        Column("crps_less", "double", "CRPS less that of the archive's forecast of the same races", True),
        Column("crps_less_se", "double", "its standard error, paired, by elections", True),
    ),
)

BACKTEST_RELIABILITY = Table(
    "backtest_reliability",
    "a bin of chances of the favourite, of races between two finalists",
    (
        KEYS[0],
        Column("low", "double", "lower end of the bin"),
        Column("high", "double", "upper end"),
        Column("races", "int64", "races in it"),
        Column("said", "double", "mean chance that was said"),
        Column("came", "double", "share that came true"),
        Column("came_se", "double", "its standard error, by elections; empty for one", True),
    ),
)

BACKTEST_TURNOUT = Table(
    "backtest_turnout",
    "turnout of a group of races between two finalists whose roll is known: valid votes over people on it",
    (
        KEYS[0],
        Column("by", "string", "all, level, contest, country, pair or election"),
        Column("group", "string", "which of them"),
        Column("races", "int64", "races whose roll is known"),
        Column("elections", "int64", "elections, which standard errors go by"),
        Column("said", "double", "mean turnout that was said"),
        Column("came", "double", "mean turnout that came"),
        Column("more", "double", "what came less the mean that was said"),
        Column("more_se", "double", "its standard error; empty for one election", True),
        Column("crps", "double", "continuous ranked probability score of the turnout, as a share"),
        Column("crps_se", "double", "its standard error; empty for one election", True),
        Column("inside80", "double", "share inside the 80 % interval"),
        Column("inside80_se", "double", "its standard error; empty for one election", True),
    ),
)

BACKTEST_TABLES = {
    table.name: table
    for table in (
        BACKTEST_RUN,
        BACKTEST,
        BACKTEST_CANDIDATES,
        BACKTEST_SCORES,
        BACKTEST_RELIABILITY,
        BACKTEST_TURNOUT,
    )
}
