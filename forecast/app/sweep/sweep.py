"""One run file under many settings, drawn with the same random numbers, so that differences are sharper than levels."""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path as Folder
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff import __version__
from runoff.app.sweep.rates import moved
from runoff.app.sweep.settings import Path, Setting, changed, scenarios, settings
from runoff.errors import InputError, UsageError
from runoff.estimate.tallied import mean_sd, quantile
from runoff.output.columns import SCHEMA_VERSION
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.race import FloatArray, Row, Tables
from runoff.runfile.load import loads
from runoff.runfile.toml_text import toml_text
from runoff.simulate.driver import PPM, SHARE_BIN, Drawn, draw, standard_error, whole

if TYPE_CHECKING:
    from runoff.phases.pipeline import Opened
    from runoff.report.page import Page
    from runoff.runfile.load import Case

TRIALS = 100_000  # a scenario, where nobody says
_BIN = SHARE_BIN / PPM
_LEVELS = (10, 50, 90)


@dataclass(frozen=True, slots=True, repr=False)
class Sweep:
    """A race under many settings: tables by the names of `runoff.output.schemas.sweep`."""

    run_id: str
    digest: str
    tables: Tables

    def __repr__(self) -> str:
        return f"<{self.run_id}: {len(self.tables['sweep_scenarios'])} scenarios>"

    def page(self) -> Page:
        """What is said of it, as a value."""
        from runoff.app.sweep.page import page

        return page(self.tables)

    def document(self) -> dict[str, Any]:
        """What --json prints."""
        head = self.tables["sweep"][0]
        return {"run_id": self.run_id, "sweep": head, "scenarios": self.tables["sweep_scenarios"]}

    def save(self, folder: str | Folder) -> Folder:
        """Put the tables into a folder of their own in `folder`, whole or not at all; returns it.

        Raises
        ------
        RunExistsError : it stands there.
        OutputError : it cannot be written.
        """
        from runoff.output import store
        from runoff.output.schemas.sweep import SWEEP_TABLES

        with store.staged(Folder(folder), self.run_id) as stage:
            stage.write(self.tables, SWEEP_TABLES, {"digest": self.digest, "version": __version__})
            return stage.commit("sweep", self.digest)


@dataclass(frozen=True, slots=True)
class _Scenario:
    """What was drawn under some settings; won : float64[n], 1 where the first finalist wins, a half for a tie."""

    drawn: Drawn
    won: FloatArray
    weights: FloatArray


