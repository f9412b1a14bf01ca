"""Rows of the table `classes`: what each class adds, and who wins if it counts and if it does not."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from runoff.output.columns import CORE
from runoff.race import FloatArray, Int64Array, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from runoff.phases.runoff_night.classes.ballots import BallotClass
    from runoff.phases.runoff_night.model.draw import Drawn

FAR = 0.1  # of the trials at most have what a class says, where it is far from what was expected


def class_rows(
    classes: Sequence[BallotClass],
    drawn: Drawn,
    finalists: Sequence[str],
    quantiles: Callable[[FloatArray, FloatArray, tuple[float, ...]], FloatArray],
) -> list[Row]:
    """A row a class and finalist; quantiles : of values, weights and levels."""
    rows: list[Row] = []
    weights, levels = drawn.weights, tuple(level / 100 for level in CORE)

    def spread(prefix: str, values: FloatArray, weight: FloatArray) -> Row:
        found = quantiles(values, weight, levels)
        return {f"{prefix}_q{q:02d}": float(value) for q, value in zip(CORE, found, strict=True)}

    for c, one in enumerate(classes):
        would = drawn.classes.would[:, c]
        size = would.sum(axis=1).astype(np.float64)
        some = size > 0.0
        if_counted, if_not = _either_way(drawn, c)
        for k, name in enumerate(finalists):
            share = would[some, k] / size[some] if some.any() else np.zeros(1)
            chances = [float(np.average(_wins(votes, k), weights=weights)) for votes in (if_counted, if_not)]
            p, q = (min(max(chance, 0.0), 1.0) for chance in chances)
            rows.append(
                {
                    "class": one.name,
                    "kind": one.kind,
                    "modes": ", ".join(one.modes),
                    "units": int(one.units.sum()),
                    "p_counted": one.p_counted,
                    "candidate": name,
                    "ballots_mean": float(np.average(size, weights=weights)),
                    **spread("ballots", size, weights),
                    "share_mean": float(np.average(would[:, k], weights=weights) / max(_mean(size, weights), 1e-9)),
                    **spread("share", share, weights[some] if some.any() else np.ones(1)),
                    "added_mean": float(np.average(would[:, k] * drawn.classes.counted[:, c], weights=weights)),
                    "p_win_counted": p,
                    "p_win_counted_mcse": math.sqrt(p * (1.0 - p) / drawn.effective),
                    "p_win_not": q,
                    "p_win_not_mcse": math.sqrt(q * (1.0 - q) / drawn.effective),
                }
            )
    return rows


def far_off(classes: Sequence[BallotClass], drawn: Drawn) -> list[str]:
    """Notes on classes whose size is not what the night expects of their cells."""
    found = []
    for c, one in enumerate(classes):
        if one.size is None or one.kind == "extra":
            continue
        size, held = drawn.classes.would[:, c].sum(axis=1), drawn.classes.expected[:, c]
        more = float(np.average(held > size, weights=drawn.weights))
        mean, stated = _mean(held, drawn.weights), _mean(size.astype(np.float64), drawn.weights)
        said = f"about {stated:,.0f} ballots are said to be out, about {mean:,.0f} were expected in its cells"
        if more < FAR:
            found.append(f"class {one.name}: {said}: are some of them no part of these cells?")
        elif one.kind == "all" and more > 1.0 - FAR:
            found.append(f'class {one.name}: {said}: is it all of these? else kind = "part"')
    return found


def _mean(values: FloatArray, weights: FloatArray) -> float:
    return float(np.average(values, weights=weights))


def _either_way(drawn: Drawn, c: int) -> tuple[Int64Array, Int64Array]:
    """Final votes with and without the ballots of a class, all else as drawn: int64[n, K] each."""
    would = drawn.classes.would[:, c]
    without = drawn.votes - would * drawn.classes.counted[:, c, None]
    return without + would, without


def _wins(votes: Int64Array, k: int) -> np.ndarray:
    """Whether finalist k has more votes than any other: bool[n]."""
    others = np.delete(votes, k, axis=1).max(axis=1)
    return np.asarray(votes[:, k] > others)
