"""The columns of an archive's tables, in Parquet and CSV alike; docs/archive.md has them.

A column is (name, kind, meaning).  DERIVED are columns that a CSV file may have besides: they follow from the others,
are checked against them, and are not kept.
"""

from __future__ import annotations

from runoff.data.tables.typed import Kind

Column = tuple[str, Kind, str]
SCHEMA = "1"

_MAYBE: Kind = "count?"
_ROUNDS: tuple[Column, ...] = tuple(
    (f"{name}_{what}", "count" if what == "valid" else _MAYBE, f"{words} in the {name.replace('_', ' ')}")
    for name in ("first_round", "runoff")
    for what, words in (
        ("valid", "valid ballots, as the source states them,"),
        ("blank", "blank ballots"),
        ("null", "null ballots"),
        ("invalid_blank", "blank and null ballots together"),
        ("registered", "registered voters"),
    )
)
TABLES: dict[str, tuple[Column, ...]] = {
    "races": (
        ("race_id", "text", "names the race in the archive"),
        ("country", "text", "the country; in brackets the part of it where the race was held"),
        ("office", "text", "the office, and its district"),
        ("level", "text", "kind of office"),
        ("contest_type", "text", "who stands on the ballot"),
        ("date_first", "day", "day of the first round"),
        ("date_runoff", "day", "day of the runoff"),
        ("election", "text", "the election that the race is part of"),
        ("winner", "text", "the finalist who won"),
        *_ROUNDS,
        ("verified", "text", "yes; partial: not all figures, and the note says which; no"),
        ("source", "text", "where the figures are from"),
        ("note", "text", "what is odd about them"),
        ("runoff_polls_n", "count?", "runoff polls in the source's own average"),
        ("runoff_poll_avg_finalist_a", "share?", "that average: share of the first-round leader of the two finalists"),
    ),
    "candidates": (
        ("race_id", "text", "the race"),
        ("candidate", "text", "name"),
        ("party", "text", "party, as the source has it"),
        ("bloc", "text", "bloc, by hand labels"),
        ("camp", "text", "bloc with far-left and left joined, D with left, R with right, I with other"),
        ("nuance", "text", "an authority's code of the candidate"),
        ("first_round_votes", "count", "votes in the first round"),
        ("advanced", "flag", "stood in the runoff"),
        ("withdrew", "flag", "was entitled to stand there, and did not"),
        ("runoff_votes", "count?", "votes in the runoff"),
    ),
    "polls": (
        ("race_id", "text", "the race"),
        ("pollster", "text", "who asked"),
        ("poll_date", "day", "day of the poll, as the source has it"),
        ("sample_size", "count?", "how many were asked"),
        ("partisan", "text", "the sponsor's side"),
        ("pct_finalist_a", "share", "per cent for the first-round leader of the two finalists"),
        ("pct_finalist_b", "share", "per cent for the other"),
        ("source", "text", "where the poll is from"),
    ),
    "outright": (
        ("race_id", "text", "a district that the first round decided"),
        ("election", "text", "the election that it is part of, as in races"),
        ("candidate", "text", "name"),
        ("party", "text", "party, as the source has it"),
        ("bloc", "text", "bloc, by hand labels"),
        ("camp", "text", "as in candidates"),
        ("nuance", "text", "an authority's code of the candidate"),
        ("first_round_votes", "count", "votes in the first round"),
        ("elected", "flag", "won the seat"),
        ("first_round_valid", "count", "valid ballots"),
        ("first_round_invalid_blank", "count?", "blank and null ballots together"),
        ("first_round_registered", "count?", "registered voters"),
    ),
    "nuances": (
        ("office", "text", "fr_leg: National Assembly, fr_dep: départements' councils, br_mayor: Brazilian mayors"),
        ("year", "count", "year of the election"),
        ("nuance", "text", "the code"),
        ("bloc", "text", "the bloc that it stands for here"),
        ("camp", "text", "as in candidates"),
        ("candidates", "count?", "how many candidates had it"),
        ("first_round_votes", "count?", "their first-round votes"),
        ("finalists", "count?", "how many of them stood in runoffs"),
        ("reason", "text", "what the code means, and why that bloc"),
    ),
}
DERIVED: dict[str, tuple[str, ...]] = {
    "races": (
        "n_candidates",
        "n_finalists",
        "n_withdrew",
        "first_round_votes_sum",
        "runoff_votes_sum",
        "finalist_a",
        "finalist_b",
        "finalist_a_first_share",
        "finalist_b_first_share",
        "finalist_a_runoff_share",
        "first_round_leader_won",
        "turnout_ratio",
        "leader_stood",
    ),
    "candidates": (),
    "polls": ("days_before", "two_way_share_a"),
}


def kinds(table: str) -> dict[str, Kind]:
    """The kind of each column of a table, in order."""
    return {name: kind for name, kind, _ in TABLES[table]}
