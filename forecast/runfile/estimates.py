"""Estimates of transfers that a run file takes rates from: read once each, whichever rates name them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runoff.data.rounds.kept import KeptEstimate, read_estimate
from runoff.runfile.sections.rates import PoolRates, RateSpec
from runoff.runfile.sections.run_file import RunFile


def read_estimates(run_file: RunFile, folder: Path) -> dict[str, KeptEstimate]:
    """The estimates that rates name, by the path that they are named by.

    Raises
    ------
    MissingFileError : one is not there.
    InputError : one is damaged.
    """
    named = dict.fromkeys(spec.estimate for spec in _specs(run_file) if spec.estimate is not None)
    return {name: read_estimate(folder / name) for name in named}


def _specs(run_file: RunFile) -> Iterator[RateSpec]:
    rates, new = run_file.rates, run_file.new_voters
    layers = [rates.own, *rates.blocs.values(), *rates.candidates.values()]
    layers += [] if new is None else [PoolRates(turnout=new.turnout, preference=new.preference)]
    for layer in layers:
        yield from (spec for spec in (layer.turnout, layer.preference) if spec is not None)
