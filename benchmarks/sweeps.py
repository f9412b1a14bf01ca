"""What a sweep costs beside what it is made of: `python -m benchmarks.sweeps [SCENARIOS]`.

One process, CPU time of all threads, in turn: many scenarios of few trials, one run of as many trials, and as many
summaries of a run's tallies (its tables, `factors` and `response` left out).  The first is held against the other two.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from benchmarks.field import CONFIGS
from runoff.app.sweep.sweep import TRIALS, sweep
from runoff.phases.pipeline import opened
from runoff.phases.runoff_ahead.fit import only_totals
from runoff.phases.runoff_ahead.summary import Provenance, summarize
from runoff.phases.settings import Options
from runoff.runfile.load import load
from runoff.simulate.driver import draw

SUMMARIES = 40  # that are timed; a summary costs the same each time
ROUNDS = 3


@dataclass(frozen=True)
class Costs:
    """CPU seconds: the scenarios, one run of as many trials, and as many summaries."""

    sweep: float
    run: float
    summaries: float

    @property
    def ratio(self) -> float:
        """The sweep's over the others' together."""
        return self.sweep / (self.run + self.summaries)


def costs(scenarios: int) -> Costs:
    """Medians of ROUNDS, in turn; scenarios : a multiple of 10."""
    case = load(CONFIGS / "april.toml")
    run = opened(case, Options(units=False))
    inputs = only_totals(run.data.model, run.settings.seed)
    fit = run.phase.fit(run.data, run.settings)
    drawn = draw(fit.detail, TRIALS, threads=run.settings.threads, units=False)
    provenance = Provenance("0" * 64, run.settings.seed)
    grid = [
        f"rates.blocs.R.turnout.mean=0.80:{0.80 + 0.001 * (scenarios // 10 - 1):.3f}:0.001",
        "rates.blocs.R.preference.mean=0.85:0.895:0.005",
    ]
    sweep(case, ["rates.own.turnout.mean=0.9"])  # compiled and loaded before the clock starts
    found: list[tuple[float, float, float]] = []
    for _ in range(ROUNDS):
        times = [time.process_time()]
        sweep(case, grid)
        times.append(time.process_time())
        draw(inputs, scenarios * TRIALS, threads=run.settings.threads, units=False, detail_trials=0)
        times.append(time.process_time())
        for _ in range(SUMMARIES):
            summarize(run.data.model, drawn, provenance, run.settings.quantiles)
        times.append(time.process_time())
        first, second, third = (later - earlier for earlier, later in pairwise(times))
        found.append((first, second, third * scenarios / SUMMARIES))
    return Costs(*(median(column) for column in zip(*found, strict=True)))


def main() -> None:
    """Print the costs and their ratio."""
    scenarios = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    of = costs(scenarios)
    print(f"{scenarios:,} scenarios of {TRIALS:,} trials   {of.sweep:8.2f} s CPU")
    print(f"one run of {scenarios * TRIALS:,} trials       {of.run:8.2f} s")
    print(f"{scenarios:,} summaries                   {of.summaries:8.2f} s")
    print(f"ratio                              {of.ratio:8.2f}  at most 1.5")


if __name__ == "__main__":
    main()
