"""Both rounds of a case, as the estimate of transfers reads them: the first as it was, the second as it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff.data.counts.runoff_count import Reported
from runoff.data.rounds.read import Round

if TYPE_CHECKING:
    from runoff.data.rounds.words import Kind
    from runoff.runfile.load import Case


def first_round(case: Case) -> Round:
    """The first round of a case, with its blocs, its roll and its ballots where they are known."""
    first = case.first_round
    columns = [first.votes]
    kinds: list[Kind] = ["candidate"] * len(first.candidates)
    options = [candidate.name for candidate in first.candidates]
    if (first.ballots > first.votes.sum(axis=1)).any():
        columns.append(first.ballots[:, None])
        options, kinds = [*options, "ballots"], [*kinds, "ballots"]
    if first.registered is not None:
        columns.append(first.registered[:, None])
        options, kinds = [*options, "registered"], [*kinds, "roll"]
    blocs = [candidate.bloc for candidate in first.candidates] + [""] * (len(options) - len(first.candidates))
    name, sha256 = first.sources[0]
    votes = np.hstack(columns)
    return Round(name, _units(case), tuple(options), tuple(kinds), tuple(blocs), votes, first.regions, sha256, ())


def counted_round(case: Case, reported: Reported, rows: np.ndarray) -> Round:
    """The runoff in units at places int64[n], as far as it is counted, with the roll where it is known."""
    first = case.first_round
    columns = [reported.votes.sum(axis=1)[rows]]
    kinds: list[Kind] = ["candidate"] * len(case.finalists)
    options, blocs = list(case.finalists), [_bloc(case, name) for name in case.finalists]
    if first.registered is not None:
        columns.append(first.registered[rows, None])
        options, kinds, blocs = [*options, "registered"], [*kinds, "roll"], [*blocs, ""]
    units, (name, sha256) = _units(case), reported.source
    return Round(
        name,
        tuple(units[u] for u in rows),
        tuple(options),
        tuple(kinds),
        tuple(blocs),
        np.hstack(columns),
        tuple(first.regions[u] for u in rows),
        sha256,
        (),
    )


def _bloc(case: Case, name: str) -> str:
    return next((candidate.bloc for candidate in case.first_round.candidates if candidate.name == name), "")


def _units(case: Case) -> tuple[str, ...]:
    """Names of units, with the region's where they are not each once."""
    first = case.first_round
    alone = len(set(first.units)) == len(first.units)
    return tuple(first.units if alone else [f"{r} / {u}" for r, u in zip(first.regions, first.units, strict=True)])
