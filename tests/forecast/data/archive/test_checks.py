"""What no archive can mean is told: the place, the rule, the value, a way out; all of it at once.

Each case spoils a good folder in one place.
"""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from runoff.data.archive.archive import Archive
from runoff.data.archive.columns import DERIVED, TABLES
from runoff.data.archive.read import NEEDED
from runoff.errors import InputError, MissingFileError, RunoffError
from tests.forecast.data.archive import folders


@dataclass(frozen=True)
class Mistake:
    """`old` becomes `new` in a table; the message has each of `words`, and names the line that has `at`."""

    name: str
    table: str
    old: str
    new: str
    words: tuple[str, ...]
    at: str


def wrong(name: str, table: str, old: str, new: str, *words: str, at: str | None = None) -> Mistake:
    """A mistake of a table."""
    return Mistake(name, table, old, new, words, at if at is not None else new)


# fmt: off
MISTAKES = [
    # words and days
    wrong("bloc", "candidates", "Bo Lind,Blues,right", "Bo Lind,Blues,republican", "unknown bloc", "did you mean R?"),
    wrong("bloc near", "candidates", "Cy Moss,Reds,left", "Cy Moss,Reds,far left", "unknown bloc", "did you mean far-left?"),
    wrong("bloc empty", "candidates", "Cy Moss,Reds,left", "Cy Moss,Reds,", "empty bloc", "one of far-left, left"),
    wrong("level", "races", "Governor,statewide", "Governor,state", "unknown level", "did you mean statewide?"),
    wrong("contest", "races", "primary_D", "primary", "unknown contest_type", "primary_D or primary_R"),
    wrong("verified", "races", "Bo Lind,yes", "Bo Lind,oui", "unknown verified", "yes, partial, no"),
    wrong("day", "races", "2020-01-19", "19/01/2020", "date_runoff is not a day", "year, month and day"),
    wrong("no day", "races", "2020-01-05,", ",", "empty date_first"),
    wrong("no id", "candidates", "duel,Ed Frost", ",Ed Frost", "empty race_id"),
    # numbers
    wrong("comma", "races", "1000,20,10,30", '"1,000",20,10,30', "not a whole number", "without separators", at='"1,000"'),
    wrong("decimal comma", "polls", "44.5", '"44,5"', "a share is not a number", "write 44.5, with a point", at='"44,5"'),
    wrong("per cent sign", "polls", "duel,Ask,2020-01-10,800,,47,", "duel,Ask,2020-01-10,800,,47%,", "without %"),
    wrong("share in per cent", "races", "0.4444", "44.44", "out of range", "write 0.52 for 52 per cent"),
    wrong("share is a word", "races", "0.4444", "half", "is not a number"),
    wrong("negative", "candidates", "Ed Frost,Greens,left,150", "Ed Frost,Greens,left,-150", "negative first_round_votes"),
    wrong("no votes", "candidates", "Ed Frost,Greens,left,150", "Ed Frost,Greens,left,", "not a whole number", "write 0 for none"),
    wrong("nobody asked", "polls", "2020-01-10,800", "2020-01-10,0", "sample_size out of range"),
    # names
    wrong("country is a number", "races", "duel,Elbonia", "duel,12", "12 is no name"),
    wrong("office is nothing", "races", "Governor", "NaN", "NaN is no name"),
    wrong("open bracket", "races", "duel,Elbonia", "duel,Elbonia (", "no country and part of it", "Chile (Coquimbo)"),
    wrong("no state", "races", "United States (Ohio)", "USA", "the state is missing", "United States (Georgia)"),
    wrong("candidate is a number", "candidates", "duel,Ed Frost", "duel,7", "this is no name"),
    wrong("unseen in a party", "candidates", "Ed Frost,Greens", "Ed Frost,Gre\u200bens", "invisible character in the party", at="Ed Frost"),
    wrong("bloc in a primary", "candidates", "Jo Hart,D,D", "Jo Hart,R,R", "R in a primary_D", "everybody in a primary_D has bloc D"),
    wrong("side of a sponsor", "polls", "2020-01-15,,left", "2020-01-15,,Gazette", "unknown partisan"),
    # finalists
    wrong("runoff votes of nobody", "candidates", "150,false,false,", "150,false,false,7", "did not advance", "only finalists"),
    wrong("no runoff votes", "candidates", "Bo Lind,Blues,right,400,true,false,500", "Bo Lind,Blues,right,400,true,false,", "advanced, without runoff votes", at="Bo Lind"),
    wrong("withdrew and stood", "candidates", "110,true,false,120", "110,true,true,120", "withdrew and advanced"),
    wrong("one finalist", "candidates", "Eve Stone,D,D,100,true,false,80", "Eve Stone,D,D,100,false,false,", "1 of its candidates advanced", at="state,United"),
    wrong("winner is nobody", "races", "Bo Lind,yes", "Ed Frost,yes", "none of the finalists", "Ada Quist, Bo Lind"),
    wrong("winner lost", "races", "Bo Lind,yes", "Ada Quist,yes", "Ada Quist has 400 votes, Bo Lind 500", "did you mean Bo Lind?"),
    wrong("other finalist", "races", ",Ada Quist,0.4444", ",Ed Frost,0.4444", "finalist_a does not agree", "here it is Ada Quist"),
    # sums and ballots
    wrong("sum", "races", "1500,900,1500", "1500,901,1500", "candidates have 900 runoff votes, valid ballots are 901"),
    wrong("sum of the first round", "races", "2021-05-09,600", "2021-05-09,610", "candidates have 600 first-round votes"),
    wrong("blank and null", "races", "1000,20,10,30", "1000,20,10,31", "30 first-round ballots blank or null, 31"),
    wrong("blank alone", "races", "1000,20,10,30", "1000,20,10,", "no first-round blank and null ballots together", "write 30"),
    wrong("registered", "races", "30,1500,900", "30,1020,900", "1,030 first-round ballots of 1,020 registered"),
    wrong("registered in the runoff", "races", "900,1500,Ada", "900,899,Ada", "900 runoff ballots of 899 registered"),
    wrong("share", "races", "0.4444", "0.4454", "finalist_a_runoff_share does not agree", "here it is 0.44444"),
    wrong("share without digits", "races", "0.4444", "0", "finalist_a_runoff_share does not agree", at="Ada Quist,0,"),
    wrong("turnout ratio", "races", "0.6,0.67", "0.6,0.66", "turnout_ratio does not agree", "0.66667"),
    # days
    wrong("days swapped", "races", "2020-01-05,2020-01-19", "2020-01-19,2020-01-05", "not after the first round", "swapped"),
    wrong("a year too late", "races", "2020-01-05,2020-01-19", "2020-01-05,2022-01-19", "745 days after"),
    wrong("a year that is none", "races", "2020-01-05,2020-01-19", "0020-01-05,0020-01-19", "a race of 20"),
    wrong("year of a code", "nuances", "assembly,2021", "assembly,21", "a year that is none", at="assembly,21"),
    # twice
    wrong("id twice", "races", "three,Elbonia", "Duel,Elbonia", "Duel stands there twice", "the first is line 2"),
    wrong("place twice", "races", 'state,United States (Ohio),Governor,statewide,primary_D,2022-05-03,2022-06-07', "state,ELBONIA,president,statewide,open,2020-01-05,2020-01-19", "state is duel under another id"),
    wrong("candidate twice", "candidates", "duel,Ed Frost", "duel,ADA QUIST", "stands there twice", "the first is line 2"),
    wrong("no such race", "candidates", "duel,Ed Frost", "dual,Ed Frost", "no race dual"),
    wrong("poll twice", "polls", "duel,Tell,2020-01-15,,left,44.5,51.5,0.4635,4,", "duel,Ask,2020-01-10,800,,47,49,0.4896,9,", "this poll stands there twice", at=""),
    wrong("nuance twice", "nuances", "by hand\n", "by hand\nassembly,2021,RED,right,1,1,1,again\n", "this code stands there twice", at="again"),
    # polls
    wrong("poll of nobody", "polls", "duel,Tell", "dual,Tell", "no race dual"),
    wrong("poll of three", "polls", "duel,Tell,2020-01-15", "three,Tell,2021-05-06", "three has 3 finalists", at="three,Tell"),
    wrong("poll after", "polls", "2020-01-15", "2020-01-19", "on the day of the runoff or later"),
    wrong("poll over 100", "polls", "44.5,51.5", "54.5,51.5", "54.5 and 51.5 per cent together", at="54.5"),
    wrong("poll in fractions", "polls", "47,49", "0.47,0.49", "are fractions", "write 52 for 0.52"),
    wrong("poll without one", "polls", "44.5,51.5", "44.5,", "empty pct_finalist_b"),
    wrong("two-way share", "polls", "0.4896", "0.4996", "two_way_share_a does not agree", "0.48958"),
    wrong("days before", "polls", "0.4896,9", "0.4896,8", "days_before does not agree", "here it is 9"),
    # outright
    wrong("outright, two elected", "outright", "300,false", "300,true", "2 elected", at="Ivo Pell"),
    wrong("outright, sum", "outright", "left,300,false", "left,301,false", "candidates have 801 votes", at="Ivo Pell"),
    wrong("outright, no election", "outright", "south,elbonia-national-district-2021-05-09,Ivo", "south,nowhere,Ivo", "no such election"),
    wrong("outright, rows differ", "outright", "Una Vance,left,300,false,800", "Una Vance,left,300,false,801", "first_round_valid differs between its rows"),
    wrong("outright, registered", "outright", "true,800,20,1200", "true,800,20,810", "820 ballots of 810", at="Ivo Pell"),
]
# fmt: on


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_is_told_with_its_place_and_a_way_out(mistake: Mistake, tmp_path: Path) -> None:
    """The message has the words that say what is wrong, a rule, a fix, and the line where it stands."""
    text = folders.TABLES[mistake.table]
    assert text.count(mistake.old) == 1
    spoilt = text.replace(mistake.old, mistake.new)
    with pytest.raises(InputError) as told:
        Archive.read(folders.written(tmp_path, **{mistake.table: spoilt}))
    said = str(told.value)
    assert all(word in said for word in mistake.words), said
    tables = folders.TABLES | {mistake.table: spoilt}
    places = {(name, n) for name in tables for n, line in enumerate(tables[name].split("\n"), 1) if mistake.at in line}
    there = {(Path(p.file).stem, p.line) for p in told.value.problems if mistake.words[0] in str(p)}
    assert there & places, said
    assert all(problem.rule and problem.fix for problem in told.value.problems), said


