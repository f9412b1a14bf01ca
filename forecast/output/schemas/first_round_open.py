"""The tables of a run whose first round is being counted or ahead."""

from __future__ import annotations

from runoff.output.columns import (
    CORE,
    COUNT_TIME,
    KEYS,
    MODEL,
    PERSON,
    SHORT,
    Column,
    Table,
    chance,
    made,
    moments,
    quantiles,
)


def _leader(place: str) -> tuple[Column, ...]:
    """What a history says of one of the two with the most counted votes."""
    return (
        Column(place, "string", f"the {place} candidate by counted votes"),
        *quantiles(f"{place}_share", "the candidate's final share", CORE),
        Column(f"p_{place}_outright", "double", "probability that the candidate wins the first round outright"),
        Column(f"p_{place}_advances", "double", "probability that the candidate advances to a runoff"),
        Column(f"p_{place}", "double", "probability that the candidate wins, outright or in the runoff"),
    )


NIGHT = Table(
    "night",
    "a run whose first round is being counted or ahead (one row)",
    (
        *KEYS,
        Column("race_name", "string", "the race's name"),
        Column("state", "string", "'counting' or 'polls': what the first round rests on"),
        Column("first_round", "date", "day of the first round"),
        Column("runoff", "date", "day of the runoff"),
        Column("as_of", "date", "last day whose information the forecast uses"),
        Column("trials", "int64", "trials drawn"),
        Column("seed", "int64", "the run's seed"),
        Column("threshold", "double", "share of valid votes that wins outright"),
        Column("registered", "int64", "registered voters"),
        Column("counted_votes", "int64", "valid votes counted"),
        Column("out_mean", "double", "mean number of valid votes still out"),
        *quantiles("out", "the number of votes still out"),
        Column("runoffs", "int64", "trials in which nobody wins outright"),
        *chance("p_runoff", "runoffs / trials"),
        Column("ties", "int64", "runoffs that ended in a tie"),
        *made("every trial's votes: equal for equal config, seed, version"),
        COUNT_TIME,
        MODEL,
    ),
)

FIRST_ROUND = Table(
    "first_round",
    "a candidate of a first round that is being counted or ahead, most counted votes first",
    (
        *KEYS,
        *PERSON,
        Column("counted_votes", "int64", "votes counted"),
        Column("counted_share", "double", "share of the counted valid votes; empty where none is counted", True),
        *moments("votes", "number of final votes"),
        *moments("share", "final share of valid votes"),
        *quantiles("share", "the final share"),
        Column("advances", "int64", "trials in which the candidate advances to a runoff"),
        *chance("p_advance", "advances / trials"),
        Column("outright", "int64", "trials in which the candidate wins the first round outright"),
        *chance("p_outright", "outright / trials"),
        Column("wins", "int64", "trials won, outright or in the runoff; a tie is nobody's win"),
        *chance("p_win", "wins / trials"),
        SHORT,
    ),
)

PAIRINGS = Table(
    "pairings",
    "two finalists who meet in some trial, likeliest first",
    (
        *KEYS,
        Column("first", "string", "the one with more votes counted (or more in the polls)"),
        Column("second", "string", "the other"),
        Column("trials", "int64", "trials in which they meet"),
        *chance("p", "trials / all trials, outright wins included"),
        Column("first_wins", "int64", "of these, trials that the first wins"),
        Column("second_wins", "int64", "of these, trials that the second wins; the rest are ties"),
        *chance("p_first", "first_wins / trials: the chance that the first wins if they meet"),
        Column("margin_mean", "double", "mean runoff margin, signed to the first"),
        *quantiles("margin", "that margin", CORE),
    ),
)

OUTSTANDING = Table(
    "outstanding",
    "votes out of a region and mode, and a leading candidate's share of them; the first rows are all together",
    (
        *KEYS,
        Column("region", "string", "the region; '' for all together, and where the tables have none"),
        Column("mode", "string", "the vote mode; '' for all together"),
        Column("places", "int64", "rows of the status table that are out or out in part"),
        Column("votes_mean", "double", "mean number of votes out"),
        *quantiles("votes", "the number of votes out", CORE),
        Column("candidate", "string", "the candidate; '' for those modelled together"),
        Column("share_mean", "double", "mean share of the votes out"),
        *quantiles("share", "that share", CORE),
        Column("explains_votes", "double", "squared correlation of the votes out with the final share", True),
        Column("explains_share", "double", "squared correlation of the share with the final share", True),
    ),
)

NIGHT_TABLES: dict[str, Table] = {table.name: table for table in (NIGHT, FIRST_ROUND, PAIRINGS, OUTSTANDING)}

FIRST_ROUND_HISTORY = Table(
    "first_round_history",
    "a run of the same first round's night, in order of time",
    (
        Column("time", "string", "when it was run, UTC, ISO 8601"),
        Column("race_id", "string", "the race's id from the run file"),
        Column("run_id", "string", "name of the run"),
        Column("trials", "int64", "trials drawn"),
        Column("counted_votes", "int64", "valid votes counted"),
        Column("out_mean", "double", "mean number of valid votes still out"),
        Column("threshold", "double", "share of valid votes that wins outright"),
        *chance("p_runoff", "share of trials in which nobody wins outright"),
        *(column for place in ("first", "second") for column in _leader(place)),
    ),
    on_request=True,
)
