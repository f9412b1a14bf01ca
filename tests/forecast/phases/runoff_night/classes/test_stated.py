"""[night.classes]: what cannot be is told, all at once, and each way out works."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.errors import InputError
from runoff.phases.runoff_night.check import understood
from runoff.phases.runoff_night.read import Data, read
from runoff.runfile.load import load
from tests import runoff_night as night
from tests.drawn import run_night

BALLOTS = "low = 100\nhigh = 200"
ALL_DAY = f'[night.classes.day]\nkind = "all"\nmodes = ["day"]\n{BALLOTS}\n'

# what is written, what is said of it, and what the message says to write instead
MISTAKES = [
    (f'[night.classes.late]\nkind = "extra"\nmodes = ["dya"]\n{BALLOTS}', "did you mean day?",
     f'[night.classes.late]\nkind = "extra"\nmodes = ["day"]\n{BALLOTS}'),
    (f'[night.classes.late]\nkind = "extra"\nmodes = ["courier"]\n{BALLOTS}', "or take modes away",
     f'[night.classes.late]\nkind = "extra"\n{BALLOTS}'),
    (f'[night.classes.late]\nkind = "part"\nunits = ["n122"]\n{BALLOTS}', "no such unit",
     f'[night.classes.late]\nkind = "part"\nunits = ["n12"]\n{BALLOTS}'),
    (f'[night.classes.late]\nkind = "part"\nunits = ["n12"]\nregions = ["s"]\n{BALLOTS}', "it is in n",
     f'[night.classes.late]\nkind = "part"\nunits = ["n12"]\nregions = ["n"]\n{BALLOTS}'),
    (f'[night.classes.late]\nkind = "part"\nregions = ["west"]\n{BALLOTS}', "or take regions away",
     f'[night.classes.late]\nkind = "part"\n{BALLOTS}'),
    (f'[night.classes.late]\nkind = "all"\nmodes = ["early"]\n{BALLOTS}', 'kind = "extra"',
     f'[night.classes.late]\nkind = "extra"\nmodes = ["early"]\n{BALLOTS}'),
    ('[night.classes.late]\nkind = "all"\nmodes = ["early"]\np_counted = 0.5', "take the class away", ""),
    ('[night.classes.late]\nkind = "extra"\nunits = ["n1"]\nlow = 100\nhigh = 90_000', "fix:  high = ",
     '[night.classes.late]\nkind = "extra"\nunits = ["n1"]\nlow = 100\nhigh = {people}'),
    ('[night.classes.late]\nkind = "extra"\nunits = ["n1"]\nlow = 80_000\nhigh = 90_000', "people are left",
     '[night.classes.late]\nkind = "extra"\nunits = ["n1"]\nlow = {people}\nhigh = {people}'),
    (f'{ALL_DAY}[night.classes.late]\nkind = "all"\nregions = ["s"]\n{BALLOTS}', 'kind = "part" in both',
     ALL_DAY.replace('"all"', '"part"') + f'[night.classes.late]\nkind = "part"\nregions = ["s"]\n{BALLOTS}'),
    (f'{ALL_DAY}[night.classes.late]\nkind = "all"\nregions = ["s"]\np_counted = 0.5', "[night.classes.late] away",
     ALL_DAY),
    (f"{ALL_DAY}[night.sizes.day]\nlow = 9_000\nhigh = 9_900", "take low and high of the class away",
     '[night.classes.day]\nkind = "all"\nmodes = ["day"]\n[night.sizes.day]\nlow = 9_000\nhigh = 9_900'),
    (f'{ALL_DAY}split = {{ to = "Bob", low = 0.4, high = 0.6 }}', "did you mean Bo?",
     f'{ALL_DAY}split = {{ to = "Bo", low = 0.4, high = 0.6 }}'),
    (f'{ALL_DAY}split = {{ to = "Cy", low = 0.4, high = 0.6 }}', "finalists are Ada, Bo",
     f'{ALL_DAY}split = {{ to = "Ada", low = 0.4, high = 0.6 }}'),
    (f"{ALL_DAY}[night.classes.Day]\nkind = \"extra\"\n{BALLOTS}", "differ in capitals only",
     f'{ALL_DAY}[night.classes."day 2"]\nkind = "extra"\n{BALLOTS}'),
]  # fmt: skip
SECTIONS = [
    (f"[night.classes.late]\n{BALLOTS}", "lacks kind", f'[night.classes.late]\nkind = "part"\n{BALLOTS}'),
    ('[night.classes.late]\nkind = "extra"\np_counted = 0.5', "add low and high",
     f'[night.classes.late]\nkind = "extra"\np_counted = 0.5\n{BALLOTS}'),
    ('[night.classes.late]\nkind = "all"\nlow = 100', "high = 100 if it is known",
     '[night.classes.late]\nkind = "all"\nlow = 100\nhigh = 100'),
    ('[night.classes.late]\nkind = "part"\nlow = 200\nhigh = 100', "write low = 100, high = 200",
     f'[night.classes.late]\nkind = "part"\n{BALLOTS}'),
    (f'{ALL_DAY}lean_sd = 0.2\nsplit = {{ to = "Bo", low = 0.4, high = 0.6 }}', "take lean_sd away",
     f'{ALL_DAY}split = {{ to = "Bo", low = 0.4, high = 0.6 }}'),
    (f"{ALL_DAY}p_counted = 1.5", "p_counted", f"{ALL_DAY}p_counted = 1.0"),
]  # fmt: skip


def _opened(path: Path, more: str) -> Data:
    """The small night with these classes: early votes are in, the day's of ten units."""
    loaded = load(night.folder(path, more=more))
    votes = night.draw_truth(night.of_folder(path / "plain"), np.random.default_rng(1))
    complete = np.ones(votes.shape[:2], bool)
    complete[10:, 1] = False
    return read(loaded, night.results(path / "v.csv", night.rows_of(loaded, night.reported(votes, complete))))