def test_the_folder_is_good_as_it_is(tmp_path: Path) -> None:
    """Three races of three elections; what a folder leaves out follows: camps, elections, valid ballots, winners."""
    archive = Archive.read(folders.written(tmp_path))
    assert archive.elections == (
        "elbonia-national-2020-01-19", "elbonia-national-district-2021-05-09", "united-states-ohio-2022-06-07",
    )  # fmt: skip
    three = archive.by_id["three"]
    assert [c.name for c in three.withdrawn] == ["Hal Ives"]
    assert [(c.camp, c.axis) for c in archive.by_id["state"].candidates] == [("left", -1.0)] * 3
    assert archive.by_id["duel"].polls[1].share_a == pytest.approx(44.5 / 96)
    assert archive.outright[0].elected == "Ivo Pell"


def test_races_need_few_columns(tmp_path: Path) -> None:
    """The columns that are needed and no others: the same votes, winners and sums follow."""

    def cut(name: str) -> str:
        lines = [
            line.replace('"Assembly, North 1"', "Assembly 1").split(",") for line in folders.TABLES[name].split("\n")
        ]
        places = [n for n, column in enumerate(lines[0]) if column in NEEDED[name]]
        return "\n".join(",".join(line[n] for n in places) for line in lines[:-1]) + "\n"

    few = {name: cut(name) for name in ("races", "candidates", "polls")} | {"outright": "", "nuances": ""}
    whole, bare = Archive.read(folders.written(tmp_path / "a")), Archive.read(folders.written(tmp_path / "b", **few))
    for race in whole.races:
        other = bare.by_id[race.id]
        assert (race.winner, race.first.valid, race.runoff.valid, race.election) == (
            other.winner, other.first.valid, other.runoff.valid, other.election,
        )  # fmt: skip
        assert [(c.name, c.advanced, c.runoff_votes, c.camp) for c in race.candidates] == [
            (c.name, c.advanced, c.runoff_votes, c.camp) for c in other.candidates
        ]
    assert {race.verified for race in bare.races} == {"no"}


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    """Mistakes in three tables are three problems; a share waits until its race's sums are right."""
    races = folders.RACES.replace("0.4444", "0.4544").replace("1500,900,1500", "1500,910,1500")
    polls = folders.POLLS.replace("duel,Tell", "dual,Tell")
    outright = folders.OUTRIGHT.replace("300,false", "300,true")
    with pytest.raises(InputError) as told:
        Archive.read(folders.written(tmp_path, races=races, polls=polls, outright=outright))
    assert len(told.value.problems) == 3
    with pytest.raises(InputError) as told:
        Archive.read(folders.written(tmp_path, races=races.replace("910", "900"), polls=polls, outright=outright))
    assert len(told.value.problems) == 3


