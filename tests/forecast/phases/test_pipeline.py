"""A new phase of a race is a row of functions: a toy one runs, checks, is kept, shown and read by the one pipeline."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

import runoff
from runoff.app import cli, commands
from runoff.output.columns import Column, Table
from runoff.phases import pipeline, registry
from runoff.phases.asked import RACE, Askable, Block, Counted, Single
from runoff.phases.base import Asking, Hearing, Lack, Made, Phase
from runoff.phases.settings import Options, Settings
from runoff.race import Tables
from runoff.report.illustrated import Report
from runoff.report.page import Lines, Page
from runoff.runfile.load import Case, load
from tests import documents

GA06 = documents.CONFIGS
KEYS = (Column("run_id", "string", "the run"), Column("race_id", "string", "the race"))
COIN = Table("coin", "the toss (one row)", (*KEYS, Column("digest", "string", ""), Column("warnings", "string", "")))
CHANCES = (Column("candidate", "string", ""), Column("p_win", "double", ""), Column("p_win_mcse", "double", ""))
SIDES = Table("sides", "a side", (*KEYS, *CHANCES))


@dataclass(frozen=True)
class Data:
    """The case alone."""

    case: Case
    sources: tuple[tuple[str, str], ...] = ()


def _summarize(data: Data, fit: float, drawn: list[float], made: Made) -> Tables:
    rows: list[dict[str, object]] = [
        {"candidate": name, "p_win": fit, "p_win_mcse": 0.0} for name in data.case.finalists
    ]
    return {"coin": [{"digest": _digest(drawn), "warnings": f"{made.settings.trials} tosses"}], "sides": rows}


def _digest(drawn: list[float]) -> str:
    return hashlib.sha256(repr(drawn).encode()).hexdigest()


def _draw(_: Data, fit: float, settings: Settings, hearing: Hearing) -> list[float]:
    if hearing.progress is not None:
        hearing.progress(settings.trials, settings.trials)
    return [fit] * settings.trials


def _page(tables: Tables) -> Page:
    return Page("heads or tails: " + ", ".join(f"{row['candidate']} {row['p_win']}" for row in tables["sides"]))


def _tell(data: Data, fit: float, settings: Settings, asking: Asking) -> list[float]:
    heads = np.arange(settings.trials)[:, None] % 2 == [0, 1]
    asking.hear(Block(0, np.empty(0), {RACE: Counted(1 * heads, 1.0)}))
    return _draw(data, fit, settings, Hearing(asking.progress))


TOSS: Phase[Data, float, list[float]] = Phase(
    name="toss",
    schemas={"coin": COIN, "sides": SIDES},
    chances="sides",
    lacks=(Lack("--target-se", "simulation", "target_se", "a toss is a toss", "leave it out"),),
    totals_only="a coin has no units",
    usual_trials=10,
    last_digits="",
    holds=lambda case, options: options.results == Path("coin"),
    read=lambda case, options: Data(case),
    fit=lambda data, settings: 0.5,
    draw=_draw,
    digest=_digest,
    trials=len,
    trial_bytes=lambda data: 8,
    summarize=_summarize,
    page=_page,
    report=lambda tables, history: Report("a coin", _page(tables), Lines(()), ()),
    document=lambda tables: {"coin": tables["coin"]},
    check=lambda data: Page(f"a toss between {' and '.join(data.case.finalists)}"),
    askable=lambda data, fit: Askable(data.case.finalists, {}, {}),
    tell=_tell,
    single=lambda data, fit, settings, drawn, trial, units: Single({}, {}),
)


@pytest.fixture
def toss(monkeypatch: pytest.MonkeyPatch) -> Case:
    """GA-06 with one row more in the registry."""
    monkeypatch.setattr(registry, "PHASES", (TOSS, *registry.PHASES))
    return load(GA06 / "april.toml")


def test_a_new_phase_is_one_row(toss: Case, tmp_path: Path) -> None:
    """It is found, checked, drawn, kept whole with its tables and phase, found standing, and read from Python."""
    options = Options(results=Path("coin"), out=tmp_path)
    assert str(pipeline.check(toss, options)) == "a toss between Jon Ossoff and Karen Handel"
    run = pipeline.opened(toss, options)
    assert run.settings.trials == 10
    finished = pipeline.keep(run)
    assert not finished.stood
    assert pipeline.keep(run).stood
    again = runoff.read(finished.directory)
    assert again.phase == "toss"
    assert again.tables == finished.tables
    assert again.p_win == {"Jon Ossoff": 0.5, "Karen Handel": 0.5}
    assert again.table("sides").column_names == [column.name for column in SIDES.columns]
    assert runoff.run(toss, results="coin") == again
    assert list(finished.tables["coin"][0]) == ["run_id", "race_id", "digest", "warnings"]


def test_what_a_phase_lacks_is_refused_in_one_way(toss: Case) -> None:
    """On the command line as words, in the run file with its place."""
    with pytest.raises(runoff.UsageError, match="--target-se: a toss is a toss"):
        pipeline.opened(toss, Options(results=Path("coin"), target_se=0.01))
    text = toss.text.replace("[simulation]", "[simulation]\ntarget_se = 0.01", 1)
    with pytest.raises(runoff.InputError) as told:
        pipeline.opened(runoff.loads(text, GA06), Options(results=Path("coin")))
    (problem,) = told.value.problems
    assert problem.text == "target_se = 0.01"


def test_the_command_line_knows_it(toss: Case, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`run`, `check` and `show` take it as they take the others."""

    def command(*words: str) -> str:
        assert commands.execute(cli.parser().parse_args(list(words))) == 0
        return capsys.readouterr().out

    file = str(GA06 / "april.toml")
    said = command("run", file, "--results", "coin", "--out", str(tmp_path))
    assert said.startswith("heads or tails: Jon Ossoff 0.5, Karen Handel 0.5\ntables: ")
    assert command("show", said.split("tables: ")[1].strip()) == said.split("tables: ")[0]
    assert command("check", file, "--results", "coin") == "a toss between Jon Ossoff and Karen Handel\n"


def test_a_run_of_an_unknown_phase_is_told(toss: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of a version that has more phases than this one."""
    folder = pipeline.keep(pipeline.opened(toss, Options(results=Path("coin"), out=tmp_path))).directory
    monkeypatch.undo()
    with pytest.raises(runoff.InputError, match="an unknown phase"):
        _ = runoff.read(folder).p_win