@pytest.mark.parametrize(("wrong", "said", "right"), [*MISTAKES, *SECTIONS])
def test_a_mistake_is_told_and_its_way_out_works(wrong: str, said: str, right: str, tmp_path: Path) -> None:
    """What cannot be is refused in its line with a rule and a way out; what that says to write is taken."""
    with pytest.raises(InputError) as refusal:
        _opened(tmp_path / "a", wrong)
    told = str(refusal.value)
    assert said in told
    assert all(problem.rule and problem.fix for problem in refusal.value.problems), told
    assert all(problem.line for problem in refusal.value.problems), told
    people = told.split(" people are left")[0].split()[-1].replace(",", "")
    assert understood(_opened(tmp_path / "b", right.replace("{people}", people))).parts


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Five mistakes in two classes are five problems, each in its line."""
    more = f"""
[night.classes.late]
kind = "all"
modes = ["early", "courier"]
units = ["n1", "nowhere"]
{BALLOTS}
split = {{ to = "Nobody", low = 0.4, high = 0.6 }}

[night.classes.more]
kind = "extra"
units = ["n1"]
low = 100
high = 70_000
"""
    with pytest.raises(InputError) as refusal:
        _opened(tmp_path, more)
    lines = [problem.text for problem in refusal.value.problems]
    assert lines == [
        'kind = "all"',
        'modes = ["early", "courier"]',
        'units = ["n1", "nowhere"]',
        'split = { to = "Nobody", low = 0.4, high = 0.6 }',
        "high = 70_000",
    ]


def test_together_they_are_no_more_than_there_are_people(tmp_path: Path) -> None:
    """Two classes that fit one by one and not together are refused; halved, they are taken."""
    people = int(str(_sizes_refused(tmp_path / "a", 10**8)).split(" people are left")[0].split()[-1].replace(",", ""))
    most = int(people * 0.9)
    more = "".join(f'[night.classes.{n}]\nkind = "extra"\nlow = {most}\nhigh = {most}\n' for n in ("one", "two"))
    with pytest.raises(InputError, match="all classes together"):
        _opened(tmp_path / "b", more)
    assert len(_opened(tmp_path / "c", more.replace(str(most), str(most // 2))).classes) == 2


def _sizes_refused(path: Path, size: int) -> InputError:
    with pytest.raises(InputError) as refusal:
        _opened(path, f'[night.classes.one]\nkind = "extra"\nlow = {size}\nhigh = {size}\n')
    return refusal.value


def test_two_parts_of_the_same_cells_have_a_note(tmp_path: Path) -> None:
    """Nobody can see whether a ballot is in both: it is said."""
    more = "".join(f'[night.classes.{n}]\nkind = "part"\nmodes = ["day"]\n{BALLOTS}\n' for n in ("one", "two"))
    notes = _opened(tmp_path, more).reported.notes
    assert "one and two are parts of the same cells: no ballot may be in both" in notes


def test_what_was_understood_is_said(tmp_path: Path) -> None:
    """`check` has a line a class: where, how it stands to what is out, how many, how they split, whether they count."""
    more = f"""
{ALL_DAY}p_counted = 0.25