def test_ids_that_are_of_no_race_are_one_problem(tmp_path: Path) -> None:
    """Polls of eight races, none of which is there: one message; a single one gets the id that it may mean."""
    rows = [f"race{n},Ask,2020-01-10,800,,47,49,,," for n in range(8)]
    polls = "\n".join([folders.POLLS.split("\n")[0], *rows]) + "\n"
    with pytest.raises(InputError, match="8 of its 8 races are not in races") as told:
        Archive.read(folders.written(tmp_path, polls=polls))
    assert len(told.value.problems) == 1
    with pytest.raises(InputError, match=r"did you mean duel\?"):
        Archive.read(folders.written(tmp_path, polls=folders.POLLS.replace("duel,Tell", "dual,Tell")))


def test_a_tie_needs_its_winner_named(tmp_path: Path) -> None:
    """Equal runoff votes: refused where nobody is named, and either may be."""
    candidates = folders.CANDIDATES.replace("450,true,false,400", "450,true,false,500")
    races = folders.RACES.replace("1500,900,1500", "1500,1000,1500").replace("0.4444,0.9", "0.5,1.0")
    for winner in ("Bo Lind", "Ada Quist"):
        spoilt = races.replace("Bo Lind,yes", f"{winner},yes")
        assert (
            Archive.read(folders.written(tmp_path, candidates=candidates, races=spoilt)).by_id["duel"].winner == winner
        )
    spoilt = races.replace("Bo Lind,yes", ",yes")
    with pytest.raises(InputError, match="Ada Quist and Bo Lind have equal votes, and no winner is named"):
        Archive.read(folders.written(tmp_path, candidates=candidates, races=spoilt))


