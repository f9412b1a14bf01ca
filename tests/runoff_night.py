"""A small runoff night for tests: two regions of units that vote early and on the day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runoff.data.counts.runoff_count import COMPLETE, OUT, Reported, first_modes
from runoff.estimate.ratios.shares import shares
from runoff.model.pools import build
from runoff.phases.runoff_night.model.cells import NightModel, cells, lines
from runoff.phases.runoff_night.model.design import Prepared, prepare
from runoff.phases.runoff_night.model.linear import with_own
from runoff.runfile.load import Case, load

RUN = """
[race]
id = "night"
name = "A night"
first_round = 2021-03-01
runoff = 2021-04-01
as_of = 2021-03-20

[results]
table = "first.csv"
registered = "roll.csv"

[rates.own]
turnout = {{ low = 0.7, high = 0.9 }}
preference = {{ low = 0.85, high = 0.97 }}

[rates.blocs.R]
turnout = {{ low = 0.6, high = 0.85 }}
preference = {{ to = "Bo", low = 0.7, high = 0.9 }}

[new_voters]
turnout = {{ low = 0.1, high = 0.25 }}
preference = {{ to = "Ada", low = 0.4, high = 0.6 }}

[factors.turnout]
shared = 0.4
bloc = 0.3
pool = 0.3
region = 0.05
unit = 0.1

[factors.preference]
shared = 0.3
bloc = 0.5
pool = 0.2
region = 0.05
unit = 0.1

{more}

[simulation]
trials = 2000
seed = 7
"""
CANDIDATES = (("Ada", "L"), ("Bo", "R"), ("Cy", "R"), ("Di", "R"))
MODES = ("early", "day")
SHARES = {"early": (0.50, 0.24, 0.16, 0.10), "day": (0.40, 0.30, 0.18, 0.12)}
UNITS = tuple(f"{region}{i}" for region in "ns" for i in range(1, 16))
Ints = npt.NDArray[np.int64]


def first_round(by_mode: bool = True) -> list[str]:
    """Rows of the first round's table; units differ in size and lean."""
    rows = []
    for place, unit in enumerate(UNITS):
        for mode in MODES:
            size = (200 if mode == "early" else 500) + 20 * place
            lean = np.array([1.0 + 0.06 * (place % 5), 1.0, 1.0, 1.0]) * SHARES[mode]
            votes = np.round(size * lean / lean.sum()).astype(int)
            for (name, party), count in zip(CANDIDATES, votes, strict=True):
                rows.append(f"{unit[0]},{unit},{name},{party},{mode},{count}")
    if by_mode:
        return rows
    total: dict[str, int] = {}
    for row in rows:
        *names, _, count = row.split(",")
        total[",".join(names)] = total.get(",".join(names), 0) + int(count)
    return [f"{names},{count}" for names, count in total.items()]


def folder(path: Path, *, by_mode: bool = True, more: str = "") -> Path:
    """The run file and its tables in a folder; returns the run file."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "night.toml").write_text(RUN.format(more=more), "utf-8")
    header = "region,unit,candidate,party,mode,votes" if by_mode else "region,unit,candidate,party,votes"
    (path / "first.csv").write_text("\n".join([header, *first_round(by_mode)]) + "\n", "utf-8")
    roll = [f"{unit[0]},{unit},{2_500 + 100 * place}" for place, unit in enumerate(UNITS)]
    (path / "roll.csv").write_text("\n".join(["region,unit,registered", *roll]) + "\n", "utf-8")
    return path / "night.toml"


def results(path: Path, rows: Sequence[str], header: str = "unit,candidate,mode,votes") -> Path:
    """A table of reported votes."""
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


@dataclass(frozen=True)
class Truth:
    """A night that came out of the model: votes int64[U, M, K] of all cells."""

    prepared: Prepared
    votes: Ints


def nothing(loaded: Case, modes: tuple[str, ...] = MODES) -> Reported:
    """Nothing reported."""
    shape = (len(loaded.first_round.units), len(modes))
    return Reported(modes, np.zeros((*shape, len(loaded.finalists)), np.int64), np.full(shape, OUT, np.int64), ("", ""))


def prepared(loaded: Case, reported: Reported, *, tails: bool = False) -> Prepared:
    """The night's arrays; without tails, as nights drawn from the model have one scale for what is in and out."""
    settings = loaded.run_file.night.model_copy(update={"tails": tails})
    return prepare(build(loaded), first_modes(loaded), reported, settings, 1)


def draw_truth(loaded: Case, rng: np.random.Generator, modes: tuple[str, ...] = MODES) -> Ints:
    """Final votes int64[U, M, K] of a night drawn from the model."""
    model = prepared(loaded, nothing(loaded, modes)).model
    return counted(model, rng.standard_normal(model.n_common), rng)


def counted(model: NightModel, x: npt.NDArray[np.float64], rng: np.random.Generator) -> Ints:
    """Votes int64[U, M, K] at common effects float64[C], units' own effects and counts drawn."""
    votes, lean, share, by_mode = (part[..., 0] for part in lines(model, x[None, :]))
    own = rng.standard_normal(model.spread.shape) * model.spread
    log_votes, odds = cells(*with_own((votes, lean, share, by_mode), own, model))
    total = rng.poisson(np.exp(log_votes))
    if len(odds) == 1:
        first = rng.binomial(total, 0.5 + 0.5 * np.tanh(0.5 * odds[0]))
        result = np.stack([first, total - first], axis=2)
    else:
        result = rng.multinomial(total, np.moveaxis(shares(odds), 0, -1))
    return np.asarray(result.transpose(1, 0, 2), np.int64)


def reported(votes: Ints, complete: npt.NDArray[np.bool_], modes: tuple[str, ...] = MODES) -> Reported:
    """What is reported where some cells bool[U, M] are complete."""
    return Reported(modes, np.where(complete[..., None], votes, 0), np.where(complete, COMPLETE, OUT), ("table", ""))


def rows_of(loaded: Case, shown: Reported) -> list[str]:
    """Rows of a results table."""
    rows = []
    for u, unit in enumerate(loaded.first_round.units):
        for m, mode in enumerate(shown.modes):
            if shown.state[u, m] == COMPLETE:
                rows += [f"{unit},{name},{mode},{shown.votes[u, m, k]}" for k, name in enumerate(loaded.finalists)]
    return rows


def of_folder(path: Path, more: str = "", by_mode: bool = True) -> Case:
    """The small night, loaded."""
    return load(folder(path, more=more, by_mode=by_mode))
