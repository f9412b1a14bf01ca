"""Who stands is not known yet: each district with every field of finalists that it may have, and how likely it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import NormalDist

from runoff.data.chamber.districts import District
from runoff.runfile.sections.chamber import StandsDown

TOGETHER = 0.5  # of the variance of who withdraws, what all of a bloc's share: parties decide
_DECIMALS = 4
_LEAST = 2  # who stay in any case, the first by votes


@dataclass(frozen=True, slots=True)
class Open:
    """A finalist who may withdraw: the place among the finalists, the bloc, and the normal below which that is."""

    place: int
    candidate: str
    bloc: str
    limit: float


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a district's finalists.

    district : place in the chamber.  as_is : the district with it.  places : of these finalists among all of them.
    open : those who may withdraw; gone : whether each of them has.
    """

    district: int
    as_is: District
    places: tuple[int, ...]
    open: tuple[Open, ...]
    gone: tuple[bool, ...]


def fields_of(districts: Sequence[District], said: Sequence[StandsDown]) -> list[Field]:
    """Every field that each district with a runoff may have, the one without withdrawals first."""
    found = []
    for d, district in enumerate(districts):
        everybody = tuple(range(len(district.finalists)))
        open_ = _open(district, said)
        for gone in product((False, True), repeat=len(open_)):
            left = [one.place for one, away in zip(open_, gone, strict=True) if away]
            places = tuple(k for k in everybody if k not in left)
            as_is = replace(
                district,
                finalists=tuple(district.finalists[k] for k in places),
                withdrawn=(*district.withdrawn, *(district.finalists[k] for k in left)),
            )
            found += [Field(d, as_is, places, open_, gone)] if district.finalists else []
    return found


def _open(district: District, said: Sequence[StandsDown]) -> tuple[Open, ...]:
    """Who may withdraw of a district of three and more."""
    found = []
    blocs = [candidate.bloc for candidate in district.standing]
    for k, candidate in enumerate(district.standing):
        others = [*blocs[:k], *blocs[k + 1 :]]
        fits = [
            one.chance
            for one in said
            if district.finalists[k] + 1 >= one.place
            and one.bloc in (None, candidate.bloc)
            and (one.against is None or one.against in others)
        ]
        if fits and k >= _LEAST:
            limit = round(NormalDist().inv_cdf(fits[-1]), _DECIMALS)
            found.append(Open(k, candidate.name, candidate.bloc, limit))
    return tuple(found)
