"""A run file's first round as a round of `runoff estimate`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    alone = len(set(first.units)) == len(first.units)
    units = first.units if alone else [f"{r} / {u}" for r, u in zip(first.regions, first.units, strict=True)]
    name, sha256 = first.sources[0]
    return Round(
        name, tuple(units), tuple(options), tuple(kinds), tuple(blocs), np.hstack(columns), first.regions, sha256, ()
    )
