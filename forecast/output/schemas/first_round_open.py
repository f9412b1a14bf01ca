"""The tables of a run whose first round is being counted or ahead."""

from __future__ import annotations

from runoff.output.columns import KEYS, SHORT, Column, Table, quantiles

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
        Column("p_runoff", "double", "runoffs / trials"),
        Column("p_runoff_mcse", "double", "its Monte Carlo standard error"),
        Column("ties", "int64", "runoffs that ended in a tie"),
        Column("seconds", "double", "wall time; left out of the digest", nullable=True),
        Column("digest", "string", "sha256 over every trial's votes: equal for equal config, seed, version"),
        Column("config_sha256", "string", "sha256 of the run file's text"),
        Column("version", "string", "version of the program"),
        Column("schema_version", "int32", "version of these tables"),
        Column("warnings", "string", "what a reader must know, one remark a line; '' if nothing"),
    ),
)

FIRST_ROUND = Table(
    "first_round",
    "a candidate of a first round that is being counted or ahead, most counted votes first",
    (
        *KEYS,
        Column("candidate", "string", "name, as in the results table"),
        Column("party", "string", "party, as in the results table"),
        Column("bloc", "string", "bloc, from the run file or the party"),
        Column("counted_votes", "int64", "votes counted"),
        Column("counted_share", "double", "share of the counted valid votes; empty where none is counted", True),
        Column("votes_mean", "double", "mean number of final votes"),
        Column("votes_sd", "double", "its standard deviation"),
        Column("share_mean", "double", "mean final share of valid votes"),
        Column("share_sd", "double", "its standard deviation"),
        *quantiles("share", "the final share"),
        Column("advances", "int64", "trials in which the candidate advances to a runoff"),
        Column("p_advance", "double", "advances / trials"),
        Column("p_advance_mcse", "double", "its Monte Carlo standard error"),
        Column("outright", "int64", "trials in which the candidate wins the first round outright"),
        Column("p_outright", "double", "outright / trials"),
        Column("p_outright_mcse", "double", "its Monte Carlo standard error"),
        Column("wins", "int64", "trials won, outright or in the runoff; a tie is nobody's win"),
        Column("p_win", "double", "wins / trials"),
        Column("p_win_mcse", "double", "its Monte Carlo standard error"),
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
        Column("p", "double", "trials / all trials, outright wins included"),
        Column("p_mcse", "double", "its Monte Carlo standard error"),
        Column("first_wins", "int64", "of these, trials that the first wins"),
        Column("second_wins", "int64", "of these, trials that the second wins; the rest are ties"),
        Column("p_first", "double", "first_wins / trials: the chance that the first wins if they meet"),
        Column("p_first_mcse", "double", "its Monte Carlo standard error"),
        Column("margin_mean", "double", "mean runoff margin, signed to the first"),
        Column("margin_q10", "double", "10 % quantile of that margin"),
        Column("margin_q50", "double", "median of that margin"),
        Column("margin_q90", "double", "90 % quantile of that margin"),
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
        Column("votes_q10", "double", "10 % quantile of the number of votes out"),
        Column("votes_q50", "double", "median of it"),
        Column("votes_q90", "double", "90 % quantile of it"),
        Column("candidate", "string", "the candidate; '' for those modelled together"),
        Column("share_mean", "double", "mean share of the votes out"),
        Column("share_q10", "double", "10 % quantile of that share"),
        Column("share_q50", "double", "median of that share"),
        Column("share_q90", "double", "90 % quantile of that share"),
        Column("explains_votes", "double", "squared correlation of the votes out with the final share", True),
        Column("explains_share", "double", "squared correlation of the share with the final share", True),
    ),
)

NIGHT_TABLES: dict[str, Table] = {table.name: table for table in (NIGHT, FIRST_ROUND, PAIRINGS, OUTSTANDING)}
