"""A rival in several processes: started outside the clock, kept warm, the work split evenly."""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.counts import NOTHING, Contest, Counts
from benchmarks.problem import Problem


@contextmanager
def spread(rival: str, problem: Problem, processes: int, **options: Any) -> Iterator[Contest]:
    """`benchmarks.rivals.<rival>` in so many processes, each with a seed of its own; they end with the block."""
    # spawned, not forked: a fork copies the locks of the other rivals' threads
    context = multiprocessing.get_context("spawn")
    pipes, workers = [], []
    try:
        for number in range(processes):
            ours, theirs = context.Pipe()
            arguments = (theirs, rival, problem, {"seed": 1 + number, **options})
            worker = context.Process(target=_serve, args=arguments, daemon=True)
            worker.start()
            theirs.close()
            pipes.append(ours)
            workers.append(worker)
        for pipe in pipes:
            assert pipe.recv() == "ready"

        def contest(trials: int) -> Counts:
            for pipe in pipes:
                pipe.send(-(-trials // processes))
            return sum((pipe.recv() for pipe in pipes), start=NOTHING)

        yield contest
    finally:
        for pipe in pipes:
            pipe.close()
        for worker in workers:
            worker.join()


def _serve(pipe: Connection, rival: str, problem: Problem, options: dict[str, Any]) -> None:
    """Draw as many trials as the pipe says, until it is closed."""
    contest = importlib.import_module(f"benchmarks.rivals.{rival}").prepare(problem, **options)
    contest(1)
    pipe.send("ready")
    while True:
        try:
            trials = pipe.recv()
        except EOFError:
            return
        pipe.send(contest(trials))
