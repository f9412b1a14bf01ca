"""The tables of a runoff that is being counted."""

from __future__ import annotations

from dataclasses import replace

from runoff.output.columns import (
    CORE,
    COUNT_TIME,
    KEYS,
    MODEL,
    RECOUNT_MARGIN,
    SHORT,
    Column,
    Table,
    chance,
    made,
    moments,
    quantiles,
)

RUNOFF_NIGHT = Table(
    "runoff_night",
    "a runoff that is being counted (one row)",
    (
        *KEYS,
        Column("race_name", "string", "the race's name"),
        Column("runoff", "date", "day of the runoff"),
        Column("as_of", "date", "last day whose polls and crosstabs count"),
        Column("results", "string", "name of the table of reported votes"),
        Column("results_sha256", "string", "its sha256"),
        Column("trials", "int64", "trials drawn"),
        Column("effective_trials", "double", "equally weighted trials that would be worth as much"),
        Column("seed", "int64", "the run's seed"),
        Column("first", "string", "the first finalist, whose lead over the best other margins are"),
        Column("second", "string", "the second finalist"),
        Column("counted_votes", "int64", "valid votes reported"),
        Column("counted_margin", "double", "margin of the reported votes; empty where there are none", True),
        Column("cells", "int64", "units times modes"),
        Column("cells_complete", "int64", "of these, complete"),
        Column("cells_partial", "int64", "of these, partly in"),
        Column("units_complete", "int64", "units of which all modes are complete"),
        Column("out_mean", "double", "mean number of votes still out"),
        *quantiles("out", "the number of votes still out"),
        *moments("margin", "final margin"),
        *quantiles("margin", "the final margin"),
        Column("p_tie", "double", "probability of a tie"),
        Column("p_recount", "double", "probability of a margin within the recount margin, ties included"),
        Column("naive_margin", "double", "final margin if what is out swings as what is in; may be empty", True),
        Column("naive_q10", "double", "10 % quantile as such a calculation has it", True),
        Column("naive_q90", "double", "90 % quantile as such a calculation has it", True),
        *made("every trial's votes and weight"),
        RECOUNT_MARGIN,
        COUNT_TIME,
        MODEL,
    ),
)

FINALISTS = Table(
    "runoff_finalists",
    "a finalist of a runoff that is being counted",
    (
        *KEYS,
        Column("candidate", "string", "name, as in the results table"),
        Column("party", "string", "party, as in the first round's table"),
        Column("counted_votes", "int64", "votes reported"),
        *moments("votes", "number of final votes"),
        *moments("share", "final share of valid votes"),
        *quantiles("share", "the final share"),
        Column("p_win", "double", "probability of winning; a tie is nobody's win"),
        Column("p_win_mcse", "double", "its Monte Carlo standard error, sqrt(p (1 - p) / effective trials)"),
        SHORT,
    ),
)

OUT = Table(
    "runoff_out",
    "votes out of a region and mode, and the first finalist's share of them; the first row is all together",
    (
        *KEYS,
        Column("region", "string", "the region; '' for all together, and where the tables have none"),
        Column("mode", "string", "the vote mode; '' for all together, and where votes are not told by mode"),
        Column("places", "int64", "units of which something of the mode is out"),
        Column("counted_votes", "int64", "votes reported of the region and mode"),
        Column("votes_mean", "double", "mean number of votes out; those of classes are in the first row alone"),
        *quantiles("votes", "the number of votes out", CORE),
        Column("share_mean", "double", "the first finalist's mean share of the votes out"),
        *quantiles("share", "that share", CORE),
    ),
)

UNITS = Table(
    "runoff_units",
    "a unit of a runoff that is being counted",
    (
        *KEYS,
        Column("unit", "string", "the unit"),
        Column("region", "string", "its region; '' where the tables have none"),
        Column("modes_complete", "int64", "modes of which all votes are in"),
        Column("modes_out", "int64", "modes of which votes are out"),
        Column("counted_votes", "int64", "votes reported"),
        Column("counted_first", "int64", "of these, for the first finalist"),
        Column("out_mean", "double", "mean number of votes out"),
        Column("out_sd", "double", "its standard deviation; counting noise left out"),
        Column("out_first_mean", "double", "mean number of votes out for the first finalist"),
        Column("share_mean", "double", "the first finalist's mean final share"),
        Column("share_sd", "double", "its standard deviation; counting noise left out"),
        Column("votes_mean", "double", "mean number of final votes"),
        Column("odd", "int64", "modes whose votes are counted but too odd to learn from"),
    ),
)

OUT_SHARES = Table(
    "runoff_out_shares",
    "votes out of a region and mode, and a finalist, where there are three and more; first is all together",
    (
        *KEYS,
        Column("region", "string", "the region; '' for all together, and where the tables have none"),
        Column("mode", "string", "the vote mode; '' for all together, and where votes are not told by mode"),
        Column("candidate", "string", "the finalist"),
        Column("counted_votes", "int64", "his votes reported of the region and mode"),
        Column("votes_mean", "double", "his mean number of votes out"),
        *quantiles("votes", "his number of votes out", CORE),
        Column("share_mean", "double", "his mean share of the votes out"),
        *quantiles("share", "that share", CORE),
    ),
)

