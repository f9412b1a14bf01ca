"""What a chamber's forecast is measured against: district by district, without what races share.

leader   the first round's leader wins everywhere
pairs    a regression by pair of camps, each district by itself (`runoff.app.backtest.rivals`)
swing    the two-way lead and what it changed by, on average, between these camps in other elections
alone    our own rates, each district with shocks of its own (`runoff.phases.chamber.fit.without_shared`)
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.app.backtest.chambers.assemblies import Assembly
from runoff.app.backtest.rivals import rivals
from runoff.data.archive.archive import Archive
from runoff.data.archive.arrays import arrays_of
from runoff.model.prior.fitted.fields import duels_of
from runoff.model.prior.fitted.relations import camps_of
from runoff.race import FloatArray, Int64Array

NAMES = ("leader", "pairs", "swing", "alone")
_ENOUGH = 30  # races of a pair of camps
_DRAWS = 10_000


@dataclass(frozen=True, slots=True)
class DuelLaws:
    """Normals of the first finalist's margin by race id: (mean, sd) of each rival."""

    laws: dict[str, dict[str, tuple[float, float]]]

    def seats(self, name: str, of: Assembly, seed: int) -> dict[str, Int64Array]:
        """Seats of each bloc in draws that know nothing of what races share; three finalists go to the leader."""
        draw = np.random.default_rng(seed)
        found: dict[str, Int64Array] = {}

        def add(bloc: str, seats: Int64Array) -> None:
            found[bloc] = found.get(bloc, np.zeros(_DRAWS, np.int64)) + seats

        every = np.ones(_DRAWS, np.int64)
        for district in of.districts:
            standing = district.standing
            if len(standing) != 2 or name == "leader":
                place = district.elected if district.elected is not None else district.finalists[0]
                add(district.candidates[place].bloc, every)
                continue
            mean, sd = self.laws[name][district.id]
            won = (mean + sd * draw.standard_normal(_DRAWS) > 0).astype(np.int64)
            add(standing[0].bloc, won)
            add(standing[1].bloc, every - won)
        return found


def duel_laws(archive: Archive, elections: set[str]) -> DuelLaws:
    """Each rival's law of every duel of some elections, learned from all others."""
    arrays = arrays_of(archive)
    fields, places, margin = duels_of(arrays, np.zeros(len(archive.races)))
    group = arrays.election[places]
    wanted = np.array([archive.races[place].election in elections for place in places], np.bool_)
    found = rivals(fields, margin, group, wanted)
    a, b = fields.finalist_share[:, 0], fields.finalist_share[:, 1]
    camps = camps_of(fields.finalist_bloc)
    mean, sd = _swing((a - b) / (a + b), margin, group, camps[:, 0] * 100 + camps[:, 1], wanted)
    laws: dict[str, dict[str, tuple[float, float]]] = {"pairs": {}, "swing": {}}
    for row in np.flatnonzero(wanted):
        name = archive.races[places[row]].id
        laws["pairs"][name] = float(found.mean["pairs"][row]), float(found.sd["pairs"][row])
        laws["swing"][name] = float(mean[row]), float(sd[row])
    return DuelLaws(laws)


def _swing(
    lead: FloatArray, margin: FloatArray, group: Int64Array, pair: Int64Array, wanted: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    """The lead and the mean change between the same camps elsewhere, nothing where these met seldom."""
    change = margin - lead
    mean, sd = lead.copy(), np.full(len(lead), float(np.sqrt((change**2).mean())))
    for g in np.unique(group[wanted]):
        for p in np.unique(pair[wanted & (group == g)]):
            like = (pair == p) & (group != g)
            if like.sum() >= _ENOUGH:
                mine = wanted & (group == g) & (pair == p)
                mean[mine] = lead[mine] + float(change[like].mean())
                sd[mine] = float(change[like].std())
    return mean, sd
