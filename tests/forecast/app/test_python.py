"""The Python interface: pinned names, loaded when used; what it returns is what the command line prints and writes."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import runoff
from runoff.runfile.toml_text import toml_text
from tests import drawn
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"
PINNED = (
    "Archive Case InputError MissingFileError Options OutputError Page Result RunExistsError RunoffError UsageError "
    "__version__ ask backtest check compare load load_chamber loads read rehearse run score sweep trial"
)
PHASES = {
    "runoff_ahead": ("april.toml", "candidates"),
    "first_round_open": ("first-round-night-0130.toml", "first_round"),
    "runoff_night": ("runoff-night.toml", "runoff_finalists"),
}


def test_names_are_pinned() -> None:
    """What is public is listed here too; each name is there, and has words of its own."""
    assert sorted(runoff.__all__) == sorted(PINNED.split()) == dir(runoff)
    for name in runoff.__all__:
        assert name == "__version__" or inspect.getdoc(getattr(runoff, name)), name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        runoff.nothing  # noqa: B018  # asking is the test


def test_the_package_loads_nothing_until_it_is_used() -> None:
    """`import runoff` loads neither numpy nor its own rooms."""
    code = "import sys, runoff; print([m for m in sys.modules if m.startswith(('numpy', 'pydantic', 'runoff.'))])"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize("phase", PHASES)
def test_a_run_is_the_command_lines(phase: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Equal digest, name and tables as kept by the pipeline; saved and read again it is equal; nothing is printed."""
    file, table = PHASES[phase]
    case = runoff.load(GA06 / file)
    result = runoff.run(case, trials=2_048, seed=5)
    finished = drawn.kept(case, trials=2_048, seed=5, out=tmp_path / "a")
    assert result.phase == phase
    assert finished.directory.name == result.run_id
    assert runoff.read(finished.directory) == result
    folder = result.save(tmp_path / "b")
    again = runoff.read(folder)
    assert again == result
    assert again.text() == result.text()
    assert hash(again) == hash(result)
    assert result.document()[next(iter(again.tables))]["digest"] == again.digest
    chances = {row["candidate"]: row["p_win"] for row in result.table(table).to_pylist()}
    assert result.p_win == chances
    assert set(result.p_win_mcse) == set(chances)
    assert repr(result).startswith(f"<{result.run_id}: ")
    assert runoff.check(case)
    assert capfd.readouterr() == ("", "")
    assert result.save(tmp_path / "b") == folder  # it stands there with the same bits


def test_another_seed_is_another_run(tmp_path: Path) -> None:
    """Runs with other numbers are not equal, and neither is anything else."""
    case = runoff.load(GA06 / "april.toml")
    one, two = (runoff.run(case, trials=1_024, seed=seed) for seed in (1, 2))
    assert one != two
    assert one != "april"
    (tmp_path / one.run_id).mkdir()
    with pytest.raises(runoff.RunExistsError):
        one.save(tmp_path)


def test_options_have_the_command_lines_names() -> None:
    """Each keyword of run is an option of `runoff run`."""
    from runoff.app.cli import parser

    actions = [action for group in parser()._subparsers._group_actions for action in group.choices["run"]._actions]  # type: ignore[union-attr]
    options = {action.dest for action in actions}
    keywords = set(inspect.signature(runoff.run).parameters) - {"case", "options", "progress", "executor"}
    assert keywords <= options
    others = {"help", "files", "out", "inputs", "report", "watch", "history", "json", "quiet", "scheduler"}
    others |= {"counts", "every", "speed", "lock"}  # how a night is followed
    assert options - keywords == others


def test_words_go_before_options_and_options_before_the_run_file() -> None:
    """Each field of an `Options` value counts as the word of its name does; a word beside it wins."""
    case = runoff.load(GA06 / "april.toml")
    common = runoff.Options(trials=512, seed=3, units=False)
    assert runoff.run(case, common) == runoff.run(case, trials=512, seed=3, totals_only=True)
    assert runoff.run(case, common, seed=4) == runoff.run(case, trials=512, seed=4, totals_only=True)
    assert runoff.run(case, common, seed=4) != runoff.run(case, common)


