"""Tables of polls and crosstabs: what is read, and what people are told of their mistakes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from runoff.app.template import example_results, template
from runoff.data.polls.crosstabs import read_crosstabs
from runoff.data.polls.poll_notes import spelled_two_ways
from runoff.data.polls.polls import Poll, read_polls
from runoff.errors import InputError, MissingFileError
from runoff.model.evidence import evidence_as_of
from runoff.model.pools import build
from runoff.runfile.load import load

CANDIDATES = ("Ada Quist", "Bo Lind", "Cy Marsh")
FINALISTS = ("Ada Quist", "Bo Lind")
RUNOFF = dt.date(2025, 4, 1)
POLLS = (
    "pollster,sponsor,side,start,end,published,population,sample_size,Ada Quist,Bo Lind,undecided\n"
    "Acme Polls,,,2025-03-10,2025-03-12,2025-03-14,lv,600,48,47,5\n"
    "Byte,Friends of Bo,Bo Lind,,2025-03-20,,,800,44.5,49,6.5\n"
)
CROSSTABS = (
    "pollster,end,kind,group,sample_size,unit,Ada Quist,Bo Lind,undecided\n"
    "Acme Polls,2025-03-12,pool,Cy Marsh,52,percent,60,30,10\n"
    "Acme Polls,2025-03-12,bloc,G,40,people,10,26,4\n"
    "Acme Polls,2025-03-12,party,L,300,,91,5,4\n"
    "Acme Polls,2025-03-12,new,,90,,50,40,10\n"
)


def polls(folder: Path, text: str = POLLS, *more: str) -> tuple[Poll, ...]:
    """Polls of tables with these contents."""
    paths = []
    for number, content in enumerate((text, *more)):
        paths.append(folder / f"polls-{number}.csv")
        paths[-1].write_text(content, "utf-8")
    return read_polls(paths, CANDIDATES, FINALISTS, ("L", "R", "G"), RUNOFF).polls


def crosstabs(folder: Path, text: str = CROSSTABS) -> tuple[Poll, ...]:
    """Crosstabs of a table with this content."""
    path = folder / "crosstabs.csv"
    path.write_text(text, "utf-8")
    return read_crosstabs([path], CANDIDATES, FINALISTS, ("L", "R", "G"), "stayed at home", RUNOFF).polls


def test_a_poll_is_read_whole(tmp_path: Path) -> None:
    """Every cell arrives; an empty start is the end, an empty publication the day after."""
    first, second = polls(tmp_path)
    assert (first.pollster, first.start, first.end) == ("Acme Polls", dt.date(2025, 3, 10), dt.date(2025, 3, 12))
    assert (first.published, first.population, first.sample_size) == (dt.date(2025, 3, 14), "lv", 600)
    assert first.shares == (("Ada Quist", 0.48), ("Bo Lind", 0.47))
    assert (second.start, second.published, second.side) == (second.end, dt.date(2025, 3, 21), "Bo Lind")
    assert second.place.endswith("polls-0.csv:3")
    assert (first.middle, second.middle) == (dt.date(2025, 3, 11), dt.date(2025, 3, 20))


def test_parquet_says_the_same(tmp_path: Path) -> None:
    """A Parquet file of the same table, dates and numbers typed, gives the same polls."""
    plain = polls(tmp_path)
    path = tmp_path / "polls.parquet"
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(tmp_path / "polls-0.csv"), path)
    typed = read_polls([path], CANDIDATES, FINALISTS, ("L", "R", "G"), RUNOFF).polls
    assert [poll.identity for poll in typed] == [poll.identity for poll in plain]
    assert [poll.published for poll in typed] == [poll.published for poll in plain]


def test_two_files_are_one(tmp_path: Path) -> None:
    """The same rows in two files, in another order, are the same polls in the same order."""
    head, first, second = POLLS.splitlines()
    whole, parts = polls(tmp_path), polls(tmp_path, f"{head}\n{second}\n", f"{head}\n{first}\n")
    assert [poll.identity for poll in whole] == [poll.identity for poll in parts]


def test_crosstabs_are_polls_of_a_group(tmp_path: Path) -> None:
    """Kinds, groups and numbers of people are read; new voters need no name."""
    found = {poll.kind: poll for poll in crosstabs(tmp_path)}
    assert {kind: poll.group for kind, poll in found.items()} == {
        "pool": "Cy Marsh", "bloc": "G", "party": "L", "new": "stayed at home",
    }  # fmt: skip
    assert found["bloc"].sample_size == 40
    assert dict(found["bloc"].shares) == pytest.approx({"Ada Quist": 0.25, "Bo Lind": 0.65})


def test_a_pollster_spelled_two_ways_is_asked_about(tmp_path: Path) -> None:
    """Spaces, points and a letter make one worth asking about; capitals are one pollster, another name another."""
    for name, asked in (("ACME polls", 0), ("'Polls Acme'", 1), ("Acme-Polls.", 1), ("Acme Pols", 1), ("Zenith", 0)):
        text = POLLS + f"{name},,,,2025-03-22,,,500,50,45,\n"
        found = polls(tmp_path, text)
        assert len(spelled_two_ways(poll.pollster for poll in found)) == asked


@dataclass(frozen=True)
class Mistake:
    """`old` becomes `new`; the message has each of `words`, and the line of `new`."""

    old: str
    new: str
    words: tuple[str, ...]


def bad(old: str, new: str, *words: str) -> Mistake:
    """A mistake in a table."""
    return Mistake(old, new, words)


FIRST, SECOND = POLLS.splitlines()[1:]

# fmt: off
MISTAKES = [
    bad("48,47,5", "148,47,5", "a share over 100"),
    bad("48,47,5", "58,47,5", "the shares add up to 110", "at most 100"),
    bad("48,47,5", "-48,47,5", "a negative share"),
    bad("48,47,5", "48 %,47,5", "not a number", "without %"),
    bad("48,47,5", "0.48,0.47,0.05", "percentages", "write 48 for 48 %"),
    bad("48,47,5", "nan,47,5", "not a number"),
    bad("48,47,5", "4e1,47,5", "not a number"),
    bad("2025-03-14", "2025-03-11", "ends on 2025-03-12, after the poll was published"),
    bad("2025-03-10", "2025-03-13", "starts on 2025-03-13 and ends before", "swap them?"),
    bad("2025-03-12", "12.3.2025", "end is not a day", "2017-06-08"),
    bad("2025-03-12,", "2025-02-30,", "end is not a day"),
    bad("2025-03-12,2025-03-14", ",", "empty end"),
    bad("2025-03-20,", "2025-04-02,", "after the runoff"),
    bad(",600,", ",six hundred,", "not a whole number"),
    bad(",600,", ",0,", "sample_size out of range"),
    bad("Acme Polls,", ",", "empty pollster"),
    bad("Bo Lind,,2025", "Bo Lint,,2025", "no such side", "did you mean Bo Lind?"),
    bad("Quist,Bo Lind,undecided", "Quist,Bo Lint,undecided", "unknown column", "did you mean Bo Lind?"),
    bad("Quist,Bo Lind,undecided", "Quist,Cy Marsh,undecided", "no column Bo Lind", "a column for each finalist"),
    bad(SECOND, FIRST, "twice", "remove one"),
    bad("undecided\n", "undecided,colour\n", "wrong number of fields"),
]
CROSSTAB_MISTAKES = [
    bad("pool,Cy Marsh", "poll,Cy Marsh", "no such kind of group", "did you mean pool?"),
    bad("pool,Cy Marsh", "pool,Cy March", "no such candidate", "did you mean Cy Marsh?"),
    bad("bloc,G,", "bloc,Q,", "no such bloc", "blocs are L, R, G"),
    bad(",people,", ",persons,", "no such unit"),
    bad("40,people", "41,people", "the answers add up to 40"),
    bad("10,26,4", "10,2.5,4", "not a whole number"),
    bad("91,5,4", "191,5,4", "a share over 100"),
]
# fmt: on


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m.words[0])
def test_mistakes_in_polls(mistake: Mistake, tmp_path: Path) -> None:
    """Each mistake gets a message with the place, the rule and a way out."""
    assert POLLS.count(mistake.old) == 1
    with pytest.raises(InputError) as caught:
        polls(tmp_path, POLLS.replace(mistake.old, mistake.new))
    message = str(caught.value)
    assert all(word in message for word in mistake.words), message
    assert "polls-0.csv:" in message


@pytest.mark.parametrize("mistake", CROSSTAB_MISTAKES, ids=lambda m: m.words[0])
def test_mistakes_in_crosstabs(mistake: Mistake, tmp_path: Path) -> None:
    """The same for crosstabs."""
    assert CROSSTABS.count(mistake.old) == 1
    with pytest.raises(InputError) as caught:
        crosstabs(tmp_path, CROSSTABS.replace(mistake.old, mistake.new))
    assert all(word in str(caught.value) for word in mistake.words), str(caught.value)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    """Mistakes in two rows and two files are told together."""
    wrong = POLLS.replace("48,47,5", "148,47,5").replace("2025-03-20,", "2025-04-02,")
    with pytest.raises(InputError) as caught:
        polls(tmp_path, wrong, POLLS.replace(",600,", ",x,"))
    assert len(caught.value.problems) == 3


def run_file(folder: Path, section: str, **tables: str) -> Path:
    """The template's run with an [evidence] section and tables beside it."""
    (folder / "first-round.csv").write_text(example_results(), "utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    path = folder / "runoff.toml"
    path.write_text(f"{template()}\n[evidence]\n{section}\n", "utf-8")
    return path


def test_the_run_file_names_its_tables(tmp_path: Path) -> None:
    """One table or several; a missing one is told by name; settings are bounded."""
    day = "pollster,end,sample_size,Ada Quist,Bo Lind\nAcme,2025-03-04,500,48,45\n"
    loaded = load(run_file(tmp_path, 'polls = "p.csv"', p=day))
    assert [poll.pollster for poll in loaded.polls] == ["Acme"]
    more = day.replace("Acme,2025-03-04,500", "ACME.,2025-03-05,520")
    loaded = load(run_file(tmp_path, 'polls = ["p.csv", "q.csv"]', p=day, q=more))
    assert len(loaded.polls) == 2
    notes = evidence_as_of(build(loaded), dt.date(2025, 3, 20)).notes
    assert any("spelled two ways" in note for note in notes)
    with pytest.raises(MissingFileError, match="nowhere"):
        load(run_file(tmp_path, 'polls = "nowhere.csv"'))
    with pytest.raises(InputError, match=r"0 to 0\.25"):
        load(run_file(tmp_path, "shared_error_sd = 2.5"))
    with pytest.raises(InputError, match="did you mean house_sd"):
        load(run_file(tmp_path, "house_ds = 0.01"))
    wrong = run_file(tmp_path, 'polls = "p.csv"\nhouse_ds = 0.01', p=day.replace("48", "480"))
    with pytest.raises(InputError, match=r"(?s)a share over 100.*did you mean house_sd"):
        load(wrong)  # what is wrong with the table and with the run file is told together


def test_a_moment_is_no_day(tmp_path: Path) -> None:
    """A runoff given as a moment is told of, and polls beside it do not stumble over it."""
    day = "pollster,end,sample_size,Ada Quist,Bo Lind\nAcme,2025-03-04,500,48,45\n"
    path = run_file(tmp_path, 'polls = "p.csv"', p=day)
    text = path.read_text("utf-8")
    assert text.count("runoff = 2025-") == 1
    path.write_text(text.replace("runoff = 2025-", "runoff = 2025-04-01T10:00:00 # "), "utf-8")
    with pytest.raises(InputError, match="runoff"):
        load(path)