def sweep(
    case: Case,
    said: Sequence[str],
    options: Options | None = None,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> Sweep:
    """Forecasts of a case under every combination of settings, and as it is.

    Parameters
    ----------
    said : settings, 'KEY=VALUES' each (`runoff.app.sweep.settings`).
    progress : is called with (scenarios done, scenarios in all).

    Raises
    ------
    UsageError : no settings, or ones that reach nothing; a race that is being counted or not settled.
    InputError : a value that the run file may not have, with its place in the file as it would be.
    """
    found = settings(said)
    options = replace(options or Options(), units=False)
    options = options if options.trials is not None else replace(options, trials=TRIALS)
    base = pipeline.opened(case, options)
    if base.phase.name != "runoff_ahead":
        raise UsageError("a sweep is of a runoff that is ahead, its first round final\n  fix:  runoff run for a night")
    if base.settings.target_se is not None:
        base = replace(base, settings=replace(base.settings, target_se=None))
    planned = list(scenarios(found))
    before = _drawn(base, {}, case)
    rows = []
    for number, values in enumerate(planned):
        rows.append(_row(number + 1, found, values, _under(case, base, options, found, values), before, case))
        if progress is not None:
            progress(number + 1, len(planned))
    return _made(base, case, before, rows)


def _under(
    case: Case, base: Opened, options: Options, found: Sequence[Setting], values: Mapping[Path, Any]
) -> _Scenario:
    """The race under some settings: keys of the run file first, then means of what is understood."""
    means = {setting.path: values[setting.path] for setting in found if setting.mean}
    keys = {path: value for path, value in values.items() if path not in means}
    if not keys:
        return _drawn(base, means, case)
    text = toml_text(changed(tomllib.loads(case.text), keys))
    try:
        other = loads(text, case.files, f"{case.path} with {_listed(keys)}")
    except TypeError as problem:
        raise UsageError(f"--set: {problem}") from None
    run = pipeline.opened(other, options)
    return _drawn(replace(run, settings=replace(run.settings, target_se=None)), means, other)


def _drawn(run: Opened, means: Mapping[Path, Any], case: Case) -> _Scenario:
    data = run.data if not means else replace(run.data, model=moved(run.data.model, case, means))
    try:
        arrays = run.phase.fit(data, run.settings)
    except ValueError as problem:
        raise InputError.single(case.path, str(problem)) from None
    won: list[FloatArray] = []
    weights: list[FloatArray] = []

    def hear(_: int, votes: np.ndarray, weight: np.ndarray) -> None:
        best = votes.max(axis=1, keepdims=True) == votes
        won.append(best[:, 0] / best.sum(axis=1))
        weights.append(weight.astype(np.float64) if len(weight) else np.ones(len(votes)))

    drawn = draw(
        arrays.detail, run.settings.trials, rest=arrays.rest, threads=run.settings.threads, units=False,
        detail_trials=0, on_votes=hear,
    )  # fmt: skip
    return _Scenario(drawn, np.concatenate(won), np.concatenate(weights))


def _listed(values: Mapping[Path, Any]) -> str:
    return ", ".join(f"{'.'.join(path)} = {value!r}" for path, value in values.items())


def _row(
    number: int,
    found: Sequence[Setting],
    values: Mapping[Path, Any],
    scenario: _Scenario,
    before: _Scenario,
    case: Case,
) -> Row:
    """A scenario's chances, margin, and what it differs by from the race as it is, with a paired error."""
    row: Row = {
        "scenario": number,
        "settings": json.dumps({setting.said: values[setting.path] for setting in found}, default=str),
        **_numbers(scenario, case.finalists),
    }
    row["p_first_less"], row["p_first_less_se"] = _less(scenario, before)
    return row


def _numbers(scenario: _Scenario, finalists: Sequence[str]) -> Row:
    drawn = scenario.drawn
    first, second = drawn.tallies.margin
    mean, sd = mean_sd(whole(first), whole(second), drawn.total, 1.0 / PPM)
    p = float(scenario.weights @ scenario.won / scenario.weights.sum())
    chances = [float(won / drawn.total) for won in drawn.tallies.wins]
    quantiles = {f"margin_q{q:02d}": quantile(drawn.tallies.margin_bins, q / 100, -1.0, _BIN) for q in _LEVELS}
    return {
        "first": finalists[0],
        "p_first": p,
        "p_first_mcse": standard_error(p, drawn.effective),
        "margin_mean": mean,
        "margin_sd": sd,
        **quantiles,
        "p_win": json.dumps(dict(zip(finalists, chances, strict=True))),
    }


def _less(scenario: _Scenario, before: _Scenario) -> tuple[float, float]:
    """The first finalist's chance less that of the race as it is; its error heeds that both have the same trials."""
    influence = _influence(scenario) - _influence(before)
    less = _chance(scenario) - _chance(before)
    return less, math.sqrt(float((influence**2).sum()))


def _chance(scenario: _Scenario) -> float:
    return float(scenario.weights @ scenario.won / scenario.weights.sum())


def _influence(scenario: _Scenario) -> FloatArray:
    """What each trial does to the chance, a weighted mean, to first order."""
    influence: FloatArray = scenario.weights * (scenario.won - _chance(scenario)) / scenario.weights.sum()
    return influence


def _made(base: Opened, case: Case, before: _Scenario, rows: Sequence[Row]) -> Sweep:
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    asked = hashlib.sha256("\0".join(str(row["settings"]) for row in rows).encode()).hexdigest()[:6]
    name = f"{base.run_id}-sweep-{asked}"
    head: Row = {
        "race_name": case.run_file.race.name,
        "scenarios": len(rows),
        "trials": base.settings.trials,
        "seed": base.settings.seed,
        **_numbers(before, case.finalists),
        "digest": digest,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
    }
    tables = pipeline.stamped({"sweep": [head], "sweep_scenarios": list(rows)}, name, case.run_file.race.id)
    return Sweep(name, digest, tables)
