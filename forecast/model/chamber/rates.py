"""Each district's pools with their rates, and how they hang on what the chamber shares.

A duel's pools are moved and spread until their margin has the law's mean and spread (`runoff.model.prior.rates`), the
shared part being all that the law's shocks make; three or four finalists have the rates of
`runoff.model.prior.several`, with each finalist moved as he would be in his duels.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from runoff.data.archive.words import BLOCS
from runoff.data.chamber.districts import District
from runoff.model.chamber.pairs import Pairs, pair_of, shares_of
from runoff.model.chamber.shared import NAMES, Shared
from runoff.model.prior.fitted.fields import Fields
from runoff.model.prior.fitted.fits import Fit
from runoff.model.prior.fitted.turnout import OCCASIONS
from runoff.model.prior.law import MarginLaw
from runoff.model.prior.rates import Known, Said, said
from runoff.model.prior.several import said_of_several
from runoff.race import FloatArray, Int64Array

TURNOUT = "turnout"  # the shock that all races' turnouts share, behind NAMES
TURNOUT_PART = 0.58  # of what all pools of a race share: between elections .083, between races .071 (French duels)
_DECIMALS = 4
NEW = "did not vote in the first round"


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates of a district's J pools with K finalists; pools are the finalists', the others', the new voters'.

    Attributes
    ----------
    names, blocs, people : of each pool.
    turnout, turnout_sd : float64[J], log-odds.
    location : float64[J, K - 1], log-ratios to the last finalist; scale : float64[J, K - 1, K - 1], Cholesky factors.
    turnout_parts, preference_parts : of the variances, what all pools share, what those of one `together` share, and
        the pool's own.
    weights : float64[K, Q + 1], on the chamber's shocks and its turnout: of the race's shared turnout, then of its
        shared factor of each log-ratio.  own : float64[K], weights on what the race draws for these by itself.
    together : of each pool, what it shares the second part with.
    """

    names: tuple[str, ...]
    blocs: tuple[str, ...]
    people: Int64Array
    turnout: FloatArray
    turnout_sd: FloatArray
    location: FloatArray
    scale: FloatArray
    turnout_parts: tuple[float, float, float]
    preference_parts: tuple[float, float, float]
    weights: FloatArray
    own: FloatArray
    together: tuple[str, ...]

    @property
    def finalists(self) -> int:
        """Finalists K."""
        return int(self.location.shape[1]) + 1


@dataclass(frozen=True, slots=True)
class Belief:
    """What past races say of the chamber's pairs of finalists: their fit, and the law of the pairs' margins."""

    fit: Fit
    pairs: Pairs
    law: Shared
    blocs: Mapping[str, str]


def rates_of(districts: Sequence[District], belief: Belief, decided: Container[int] = ()) -> list[Rates | None]:
    """Rates of each district; None where the first round decided, and of the `decided`, by place."""
    found: list[Rates | None] = [None] * len(districts)
    rows: dict[int, list[int]] = {}
    for row, d in enumerate(belief.pairs.district.tolist()):
        rows.setdefault(d, []).append(row)
    for d, own in rows.items():
        if d not in decided:
            found[d] = _rates(districts[d], belief, own)
    return found


def _rates(district: District, belief: Belief, rows: list[int]) -> Rates:
    finalists = len(district.finalists)
    order = [*district.finalists, *(c for c in range(len(district.votes)) if c not in district.finalists)]
    votes = np.array([district.votes[c] for c in order], np.float64)
    words = [district.candidates[c].bloc for c in order]
    bloc = np.zeros(len(order), np.int64)  # what a duel has of its own moves all of its pools
    new = max((district.registered or 0) - int(votes.sum()), 0)
    stratum = int(belief.pairs.fields.stratum[0])
    turnout = belief.fit.turnout.expected(stratum, np.zeros(len(OCCASIONS)))
    extra = [NEW] if new else []
    weights, own = _weights(belief, rows, finalists)
    if finalists == 2:
        spoken = _of_two(district, belief, rows[0], votes, bloc, float(new), turnout)
        location, scale = spoken.preference[:, None], spoken.preference_sd[:, None, None]
        turnout_parts = (spoken.turnout_parts[0], 0.0, round(1.0 - spoken.turnout_parts[0], _DECIMALS))
        together = (*("race" for _ in order), *extra)
    else:
        fields = _alone(district, order, belief)
        spoken, location, scale = said_of_several(belief.fit, fields, votes, bloc, float(new), turnout, finalists)
        turnout_parts, together = spoken.turnout_parts, (*words, *extra)
    return Rates(
        names=(*(district.candidates[c].name for c in order), *extra),
        blocs=(*words, *extra),
        people=np.array([*(district.votes[c] for c in order), *([new] if new else [])], np.int64),
        turnout=spoken.turnout,
        turnout_sd=spoken.turnout_sd,
        location=location,
        scale=scale,
        turnout_parts=turnout_parts,
        preference_parts=spoken.preference_parts,
        weights=weights,
        own=own,
        together=together,
    )


