"""One trial of an open first round: how it ends, what was out, and the runoff after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runoff.phases.asked import NOBODY, Single
from runoff.race import Row

if TYPE_CHECKING:
    from runoff.phases.first_round_open.fit import Outstanding
    from runoff.phases.first_round_open.outstanding import FirstRoundTrials
    from runoff.phases.first_round_open.phase import Data, Drawn


def single(data: Data, out: Outstanding | None, drawn: Drawn, trial: int) -> Single:
    """The trial, one of those that were drawn."""
    names = [candidate.name for candidate in data.case.first_round.candidates]
    totals, finals = drawn.totals[trial], drawn.finals
    outright, winner = int(finals.outright[trial]), int(finals.winner[trial])
    pair = [int(c) for c in finals.pair[trial] if c != NOBODY]
    runoff = dict(zip(pair, finals.votes[trial].tolist(), strict=False))
    cast, valid = sum(runoff.values()), int(totals.sum())
    people = drawn.registered
    facts = {
        "detail": True,
        "weight": 1.0,
        "people": people,
        "first_votes": valid,
        "first_turnout": valid / people if people else None,
        "outright": names[outright] if outright != NOBODY else None,
        "valid_votes": cast if pair else None,
        "turnout": cast / people if pair and people else None,
        "winner": names[winner] if winner != NOBODY else None,
    }
    candidates: list[Row] = [
        {
            "candidate": name,
            "first_votes": int(totals[c]),
            "first_share": int(totals[c]) / valid if valid else None,
            "votes": runoff.get(c),
            "share": runoff[c] / cast if c in runoff and cast else None,
        }
        for c, name in enumerate(names)
    ]
    tables = {"candidates": candidates}
    if out is not None and drawn.out is not None and out.groups:
        tables["out"] = _out(names, out, drawn.out, trial)
    return Single(facts, tables)


def _out(names: list[str], out: Outstanding, drawn: FirstRoundTrials, trial: int) -> list[Row]:
    """A row a region, mode and candidate: expected votes of what is out; the candidates put together last, as ''."""
    of = [out.count.first_round.candidates[c].name for c in out.categories] + ([""] if out.rest else [])
    return [
        {
            "region": region,
            "mode": mode,
            "out": int(drawn.votes[trial, g]),
            "candidate": name,
            "votes": float(drawn.expected[trial, g, k]),
        }
        for g, (region, mode) in enumerate(out.groups)
        for k, name in enumerate(of)
    ]
