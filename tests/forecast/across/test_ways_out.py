"""The way out that a message names works: it is in the message, and a file that follows it is read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runoff.errors import InputError
from runoff.runfile.load import load
from tests.forecast.across.test_mistakes import MISTAKES, Mistake, write

BY_NAME = {mistake.name: mistake for mistake in MISTAKES}
GUESSED = [mistake for mistake in MISTAKES if any("did you mean" in word for word in mistake.words)]

# mistake, the way out as the message has it, and what stands there after it (text before, text after)
FOLLOWED = [
    ("key of nowhere", "remove it", ("zzz = 1", "")),
    ("key twice", "keep one", ("seed = 1\nseed = 2", "seed = 1")),
    ("no race id", "add id = ...", ("[race]", '[race]\nid = "r"')),
    ("no as_of", "add as_of = ...", ("[race]", "[race]\nas_of = 2025-03-05")),
    (
        "no results",
        "add [results] with table = ...",
        ("[race]", '[results]\ntable = "first-round.csv"\nregistered = "registered.csv"\n\n[race]'),
    ),
    ("parts not all said", "write pool = 0.2", ("pool = 0.3", "pool = 0.2")),
    ("parts add up to more", "write pool = 0.2", ("pool = 0.3", "pool = 0.2")),
    ("trials as text", "give a number, without quotes", ('"many"', "1000")),
    ("trials as float", "write 1000", ("1000.5", "1000")),
    ("date as text", "write runoff = 2025-03-30", ('runoff = "2025-03-30"', "runoff = 2025-03-30")),
    ("date with time", "write runoff = 2025-03-30", ("2025-03-30T10:00:00", "2025-03-30")),
    ("name as number", 'write "5"', ("name = 5", 'name = "5"')),
    ("threshold as text", "write 0.5, without quotes", ('threshold = "0.5"', "threshold = 0.5")),
    ("threshold over one", "write 0.5 for 50 %", ("threshold = 50", "threshold = 0.5")),
    ("recount in per cent", "write 0.1, or less", ("recount_margin = 0.5", "recount_margin = 0.1")),
    ("rate as number", "write { mean = 0.9, sd = 0.05 }", ("turnout = 0.9", "turnout = { mean = 0.9, sd = 0.05 }")),
    ("rate as list", "write { low = 0.85, high = 0.95 }", ("[0.85, 0.95]", "{ low = 0.85, high = 0.95 }")),
    ("units as number", "write true", ("units = 1", "units = true")),
    ("bloc not a list", 'write ["Cy Holm"]', ('Greens = "Cy Holm"', 'Greens = ["Cy Holm"]')),
    ("quantile of one", "write a number below 1", ("[0.5, 1.0]", "[0.5, 0.99]")),
    ("quantiles fall", "sort them", ("[0.5, 0.1]", "[0.1, 0.5]")),
    ("five advance", "write 4, or less", ("advance = 5", "advance = 2")),
    ("too many people", "write people = 169889 or less", ("2_147_483_647", "169889")),
    ("id with space", 'write "example-2025"', ('"example 2025"', '"example-2025"')),
    ("id a path", 'write "etc"', ('"../../etc"', '"etc"')),
    ("three names for two", "set advance = 3", ("[finalists]", "[finalists]\nadvance = 3")),
    ("preference for whom", 'add to = "Ada Quist"', ("{ low = 0.60", '{ to = "Ada Quist", low = 0.60')),
    ("turnout for whom", "take `to`, counts or means away", (', to = "Ada Quist" }', " }")),
    ("new voters named as a candidate", 'try "did not vote', ('name = "Bo Lind"', 'name = "did not vote"')),
    ("two forms", "keep low and high, and remove the rest", (", mean = 0.9 }", " }")),
    ("half a form", "add sd = 0.05 beside mean", ("{ mean = 0.9 }", "{ mean = 0.9, sd = 0.05 }")),
    ("no form", "write { low = 0.6, high = 0.9 }", ("turnout = { }", "turnout = { low = 0.6, high = 0.9 }")),
    ("low above high", "low = 0.85, high = 0.95", ("low = 0.95, high = 0.85", "low = 0.85, high = 0.95")),
    ("rate in per cent", "write 0.85 for 85 %", ("low = 85, high = 95", "low = 0.85, high = 0.95")),
    ("rate of one", "write 0.999999, or less", ("mean = 1.0, sd = 0.05", "mean = 0.99, sd = 0.005")),
    ("sd too wide", "write sd = 0.14", ("sd = 0.3", "sd = 0.14")),
    ("more than all", "swap them?", ("count = 53, of = 52", "count = 52, of = 53")),
    ("count not whole", "write 4", ("count = 3.5", "count = 4")),
    ("counts lack one", 'add "Ada Quist" = ...', ('"Bo Lind" = 3 }', '"Bo Lind" = 3, "Ada Quist" = 1 }')),
    ("means without worth", "add worth = 40", ("0.5 } }", "0.5 }, worth = 40 }")),
    ("outright", "name the finalists", ("[rates.own]", '[finalists]\nnames = ["Ada Quist", "Bo Lind"]\n[rates.own]')),
    ("no quotes", 'write "example-2025"', ("id = example-2025", 'id = "example-2025"')),
    ("open bracket", "write [race]", ("[race", "[race]")),
    ("votes with comma", "write the number without separators", ('"31,204"', "31204")),
    ("votes empty", "write 0 for none", ("Ada Quist,Labour,\n", "Ada Quist,Labour,0\n")),
    ("row twice", "remove one", ("North,Ada Quist,Labour,5\n", "")),
    ("two parties", "write one of them in all rows", ("Quist,Labor,", "Quist,Labour,")),
    ("space around", "take the space away", ("Ada Quist ,", "Ada Quist,")),
    ("control character", "take out U+0007", ("Ada\x07Quist", "Ada Quist")),
    ("field too many", "take it out", ("31204,7", "31204")),
    ("open quote", "close it, or take it out", ('North,"Ada', "North,Ada")),
    ("fewer than ballots", "has an empty cell here", ("North,70000,80000", "North,,80000")),
    ("unknown unit", "did you mean Hill?", ("Hill,60000", "Hills,60000")),
    ("unit missing", "add it", ("Coast,120000,60000\n", "Coast,120000,60000\nHills,60000,30000\n")),
]


@pytest.mark.parametrize("case", FOLLOWED, ids=lambda case: str(case[0]))
def test_the_way_out_works(tmp_path: Path, case: tuple[str, str, tuple[str, str]]) -> None:
    """The message has the way out, and the file in which it is followed is read without a word."""
    name, said, (before, after) = case
    mistake = BY_NAME[name]
    path, text = write(tmp_path, mistake)[mistake.file]
    with pytest.raises(InputError) as caught:
        load(tmp_path / "runoff.toml")
    assert any(said in problem.fix for problem in caught.value.problems), str(caught.value)
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    load(tmp_path / "runoff.toml")


@pytest.mark.parametrize("mistake", GUESSED, ids=lambda mistake: mistake.name)
def test_what_was_meant_is_read(tmp_path: Path, mistake: Mistake) -> None:
    """Where a message asks "did you mean X?" the file with X in that place is read."""
    path, text = write(tmp_path, mistake)[mistake.file]
    with pytest.raises(InputError) as caught:
        load(tmp_path / "runoff.toml")
    (problem,) = [p for p in caught.value.problems if "did you mean" in p.fix][:1]
    meant = re.search(r"did you mean (.+?)\?", problem.fix)
    assert meant is not None
    value = next(word for word in (mistake.new, *mistake.new.split("\n")) if problem.got and problem.got in word)
    path.write_text(text.replace(value, value.replace(problem.got, meant[1].strip("[]")), 1), "utf-8")
    load(tmp_path / "runoff.toml")


def test_there_are_many() -> None:
    """Ways out of at least half of the mistakes are followed."""
    assert len({case[0] for case in FOLLOWED} | {mistake.name for mistake in GUESSED}) >= len(MISTAKES) / 2