def test_a_sum_may_be_off_where_the_note_says_so(tmp_path: Path) -> None:
    """A race that is partial, with a note, may differ from its valid ballots; without a note it may not."""
    races = folders.RACES.replace("2022-06-07,300", "2022-06-07,310")
    assert Archive.read(folders.written(tmp_path, races=races)).by_id["state"].first.valid == 310
    with pytest.raises(InputError, match="candidates have 300 first-round votes"):
        Archive.read(folders.written(tmp_path, races=races.replace(",memory", ",")))


@pytest.mark.parametrize(
    ("what", "words"),
    [
        (lambda text: text.replace(",", ";", 3), "wrong number of fields"),
        (lambda text: text.replace("bloc,", "block,", 1), "did you mean bloc?"),
        (lambda text: text.replace(",bloc", "", 1).replace(",left,", ",").replace(",right,", ","), "number of fields"),
        (lambda text: text + "duel,Kim\n", "wrong number of fields"),
        (lambda text: "PK" + text, "a spreadsheet"),
    ],
    ids=["two separators", "misspelt", "column taken out", "cut off", "spreadsheet"],
)  # fmt: skip
def test_a_table_that_is_none_is_told(what: object, words: str, tmp_path: Path) -> None:
    """Two separators, missing and misspelt columns, cut lines, spreadsheets: told by what they are."""
    assert callable(what)
    with pytest.raises(InputError, match=words):
        Archive.read(folders.written(tmp_path, candidates=what(folders.CANDIDATES)))


