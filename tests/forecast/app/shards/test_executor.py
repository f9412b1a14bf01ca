from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import runoff
from runoff.app.shards import executor as module
from runoff.app.shards import part
from runoff.app.shards.executor import Task, spread, tally
from runoff.app.shards.part import source
from runoff.errors import OutputError, UsageError
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.runfile.load import load
from tests.installed import ROOT

CONFIGS = ROOT / "configs" / "ga06-2017"


class Backwards(Executor):
    """Carries out what it is given when someone waits, the last first; keeps what it was given."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self._waiting: list[tuple[Future[Any], Any, tuple[Any, ...]]] = []
        self._max_workers = 100

    def submit(self, fn: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        """Put it behind; the timer gives the caller time to submit more."""
        future: Future[Any] = Future()
        self.tasks.append(arguments[0])
        self._waiting.append((future, fn, arguments))
        threading.Timer(0.02, self._work).start()
        return future

    def _work(self) -> None:
        while self._waiting:
            future, fn, arguments = self._waiting.pop()
            try:
                future.set_result(fn(*arguments))
            except Exception as problem:
                future.set_exception(problem)


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    """Two processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize(
    ("name", "trials", "parts"), [("april", 300_000, 7), ("eve", 20_000, 64), ("precincts", 3_000, 2), ("april", 5, 3)]
)
def test_an_executors_run_is_the_run(processes: Executor, name: str, trials: int, parts: int) -> None:
    """Every table but its seconds, whatever the number of parts, over processes, with weights, by units."""
    case = load(CONFIGS / f"{name}.toml")
    whole = runoff.run(case, trials=trials)
    opened = pipeline.opened(case, Options(trials=trials))
    drawn = spread(opened, processes, parts=parts)
    assert drawn.digest == whole.digest
    assert runoff.Result(opened.run_id, opened.phase.name, drawn.tables) == whole


def test_order_cannot_show_and_ranges_are_a_division(tmp_path: Path) -> None:
    """The last part first: the same digest; ranges follow one another from 0 to the end, each asked for once."""
    case = load(CONFIGS / "april.toml")
    backwards = Backwards()
    heard: list[tuple[int, int]] = []
    result = runoff.run(case, trials=70_000, executor=backwards, progress=lambda *at: heard.append(at))
    assert result.digest == runoff.run(case, trials=70_000).digest
    opened = pipeline.opened(case, Options(trials=70_000))
    assert spread(opened, backwards, parts=9).digest == result.digest
    ranges = [(task.first, task.last) for task in backwards.tasks[-9:]]
    assert ranges[0][0] == 0
    assert ranges[-1][1] == 70_000
    assert all(a[1] == b[0] for a, b in pairwise(ranges))
    assert heard[-1] == (70_000, 70_000)
    assert result.save(tmp_path).name == result.run_id


def test_another_program_on_a_worker_is_told() -> None:
    """A task of another version or other sources is refused by name; one of another run file too."""
    opened = pipeline.opened(load(CONFIGS / "april.toml"), Options(trials=2_000))
    task = next(module._tasks(opened, 1, 1))
    assert tally(task).last == 2_000
    with pytest.raises(UsageError, match="another program"):
        tally(replace(task, source="0" * 64))
    with pytest.raises(UsageError, match="was asked for"):
        tally(replace(task, run_id="ga06-2017-000000000000"))


def test_the_source_hash_is_that_of_code_and_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed byte of a module or of a shipped table changes it; a page's template does not."""
    laid = tmp_path / "runoff"
    shutil.copytree(Path(runoff.__file__).parent, laid, ignore=shutil.ignore_patterns("__pycache__"))
    there = SimpleNamespace(__path__=[str(laid)])
    monkeypatch.setattr(part, "import_module", lambda name: there if name == "runoff" else import_module(name))
    before = source.__wrapped__()
    assert before == source()
    for name, same in (
        ("report/templates/report.css", True),
        ("names.py", False),
        ("model/prior/fitted/fits.parquet", False),
    ):
        path = laid / name
        content = path.read_bytes()
        path.write_bytes(content + b" ")
        assert (source.__wrapped__() == before) == same, name
        path.write_bytes(content)


def test_what_is_no_sum_of_ranges_is_refused_before_anything_is_drawn() -> None:
    """A night, a standard error to be met, a table of trials."""
    with ThreadPoolExecutor(1) as pool:
        night = load(CONFIGS / "first-round-night-2240.toml")
        with pytest.raises(UsageError, match="weighed against each other"):
            runoff.run(night, trials=1_000, executor=pool)
        with pytest.raises(UsageError, match="where it stops"):
            runoff.run(load(CONFIGS / "april.toml"), target_se=0.01, executor=pool)
        with pytest.raises(UsageError, match="table of trials"):
            runoff.run(load(CONFIGS / "april.toml"), trials_table=True, executor=pool)


@pytest.mark.parametrize("executor", [3, "processes", ProcessPoolExecutor, SimpleNamespace(get_executor=None)])
def test_what_is_no_executor_is_told(executor: Any) -> None:
    """A number, a word, a class, a cluster's client: with what to say instead."""
    with pytest.raises(UsageError, match=r"is no concurrent.futures.Executor\n  fix:  say (Proc|client\.get)"):
        runoff.run(load(CONFIGS / "april.toml"), trials=1_000, executor=executor)


def test_an_executor_that_lost_its_workers_is_told() -> None:
    """A process that is killed breaks a pool of processes: one message with a way out."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        victim = pool.submit(os.getpid).result()
        threading.Timer(0.3, os.kill, (victim, signal.SIGKILL)).start()
        with pytest.raises(OutputError, match="lost its workers"):
            runoff.run(load(CONFIGS / "april.toml"), trials=50_000_000, executor=pool)