def _of_two(
    district: District,
    belief: Belief,
    row: int,
    votes: FloatArray,
    bloc: Int64Array,
    new: float,
    turnout: tuple[float, float],
) -> Said:
    """Rates of a duel, whose pools stand in the table's order; A has more votes, and comes first."""
    one, nothing = slice(row, row + 1), np.zeros(1)
    law = belief.law
    margin = MarginLaw(law.mean[one], law.sd[one], law.common[one], law.own[one], nothing, nothing)
    fields = pair_of(belief.pairs, row)
    # the pair's pools are in order of votes, finalists among them: bring these to the front, as `votes` are
    front = np.concatenate([np.flatnonzero(fields.role >= 0), np.flatnonzero(fields.role < 0)])
    ordered = Fields(
        race=fields.race,
        share=fields.share[front],
        bloc=fields.bloc[front],
        role=fields.role[front],
        stood_down=fields.stood_down[front],
        stratum=fields.stratum,
        front=fields.front,
    )
    return said(Known(belief.fit, "archive", margin), ordered, votes, bloc, new, turnout)


def _alone(district: District, order: list[int], belief: Belief) -> Fields:
    """A district of three or four finalists, who come first."""
    codes = [BLOCS.index(belief.blocs[district.candidates[c].bloc]) for c in order]
    role = np.full(len(order), -1, np.int64)
    role[:2] = (0, 1)
    return Fields(
        race=np.zeros(len(order), np.int64),
        share=shares_of(district)[order],
        bloc=np.array(codes, np.int64),
        role=role,
        stood_down=np.array([c in district.withdrawn for c in order], np.bool_),
        stratum=belief.pairs.fields.stratum[:1],
        front=np.zeros(1),
    )


def _weights(belief: Belief, rows: list[int], finalists: int) -> tuple[FloatArray, FloatArray]:
    """Weights on the shocks and on what the race draws itself: rounded, so that every machine starts from equal bits.

    A duel's shared factor is its law's shocks, and what it has of its own is a part of its pools' variance.  Among
    three and more a finalist's utility moves as in his duels; of what the race's pools share, the shocks make the part
    that they make of those duels' variances.  Factors come before the root of their correlation, a half
    (`runoff.simulate.inputs.contrast`).
    """
    law = belief.law
    loads = law.loads[rows]
    utility = np.zeros((finalists, len(NAMES)))
    for load, (i, k) in zip(loads / np.sqrt((loads**2).sum(axis=1))[:, None], belief.pairs.sides[rows], strict=True):
        utility[i] += load / finalists
        utility[k] -= load / finalists
    ratios = utility[:-1] - utility[-1]
    ratios = ratios / np.maximum(np.sqrt((ratios**2).sum(axis=1)), 1e-9)[:, None]
    election = 1.0 if finalists == 2 else float((law.common[rows] / (law.common[rows] + law.own[rows])).mean())
    root = np.linalg.cholesky((np.eye(finalists - 1) + 1.0) / 2.0) if finalists > 2 else np.ones((1, 1))
    weights, own = np.zeros((finalists, len(NAMES) + 1)), np.zeros(finalists)
    weights[0, -1], own[0] = np.sqrt(TURNOUT_PART), np.sqrt(1.0 - TURNOUT_PART)
    weights[1:, :-1] = np.sqrt(election) * np.linalg.solve(root, ratios)
    own[1:] = np.sqrt(1.0 - election)
    return np.round(weights, _DECIMALS), np.round(own, _DECIMALS)
