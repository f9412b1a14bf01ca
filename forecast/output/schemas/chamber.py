"""The tables of a chamber's run."""

from __future__ import annotations

from runoff.output.columns import KEYS, Column, Table, chance, made, moments

_LEVELS = ("025", "05", "10", "50", "90", "95", "975")

CHAMBER = Table(
    "chamber",
    "the run (one row)",
    (
        *KEYS,
        Column("race_name", "string", "the chamber's election, as people say it"),
        Column("first_round", "date", "day of the first round"),
        Column("runoff", "date", "day of the runoff"),
        Column("as_of", "date", "last day whose information the forecast uses"),
        Column("trials", "int64", "trials drawn"),
        Column("seed", "int64", "the run's seed"),
        Column("seats", "int64", "districts of the table, a seat each"),
        Column("majority", "int64", "seats that are a majority"),
        Column("decided", "int64", "seats that the first round decided, or one candidate who was left"),
        Column("counted", "int64", "runoffs whose count is complete"),
        Column("partial", "int64", "runoffs counted in part"),
        Column("drawn", "int64", "runoffs that are drawn"),
        *chance("p_none", "share of trials in which no bloc has a majority"),
        *made("every count of the run: equal for equal config, seed, version"),
    ),
)

SEATS = Table(
    "seats",
    "a bloc or a party with a candidate who may win, by mean seats",
    (
        *KEYS,
        Column("kind", "string", "'bloc' or 'party'"),
        Column("name", "string", "the bloc, or the party"),
        Column("decided", "int64", "seats that it has for sure: of the first round, or counted"),
        *moments("seats", "seats"),
        *(Column(f"seats_q{level}", "int64", f"{float('0.' + level):g} quantile of the seats") for level in _LEVELS),
        *chance("p_majority", "share of trials with a majority of its own"),
        *chance("p_first", "share of trials in which it has more seats than every other of its kind"),
    ),
)

MOST_SEATS = Table(
    "most_seats",
    "a bloc, as one who may have most seats: what other phases' tables have of a candidate",
    (
        *KEYS,
        Column("candidate", "string", "the bloc"),
        *chance("p_win", "share of trials in which it has more seats than every other bloc"),
    ),
)

SEAT_PAIRS = Table(
    "seat_pairs",
    "two blocs, each pair once",
    (
        *KEYS,
        Column("a", "string", "a bloc"),
        Column("b", "string", "another"),
        *chance("p_more", "share of trials in which a has more seats than b"),
        *chance("p_together", "share of trials in which both together have a majority"),
        Column("correlation", "double", "of their seats over the trials; empty where either never changes", True),
    ),
)

SEAT_COUNTS = Table(
    "seat_counts",
    "a number of seats that a bloc had in a trial",
    (
        *KEYS,
        Column("bloc", "string", "the bloc"),
        Column("seats", "int64", "its seats"),
        Column("trials", "int64", "trials with so many"),
    ),
)

SEAT_DRAWS = Table(
    "seat_draws",
    "a bloc in one of the run's first 10,000 trials: the joint distribution",
    (
        *KEYS,
        Column("trial", "int64", "the trial, from 0"),
        Column("bloc", "string", "the bloc"),
        Column("seats", "int64", "its seats in that trial"),
    ),
)

RACES = Table(
    "races",
    "a finalist of a district, or who won it without a runoff",
    (
        *KEYS,
        Column("district", "string", "the district, as in the table"),
        Column("region", "string", "its region; '' where the table has none"),
        Column("status", "string", "'outright', 'unopposed', 'counted', 'partial' or 'drawn'"),
        Column("candidate", "string", "name, as in the table"),
        Column("party", "string", "party, as in the table"),
        Column("bloc", "string", "bloc, as in the table"),
        Column("place", "int32", "place in the first round, from 1"),
        Column("finalists", "int32", "how many stand in the runoff; 0 where none is held"),
        Column("first_share", "double", "share of the first round's valid votes"),
        *chance("p_win", "share of trials won; equal votes go to who had more in the first round"),
        Column(
            "share_mean",
            "double",
            "mean share of the valid votes, where the candidate stands; empty where it is not drawn",
            True,
        ),
        *(Column(f"share_q{q}", "double", f"{q} % quantile of the share; likewise", True) for q in (10, 50, 90)),
        Column("margin_mean", "double", "mean lead of the first finalist over the best other; likewise", True),
        Column("seats_if_won", "double", "mean seats of the bloc in trials won; empty where none was", True),
        Column("decides", "string", "bloc with most eliminated votes in the district; '' where it is not drawn"),
        Column("p_stands", "double", "share of trials in which the candidate stands: 1 where that is known"),
    ),
)

PAIRS = Table(
    "pairs",
    "who stands against whom: the blocs of a runoff's finalists, in order of name",
    (
        *KEYS,
        Column("pair", "string", "the finalists' blocs, joined by ' - '"),
        Column("bloc", "string", "one of them"),
        Column("races", "int64", "runoffs between these blocs that are drawn"),
        Column("wins_mean", "double", "mean number of them that the bloc wins"),
        Column("p_win", "double", "the same as a share of them"),
    ),
)

CHAMBER_TABLES = {
    table.name: table for table in (CHAMBER, SEATS, MOST_SEATS, SEAT_PAIRS, SEAT_COUNTS, SEAT_DRAWS, RACES, PAIRS)
}