def test_a_dict_is_the_text_that_it_stands_for() -> None:
    """Every run file of GA-06 as a dict gives the same case as its text; what TOML has not is named."""
    for path in sorted(GA06.glob("*.toml")):
        sections = tomllib.loads(path.read_text("utf-8"))
        assert tomllib.loads(toml_text(sections)) == sections
    sections = tomllib.loads((GA06 / "april.toml").read_text("utf-8"))
    case, same = runoff.loads(sections, GA06), runoff.load(GA06 / "april.toml")
    assert case.run_file == same.run_file
    assert case.first_round.candidates == same.first_round.candidates
    assert runoff.run(case, trials=1_024).digest == runoff.run(same, trials=1_024).digest
    with pytest.raises(TypeError, match=r"race\.id: TOML has no NoneType"):
        runoff.loads({"race": {"id": None}})
    with pytest.raises(runoff.InputError) as told:
        runoff.loads({"race": {"id": "x", "treshold": 0.5}})
    assert any("did you mean threshold?" in problem.fix for problem in told.value.problems)


def test_trials_are_kept_where_they_are_asked_for(tmp_path: Path) -> None:
    """Two rows a trial with votes and weights; the same from memory, from disk, and from the command line's file."""
    case = runoff.load(GA06 / "eve.toml")
    result = runoff.run(case, trials=2_048, trials_table=True)
    rows = [row for batch in result.trials() for row in batch.to_pylist()]
    assert len(rows) == 2 * 2_048
    assert [row["trial"] for row in rows] == [i // 2 for i in range(len(rows))]
    stored = [row for batch in runoff.read(result.save(tmp_path)).trials() for row in batch.to_pylist()]
    assert stored == rows
    wins = sum(row["weight"] for row, other in zip(rows[::2], rows[1::2], strict=True) if row["votes"] > other["votes"])
    assert wins / sum(row["weight"] for row in rows[::2]) == pytest.approx(result.p_win["Jon Ossoff"], abs=1e-6)
    with pytest.raises(runoff.UsageError, match="trials_table=True"):
        list(runoff.run(case, trials=64).trials())


def test_a_notebook_shows_escaped_names() -> None:
    """The small table has every candidate, and no name can bring markup along."""
    sections: dict[str, Any] = tomllib.loads((GA06 / "april.toml").read_text("utf-8"))
    result = runoff.run(runoff.loads(sections, GA06), trials=256)
    html = result._repr_html_()
    assert html.count("<tr>") == 3
    tables = {name: [dict(row) for row in rows] for name, rows in result.tables.items()}
    named = str(tables["candidates"][0]["candidate"])
    for rows in tables.values():
        for row in rows:
            row.update({key: f"<b>{named}" for key, value in row.items() if value == named})
    html = runoff.Result(result.run_id, result.phase, tables)._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;" in html


def test_a_missing_table_is_told() -> None:
    """The tables that there are are named."""
    result = runoff.run(runoff.load(GA06 / "april.toml"), trials=64)
    with pytest.raises(runoff.UsageError, match="no table rate: this run has run, candidates"):
        result.table("rate")


def test_the_pages_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each block of docs/python.md, one after the other, and what its remarks say of values holds."""
    text = (ROOT / "docs" / "python.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len(blocks) >= 6
    (tmp_path / "configs").symlink_to(ROOT / "configs")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)
    assert names["result"].p_win["Jon Ossoff"] == pytest.approx(0.609, abs=5e-4)
    assert "60.9 % ± 0.3" in repr(names["result"])
    assert runoff.read(names["folder"]) == names["result"]
    assert names["votes"] == 10_000
    assert names["again"] == names["result"] != names["other"]
    assert names["at_20_55"].phase == "runoff_night"
    assert names["page"].headline == "Georgia's 6th district, special election 2017"
    assert max(map(len, names["narrow"].split("\n"))) <= 40
    assert names["parts"][1]["kind"] == "outline"
