"""Sweeps and backtests over executors: the same bits, whoever draws, in whatever order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import runoff
from runoff.app.backtest import forecasts
from runoff.app.shards.tasks import answers
from runoff.app.sweep import spread
from runoff.app.sweep.sweep import opened
from runoff.errors import OutputError, UsageError
from runoff.phases.settings import Options
from runoff.runfile.load import load
from tests.forecast.app.shards.test_executor import CONFIGS, Backwards

SAID = ["new_voters.turnout.low=0.03:0.07:0.01", "rates.blocs.R.turnout.mean=0.7,0.8,0.9"]
FEW = Options(trials=2_000, threads=1)


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    """Two processes."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("units", [False, True])
def test_an_executors_sweep_is_the_sweep(processes: Executor, monkeypatch: pytest.MonkeyPatch, *, units: bool) -> None:
    """Scenarios, differences with their paired errors, and units: equal tables, over processes and backwards."""
    case, asked = load(CONFIGS / "precincts.toml"), replace(FEW, units=units)
    said = ["new_voters.turnout.low=0.03:0.07:0.01", "new_voters.turnout.high=0.2,0.3"]
    whole = runoff.sweep(case, said, asked)
    assert runoff.sweep(case, said, asked, executor=processes).tables == whole.tables
    monkeypatch.setattr(spread, "BATCH", 3)
    backwards = Backwards()
    again = runoff.sweep(case, said, asked, executor=backwards)
    assert again.tables == whole.tables
    assert again.digest == whole.digest
    numbers = [number for batch in backwards.tasks for number in batch.numbers]  # type: ignore[attr-defined]  # a batch
    assert sorted(numbers) == list(range(1, 11))


def test_a_sweep_goes_on_over_an_executor(tmp_path: Path, processes: Executor) -> None:
    """What stood in the journal is not drawn again, whoever drew it."""
    case = load(CONFIGS / "april.toml")

    def ended(done: int, _: int) -> None:
        if done >= 6 * 2_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runoff.sweep(case, SAID, FEW, out=tmp_path, progress=ended)
    rest = runoff.sweep(case, SAID, FEW, out=tmp_path, executor=processes)
    assert rest.drawn == 9
    assert rest.tables == replace(runoff.sweep(case, SAID, FEW), run_id=rest.run_id).tables


def test_an_executors_backtest_is_the_backtest(processes: Executor) -> None:
    """Every table but the seconds, of all three ways."""
    archive = runoff.Archive.load().where(level="regional")

    def numbers(found: Any) -> Any:
        head = {name: value for name, value in found.tables["backtest_run"][0].items() if "seconds" not in name}
        return {**found.tables, "backtest_run": head}

    for way in ("usual", "chronological", "same_day"):
        whole = runoff.backtest(archive, way=way, trials=500)
        assert numbers(runoff.backtest(archive, way=way, trials=500, executor=processes)) == numbers(whole)


def test_batches_of_another_program_are_refused() -> None:
    """A worker with other sources says so, and draws nothing."""
    backwards, case = Backwards(), load(CONFIGS / "april.toml")
    base, _, planned = opened(case, SAID, FEW)
    assert list(spread.spread(backwards, base, SAID, range(1, len(planned) + 1)))
    batch = replace(backwards.tasks[0], source="0" * 64)
    with pytest.raises(UsageError, match="another program"):
        spread.entries_of(batch)  # type: ignore[arg-type]  # a batch
    races = forecasts.Batch((), None, {}, 1, 0, 1, "0" * 64)  # type: ignore[arg-type]  # nothing is looked at
    with pytest.raises(UsageError, match="another program"):
        forecasts.forecasts_of(races)


def test_few_tasks_are_in_flight() -> None:
    """At most four a worker wait or are done, however many there are; each comes back once."""
    now, most = [0], [0]

    class Watching(Backwards):
        def __init__(self) -> None:
            super().__init__()
            self._max_workers = 2

        def submit(self, fn: Any, /, *arguments: Any, **more: Any) -> Any:
            now[0] += 1
            most[0] = max(most[0], now[0])
            return super().submit(fn, *arguments, **more)

    def do(task: int) -> int:
        now[0] -= 1
        return task * task

    assert sorted(answers(Watching(), do, range(50))) == [n * n for n in range(50)]
    assert 1 < most[0] <= 8


def test_an_executor_that_was_shut_down_is_told() -> None:
    """A pool after its `with` block takes no tasks: a message with the way out, not Python's own error."""
    with ThreadPoolExecutor(1) as pool:
        assert list(answers(pool, abs, [-1])) == [1]
    with pytest.raises(OutputError, match="the executor takes no tasks"):
        list(answers(pool, abs, [-1]))


def test_what_is_no_executor_is_told() -> None:
    """As `run` tells it."""
    case = load(CONFIGS / "april.toml")
    with pytest.raises(UsageError, match=r"is no concurrent\.futures\.Executor"):
        runoff.sweep(case, SAID, FEW, executor=3)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"is no concurrent\.futures\.Executor"):
        runoff.backtest(trials=100, executor=3)  # type: ignore[arg-type]
