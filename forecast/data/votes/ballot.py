"""A count in the place of the run file's table: whoever and whatever it has no row of yet is still of the race."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from runoff import names
from runoff.data.tables.strangers import Strangers, of_another_race
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.data.votes.votes import NO_MODE, NO_ROW, Votes
from runoff.errors import Problem, suggestion
from runoff.names import key

PART = 0.005  # of the votes before, from which somebody cannot be without a row
FEW = 500  # votes, in which there may be those of finalists alone
_RULE = "a count has the candidates of the table that the run file names"


def over_ballot(votes: Votes, ballot: Votes, finalists: int) -> tuple[Votes, list[Problem]]:
    """The count over the race's candidates, parties and modes; its units are the roll's, which `joined` sees to.

    ballot : the table that the run file names, with votes of an earlier hour or none.  What only it has comes with 0
    votes and no row; its parties and blocs go before the count's.  finalists : how many advance.
    """
    candidates, problems = _candidates(votes, ballot)
    strange = [name for name, place in zip(votes.candidates, candidates, strict=True) if place == NO_ROW]
    fitting = len(candidates) - len(strange)
    other = of_another_race(votes.table.name, Strangers("candidates", strange, fitting, ballot.candidates))
    problems = problems if other is None else [other]
    if problems:
        return votes, problems[:MOST_PROBLEMS]
    gone, notes = _without_rows(votes, ballot, finalists)
    if gone:
        return votes, gone
    modes, at_modes = _modes(votes, ballot)
    shape = (len(votes.units), len(modes), len(ballot.candidates))
    counted, row = np.zeros(shape, np.int64), np.full(shape, NO_ROW, np.int64)
    state = np.full(shape[:2], NO_ROW, np.int64)
    if votes.votes.size:
        cells = np.ix_(range(len(votes.units)), at_modes, candidates)
        counted[cells], row[cells] = votes.votes, votes.row
        state[:, at_modes] = votes.state
    place = {of: c for c, of in enumerate(candidates)}
    party = [said or (votes.party[place[c]] if c in place else "") for c, said in enumerate(ballot.party)]
    bloc = [said or (votes.bloc[place[c]] if c in place else "") for c, said in enumerate(ballot.bloc)]
    return replace(
        votes,
        modes=modes,
        candidates=ballot.candidates,
        votes=counted,
        row=row,
        state=state,
        party=tuple(party),
        bloc=tuple(bloc),
        notes=(*votes.notes, *notes),
        ballot=ballot.source,
        modes_told="mode" in ballot.table.columns,
    ), []


def _candidates(votes: Votes, ballot: Votes) -> tuple[list[int], list[Problem]]:
    """The place of each of the count's candidates on the ballot, NO_ROW where there is none, and what is wrong."""
    place = {name: c for c, name in enumerate(ballot.candidates)}
    near = {names.near(name): name for name in ballot.candidates}
    problems = []
    for c, name in enumerate(votes.candidates):
        if name not in place:
            known = near.get(names.near(name))
            fix = f"did you mean {known}?" if known else suggestion(name, ballot.candidates)
            fix = fix or f'[results] drop = ["{name}"] leaves it out; or add it to {ballot.source[0]}'
            row = votes.row_of(candidate=c)
            problems.append(votes.table.problem(row, "candidate", f"{name} is not in {ballot.source[0]}", _RULE, fix))
    return [place.get(name, NO_ROW) for name in votes.candidates], problems


def _without_rows(votes: Votes, ballot: Votes, finalists: int) -> tuple[list[Problem], list[str]]:
    """Candidates of whom the count has no row: a problem with those who had votes before, a note on the others."""
    there, of = set(votes.candidates), ballot.votes.sum(axis=(0, 1))
    missing = [c for c, name in enumerate(ballot.candidates) if name not in there]
    if not missing or not votes.candidates:
        return [], []
    name = votes.table.name
    voted = [ballot.candidates[c] for c in missing if of[c] > PART * of.sum()]
    fix = (
        "is it the runoff's table? its run file has no [counting]; else add the rows, with 0 votes where there are none"
    )
    if voted:
        what = f"no row of {names.listed(voted, 3)}, who had votes in {ballot.source[0]}"
        return [Problem(name, 0, 0, what, "a later count has everybody who had votes before", "", fix)], []
    if len(there) <= finalists and votes.votes.sum() > FEW:
        what = f"rows of {names.listed(votes.candidates, 4)} alone, of {len(ballot.candidates)} candidates"
        rule = f"in {FEW:,} votes somebody else has some"
        return [Problem(name, 0, 0, what, rule, f"{int(votes.votes.sum()):,} votes", fix)], []
    few = names.listed([ballot.candidates[c] for c in missing], 3)
    return [], [f"{votes.source[0]}: no row yet of {few}: 0 votes so far"]


def _modes(votes: Votes, ballot: Votes) -> tuple[tuple[str, ...], list[int]]:
    """Modes of either table where both tell them, else those of the count; and the place of each of the count's."""
    spelt = {names.same(mode): mode for mode in votes.modes if votes.votes.size}
    if "mode" in votes.table.columns and "mode" in ballot.table.columns:
        spelt |= {names.same(mode): mode for mode in ballot.modes}
    modes = sorted(spelt.values(), key=key) or [NO_MODE]
    place = {names.same(mode): m for m, mode in enumerate(modes)}
    return tuple(modes), [place[names.same(mode)] for mode in votes.modes if votes.votes.size]
