"""Nights whose modes move with lean, or that have ballots apart: what is known of these, and what it is worth.

    python -m tests.night_modes slopes 200
    python -m tests.night_modes classes 200

Modes by unit are told of one race alone, so the night's terms for them are judged on its own nights.  Truth is drawn
from the model, with slopes of modes on lean of a known spread, or with classes of ballots; votes come in as they do in
many places, with half of one mode in from one side's strongholds; and each night is forecast with the term and
without.  A line is a truth, an order and a forecast: how often the final margin lies inside the 80 % interval, with a
binomial standard error, that interval's width and the root mean square of the median's error, in points.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runoff.data.counts.runoff_count import Reported
from runoff.model.pools import build
from runoff.phases.runoff_night.classes.stated import stated
from runoff.phases.runoff_night.model.draw import draw_night
from runoff.phases.runoff_night.model.fit import fit
from runoff.phases.runoff_night.summary import weighted_quantiles
from runoff.runfile.load import Case, load
from tests import runoff_night as night
from tests.night_ranks import truth

MODES = ("day", "early", "mail")
UNITS = tuple(f"{region}{i}" for region in "ns" for i in range(1, 21))
SIZES = {"day": 450, "early": 300, "mail": 150}
LEANS = {"day": -0.25, "early": 0.05, "mail": 0.5}  # log-odds beside the unit's
TRUTHS = (0.0, 0.15, 0.3)  # of mode_slope_sd
ORDERS = {"day first, mail last": ("day", "early", "mail"), "early first, day last": ("early", "mail", "day")}
TRIALS = 1_024
CLASSES = """
[night.classes.late]
kind = "extra"
modes = ["mail"]
low = 1_500
high = 3_500
split = { to = "Ada", low = 0.5, high = 0.7 }
p_counted = 0.6

[night.classes.contested]
kind = "part"
modes = ["mail"]
regions = ["n"]
low = 600
high = 1_200
p_counted = 0.5
"""


@dataclass(frozen=True)
class Said:
    """A forecast of the final margin beside the truth, in points."""

    low: float
    middle: float
    high: float
    truth: float


def folder(path: Path, more: str = "") -> Path:
    """A night of forty units that lean from one side's to the other's, and vote in three modes; its run file."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "night.toml").write_text(night.RUN.format(more=more), "utf-8")
    rng, rows, roll = np.random.default_rng(6), [], []
    leans = rng.permutation(np.linspace(-1.5, 1.5, len(UNITS)))
    for unit, lean in zip(UNITS, leans, strict=True):
        size = float(np.exp(rng.normal(0.0, 0.5)))
        for mode in MODES:
            ours = 1.0 / (1.0 + np.exp(-lean - LEANS[mode]))
            parts = np.array([ours, *(np.array([0.5, 0.3, 0.2]) * (1.0 - ours))])
            for (name, party), share in zip(night.CANDIDATES, parts, strict=True):
                rows.append(f"{unit[0]},{unit},{name},{party},{mode},{round(size * SIZES[mode] * share)}")
        roll.append(f"{unit[0]},{unit},{round(2_500 * size)}")
    (path / "first.csv").write_text("\n".join(["region,unit,candidate,party,mode,votes", *rows]) + "\n", "utf-8")
    (path / "roll.csv").write_text("\n".join(["region,unit,registered", *roll]) + "\n", "utf-8")
    return path / "night.toml"


