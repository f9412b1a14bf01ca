"""The table of `runoff list`: runs under a folder."""

from __future__ import annotations

from runoff.output.columns import KEYS, Column, Table

RUNS = Table(
    "runs",
    "a run under a folder",
    (
        *KEYS,
        Column("race_name", "string", "the race's name"),
        Column("phase", "string", "runoff_ahead, first_round_open or runoff_night"),
        Column("as_of", "date", "last day whose information the forecast uses"),
        Column("written", "timestamp", "when its manifest was written"),
        Column("leader", "string", "the candidate most likely to win"),
        Column("p_leader", "double", "his or her probability of winning"),
        Column("p_win", "string", "each candidate's probability of winning, as JSON"),
        Column("trials", "int64", "trials drawn"),
        Column("latest", "bool", "the latest of its race: newest as_of, source time, written"),
        Column("folder", "string", "where it stands"),
        Column("digest", "string", "hash of all trials"),
        Column("version", "string", "version of the program that drew it"),
        Column("counted", "timestamp", "when a followed night's source counted its votes; may be empty", True),
    ),
    on_request=True,
)
