"""One scenario: the race under some settings, drawn for its totals, and for its units where they are asked for.

What does not hang on the settings is not made again: tables that were read for the run file stand for all scenarios,
and of the arrays only those of totals are made.  Equal seeds give equal random numbers, so that scenarios are paired.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from runoff.app.sweep.rates import moved
from runoff.app.sweep.settings import Path, Setting, changed
from runoff.errors import InputError, UsageError
from runoff.estimate.tallied import mean_sd, quantile
from runoff.phases import pipeline
from runoff.phases.runoff_ahead.fit import arrays, only_totals
from runoff.phases.settings import Options
from runoff.race import FloatArray, Row
from runoff.runfile.load import loads
from runoff.runfile.toml_text import toml_text
from runoff.simulate.driver import PPM, SHARE_BIN, Drawn, draw, standard_error, whole

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.phases.pipeline import Opened
    from runoff.runfile.load import Case

_BIN = SHARE_BIN / PPM
_LEVELS = (10, 50, 90)
_GROUP = 1_024


@dataclass(frozen=True)
class Scenario:
    """What was drawn under some settings; won : float64[n], 1 where the first finalist wins, a half for a tie."""

    model: Model
    drawn: Drawn
    won: FloatArray
    weights: FloatArray

    @cached_property
    def chance(self) -> float:
        """The first finalist's; a tie is half."""
        return float(self.weights @ self.won / self.weights.sum())

    @cached_property
    def influence(self) -> FloatArray:
        """What each trial does to the chance, a weighted mean, to first order."""
        influence: FloatArray = self.weights * (self.won - self.chance) / self.weights.sum()
        return influence

    def numbers(self) -> Row:
        """The columns that each scenario and the race as it is have."""
        drawn, p = self.drawn, self.chance
        first, second = drawn.tallies.margin
        mean, sd = mean_sd(whole(first), whole(second), drawn.total, 1.0 / PPM)
        chances = [float(won / drawn.total) for won in drawn.tallies.wins]
        quantiles = {f"margin_q{q:02d}": quantile(drawn.tallies.margin_bins, q / 100, -1.0, _BIN) for q in _LEVELS}
        return {
            "first": self.model.finalists[0],
            "p_first": p,
            "p_first_mcse": standard_error(p, drawn.effective),
            "margin_mean": mean,
            "margin_sd": sd,
            **quantiles,
            "p_win": json.dumps(dict(zip(self.model.finalists, chances, strict=True))),
        }

    def less(self, before: Scenario) -> tuple[float, float]:
        """The first finalist's chance less that of another; its error heeds that both have the same trials."""
        return self.chance - before.chance, math.sqrt(float(((self.influence - before.influence) ** 2).sum()))

    def leads(self) -> FloatArray:
        """How often each finalist leads in each unit: float64[U, K]."""
        leads: FloatArray = self.drawn.tallies.unit_wins / self.drawn.detail_total
        return leads


class Studio:
    """Draws scenarios of one race: a case that was opened, the settings of a sweep, and what the command line says."""

    def __init__(self, base: Opened, case: Case, options: Options, found: Sequence[Setting]) -> None:
        self._base, self._case, self._options, self._found = base, case, options, found
        self._document = tomllib.loads(case.text)

    def draw(self, values: Mapping[Path, Any]) -> Scenario:
        """The race under some settings: keys of the run file first, then means of what is understood.

        Raises
        ------
        UsageError, InputError : as told by `sweep`.
        """
        means = {setting.path: values[setting.path] for setting in self._found if setting.mean and values}
        keys = {path: value for path, value in values.items() if path not in means}
        if not keys:
            return self._drawn(self._base, means, self._case)
        text = toml_text(changed(self._document, keys))
        try:
            other = loads(text, self._case.files, f"{self._case.path} with {_listed(keys)}", self._case)
        except TypeError as problem:
            raise UsageError(f"--set: {problem}") from None
        return self._drawn(pipeline.opened(other, self._options), means, other)

    def _drawn(self, run: Opened, means: Mapping[Path, Any], case: Case) -> Scenario:
        model = moved(run.data.model, case, means) if means else run.data.model
        settings, units = run.settings, run.settings.units
        try:
            inputs = arrays(model, settings).detail if units else only_totals(model, settings.seed)
        except ValueError as problem:
            raise InputError.single(case.path, str(problem)) from None
        won: list[FloatArray] = []
        weights: list[FloatArray] = []

        def hear(_: int, votes: npt.NDArray[np.int32], weight: npt.NDArray[np.int64]) -> None:
            won.append(_won(votes))
            weights.append(weight.astype(np.float64) if len(weight) else np.ones(len(votes)))

        trials, threads = settings.trials, settings.threads
        # few scenarios are large: a block a thread costs least, and a country by precinct has small ones
        blocks = None if units else max(-(-trials // _GROUP) // threads, 1)
        drawn = draw(
            inputs,
            trials,
            threads=threads,
            units=units,
            detail_trials=trials if units else 0,
            block_groups=min(blocks, 256) if blocks and inputs.people.shape[0] == 1 else None,
            on_votes=hear,
        )
        return Scenario(model, drawn, np.concatenate(won), np.concatenate(weights))


def _won(votes: npt.NDArray[np.int32]) -> FloatArray:
    """1 where the first finalist has the most votes, its part of a tie, else 0: float64[n] of int32[n, K]."""
    mine, others = votes[:, 0], votes[:, 1:].max(axis=1)
    won: FloatArray = (mine > others).astype(np.float64)
    tied = np.flatnonzero(mine == others)
    won[tied] = 1.0 / (votes[tied] == mine[tied, None]).sum(axis=1)
    return won


def _listed(values: Mapping[Path, Any]) -> str:
    return ", ".join(f"{'.'.join(path)} = {value!r}" for path, value in values.items())
