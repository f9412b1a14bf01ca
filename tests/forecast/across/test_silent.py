"""What real people bring and would be misread: each is refused, or named in a note."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from runoff.data.counts.first_round_count import Count
from runoff.data.counts.runoff_count import COMPLETE, OUT, PARTIAL, Reported, first_modes, read_reported
from runoff.data.votes.checks.unlike import in_part
from runoff.data.votes.results import Results, read_results
from runoff.data.votes.words import Wanted, meaning
from runoff.errors import InputError
from runoff.model.evidence import evidence_as_of
from runoff.model.pools import build
from runoff.runfile.load import load
from tests import night, runoff_night
from tests.forecast.across.test_mistakes import RUN, write

HEADER = "unit,candidate,mode,votes"


def _reported(tmp_path: Path, rows: list[str], header: str = HEADER, more: str = "") -> Reported:
    """What a runoff's table is read as."""
    loaded = load(runoff_night.folder(tmp_path, more=more))
    return read_reported(loaded, runoff_night.results(tmp_path / "v.csv", rows, header), first_modes(loaded))


def _refused(tmp_path: Path, rows: list[str], header: str = HEADER, more: str = "") -> str:
    """What is said of a table that is refused."""
    with pytest.raises(InputError) as told:
        _reported(tmp_path, rows, header, more)
    return str(told.value)


def _rows(day: Callable[[int], int | None]) -> list[str]:
    """Early votes of every unit, and so many of the day's where `day` says."""
    rows = []
    for i, unit in enumerate(runoff_night.UNITS):
        rows += [f"{unit},Ada,early,{90 + 9 * i}", f"{unit},Bo,early,{95 + 8 * i}"]
        n = day(i)
        rows += [] if n is None else [f"{unit},Ada,day,{n}", f"{unit},Bo,day,{n}"]
    return rows


def test_a_night_without_modes_says_what_is_whole(tmp_path: Path) -> None:
    """Early votes summed by unit would look like the whole count: neither mode nor status is refused."""
    rows = [f"{unit},{name},100" for unit in runoff_night.UNITS for name in ("Ada", "Bo")]
    said = _refused(tmp_path, rows, "unit,candidate,votes")
    assert "neither mode nor status" in said
    assert "the first round had day, early" in said
    found = _reported(tmp_path, [f"{row},partial" for row in rows], "unit,candidate,votes,status")
    assert (found.state == PARTIAL).all()


def test_night_modes_are_all_or_none_of_the_first_rounds(tmp_path: Path) -> None:
    """A mode that had votes and is left out would never be out; modes of other names are a choice."""
    rows = ["n1,Ada,early,100", "n1,Bo,early,90"]
    assert "no day in [night] modes" in _refused(tmp_path / "a", rows, more='[night]\nmodes = ["early"]')
    other = ["n1,Ada,x,100", "n1,Bo,x,90"]
    assert _reported(tmp_path / "b", other, more='[night]\nmodes = ["x", "y"]').modes == ("x", "y")


@pytest.mark.parametrize("nought", [1, 5, 14, 25])
def test_cells_of_noughts_wait_for_their_count(nought: int, tmp_path: Path) -> None:
    """A feed filled with 0: these cells are out, as if they had no row; status complete says that nobody voted."""
    found = _reported(tmp_path / "a", _rows(lambda i: 0 if i < nought else 200 + 7 * i))
    assert (found.state[:, 0] == OUT).sum() == nought
    assert "0 votes, taken as out" in " ".join(found.notes)
    rows = [f"{row},{'complete' if row.endswith(',0') else ''}" for row in _rows(lambda i: 0 if i < nought else 300)]
    found = _reported(tmp_path / "b", rows, HEADER + ",status")
    assert (found.state == COMPLETE).all()


def test_noughts_where_few_are_expected_are_counted(tmp_path: Path) -> None:
    """A small mode: three votes here, none there; nothing is out, and nothing is said."""
    found = _reported(tmp_path, _rows(lambda i: 3 * (i % 2)))
    assert (found.state == COMPLETE).all()
    assert found.notes == ()