def test_a_byte_order_mark_and_other_capitals_do_no_harm(tmp_path: Path) -> None:
    """A mark at the beginning, words in capitals, CRLF: the same archive."""
    text = folders.CANDIDATES.replace(",left,", ",LEFT,").replace("race_id,candidate", "Race_ID,Candidate")
    one = Archive.read(folders.written(tmp_path / "a"))
    other = Archive.read(folders.written(tmp_path / "b", candidates="\ufeff" + text.replace("\n", "\r\n")))
    assert one.sha256 == other.sha256


def test_a_folder_without_its_tables_is_told(tmp_path: Path) -> None:
    """No folder, a file, no races; a table in two formats."""
    with pytest.raises(MissingFileError, match="no such folder"):
        Archive.read(tmp_path / "nowhere")
    folder = folders.written(tmp_path / "a", candidates="")
    with pytest.raises(MissingFileError, match=r"no candidates\.csv"):
        Archive.read(folder)
    with pytest.raises(MissingFileError, match="a file, not a folder"):
        Archive.read(folder / "races.csv")
    folders.written(folder)
    (folder / "races.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match="races stand there twice"):
        Archive.read(folder)


JUNK = (
    "", "0", "-1", "1e9", "999999999999", "NaN", "true", "no", "1,5", "1.5", "12%", "2020-02-30", "9999-12-31", "left",
    "D", "\u202e", "\ufeff", "x" * 1_001, '"', "null", "duel", "Ada Quist", "a\nb", "\u0663", "1_000", "  ", "100.0", "(",
)  # fmt: skip


def test_no_damage_gets_past_the_messages(tmp_path: Path) -> None:
    """300 folders with one to three cells, rows or columns damaged, other ones each time: an archive, or a refusal.

    Of damages about one in six is read (a party may have any name): the chance that of 300 none is, is below 1e-20.
    """
    seed = random.SystemRandom().randrange(2**32)
    dice, read, told = random.Random(seed), 0, 0
    for number in range(300):
        name = dice.choice(list(folders.TABLES))
        rows = [*csv.reader(folders.TABLES[name].splitlines())]
        for _ in range(dice.choice((1, 1, 1, 2, 3))):
            row, column, kind = dice.randrange(len(rows)), dice.randrange(len(rows[0])), dice.random()
            if kind < 0.7:
                rows[row][column] = dice.choice(JUNK)
            elif kind < 0.8:
                rows.insert(row, list(dice.choice(rows)))
            elif kind < 0.9 and len(rows) > 2:
                rows.pop(row)
            elif len(rows[0]) > 2:
                rows = [[cell for place, cell in enumerate(cells) if place != column] for cells in rows]
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        folder = folders.written(tmp_path / str(number), **{name: text.getvalue()})
        try:
            assert len(Archive.read(folder).sha256) == 64
            read += 1
        except RunoffError:
            told += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}, {name}:\n{text.getvalue()}") from error
    assert read
    assert told


def test_every_column_is_of_one_table_kind() -> None:
    """What is needed is a column, and what follows is none that is kept."""
    for name, needed in NEEDED.items():
        kept = [column for column, _, _ in TABLES[name]]
        assert set(needed) <= set(kept)
        assert not set(DERIVED.get(name, ())) & set(kept)
        assert len(set(kept)) == len(kept)
