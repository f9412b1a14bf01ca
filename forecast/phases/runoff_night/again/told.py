"""What a question sees of a night's trials: final votes of the race, of units and regions; pools' rates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff.model.electorate import rates_at
from runoff.phases.asked import RACE, Askable, Block, Counted, Place
from runoff.phases.runoff_night.model.draw import NightDraws
from runoff.simulate.normals import GROUP
from runoff.simulate.threads import streamed

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.phases.base import Asking
    from runoff.phases.runoff_night.model.draw import Drawn
    from runoff.phases.runoff_night.phase import Fit
    from runoff.phases.settings import Settings
    from runoff.race import FloatArray, Pool

POOLS = "of a night's pools: what their factors say, before what regions, modes and units do"
UNITS = "of a night's units: expected votes of what is out, before the noise of counting"


def askable(model: Model, fit: Fit) -> Askable:
    """The places of a night; model : of the inhabited units."""
    first = fit.data.case.first_round
    regions = tuple(dict.fromkeys(first.regions))
    names = {"units": first.units, "pools": tuple(pool.name for pool in model.pools)}
    names["blocs"] = tuple(dict.fromkeys(pool.bloc for pool in model.pools if pool.kind == "eliminated"))
    absent = {"first round": ("the first round is over", "take `in first round` out")}
    if any(regions):
        names["regions"] = regions
    else:
        absent["regions"] = ("units have no regions here", "name units, or give the table a column region")
    notes = {"units": UNITS, "pools": POOLS, "blocs": POOLS}
    return Askable(fit.data.case.finalists, names, absent, notes=notes)


def draws(fit: Fit, settings: Settings) -> NightDraws:
    """What draws a group of the night's trials."""
    data = fit.data
    return NightDraws(
        fit.prepared, fit.without_odd.fit, data.reported, data.case.first_round.units, settings.seed, data.classes
    )


def tell(model: Model, fit: Fit, settings: Settings, drawn: Drawn, asking: Asking) -> None:
    """Let a question hear all trials that were drawn; what is by unit or pool is drawn again, group by group."""
    trials, weights = len(drawn.votes), np.exp(drawn.log_weight)
    asked = [place for place in asking.places if place != RACE]
    people = float(model.people.sum())
    night = draws(fit, settings) if asked else None

    def work(start: int) -> dict[Place, Counted]:
        if night is None:
            return {}
        return _places(model, fit, night, drawn, asked, start)

    starts = range(0, trials, GROUP)
    for start, found in zip(starts, streamed(work, starts, settings.threads), strict=True):
        cut = slice(start, min(start + GROUP, trials))
        asking.hear(Block(start, weights[cut], {RACE: Counted(drawn.votes[cut], people), **found}))


def _places(
    model: Model, fit: Fit, night: NightDraws, drawn: Drawn, asked: Sequence[Place], start: int
) -> dict[Place, Counted]:
    """The places' votes in one group of trials, as many of it as were drawn."""
    n, group = min(GROUP, len(drawn.votes) - start), start // GROUP
    first, kinds, found = fit.data.case.first_round, {place.kind for place in asked}, dict[Place, Counted]()
    told = night.told(group) if kinds & {"units", "regions"} else None
    pools = pool_votes(model, fit, night.effects(group)[:n]) if kinds & {"pools", "blocs"} else None
    for place in asked:
        if pools is not None and place.kind in ("pools", "blocs"):
            at = [j for j, pool in enumerate(model.pools) if _is_in(pool, place)]
            found[place] = Counted(pools[:, at].sum(axis=1), float(model.people[:, at].sum()))
        elif told is not None:
            names = first.units if place.kind == "units" else first.regions
            rows = np.array([u for u, name in enumerate(names) if name in place.names])
            if place.kind == "units":
                votes = units(night, told[1], told[2], rows).sum(axis=1).T[:n]
            else:
                mine = [g for g, (r, _) in enumerate(night.groups) if fit.prepared.regions[r] in place.names]
                votes = night.held[:, :, rows].sum(axis=(1, 2), dtype=np.float64) + drawn.out[
                    start : start + n, mine
                ].sum(axis=1)
                if np.ndim(told[2]):
                    votes = votes + told[2][:, np.isin(night.open, rows)].sum(axis=1).T[:n]
            found[place] = Counted(votes, float(model.people[rows].sum()))
    return found


def _is_in(pool: Pool, place: Place) -> bool:
    """Whether a pool is one of a place; a bloc has those of its eliminated candidates."""
    if place.kind == "pools":
        return pool.name in place.names
    return pool.kind == "eliminated" and pool.bloc in place.names


def units(night: NightDraws, out: Any, added: Any, rows: np.ndarray) -> Any:
    """Final votes of some units float64[K, rows, n]; out, added : as `NightDraws.told` has them."""
    finals = np.repeat(night.held[:, :, rows].sum(axis=1, dtype=np.float64)[..., None], out.shape[3], axis=2)
    opened = np.isin(rows, night.open)
    here = np.searchsorted(night.open, rows[opened])
    finals[:, opened] += out[:, :, here].sum(axis=1, dtype=np.float64)
    if np.ndim(added):
        finals[:, opened] += added[:, here]
    return finals


def pool_votes(model: Model, fit: Fit, effects: FloatArray) -> FloatArray:
    """Expected votes of pools float64[n, J, K] by the factors among common effects float64[n, C]."""
    pools = fit.prepared.model.pools
    turnout, shares = rates_at(pools, effects[:, : pools.n_factors])
    votes: FloatArray = model.people.sum(axis=0)[None, :, None] * turnout[:, :, None] * shares
    return votes
