from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

import runoff
from runoff.app.shards.cluster import cluster
from runoff.errors import OutputError
from runoff.runfile.load import load
from tests.command import APRIL
from tests.command import runoff as command
from tests.installed import ROOT

distributed = pytest.importorskip("distributed", reason="the extra `dask` is not installed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A scheduler with two workers, each a process of its own."""
    with ExitStack() as stack:
        scheduler = stack.enter_context(process("dask_scheduler", "--host", "127.0.0.1", "--port", "0"))
        found = at(scheduler)
        for _ in range(2):
            stack.enter_context(process("dask_worker", found, "--nthreads", "1", "--no-dashboard"))
        with distributed.Client(found, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield found


@contextmanager
def process(module: str, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A part of a cluster while it is used."""
    command = [sys.executable, "-m", f"distributed.cli.{module}", *words]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as started:
        try:
            yield started
        finally:
            started.kill()


def at(scheduler: subprocess.Popen[str]) -> str:
    """The address that a scheduler says it has."""
    assert scheduler.stderr is not None
    return next(line.split()[-1] for line in scheduler.stderr if "Scheduler at:" in line)


def test_a_clusters_run_is_the_run(address: str) -> None:
    """Through the command, two workers: the digest of one process."""
    case = load(ROOT / "configs" / "ga06-2017" / "eve.toml")
    with cluster(address) as executor:
        result = runoff.run(case, trials=300_000, executor=executor)
    assert result == runoff.run(case, trials=300_000)


def test_a_clusters_sweep_is_the_sweep(address: str) -> None:
    """Through the command: equal tables of scenarios; a backtest of a level's races likewise."""
    for words in (
        ("sweep", APRIL, "--set", "new_voters.turnout.low=0.03:0.07:0.01", "--trials", "5000", "--json"),
        ("backtest", "--level", "regional", "--trials", "500", "--json"),
    ):
        here, there = (json.loads(command(*words, *more).stdout) for more in ((), ("--scheduler", address)))
        for document in (here, there):
            document.get("run", {}).pop("seconds_fit", None)
            document.get("run", {}).pop("seconds_draw", None)
        assert here == there


def test_no_scheduler_is_told() -> None:
    """A port where nobody listens: one message, exit code 74."""
    answer = command("run", APRIL, "--scheduler", "tcp://127.0.0.1:9", "--quiet")
    assert (answer.returncode, "no scheduler answers" in answer.stderr) == (74, True)
    with pytest.raises(OutputError, match="no scheduler"), cluster("tcp://127.0.0.1:9"):
        pass
