"""A hundred mistakes that people make in run files and tables, and what they are told.

Each case changes a good run file or table in one place and states the place, and words of the message.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from runoff.app.template import example_results, template
from runoff.errors import InputError, RunoffError
from runoff.runfile.load import load

REGISTERED = "unit,registered,ballots\nNorth,150000,80000\nCoast,120000,60000\nHills,60000,30000\n"
RUN = template().replace('table = "first-round.csv" ', 'table = "first-round.csv"\nregistered = "registered.csv" ')


@dataclass(frozen=True)
class Mistake:
    """`old` becomes `new` in `file`; the message has each of `words`, and names the line that has `at`."""

    name: str
    old: str
    new: str
    words: tuple[str, ...]
    at: str | None = None
    file: str = "run"


def run(name: str, old: str, new: str, *words: str, at: str | None = None) -> Mistake:
    """A mistake in the run file."""
    return Mistake(name, old, new, words, at if at is not None else new)


def table(name: str, old: str, new: str, *words: str, at: str | None = None) -> Mistake:
    """A mistake in the results table."""
    return Mistake(name, old, new, words, at if at is not None else new, "table")


def voters(name: str, old: str, new: str, *words: str, at: str | None = None) -> Mistake:
    """A mistake in the table of registered voters."""
    return Mistake(name, old, new, words, at if at is not None else new, "registered")


OWN = "turnout = { low = 0.85, high = 0.95 }"
GREEN = 'preference = { to = "Ada Quist", low = 0.60, high = 0.85 }'
MARSH = 'preference = { to = "Bo Lind", count = 33, of = 52, source = "a poll\'s crosstab" }'

# fmt: off
MISTAKES = [
    # keys
    run("misspelt key", "threshold = 0.5", "treshold = 0.5", "unknown key in [race]", "did you mean threshold?"),
    run("capital key", "seed = 1", "Seed = 1", "unknown key in [simulation]", "did you mean seed?"),
    run("unknown section", "[simulation]", "[simulations]", "there is no section [simulations]", "did you mean [simulation]?"),
    run("misspelt section that is needed", "[race]", "[races]", "there is no section [races]", "did you mean [race]?"),
    run("key of nowhere", "seed = 1", "zzz = 1", "unknown key", "remove it"),
    run("key in own", "[rates.own] ", "[rates.own]\nturnouts = 1\n#", "unknown key in [rates.own]", "turnout?", at="turnouts"),
    run("unknown rate key", "mean = 0.80, sd", "mean = 0.80, std", "unknown key", "std", at="std"),
    run("misspelt factor", "bloc = 0.3\npool = 0.3", "block = 0.3\npool = 0.3", "unknown key", "did you mean bloc?", at="block"),
    run("no race id", 'id = "example-2025"', "", "[race] lacks id", "add id = ...", at="[race]"),
    run("no as_of", "as_of = 2025-03-05", "", "[race] lacks as_of", at="[race]"),
    run("no table", 'table = "first-round.csv"', "", "[results] lacks table", at="[results]"),
    run("no results", '[results]\ntable = "first-round.csv"\nregistered = "registered.csv"', "", "lacks [results]", "add [results] with table = ...", at=""),
    run("no turnout of a first round", "[simulation]", '[first_round_polls]\ntable = "p.csv"\n\n[simulation]', "lacks turnout", "add turnout = { low = ..., high = ... }", at="[first_round_polls]"),
    run("no turnout of new voters", "turnout = { low = 0.05, high = 0.15 }", "", "no turnout of new voters", at="[new_voters]"),
    run("parts not all said", "shared = 0.4\nbloc = 0.3", "bloc = 0.4", "the parts add up to 1.1", "write pool = 0.2", at="[factors.turnout]"),
    run("key twice", "seed = 1", "seed = 1\nseed = 2", "not TOML", at="seed = 2"),
    run("section twice", "[simulation]", "[race]", "not TOML", at="[race]"),
    # types
    run("trials as text", "trials = 1_000_000", 'trials = "many"', "not a whole number", "many"),
    run("trials as float", "trials = 1_000_000", "trials = 1000.5", "not a whole number", "write 1000"),
    run("trials true", "trials = 1_000_000", "trials = true", "not a whole number", "true"),
    run("date as text", "runoff = 2025-03-30", 'runoff = "2025-03-30"', "without quotes", "2025-03-30"),
    run("date with time", "runoff = 2025-03-30", "runoff = 2025-03-30T10:00:00", "date"),
    run("name as number", 'name = "An example, three made-up counties"', "name = 5", "not text", "5"),
    run("threshold true", "threshold = 0.5", "threshold = true", "not a number"),
    run("threshold as text", "threshold = 0.5", 'threshold = "0.5"', "not a number"),
    run("race not a section", "[race]", "[[race]]", "[race]", "not a section"),
    run("rate as number", OWN, "turnout = 0.9", "[rates.own.turnout]", "a mean and its sd, or two ends"),
    run("rate as list", OWN, "turnout = [0.85, 0.95]", "[rates.own.turnout]", "a mean and its sd, or two ends"),
    run("units as number", "[simulation]", "[output]\nunits = 1\n[simulation]", "not true or false", at="units = 1"),
    run("bloc not a list", "[rates.own] ", '[blocs]\nGreens = "Cy Holm"\n[rates.own] ', "not a list", at="Greens"),
    # numbers
    run("nan", "threshold = 0.5", "threshold = nan", "finite number", "nan"),
    run("inf", "recount_margin = 0.005", "recount_margin = inf", "[race.recount_margin]", "inf"),
    run("threshold over one", "threshold = 0.5", "threshold = 50", "must be at most 1", "50"),
    run("threshold zero", "threshold = 0.5", "threshold = 0", "must be at least 0.01"),
    run("recount in per cent", "recount_margin = 0.005", "recount_margin = 0.5", "must be at most 0.1"),
    run("no trials", "trials = 1_000_000", "trials = 0", "must be at least 1"),
    run("too many trials", "trials = 1_000_000", "trials = 10_000_000_000_000", "1000000000000"),
    run("negative seed", "seed = 1", "seed = -1", "must be at least 0", "-1"),
    run("seed too large", "seed = 1", "seed = 9223372036854775808", "[simulation.seed]"),
    run("digits without end", "seed = 1", "seed = " + "9" * 5000, "not TOML"),
    run("target zero", "seed = 1", "seed = 1\ntarget_se = 0", "must be above 0", at="target_se"),
    run("directory is an address", "[simulation]", '[output]\ndirectory = "s3://bucket/runs"\n[simulation]', "directory is an address", "name a folder", at="directory"),
    run("quantile of one", "seed = 1", "seed = 1\nquantiles = [0.5, 1.0]", "must be below 1", at="quantiles"),
    run("quantiles fall", "seed = 1", "seed = 1\nquantiles = [0.5, 0.1]", "quantiles do not increase", at="[simulation]"),
    run("no quantiles", "seed = 1", "seed = 1\nquantiles = []", "at least 1", at="quantiles"),
    run("five advance", "[rates.own] ", "[finalists]\nadvance = 5\n[rates.own] ", "must be at most 4", at="advance"),
    run("one advances", "[rates.own] ", "[finalists]\nadvance = 1\n[rates.own] ", "one finalist", at="advance"),
    run("part below zero", "shared = 0.4", "shared = -0.4", "must be at least 0"),
    run("parts add up to more", "shared = 0.4", "shared = 0.5", "the parts add up to 1.1", "shared + bloc + pool = 1", at="[factors.turnout]"),
    run("unit spread too wide", "unit = 0.1                       #", "unit = 10 #", "must be at most 2"),
    run("negative people", "people = 90_000", "people = -5", "must be at least 1"),
    run("too many people", "people = 90_000", "people = 2_147_483_647", "too many people"),
    # dates
    run("runoff first", "runoff = 2025-03-30", "runoff = 2025-03-01", "the runoff is not after the first round", at="[race]"),
    run("as_of after runoff", "as_of = 2025-03-05", "as_of = 2025-04-05", "not between the rounds", at="[race]"),
    run("as_of on the day", "as_of = 2025-03-05", "as_of = 2025-03-30", "not between the rounds", at="[race]"),
    run("as_of too early", "as_of = 2025-03-05", "as_of = 2025-03-01", "not between the rounds", at="[race]"),
    run("no such day", "runoff = 2025-03-30", "runoff = 2025-02-30", "not TOML"),
    # names
    run("id with space", 'id = "example-2025"', 'id = "example 2025"', "[race.id]", "letters, digits"),
    run("id a path", 'id = "example-2025"', 'id = "../../etc"', "[race.id]", "letters, digits"),
    run("id empty", 'id = "example-2025"', 'id = ""', "[race.id]"),
    run("unknown candidate", '[rates.candidates."Di Marsh"]', '[rates.candidates."Di March"]', "no such candidate", "did you mean Di Marsh?"),
    run("unknown bloc", "[rates.blocs.Green]", "[rates.blocs.Greens]", "no such bloc", "did you mean Green?"),
    run("unknown finalist", "[rates.own] ", '[finalists]\nnames = ["Ada Quist", "Bob Lind"]\n[rates.own] ', "no such candidate", "did you mean Bo Lind?", at="names"),
    run("finalist twice", "[rates.own] ", '[finalists]\nnames = ["Ada Quist", "Ada Quist"]\n[rates.own] ', "named twice", at="[finalists]"),
    run("three names for two", "[rates.own] ", '[finalists]\nnames = ["Ada Quist", "Bo Lind", "Cy Holm"]\n[rates.own] ', "3 names for 2 finalists", at="[finalists]"),
    run("unknown in bloc", "[rates.own] ", '[blocs]\nX = ["Cy Holmes"]\n[rates.own] ', "no such candidate", "did you mean Cy Holm?", at="X ="),
    run("in two blocs", "[rates.own] ", '[blocs]\nX = ["Cy Holm"]\nY = ["Cy Holm"]\n[rates.own] ', "a candidate in two blocs", at="Y ="),
    run("preference to the eliminated", GREEN, GREEN.replace("Ada Quist", "Cy Holm"), "not a finalist", "finalists are Ada Quist and Bo Lind"),
    run("preference misspelt", GREEN, GREEN.replace("Ada Quist", "Ada Quits"), "not a finalist", "did you mean Ada Quist?"),
    run("preference for whom", GREEN, "preference = { low = 0.60, high = 0.85 }", "a preference for whom?", 'add to = "Ada Quist"'),
    run("new voters for whom", 'preference = { to = "Ada Quist", low = 0.42, high = 0.58 }', "preference = { low = 0.42, high = 0.58 }", "a preference for whom?"),
    run("turnout for whom", "turnout = { mean = 0.80, sd = 0.06 }", 'turnout = { mean = 0.80, sd = 0.06, to = "Ada Quist" }', "a turnout has no finalists"),
    run("new voters named as a candidate", "people = 90_000", 'people = 90_000\nname = "Bo Lind"', "a candidate has this name", at="name = \"Bo"),
    # rates
    run("two forms", OWN, "turnout = { low = 0.85, high = 0.95, mean = 0.9 }", "a rate is said in one way", "high, low, mean"),
    run("half a form", OWN, "turnout = { mean = 0.9 }", "a rate is said in one way, got mean"),
    run("no form", OWN, "turnout = { }", "none of these keys"),
    run("low above high", OWN, "turnout = { low = 0.95, high = 0.85 }", "low 0.95 is not below high 0.85", "swap them?"),
    run("rate in per cent", OWN, "turnout = { low = 85, high = 95 }", "must be at most 0.999999", "85"),
    run("rate of one", OWN, "turnout = { mean = 1.0, sd = 0.05 }", "must be at most 0.999999"),
    run("rate of zero", OWN, "turnout = { low = 0.0, high = 0.05 }", "must be at least 0.000001"),
    run("sd zero", OWN, "turnout = { mean = 0.9, sd = 0.0 }", "must be at least 0.000001"),
    run("sd too wide", OWN, "turnout = { mean = 0.9, sd = 0.3 }", "sd 0.3 is too wide", "below 0.285"),
    run("probability of one", OWN, "turnout = { low = 0.8, high = 0.9, probability = 1.0 }", "must be at most 0.9999"),
    run("more than all", MARSH, 'preference = { to = "Bo Lind", count = 53, of = 52 }', "53 of 52 is more than all"),
    run("of nobody", MARSH, 'preference = { to = "Bo Lind", count = 0, of = 0 }', "must be at least 1"),
    run("count not whole", MARSH, 'preference = { to = "Bo Lind", count = 3.5, of = 52 }', "not a whole number"),
    run("design effect below one", MARSH, 'preference = { to = "Bo Lind", count = 3, of = 52, design_effect = 0.5 }', "must be at least 1"),
    run("counts lack one", MARSH, 'preference = { counts = { "Bo Lind" = 3 } }', "no number for Ada Quist"),
    run("counts of a stranger", MARSH, 'preference = { counts = { "Bo Lind" = 3, "Ada Quist" = 2, "Cy Holm" = 1 } }', "not a finalist", "Cy Holm"),
    run("counts of nobody", MARSH, 'preference = { counts = { "Bo Lind" = 0, "Ada Quist" = 0 } }', "nobody answered"),
    run("means do not add up", MARSH, 'preference = { means = { "Bo Lind" = 0.5, "Ada Quist" = 0.4 }, worth = 30 }', "means add up to 0.9"),
    run("means without worth", MARSH, 'preference = { means = { "Bo Lind" = 0.5, "Ada Quist" = 0.5 } }', "a rate is said in one way, got means"),

    # totals and outright wins
    run("total", 'table = "first-round.csv"', 'table = "first-round.csv"\ntotal_votes = 160_000', "the stated total does not match", "160,111", at="total_votes"),
    run("total of one", 'table = "first-round.csv"', 'table = "first-round.csv"\ntotals = { "Bo Lind" = 1 }', "the stated total of Bo Lind does not match", "60,696", at="totals"),
    run("outright", "threshold = 0.5", "threshold = 0.35", "won outright in the first round", "Ada Quist 39.59 %"),
    # TOML
    run("no quotes", 'id = "example-2025"', "id = example-2025", "not TOML"),
    run("open string", 'id = "example-2025"', 'id = "example-2025', "not TOML"),
    run("open bracket", "[race]", "[race", "not TOML"),
    run("deep", "seed = 1", "seed = " + "[" * 5000, "nested too deeply"),
    run("deep tables", "seed = 1", "seed = " + "{a=" * 5000, "nested too deeply"),
    run("dotted without end", "seed = 1", "a" + ".a" * 20_000 + " = 1", "at most 8 parts"),
    run("NUL", "seed = 1", "seed = 1\0", "NUL byte", at="\0"),
    # the results table
    table("negative votes", "North,Ada Quist,Labour,31204", "North,Ada Quist,Labour,-3", "negative votes"),
    table("half votes", "North,Ada Quist,Labour,31204", "North,Ada Quist,Labour,12.5", "not a whole number", "not a share"),
    table("votes with comma", "North,Ada Quist,Labour,31204", 'North,Ada Quist,Labour,"31,204"', "without separators"),
    table("votes in science", "North,Ada Quist,Labour,31204", "North,Ada Quist,Labour,3e4", "not a whole number"),
    table("votes empty", "North,Ada Quist,Labour,31204", "North,Ada Quist,Labour,", "write 0 for none"),
    table("votes NaN", "North,Ada Quist,Labour,31204", "North,Ada Quist,Labour,NaN", "not a whole number"),
    table("votes in Arabic digits", "North,Ada Quist,Labour,31204", "North,Ada Quist,Labour,٣١٢", "not a whole number"),
    table("votes beyond belief", "North,Ada Quist,Labour,31204", "North,Ada Quist,Labour,3000000000", "too many votes"),
    table("row twice", "North,Bo Lind,Liberal,27650", "North,Ada Quist,Labour,5\nNorth,Bo Lind,Liberal,27650", "a second row for Ada Quist in North", "the first is in line 2", at="Labour,5"),
    table("two parties", "Coast,Ada Quist,Labour,22871", "Coast,Ada Quist,Labor,22871", "party of Ada Quist differs", "it is Labour in line 2"),
    table("no candidate", "North,Ada Quist,Labour,31204", "North,,Labour,31204", "empty candidate"),
    table("space around", "North,Ada Quist,Labour,31204", "North,Ada Quist ,Labour,31204", "space around the candidate"),
    table("control character", "North,Ada Quist,Labour,31204", "North,Ada\x07Quist,Labour,31204", "control character"),
    table("field too many", "North,Ada Quist,Labour,31204", "North,Ada Quist,Labour,31204,7", "wrong number of fields", "4 fields"),
    table("field too few", "North,Ada Quist,Labour,31204", "North,Ada Quist,31204", "wrong number of fields", "3 fields"),
    table("cell too long", "North,Ada Quist,Labour,31204", f"North,{'A' * 2000},Labour,31204", "a cell is too long"),
    table("column misspelt", "unit,candidate,party,votes", "unit,candidat,party,votes", "unknown column", "did you mean candidate?"),
    table("column twice", "unit,candidate,party,votes", "unit,candidate,votes,votes", "column twice", at="unit,"),
    table("column missing", "unit,candidate,party,votes", "note,candidate,party,votes", "no column unit"),
    table("no party", "unit,candidate,party,votes", "unit,candidate,note,votes", "no column party or bloc", at="unit,"),
    table("open quote", "North,Ada Quist", 'North,"Ada Quist', "a quote is opened and never closed", at=""),
    # registered voters
    voters("fewer than ballots", "North,150000,80000", "North,70000,80000", "fewer registered than ballots in North"),
    voters("fewer ballots than votes", "North,150000,80000", "North,150000,5000", "fewer ballots than votes in North"),
    voters("unknown unit", "Hills,60000,30000", "Hill,60000,30000", "Hill is not in the results"),
    voters("unit missing", "Hills,60000,30000\n", "", "no row for Hills", at=""),
    voters("unit twice", "Hills,60000,30000", "Hills,60000,30000\nHills,1,1", "a second row for Hills", at="Hills,1,1"),
    voters("registered not whole", "North,150000,80000", "North,150k,80000", "registered is not a whole number"),
]
# fmt: on


def write(folder: Path, mistake: Mistake | None = None) -> dict[str, tuple[Path, str]]:
    """The good files, one of them with the mistake; returns path and text by kind."""
    texts = {"run": RUN, "table": example_results(), "registered": REGISTERED}
    paths = {"run": "runoff.toml", "table": "first-round.csv", "registered": "registered.csv"}
    if mistake is not None:
        assert mistake.old in texts[mistake.file], mistake.name
        texts[mistake.file] = texts[mistake.file].replace(mistake.old, mistake.new, 1)
    for kind, text in texts.items():
        (folder / paths[kind]).write_bytes(text.encode())
    return {kind: (folder / paths[kind], text) for kind, text in texts.items()}


def test_the_good_files_are_good(tmp_path: Path) -> None:
    """Without a mistake the files load, without a warning."""
    loaded = load(write(tmp_path)["run"][0])
    assert loaded.finalists == ("Ada Quist", "Bo Lind")
    assert loaded.warnings == ()


def test_there_are_a_hundred() -> None:
    """At least 100 mistakes, each with a name of its own."""
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES) >= 100


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_mistake(tmp_path: Path, mistake: Mistake) -> None:
    """The mistake is refused with exit code 65, its line named, and the words that help."""
    path, text = write(tmp_path, mistake)[mistake.file]
    with pytest.raises(InputError) as caught:
        load(tmp_path / "runoff.toml")
    message = str(caught.value)
    assert caught.value.exit_code == 65
    for word in mistake.words:
        assert word in message
    assert str(path) in message
    if mistake.at:
        lines = {number for number, line in enumerate(text.split("\n"), 1) if mistake.at.split("\n")[0] in line}
        told = {problem.line for problem in caught.value.problems}
        assert told & lines, (told, lines, message)


def test_all_at_once(tmp_path: Path) -> None:
    """Mistakes of every kind, in three files, are told together and in order of place."""
    files = write(tmp_path)
    changes = {
        "run": [("threshold", "treshold"), ("seed = 1", "seed = -1"), ('"Di Marsh"', '"Di March"')],
        "table": [("31204", "-3"), ("22871", "x")],
        "registered": [("150000", "15O000")],
    }
    for kind, pairs in changes.items():
        path, text = files[kind]
        for old, new in pairs:
            text = text.replace(old, new, 1)
        path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load(files["run"][0])
    message = str(caught.value)
    for word in ("treshold", "[simulation.seed]", "negative votes", "votes is not a whole number", "registered is not"):
        assert word in message
    places = [(problem.file, problem.line) for problem in caught.value.problems]
    assert places == sorted(places)
    assert len(places) == 5  # the candidates are judged once the table can be read


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Di Marsh"', '"Di March"'),
        ('to = "Bo Lind"', 'to = "Bo Lint"'),
        ('to = "Ada Quist", low = 0.42', 'to = "Ada Quits", low = 0.42'),
    ],
)
def test_misspelt_names_are_told_with_misspelt_keys(old: str, new: str, tmp_path: Path) -> None:
    """A name that is not in the results, in a key or in a preference, is told where the run file's keys are wrong too."""
    path, text = write(tmp_path)["run"]
    assert old in text
    path.write_text(text.replace("threshold", "treshold").replace(old, new), "utf-8")
    with pytest.raises(InputError, match=r"(?s)treshold.*no such candidate in the results.*did you mean"):
        load(path)


