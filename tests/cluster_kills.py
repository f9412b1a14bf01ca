"""Kills a Dask worker in the middle of a run, again and again: `python -m tests.cluster_kills TIMES`.

Each time two workers draw 30 million trials of april.toml; one is killed (SIGKILL) at a random moment.  The run must
end with the digest of one process.  Needs the extra `dask`.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from contextlib import ExitStack

import distributed

import runoff
from runoff.app.shards.cluster import cluster
from runoff.runfile.load import load
from tests.forecast.app.shards.test_cluster import at, process
from tests.installed import ROOT

TRIALS = 30_000_000


def main(times: int) -> int:
    """Prints a line each time; returns how often the run did not end, or with another digest."""
    case = load(ROOT / "configs" / "ga06-2017" / "april.toml")
    wanted, rng, wrong = runoff.run(case, trials=TRIALS).digest, random.Random(times), 0
    for number in range(1, times + 1):
        with ExitStack() as stack:
            address = at(stack.enter_context(process("dask_scheduler", "--host", "127.0.0.1", "--port", "0")))
            words = ("dask_worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny")
            workers = [stack.enter_context(process(*words)) for _ in range(2)]
            with distributed.Client(address, set_as_default=False) as client:
                client.wait_for_workers(2, timeout=60)
            done: list[int] = []
            after = rng.uniform(0.0, 0.9) * TRIALS

            def kill(done: list[int] = done, after: float = after, victim: object = workers[number % 2]) -> None:
                while not done or done[-1] < after:
                    time.sleep(0.01)
                victim.kill()  # type: ignore[attr-defined]  # a process

            threading.Thread(target=kill, daemon=True).start()
            with cluster(address) as executor:
                found = runoff.run(
                    case, trials=TRIALS, executor=executor, progress=lambda n, _, d=done: d.append(n)
                ).digest
            ended = workers[number % 2].wait(10)
            wrong += found != wanted
            said = "equal" if found == wanted else "ANOTHER"
            print(f"{number}: killed after {after / TRIALS:.0%} ({ended}), digest {said}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
