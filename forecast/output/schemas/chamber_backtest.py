"""The tables of a backtest of chambers."""

from __future__ import annotations

from runoff.output.columns import KEYS, SCHEMA_VERSION, Column, Table

_ID = KEYS[0]
_ELECTION = Column("election", "string", "the chamber's election, by its id in the archive")
_SCORES = (
    Column("districts", "int64", "runoffs that were drawn"),
    Column("log", "double", "mean of minus the log of the chance of who won"),
    Column("brier", "double", "mean Brier score, half the sum of squares over the finalists"),
    Column("crps", "double", "mean CRPS of the margins of those between two, as a share"),
    Column("inside80", "double", "share of these margins inside their 80 % range"),
)

CHAMBERS_RUN = Table(
    "chambers_run",
    "a backtest of chambers (one row)",
    (
        _ID,
        Column("chambers", "int64", "chambers that were forecast"),
        Column("way", "string", "what was known: usual (all other elections) or chronological"),
        Column("archive_sha256", "string", "hash of the archive"),
        Column("trials", "int64", "trials drawn for each"),
        Column("seed", "int64", "the seed"),
        Column("digest", "string", "sha256 over all rows"),
        Column("version", "string", "version of the program"),
        Column("schema_version", "int32", f"version of these tables, {SCHEMA_VERSION}"),
    ),
)

CHAMBERS_SEATS = Table(
    "chambers_seats",
    "a bloc of a chamber, by one forecaster",
    (
        _ID,
        _ELECTION,
        Column("forecaster", "string", "chamber; alone, the same without what races share; pairs, swing, leader"),
        Column("bloc", "string", "the bloc"),
        Column("seats_mean", "double", "mean seats"),
        *(Column(name, "int64", f"{name[1:]} quantile") for name in ("q025", "q10", "q50", "q90", "q975")),
        Column("actual", "int64", "seats that came"),
        Column("crps", "double", "continuous ranked probability score, in seats"),
    ),
)

CHAMBERS_DISTRICTS = Table("chambers_districts", "a chamber's districts", (_ID, _ELECTION, *_SCORES))

CHAMBERS_NIGHT = Table(
    "chambers_night",
    "a chamber with half of its runoffs counted, in one order",
    (
        _ID,
        _ELECTION,
        Column("order", "string", "the order in which they were counted"),
        *_SCORES,
        Column("blocs", "int64", "blocs whose seats were scored"),
        Column("blocs_inside80", "int64", "of them, with their seats inside the 80 % range"),
    ),
)

CHAMBERS_RELIABILITY = Table(
    "chambers_reliability",
    "finalists of runoffs of three and more, by what was said of their chance",
    (
        _ID,
        Column("low", "double", "chances from here"),
        Column("high", "double", "to below here"),
        Column("finalists", "int64", "finalists"),
        Column("said", "double", "mean chance"),
        Column("came", "double", "share that won"),
    ),
)

CHAMBER_BACKTEST_TABLES = {
    table.name: table
    for table in (CHAMBERS_RUN, CHAMBERS_SEATS, CHAMBERS_DISTRICTS, CHAMBERS_NIGHT, CHAMBERS_RELIABILITY)
}
