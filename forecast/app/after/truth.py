"""What came of a race whose run is kept: the runoff's votes, by unit where the table has units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from runoff.data.counts.runoff_count import COMPLETE, first_modes, read_reported
from runoff.data.votes.places import Places
from runoff.data.votes.results import one_by_one
from runoff.data.votes.votes import read_votes
from runoff.errors import InputError
from runoff.names import listed
from runoff.race import FloatArray, Int64Array
from runoff.runfile.load import Case

_MISSING = 0.01  # share of the first round's votes whose units may lack a result


@dataclass(frozen=True, slots=True)
class Truth:
    """A runoff's result.

    finalists : as in the run.  votes : int64[K], of all units.
    units, of_units : names as in the run's tables, and int64[U, K]; none where the table has the race as one.
    source : name and sha256 of the table.  notes : what a reader should know of it.
    """

    finalists: tuple[str, ...]
    votes: Int64Array
    units: tuple[str, ...]
    of_units: Int64Array
    source: tuple[str, str]
    notes: tuple[str, ...]

    @property
    def shares(self) -> FloatArray:
        """float64[K], of the valid votes."""
        shares: FloatArray = self.votes / self.votes.sum()
        return shares

    @property
    def margin(self) -> float:
        """The first finalist's share minus the best other's."""
        return float((self.votes[0] - self.votes[1:].max()) / self.votes.sum())

    @property
    def won(self) -> FloatArray:
        """float64[K]: 1 for the winner; parts of 1 for those who tie."""
        best = self.votes == self.votes.max()
        won: FloatArray = best / best.sum()
        return won


def truth(case: Case, path: Path) -> Truth:
    """The result of a case's runoff from a table of its votes: by unit and finalist, or one unit for the race.

    Raises
    ------
    InputError : with every problem of the table; votes of another race; units without a result.
    MissingFileError : the table is not there.
    """
    table = read_votes(path, case.run_file.results.wanted(own=False), empty=False)
    whole = one_by_one(case.results)
    alone = len(table.units) == 1 and len(whole.units) > 1
    if alone:
        place = table.units[:1]
        case = replace(
            case,
            first_round=replace(
                whole, units=Places(place).labels(), regions=("",), votes=whole.votes.sum(axis=0, keepdims=True)
            ),
            results=replace(case.results, units=place, roll=None),
        )
    else:  # a roll may have grown since the first round: it is no bound to what was counted in the end
        case = replace(case, first_round=whole, results=replace(case.results, roll=None))
    reported = read_reported(case, path, None if alone or table.modes == ("",) else first_modes(case))
    out = (reported.state != COMPLETE).any(axis=1)
    before = case.first_round.votes.sum(axis=1)
    lacking = [case.first_round.units[u] for u in np.flatnonzero(out)]
    missing = float(before[out].sum()) / max(float(before.sum()), 1.0)
    votes = reported.votes.sum(axis=1).astype(np.int64)
    if missing > _MISSING or not votes.any():
        raise InputError.single(
            str(path),
            f"no whole result of {listed(lacking, 3)}",
            rule="a run is scored by the votes of all units",
            got=f"{100 * missing:.1f} % of the first round's votes are theirs",
            fix="give the final result, by unit with names as in the first round, or as one unit",
        )
    notes = reported.notes
    if whole.registered is not None and not alone:
        over = np.flatnonzero(votes.sum(axis=1) > whole.registered)
        if over.size:
            named = listed([whole.units[u] for u in over], 3)
            notes = (*notes, f"{reported.source[0]}: more votes than registered voters in the first round in {named}")
    if lacking:
        notes = (*notes, f"{reported.source[0]}: nothing of {listed(lacking, 3)}, where {100 * missing:.1g} % voted")
    known = np.zeros(len(out), np.bool_) if alone else ~out
    units = tuple(case.first_round.units[u] for u in np.flatnonzero(known))
    return Truth(case.finalists, votes.sum(axis=0), units, votes[known], reported.source, notes)