def test_units_that_are_partly_in_are_named(tmp_path: Path) -> None:
    """Half of the units with a quarter of their day's votes: a note asks; with all of them none."""
    full = [200 + 9 * i for i in range(30)]
    found = _reported(tmp_path / "a", _rows(lambda i: full[i] // (4 if i % 2 else 1)))
    assert "in part? " in " ".join(found.notes)
    assert " and 14 more have" in " ".join(found.notes)
    assert _reported(tmp_path / "b", _rows(lambda i: full[i])).notes == ()


def test_two_groups_are_two_groups() -> None:
    """Of 200 draws without groups none is split; with a third of the places at a quarter nearly all, exactly there."""
    rng, found = np.random.default_rng(3), 0
    for _ in range(200):
        of = rng.integers(300, 3_000, 25).astype(np.float64)
        votes = np.rint(of * np.exp(rng.normal(-0.4, 0.15, 25))).astype(np.int64)
        assert in_part(votes, of) == []
        low = rng.permutation(25)[:8]
        votes[low] //= 4
        found += sorted(in_part(votes, of)) == sorted(low.tolist())
    assert found >= 190


def test_a_size_that_the_count_contradicts(tmp_path: Path) -> None:
    """All cells of a mode complete, and fewer votes than the size says: one of the two is wrong."""
    said = _refused(tmp_path, _rows(lambda i: None), more="[night.sizes.early]\nlow = 30_000\nhigh = 31_000")
    assert "nothing of the mode is out, and low is 30,000" in said


@pytest.mark.parametrize(
    ("word", "state"),
    [("In progress", 1), ("incomplete", 1), ("Final", COMPLETE), ("pending", OUT), ("not reported", OUT)],
)
def test_status_words_of_feeds(word: str, state: int, tmp_path: Path) -> None:
    """Words that feeds use mean what they say; an unknown one is never answered with 'leave it empty'."""
    n = "" if state == OUT else "100"
    rows = [f"n1,Ada,early,{n},{word}", f"n1,Bo,early,{n},{word}", "n2,Ada,early,90,", "n2,Bo,early,80,"]
    found = _reported(tmp_path / "a", rows, HEADER + ",status")
    assert found.state[0, 1] == state
    said = _refused(tmp_path / "b", [row.replace(word, "50%") for row in rows], HEADER + ",status")
    assert "partial where more is to come" in said


def test_a_finalist_with_the_family_name_first_is_not_dropped(tmp_path: Path) -> None:
    """The way out names the finalist who is meant."""
    text = runoff_night.folder(tmp_path).parent / "first.csv"
    text.write_text(text.read_text("utf-8").replace(",Ada,", ",Ada Lund,").replace(",Bo,", ",Bo Marsh,"), "utf-8")
    run = tmp_path / "night.toml"
    run.write_text(run.read_text("utf-8").replace('"Bo"', '"Bo Marsh"').replace('"Ada"', '"Ada Lund"'), "utf-8")
    loaded = load(run)
    table = runoff_night.results(tmp_path / "v.csv", ['n1,"Lund, Ada",early,5', "n1,Bo Marsh,early,6"])
    with pytest.raises(InputError, match=r"did you mean Ada Lund\?"):
        read_reported(loaded, table, first_modes(loaded))


# a first round being counted


def _count(tmp_path: Path, status: str) -> Count:
    run = night.folder(tmp_path)
    (tmp_path / "status.csv").write_text(status, "utf-8")
    return night.counted(load(run))


def _no_count(tmp_path: Path, status: str) -> str:
    with pytest.raises(InputError) as told:
        _count(tmp_path, status)
    return str(told.value)


OUT_ROWS = "\n".join(night.OUT)


def test_a_status_says_of_which_mode(tmp_path: Path) -> None:
    """Without a mode, where the results have modes, a row would speak of a third one."""
    rows = "\n".join(row.replace(",day", "") for row in night.OUT)
    assert "add a column mode: day, early" in _no_count(tmp_path / "a", f"unit,state\n{rows}\n")
    blank = OUT_ROWS.replace(",day,", ",,")
    assert "give one of day, early" in _no_count(tmp_path / "b", f"unit,mode,state\n{blank}\n")


def test_nothing_is_out_of_what_is_out(tmp_path: Path) -> None:
    """A number of 0 is how feeds say that nothing is known: asked about."""
    rows = "\n".join(f"{row},0" for row in night.OUT)
    said = _no_count(tmp_path, f"unit,mode,state,expected\n{rows}\n")
    assert "nothing is out of what is out" in said
    assert "leave it empty where it is not known" in said


def test_units_put_together_are_no_count(tmp_path: Path) -> None:
    """The settings "race" and "region" of by are refused with the way out, and no bug of ours."""
    run = night.folder(tmp_path)
    run.write_text(
        run.read_text("utf-8").replace('table = "counted.csv"', 'table = "counted.csv"\nby = "race"'), "utf-8"
    )
    with pytest.raises(InputError, match="take `by` away"):
        night.counted(load(run))


def test_a_units_own_row_goes_before_its_regions(tmp_path: Path) -> None:
    """In either order: complete stays complete, and a number of the region is for the others, which a note says."""
    rows = ["n,day,out,900", "n4,day,complete,", "s,day,out,", "s5,day,out,300"]
    for i, order in enumerate((rows, rows[::-1])):
        found = _count(tmp_path / str(i), "unit,mode,state,expected\n" + "\n".join(order) + "\n")
        day = found.modes.index("day")
        units = list(found.first_round.units)
        complete = {unit: bool(found.complete[units.index(unit), day]) for unit in units}
        assert [unit for unit in units if not complete[unit]] == ["n5", "s4", "s5"]
        assert {out.place: len(out.members) for out in found.out} == {"n": 1, "s": 1, "s5": 1}
        assert "n: its number is without n4, which has a row of its own" in found.notes


# results, polls, rates


def _results(
    tmp_path: Path, rows: list[str], roll: list[str] | None = None, **wanted: tuple[str, ...]
) -> Results | str:
    (tmp_path / "r.csv").write_text("\n".join(rows) + "\n", "utf-8")
    if roll is not None:
        (tmp_path / "roll.csv").write_text("\n".join(roll) + "\n", "utf-8")
    try:
        return read_results(
            tmp_path / "r.csv", None if roll is None else tmp_path / "roll.csv", "unit", "race", Wanted(**wanted)
        )
    except InputError as told:
        return str(told)


VOTES = {"Ada": (3_120, 2_871), "Bo": (2_765, 2_340), "Cy": (1_204, 990), "Di": (611, 702)}


def test_a_row_of_the_roll_is_of_one_unit(tmp_path: Path) -> None:
    """Two units of one name in two regions, and a roll summed by name: refused."""
    rows = ["region,unit,candidate,party,votes"]
    rows += [f"{r},Alba,{name},P,{votes[i]}" for i, r in enumerate(("East", "West")) for name, votes in VOTES.items()]
    said = _results(tmp_path, rows, ["unit,registered", "Alba,30000"])
    assert "one row for Alba of several regions: East, West" in str(said)
    found = _results(tmp_path, rows, ["region,unit,registered", "East,Alba,15000", "West,Alba,15000"])
    assert isinstance(found, Results)


@pytest.mark.parametrize("column", ["unit", "mode"])
def test_a_sum_of_two_in_many_cells_is_a_sum(column: str, tmp_path: Path) -> None:
    """The third of two units, or modes, with the sum of both in every cell is no unit; keep says that it is."""
    rows = ["unit,mode,candidate,party,votes"]
    for i, part in enumerate(("Alba", "Brod", "Aldbrod")):
        for name, votes in VOTES.items():
            n = votes[i] if i < 2 else sum(votes)
            for other in ("x", "y"):
                where = f"{part},{other}" if column == "unit" else f"{other},{part}"
                rows.append(f"{where},{name},P,{n + 0 * len(other)}")
    said = _results(tmp_path, rows)
    assert "Aldbrod has as many votes as all other" in str(said)
    assert isinstance(_results(tmp_path, rows, keep=("Aldbrod",)), Results)


def test_percentages_are_no_votes(tmp_path: Path) -> None:
    """Whole numbers that add up to 100 in each unit are refused."""
    rows = ["unit,candidate,party,votes", "A,Ada,P,52", "A,Bo,P,48", "B,Ada,P,47", "B,Bo,P,53"]
    assert "percentages instead of votes" in str(_results(tmp_path, rows))


def test_what_is_dropped_and_is_not_there(tmp_path: Path) -> None:
    """A misspelt word of drop leaves everything as it is: a note with the name that may be meant."""
    rows = ["unit,candidate,party,votes", *(f"A,{name},P,{v[0]}" for name, v in VOTES.items()), "A,Write-in,P,20"]
    found = _results(tmp_path, rows, drop=("Write-ins",))
    assert isinstance(found, Results)
    assert "nothing is named Write-ins in r.csv; did you mean Write-in?" in " ".join(found.notes)


@pytest.mark.parametrize(
    "name",
    ["Blank/Invalid", "Votes blancs et nuls", "Null ballots", "Schede nulle e bianche", "Rejected ballot papers",
     "Total valid votes cast", "Votes exprimés", "Registered electors", "Did not turn out"],
)  # fmt: skip
def test_names_made_of_known_words_are_no_candidates(name: str) -> None:
    """In any combination of blank, null, invalid, valid, registered and their fillers."""
    assert meaning(name, "candidate")


@pytest.mark.parametrize("name", ["Jean Blanc", "Ann Null", "Grand", "Val Ideal", "None of these candidates"])
def test_people_with_such_a_word_in_their_names_are_people(name: str) -> None:
    """A word that is in no list makes it a name."""
    assert not meaning(name, "candidate")


def test_rows_of_two_races_are_told(tmp_path: Path) -> None:
    """A column of offices, elections or rounds that nobody reads has one value."""
    rows = ["office,unit,candidate,party,votes", "Mayor,A,Ada,P,52", "Mayor,A,Bo,P,48", "Council,A,Cy,P,60"]
    assert "rows of 2 values of office" in str(_results(tmp_path, rows))
    assert isinstance(_results(tmp_path, rows[:3]), Results)


def test_lines_that_are_no_rows_are_told(tmp_path: Path) -> None:
    """A source below the table, the header once more: remove the line."""
    rows = ["unit,candidate,party,votes", "A,Ada,P,520", "A,Bo,P,480"]
    assert "a line that is no row" in str(_results(tmp_path, [*rows, "Source: commission,,,"]))
    assert "the header stands here again" in str(_results(tmp_path, [*rows, rows[0], "B,Ada,P,5", "B,Bo,P,6"]))


def test_a_poll_of_another_question_is_named(tmp_path: Path) -> None:
    """27 % for somebody who did not advance: perhaps no poll of this runoff; two per cent of others do not matter."""
    path = write(tmp_path)["run"][0]
    path.write_text(f'{RUN}\n[evidence]\npolls = "p.csv"\n', "utf-8")
    for share, told in (("27", True), ("2", False)):
        (tmp_path / "p.csv").write_text(
            f"pollster,end,sample_size,Ada Quist,Bo Lind,Cy Holm\nAcme,2025-03-04,500,40,30,{share}\n", "utf-8"
        )
        loaded = load(path)
        found = evidence_as_of(build(loaded), loaded.run_file.race.as_of)
        assert [row.used for row in found.rows] == [True]
        assert any("asked about Cy Holm too (27 %)" in note for note in found.notes) == told


def test_one_poll_under_two_names_is_asked_about(tmp_path: Path) -> None:
    """Equal day, people and shares of two pollsters: a note; of one day apart none."""
    path = write(tmp_path)["run"][0]
    path.write_text(f'{RUN}\n[evidence]\npolls = "p.csv"\n', "utf-8")
    for day, notes in (("04", 1), ("03", 0)):
        rows = f"Acme,2025-03-04,913,48,45\nTV1 for Acme Group,2025-03-{day},913,48,45\n"
        (tmp_path / "p.csv").write_text(f"pollster,end,sample_size,Ada Quist,Bo Lind\n{rows}", "utf-8")
        loaded = load(path)
        said = evidence_as_of(build(loaded), loaded.run_file.race.as_of).notes
        assert len([note for note in said if "one poll under two names?" in note]) == notes


def test_a_blocs_rates_that_everybody_overrides_are_refused(tmp_path: Path) -> None:
    """Each member has rates of its own: the bloc's reach nobody; with one kind left to the bloc they do."""
    path, text = write(tmp_path)["run"]
    own = 'turnout = { low = 0.6, high = 0.8 }\npreference = { to = "Ada Quist", low = 0.60, high = 0.85 }'
    both = "\n\n".join(f'[rates.candidates."{name}"]\n{own}' for name in ("Cy Holm", "Ed Stone"))
    green = text.replace("[rates.blocs.Green]", f"{both}\n\n[rates.blocs.Green]", 1)
    path.write_text(green, "utf-8")
    with pytest.raises(InputError, match="rates that reach nobody: Cy Holm has rates of its own"):
        load(path)
    path.write_text(green.replace("turnout = { low = 0.6, high = 0.8 }\n", "", 1), "utf-8")
    load(path)


@pytest.mark.parametrize("share", ["0", "1e-320", "0.0000001"])
def test_a_finalist_at_nothing_has_no_log_odds(share: str, tmp_path: Path) -> None:
    """A share of 0, or so small that no pollster has it, leaves the poll out with a word."""
    path = write(tmp_path)["run"][0]
    path.write_text(f'{RUN}\n[evidence]\npolls = "p.csv"\n', "utf-8")
    (tmp_path / "p.csv").write_text(
        f"pollster,end,sample_size,Ada Quist,Bo Lind\nAcme,2025-03-04,500,{share},45\n", "utf-8"
    )
    loaded = load(path)
    found = evidence_as_of(build(loaded), loaded.run_file.race.as_of)
    assert [(row.used, row.reason) for row in found.rows] == [(False, "a finalist at 0 %: no log-odds")]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("slope = 1.0\nturnout_slope_sd = 0.3", ""),
        ("slope_sd = 1.5", "slope_sd = 1.5"),
        ("turnout_slope_sd = 0.4", "turnout_slope_sd = 0.4"),
        ("slope = -1.0", ""),
        ("flat = true", ""),
    ],
)
def test_places_so_wide_that_the_race_moves_are_told(said: str, told: str, tmp_path: Path) -> None:
    """Each size beyond what leaves pools their rates is named in a note; up to there nothing is said."""
    notes = [
        note for note in load(runoff_night.folder(tmp_path, more=f"[places]\n{said}")).warnings if "so wide" in note
    ]
    assert len(notes) == bool(told)
    assert told in "".join(notes)
