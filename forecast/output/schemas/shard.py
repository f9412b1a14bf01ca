"""The tables of a shard: a part of a run's trials, tallied, which `runoff merge` puts together."""

from __future__ import annotations

from runoff.output.columns import KEYS, Column, Table

SHARD = Table(
    "shard",
    "a shard (one row)",
    (
        *KEYS,
        Column("of_run", "string", "the run that it is a part of"),
        Column("shard", "int64", "which shard, from 1"),
        Column("shards", "int64", "of how many"),
        Column("first", "int64", "first trial, from 0"),
        Column("last", "int64", "the trial after the last"),
        Column("trials", "int64", "trials of the whole run"),
        Column("detail_trials", "int64", "of the whole run, tallied in detail"),
        Column("weighted", "bool", "whether trials have weights"),
        Column("seconds", "double", "wall time; left out of the digest"),
        Column("digest", "string", "sha256 over the range and every tally"),
        Column("version", "string", "version of the program"),
        Column("source", "string", "sha256 over the program's code and shipped tables"),
    ),
)

TALLIES = Table(
    "tallies",
    "a number of a tally that is not nought",
    (
        *KEYS,
        Column("tally", "string", "name of the tally (`runoff.kernels.arrays.Tallies`)"),
        Column("place", "int64", "place in it, row by row"),
        Column("value", "int64", "the whole number"),
    ),
)

SHARD_TABLES = {table.name: table for table in (SHARD, TALLIES)}