@pytest.mark.parametrize(("content", "words"), [(b"\xff\xfe[race]", "not UTF-8"), (b"x" * 300_000, "too large")])
def test_bytes_that_are_no_run_file(tmp_path: Path, content: bytes, words: str) -> None:
    """Other encodings and files beyond 256 KiB are refused."""
    path = tmp_path / "runoff.toml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        load(path)


def test_a_hundred_megabytes_are_not_read(tmp_path: Path) -> None:
    """A run file of 100 MB is refused by its size alone."""
    path = tmp_path / "runoff.toml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(InputError, match="too large"):
        load(path)


@pytest.mark.parametrize("name", ["absent.toml", ".", "a\0b"])
def test_files_that_are_not_there(tmp_path: Path, name: str) -> None:
    """A missing file, a folder, an impossible name: exit code 66."""
    with pytest.raises(RunoffError) as caught:
        load(tmp_path / name)
    assert caught.value.exit_code == 66


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    """A table that is not there gives exit code 66 and its path."""
    path = write(tmp_path)["run"][0]
    (tmp_path / "first-round.csv").unlink()
    with pytest.raises(RunoffError, match=r"first-round\.csv: cannot read the table") as caught:
        load(path)
    assert caught.value.exit_code == 66


def test_messages_cannot_move_the_cursor(tmp_path: Path) -> None:
    """Control characters in a value are shown as escapes."""
    path, text = write(tmp_path)["run"]
    path.write_text(text.replace('name = "An', 'nam = "\\u001b[2JAn'), "utf-8")
    with pytest.raises(InputError) as caught:
        load(path)
    assert "\x1b" not in str(caught.value)
