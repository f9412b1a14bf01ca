"""Rates that a run file says of pools in duels of two blocs, over what past races say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from runoff.data.chamber.districts import District
from runoff.model.chamber.rates import Rates
from runoff.runfile.sections.chamber import DistrictRates

_DECIMALS = 4


def said_rates(
    districts: Sequence[District], rates: Sequence[Rates | None], said: Sequence[DistrictRates]
) -> tuple[list[Rates | None], list[str]]:
    """The rates with what is said over them, the last word last; and notes on words that fit nothing."""
    found, notes = list(rates), []
    for number, one in enumerate(said):
        used = 0
        for d, district in enumerate(districts):
            own = found[d]
            if own is not None and _speaks_of(one, district):
                found[d], fits = _with(own, one)
                used += fits
        if not used:
            notes.append(f"[[chamber.rates]] {number + 1} speaks of no pool of a duel that is drawn")
    return found, notes


def _speaks_of(said: DistrictRates, district: District) -> bool:
    blocs = {candidate.bloc for candidate in district.standing}
    if len(district.finalists) != 2 or blocs != {said.a, said.b}:
        return False
    if said.districts is not None and district.id not in said.districts:
        return False
    return said.region is None or said.region == district.region


def _with(rates: Rates, said: DistrictRates) -> tuple[Rates, int]:
    """A duel's rates with one word over them, and how many pools it speaks of."""
    location, scale, used = rates.location.copy(), rates.scale.copy(), 0
    towards = 1.0 if rates.blocs[0] == said.a else -1.0
    for j, bloc in enumerate(rates.blocs):
        if bloc == said.pool and j >= rates.finalists:
            location[j, 0] = round(towards * float(np.log(said.share / (1.0 - said.share))), _DECIMALS)
            scale[j, 0, 0] = scale[j, 0, 0] if said.sd is None else said.sd
            used += 1
    return replace(rates, location=location, scale=scale), used