def shown(case: Case, votes: night.Ints, number: int) -> tuple[str, Reported]:
    """What is in: the first mode everywhere, half of the second from the strongholds of one side, by turns."""
    name = list(ORDERS)[number % 2]
    first, second, _ = (MODES.index(mode) for mode in ORDERS[name])
    table = case.first_round.votes.astype(np.float64)
    lean = np.log(table[:, 0] + 0.5) - np.log(table[:, 1] + 0.5)
    complete = np.zeros(votes.shape[:2], bool)
    complete[:, first] = True
    complete[np.argsort(lean * (1 if number // 2 % 2 else -1), kind="stable")[: len(lean) // 2], second] = True
    return name, night.reported(votes, complete, MODES)


def said(case: Case, reported: Reported, seed: int, final: np.ndarray) -> Said:
    """A forecast by a run file, its classes included; final : int64[2], the true count."""
    prepared = night.prepared(case, reported)
    found = fit(prepared.model, prepared.seen, prepared.polled)
    classes, problems = stated(case, reported, build(case).people.sum(axis=1))
    assert not problems, problems[0]
    drawn = draw_night(prepared, found, reported, case.first_round.units, trials=TRIALS, seed=seed, threads=1,
                       classes=classes)  # fmt: skip
    margin = 100 * (drawn.votes[:, 0] - drawn.votes[:, 1]) / drawn.votes.sum(axis=1)
    low, middle, high = weighted_quantiles(margin, drawn.weights, (0.1, 0.5, 0.9)).tolist()
    return Said(low, middle, high, float(100 * (final[0] - final[1]) / final.sum()))


def with_classes(votes: night.Ints, rng: np.random.Generator) -> np.ndarray:
    """The true count int64[2] where CLASSES are what they say; votes int64[U, M, 2] of all cells."""
    final, mail = votes.sum(axis=(0, 1)), MODES.index("mail")
    size, odds = (np.log([1_500.0, 3_500.0]), np.log([0.5 / 0.5, 0.7 / 0.3]))
    late = round(float(np.exp(rng.normal(size.mean(), np.ptp(size) / 2.5631))))
    share = 1.0 / (1.0 + np.exp(-rng.normal(odds.mean(), np.ptp(odds) / 2.5631)))
    if rng.random() < 0.6:
        first = rng.binomial(late, share)
        final = final + np.array([first, late - first])
    cells = votes[:20, mail].sum(axis=0)
    size = np.log([600.0, 1_200.0])
    part = min(round(float(np.exp(rng.normal(size.mean(), np.ptp(size) / 2.5631)))), int(cells.sum()))
    gone = rng.multivariate_hypergeometric(cells, part)
    lean = np.log(cells[0] / cells[1]) + rng.normal(0.0, 0.25)
    first = rng.binomial(part, 1.0 / (1.0 + np.exp(-lean)))
    final = final - gone + (np.array([first, part - first]) if rng.random() < 0.5 else 0)
    return np.asarray(final)


def slopes(nights: int, path: Path) -> None:
    """Print a line a truth, an order and a forecast with the default slopes or with none."""
    cases = {sd: load(folder(path / str(sd), f"[night]\nmode_slope_sd = {sd}")) for sd in TRUTHS}
    for true in TRUTHS:
        model = night.prepared(cases[true], night.nothing(cases[true], MODES)).model
        found: dict[tuple[str, float], list[Said]] = {}
        for number in range(nights):
            votes = truth(model, np.random.default_rng([20210401, number]))
            order, reported = shown(cases[true], votes, number)
            for sd in (0.0, 0.15):
                one = said(cases[sd], reported, number, votes.sum(axis=(0, 1)))
                found.setdefault((order, sd), []).append(one)
        for (order, sd), forecasts in sorted(found.items()):
            print(f"true sd {true:g} | {order} | forecast with {sd:g} | {scores(forecasts)}", flush=True)


def classes(nights: int, path: Path) -> None:
    """Print a line an order and a forecast with the classes or without."""
    cases = {"with": load(folder(path / "with", CLASSES)), "without": load(folder(path / "without"))}
    model = night.prepared(cases["without"], night.nothing(cases["without"], MODES)).model
    found: dict[tuple[str, str], list[Said]] = {}
    for number in range(nights):
        rng = np.random.default_rng([20210402, number])
        votes = truth(model, rng)
        order, reported = shown(cases["with"], votes, number - number % 2)  # mail is out
        if number % 2:
            complete = np.ones(votes.shape[:2], bool)
            complete[:20, MODES.index("mail")] = False
            order, reported = "all but a region's mail", night.reported(votes, complete, MODES)
        final = with_classes(votes, rng)
        for name, case in cases.items():
            found.setdefault((order, name), []).append(said(case, reported, number, final))
    for (order, name), forecasts in sorted(found.items()):
        print(f"{order} | classes {name} | {scores(forecasts)}", flush=True)


def scores(found: Sequence[Said]) -> str:
    """Inside 80 % with its standard error, width and root mean square error, as a table has them."""
    inside = np.mean([one.low <= one.truth <= one.high for one in found])
    se = (inside * (1.0 - inside) / len(found)) ** 0.5
    width = np.mean([one.high - one.low for one in found])
    error = np.mean([(one.middle - one.truth) ** 2 for one in found]) ** 0.5
    return f"{len(found)} | {100 * inside:.1f} ± {100 * se:.1f} | {width:.2f} | {error:.2f}"


def main() -> None:
    """Judge the slopes, or the classes, on so many nights."""
    with tempfile.TemporaryDirectory() as path:
        {"slopes": slopes, "classes": classes}[sys.argv[1]](int(sys.argv[2]), Path(path))


if __name__ == "__main__":
    main()
