"""Estimates of transfers on runoffs made up with known truth: `python -m benchmarks.simulated_runoffs [PYTHON]`.

Eight origins (two finalists, two more of the first's bloc, two of the second's, one of neither, those at home), four
destinations (two finalists, blank, at home), 120 units.  In each unit an origin's log-odds lie around one matrix by an
effect of the unit (`unlike`), and by `context` times how much more the unit has of the finalist's own bloc than the
rest: people lean as their neighbours do, or against them.  Parts of a count are judged by the units that are in.
PYTHON is an interpreter that has elex-solver.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.problem import Floats
from benchmarks.transfers import Election, ours, rivals, scored
from runoff.estimate.ecological.transfers import Estimate, estimate
from runoff.model.flows.known import HOME, OWN

UNITS, OF_A_KIND = 120, 24
SIZES = np.array([0.22, 0.18, 0.06, 0.05, 0.08, 0.05, 0.06, 0.30])  # of origins, on average
ORDERS = "small ones first", "the second's strongholds first"
PARTS = 0.1, 0.25, 0.5
BLOC = np.array([1, -1, 1, 1, -1, -1, 0, 0])  # 1 of the first finalist's, -1 of the second's


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of race: sd of a unit's effect on log-odds, and how much people lean as those around them do."""

    unlike: float
    context: float


KINDS = {
    "nearly alike": Kind(0.05, 0.0),
    "unlike, whatever lives there": Kind(0.6, 0.0),
    "voters lean as their neighbours do": Kind(0.2, 1.0),
    "the same, strongly": Kind(0.2, 2.5),
    "voters lean against their neighbours": Kind(0.2, -1.0),
}


def runoff(kind: Kind, rng: np.random.Generator) -> Floats:
    """One runoff of a kind: float64[UNITS, 8, 4], people by unit, origin and destination."""
    shares = rng.dirichlet(40.0 * SIZES, UNITS)
    people = np.rint(rng.lognormal(6.5, 0.8, UNITS)).astype(int)
    logits = _matrix(rng)
    lean = shares @ BLOC
    lean = (lean - lean.mean()) / lean.std()
    tables = []
    for u in range(UNITS):
        origins = rng.multinomial(people[u], shares[u])
        moved = logits + rng.normal(0.0, kind.unlike, 4)[None, :]
        moved[:, 0] += 0.3 * kind.context * lean[u]
        moved[:, 1] -= 0.3 * kind.context * lean[u]
        p = np.exp(moved - moved.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        tables.append([rng.multinomial(n, row) for n, row in zip(origins, p, strict=True)])
    return np.array(tables, float)


def election(tables: Floats) -> Election:
    """What is known of units float64[U, 8, 4], and the truth of them together."""
    return Election("made up", tables.sum(axis=2), tables.sum(axis=1), tables.sum(axis=0))


def come_in(tables: Floats, order: str, part: float) -> Floats:
    """The units that are in when a part of them is, in one of the ORDERS."""
    people = tables.sum(axis=(1, 2))
    by = people if order == "small ones first" else tables.sum(axis=2) @ BLOC / people
    return tables[np.argsort(by, kind="stable")[: round(part * len(tables))]]


def _matrix(rng: np.random.Generator) -> Floats:
    """Log-odds of one race: own voters stay, blocs mostly go home, some blank, some at home."""
    centre = np.zeros((8, 4))
    for j, bloc in enumerate(BLOC):
        centre[j] = [1.0 + 1.2 * bloc, 1.0 - 1.2 * bloc, -1.2, -0.2]
    centre[0], centre[1] = [3.0, -1.0, -2.0, 0.0], [-1.0, 3.0, -2.0, 0.0]
    centre[7] = [-1.5, -1.5, -3.0, 1.5]
    drawn: Floats = centre + rng.normal(0.0, 0.5, centre.shape)
    return drawn


def known() -> Floats:
    """Odds as `runoff estimate` has them of finalists' own voters, blocs and those at home."""
    odds = np.ones((8, 4))
    odds[0, 0] = odds[1, 1] = odds[7, 3] = OWN
    for j in np.flatnonzero(BLOC[2:]) + 2:
        odds[j, 0 if BLOC[j] > 0 else 1] = HOME
    return odds


def told(of: Election) -> Estimate:
    """Ours, with what is known before."""
    names = [[f"{i:05d}" for i in range(size)] for size in (len(of.first), *of.truth.shape)]
    return estimate(of.first, of.second, (names[0], names[1], names[2]), known())


def _cell(found: Sequence[Election], fit: Callable[[Election], Estimate]) -> str:
    """An error, and what part of the cells intervals hold."""
    scores = scored(found, fit)
    inside = ", ".join(f"{np.mean(scores.inside[level]):.2f}" for level in (90, 50))
    return f"{np.mean(scores.errors):.1f} ({inside})"


def main() -> int:
    """Print a line a kind, of whole runoffs and of parts of a count."""
    fits: tuple[Callable[[Election], Estimate], ...] = ours, told
    made = {}
    print("| units | elex-solver | nothing known (90 %, 50 % hold) | own voters and blocs known |\n|---|---|---|---|")
    for name, kind in KINDS.items():
        rng = np.random.default_rng(2026)
        made[name] = [runoff(kind, rng) for _ in range(OF_A_KIND)]
        found = [election(tables) for tables in made[name]]
        cells = []
        if len(sys.argv) > 1:
            cells.append(f"{np.mean(rivals(found, sys.argv[1], 'elex-solver').errors):.1f}")
        print(f"| {name} | {' | '.join([*cells, *(_cell(found, fit) for fit in fits)])} |", flush=True)
    for order in ORDERS:
        print(f"\n| {order} | {' | '.join(f'{100 * part:.0f} % in' for part in PARTS)} |\n|{'---|' * (1 + len(PARTS))}")
        for name, of in made.items():
            cells = [_cell([election(come_in(tables, order, part)) for tables in of], told) for part in PARTS]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
