"""Forecasts of past races: each drawn by the driver that draws every run, from rates that past races say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from runoff.app.backtest.cases import case_of
from runoff.app.backtest.knowledge import Knowledge
from runoff.app.backtest.turnout import TurnoutForecast
from runoff.app.shards.part import source
from runoff.app.shards.tasks import answers, executor_of, same_program
from runoff.data.archive.races import PastRace
from runoff.estimate.tallied import mean_sd, quantile
from runoff.model.pools import build
from runoff.race import FloatArray
from runoff.simulate.driver import PPM, SHARE_BIN, Drawn, draw, whole
from runoff.simulate.inputs import to_inputs

BATCH = 100  # races a task
LEVELS = (0.05, 0.10, 0.50, 0.90, 0.95)
_BIN = SHARE_BIN / PPM


@dataclass(frozen=True, slots=True)
class Forecast:
    """A race and what was said of it; margins are shares of valid votes, signed to the leader of the first round.

    names : finalists, by first-round votes.  chances, shares, share_sds : of each, float64[K].
    margin_mean, margin_sd, quantiles : of the first finalist's lead over the second, at LEVELS; of duels alone.
    margin : cumulative distribution of that lead over the bins of the tallies, float64[bins].
    actual : shares of the runoff's votes for the finalists, float64[K].
    turnout : of the people on the roll; None where that is not known.
    """

    race: PastRace
    names: tuple[str, ...]
    chances: FloatArray
    shares: FloatArray
    share_sds: FloatArray
    margin_mean: float
    margin_sd: float
    quantiles: tuple[float, ...]
    margin: FloatArray
    actual: FloatArray
    turnout: TurnoutForecast | None

    @property
    def actual_margin(self) -> float:
        """The first finalist's lead over the second, as a share of the two's votes."""
        return float((self.actual[0] - self.actual[1]) / (self.actual[0] + self.actual[1]))


def forecasts(
    races: Sequence[PastRace],
    known: Knowledge,
    camps: dict[str, dict[str, float]],
    *,
    trials: int,
    seed: int,
    threads: int,
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> list[Forecast]:
    """A forecast of each race, in their order; camps : shares of the first round by camp, by election.

    executor : draws the races in batches, to the same bits.

    Raises
    ------
    UsageError : that is no executor, or a worker has another version.
    OutputError : the executor lost its workers.
    """
    found: dict[str, Forecast] = {}
    size = len(races) if executor is None else BATCH
    some = [races[first : first + size] for first in range(0, len(races), max(size, 1))]
    batches = (
        Batch(
            races=tuple(part),
            known=known.among(part),
            camps={race.election: camps.get(race.election, {}) for race in part},
            trials=trials,
            seed=seed,
            threads=threads if executor is None else 1,
            source="" if executor is None else source(),
        )
        for part in some
    )

    def heard(more: Iterable[Forecast]) -> None:
        for forecast in more:
            found[forecast.race.id] = forecast
            if progress is not None:
                progress(len(found), len(races))

    if executor is None:
        for batch in batches:
            heard(_of_batch(batch))
    else:
        for answer in answers(executor_of(executor), forecasts_of, batches):
            heard(answer)
    return [found[race.id] for race in races]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some races, with all that their forecasts take; source : hash of the program that asks for them."""

    races: tuple[PastRace, ...]
    known: Knowledge
    camps: dict[str, dict[str, float]]
    trials: int
    seed: int
    threads: int
    source: str


def forecasts_of(batch: Batch) -> list[Forecast]:
    """Forecasts of a batch, here.

    Raises
    ------
    UsageError : this program is another than the one that asks.
    """
    same_program(batch.source)
    return list(_of_batch(batch))


def _of_batch(batch: Batch) -> Iterator[Forecast]:
    for race in batch.races:
        yield _forecast(race, batch.known, batch.camps[race.election], batch.trials, batch.seed, batch.threads)


def _forecast(
    race: PastRace, known: Knowledge, camps: dict[str, float], trials: int, seed: int, threads: int
) -> Forecast:
    case = case_of(race, camps)
    model = build(case, known.of(race))
    drawn = draw(to_inputs(model, seed), trials, threads=threads, units=False, detail_trials=0)
    votes = np.array([candidate.runoff_votes or 0 for candidate in race.finalists], np.float64)
    bins = drawn.tallies.margin_bins
    shares, sds = _shares(drawn)
    first, second = drawn.tallies.margin
    mean, sd = mean_sd(whole(first), whole(second), drawn.total, 1.0 / PPM)
    return Forecast(
        race=race,
        names=case.finalists,
        chances=(drawn.tallies.wins / drawn.total).astype(np.float64),
        shares=shares,
        share_sds=sds,
        margin_mean=mean,
        margin_sd=sd,
        quantiles=tuple(quantile(bins, level, -1.0, _BIN) for level in LEVELS),
        margin=np.cumsum(bins) / drawn.total,
        actual=votes / votes.sum(),
        turnout=TurnoutForecast.of(race, int(model.people.sum()), drawn),
    )


def _shares(drawn: Drawn) -> tuple[FloatArray, FloatArray]:
    """Mean and sd of each finalist's share of the votes."""
    pairs = [mean_sd(whole(first), whole(second), drawn.total, 1.0 / PPM) for first, second in drawn.tallies.share]
    return np.array([mean for mean, _ in pairs]), np.array([sd for _, sd in pairs])
