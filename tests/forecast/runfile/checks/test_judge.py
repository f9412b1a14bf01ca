"""Short names that a run file chooses: shown wherever the race is, and refused where they tell nobody apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from runoff.app.template import RESULTS, RUN_FILE, example_results, template
from runoff.errors import InputError
from runoff.output import store
from runoff.runfile.load import load
from tests.drawn import kept
from tests.pages import render


def run_file(folder: Path, more: str, old: str = "Bo Lind", new: str = "Bo Lind") -> Path:
    """The template's run file with something added, and a candidate renamed."""
    (folder / RESULTS).write_text(example_results().replace(old, new), "utf-8")
    path = folder / RUN_FILE
    path.write_text(template().replace(old, new) + more, "utf-8")
    return path


def drawn(path: Path) -> tuple[Any, Path]:
    """A small run's tables, as drawn, and its folder."""
    loaded = load(path)
    finished = kept(loaded, trials=2_000, out=path.parent / "runs", threads=1)
    return finished.tables, finished.directory


def test_the_run_file_chooses_and_show_knows(tmp_path: Path) -> None:
    """[short] names a candidate in the report, and `show` says the same from the tables alone."""
    path = run_file(tmp_path, '\n[short]\n"Bo Lind Marsh" = "Lind M."\n', new="Bo Lind Marsh")
    tables, folder = drawn(path)
    said = render(tables)
    assert "Lind M. +" in said or "Lind M.      " in said
    assert [row["short"] for row in tables["candidates"]] == ["Quist", "Lind M."]
    assert render(store.read(folder)) == said


@pytest.mark.parametrize(
    ("line", "what", "fix"),
    [
        ('"Bo Lnd" = "Lind"', "no such candidate in the results", "did you mean Bo Lind?"),
        ('"Bo Lind" = ""', "no short name", "give the name"),
        ('"Bo Lind" = " Lind"', "space around the short name", "take the space away"),
        ('"Bo Lind" = "L\\u001bi"', "control character in the short name", "U+001B"),
        ('"Bo Lind" = "L\\u202ei"', "invisible character in the short name", "U+202E"),
        ('"Bo Lind" = "X"\n"Ada Quist" = "x"', "Bo Lind has this short name too", "choose another"),
        ('"Bo Lind" = "ada quist"', "another candidate's name", "choose another"),
    ],
)
def test_short_names_that_cannot_be(tmp_path: Path, line: str, what: str, fix: str) -> None:
    """A short name of nobody, of nothing, of two or of another is refused, with its place and a way out."""
    with pytest.raises(InputError) as refused:
        load(run_file(tmp_path, f"\n[short]\n{line}\n"))
    (problem,) = refused.value.problems
    assert (problem.what, fix in problem.fix, problem.line > 0) == (what, True, True)


def test_any_candidate_may_have_a_short_name(tmp_path: Path) -> None:
    """One who is out of the race may be named in short, too: nights tell of all."""
    assert load(run_file(tmp_path, '\n[short]\n"Cy Holm" = "Cy"\n')).run_file.short == {"Cy Holm": "Cy"}