UNIT_SHARES = Table(
    "runoff_unit_shares",
    "a unit of a runoff that is being counted, and a finalist, where there are three and more",
    (
        *KEYS,
        Column("unit", "string", "the unit"),
        Column("region", "string", "its region; '' where the tables have none"),
        Column("candidate", "string", "the finalist"),
        Column("counted_votes", "int64", "his votes reported"),
        Column("out_mean", "double", "his mean number of votes out"),
        Column("share_mean", "double", "his mean final share"),
        Column("share_sd", "double", "its standard deviation; counting noise left out"),
    ),
)

CLASSES = Table(
    "classes",
    "a class of ballots of a runoff that is being counted, and a finalist; none where [night.classes] names none",
    (
        *KEYS,
        Column("class", "string", "the class, as in [night.classes]"),
        Column("kind", "string", "all (it is all that is out of its cells), part (of that) or extra (on top)"),
        Column("modes", "string", "modes that it names; '' for all"),
        Column("units", "int64", "units that it is of"),
        Column("p_counted", "double", "probability that it counts, from the run file"),
        Column("candidate", "string", "the finalist"),
        Column("ballots_mean", "double", "mean number of its ballots still out, whether they count or not"),
        *quantiles("ballots", "the number of its ballots", CORE),
        Column("share_mean", "double", "the finalist's mean share of its ballots"),
        *quantiles("share", "that share", CORE),
        Column("added_mean", "double", "mean number of votes that the class adds to the finalist's; 0 if not counted"),
        *chance("p_win_counted", "probability that the finalist wins if the class counts, all else as drawn"),
        *chance("p_win_not", "probability that the finalist wins if it does not"),
    ),
)

MARGINS = Table(
    "runoff_margins",
    "a bin of a night's final margin, 0.1 point wide, from the first to the last that is not empty",
    (
        *KEYS,
        Column(
            "bin_low", "double", "lower end, included: the double nearest to 3 decimals; signed to the first finalist"
        ),
        Column("bin_high", "double", "upper end, not included: the next row's `bin_low`"),
        Column("share", "double", "share of the weighted trials in the bin; all rows add up to 1"),
    ),
)

_OTHERS = ("third", "fourth")

HISTORY = Table(
    "history",
    "a run of the same night, in order of time; at the end `third`, `p_third` and so on",
    (
        Column("time", "string", "when it was run, UTC, ISO 8601"),
        Column("race_id", "string", "the race's id from the run file"),
        Column("results_sha256", "string", "sha256 of the table of reported votes"),
        Column("counted_votes", "int64", "valid votes reported"),
        Column("out_mean", "double", "mean number of votes still out"),
        Column("first", "string", "the first finalist"),
        Column("second", "string", "the second finalist"),
        Column("p_first", "double", "probability that the first finalist wins"),
        Column("p_second", "double", "probability that the second finalist wins"),
        Column("p_mcse", "double", "Monte Carlo standard error of p_first"),
        *quantiles("margin", "the final margin, signed to the first finalist", CORE),
        Column("naive_margin", "double", "the naive forecast of the margin; empty if too little is in", True),
        Column("effective_trials", "double", "equally weighted trials that would be worth as much"),
    ),
    on_request=True,
)


def history_table(finalists: int) -> Table:
    """The history of a night of so many finalists; each after the second has two columns at the end."""
    more: list[Column] = []
    for place in _OTHERS[: finalists - 2]:
        more.append(Column(place, "string", f"the {place} finalist"))
        more.append(Column(f"p_{place}", "double", f"probability that the {place} finalist wins"))
    return replace(HISTORY, columns=(*HISTORY.columns, *more))


FLOWS = Table(
    "flows",
    "an origin of the first round and a destination, estimated from the units that are in; none while these are few",
    (
        *KEYS,
        Column("origin", "string", "an option of the first round, did not vote, or others: small ones together"),
        Column("destination", "string", "a finalist, or did not vote"),
        Column("votes_mean", "double", "people of the cell, of these units"),
        Column("share_mean", "double", "share of the origin's people"),
        Column("share_sd", "double", "its standard deviation over draws"),
        *quantiles("share", "that share, of draws in whole people"),
        Column("bound_low", "double", "what that share is at least, whatever people did, by adding up units"),
        Column("bound_high", "double", "what it is at most"),
        Column("people", "int64", "people of the origin"),
        Column("units", "int64", "units that it rests on: complete, but for small modes"),
    ),
)

RUNOFF_NIGHT_TABLES: dict[str, Table] = {
    table.name: table
    for table in (RUNOFF_NIGHT, FINALISTS, OUT, UNITS, CLASSES, OUT_SHARES, UNIT_SHARES, MARGINS, FLOWS)
}
