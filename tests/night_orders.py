"""How often the 80 % interval holds when GA-06's precincts report their election day in other orders.

    python -m tests.night_orders random 25

Early votes are in; election day of three precincts in ten is.  Orders: `random`; `county`, at a pace of its own
for each county; `small`, small precincts first.  One race in many orders: the nights are not independent.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runoff.data.counts.first_round_count import Count, Out
from runoff.phases.first_round_open.fit import prepare
from runoff.phases.first_round_open.outstanding import draw_first_round
from runoff.runfile.load import load
from runoff.runfile.sections.observed import CountingSection
from tests.data import reconstruct_ga06_night as rebuilt
from tests.night import counted

GA06 = Path(__file__).parents[1] / "configs" / "ga06-2017"
REPORTED = 0.3
MODES = 3  # the provisional ballots are left aside


def certified() -> Count:
    """The certified first round by precinct and mode, nothing out."""
    night = counted(load(GA06 / "first-round-night-2240.toml"))
    names = [candidate.name for candidate in night.first_round.candidates]
    votes = np.zeros_like(night.votes)
    for row in rebuilt.read(GA06 / "first-round-by-mode.csv"):
        place = night.first_round.units.index(row["unit"]), night.modes.index(row["mode"])
        votes[(*place, names.index(row["candidate"]))] = int(row["votes"])
    votes = votes[:, :MODES]
    whole = np.ones(votes.shape[:2], bool)
    return replace(night, votes=votes, modes=night.modes[:MODES], complete=whole, out=())


def order(kind: str, final: Count, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Precincts in the order in which they report."""
    units = len(final.registered)
    if kind == "county":
        _, region = np.unique(final.first_round.regions, return_inverse=True)
        return np.argsort(rng.uniform(size=units) + 0.5 * rng.permutation(3)[region])
    if kind == "small":
        return np.argsort(final.votes[:, 0].sum(axis=1) * np.exp(rng.normal(0.0, 0.7, units)))
    return rng.permutation(units)


def after(final: Count, missing: npt.NDArray[np.int64]) -> Count:
    """The count with the election day of some precincts missing."""
    votes, complete = final.votes.copy(), final.complete.copy()
    votes[missing, 0], complete[missing, 0] = 0, False
    first = replace(final.first_round, votes=votes.sum(axis=1), ballots=votes.sum(axis=(1, 2)))
    out = tuple(Out(first.units[u], (int(u),), 0, False, None, None, None) for u in missing)
    return replace(final, first_round=first, votes=votes, complete=complete, out=out)


def main() -> None:
    """Try some orders of one kind and say in how many the final share was inside."""
    kind, nights = sys.argv[1], int(sys.argv[2])
    final, rng = certified(), np.random.default_rng(1)
    votes = final.votes.sum(axis=(0, 1))
    inside, away = 0, []
    for number in range(nights):
        missing = order(kind, final, rng)[int(REPORTED * len(final.registered)) :]
        totals = draw_first_round(prepare(after(final, missing), CountingSection(status="-")), number, 512).totals
        share, truth = totals[:, 0] / totals.sum(axis=1), votes[0] / votes.sum()
        low, high = np.quantile(share, [0.1, 0.9])
        inside += bool(low <= truth <= high)
        away.append((truth - share.mean()) / share.std())
    print(f"{kind}: {inside} of {nights} inside; {np.mean(away):.2f} sd from the middle on average")


if __name__ == "__main__":
    main()