[night.classes.late]
kind = "extra"
regions = ["n"]
low = 1_000
high = 2_000
split = {{ to = "Bo", low = 0.4, high = 0.6 }}
"""
    said = " ".join(str(understood(_opened(tmp_path, more))).split())
    assert "day: all that is out there (day in all units); 100 to 200 ballots (80 %); counted with probability" in said
    assert "late: on top of all that is expected there (n); 1,000 to 2,000 ballots (80 %)" in said
    assert "40.0 to 60.0 % Bo (80 %)" in said


def test_a_size_that_its_cells_cannot_be_is_noted(tmp_path: Path) -> None:
    """A hundred ballots where thousands are expected may be a part and not all of them; a part beyond them is told."""
    data = _opened(tmp_path, ALL_DAY)
    few = run_night(data.case, tmp_path / "v.csv", trials=1_024)["runoff_night"][0]
    assert 'is it all of these? else kind = "part"' in str(few["warnings"])
    more = '[night.classes.late]\nkind = "part"\nunits = ["s1"]\nmodes = ["day"]\nlow = 1_700\nhigh = 1_750\n'
    many = run_night(_opened(tmp_path / "b", more).case, tmp_path / "b" / "v.csv", trials=1_024)["runoff_night"][0]
    assert "are some of them no part of these cells?" in str(many["warnings"])


def test_nobody_lives_there(tmp_path: Path) -> None:
    """A unit without anybody has no ballots of a class: the size is refused with the people who are left, none."""
    path = tmp_path / "a"
    run = night.folder(path, more=f'[night.classes.late]\nkind = "extra"\nunits = ["n1"]\n{BALLOTS}\n')
    for name, nobody in (("first.csv", lambda row: [*row[:-1], "0"]), ("roll.csv", lambda row: [*row[:-1], "0"])):
        lines = (path / name).read_text("utf-8").split("\n")
        lines = [",".join(nobody(line.split(","))) if line.split(",")[1:2] == ["n1"] else line for line in lines]
        (path / name).write_text("\n".join(lines), "utf-8")
    rows = [f"{unit},{name},{mode},100" for unit in ("n2", "n3") for name in ("Ada", "Bo") for mode in night.MODES]
    with pytest.raises(InputError, match="0 people are left") as refusal:
        read(load(run), night.results(path / "v.csv", rows))
    assert "take the class away" in str(refusal.value)


def test_a_size_of_the_race_and_one_of_a_region_go_together(tmp_path: Path) -> None:
    """Votes of a mode in the whole race and what is left of it in one region are two facts, and both are taken."""
    more = ALL_DAY + 'regions = ["s"]\n[night.sizes.day]\nlow = 9_000\nhigh = 19_900\n'
    (one,) = _opened(tmp_path, more).classes
    assert one.size is not None
