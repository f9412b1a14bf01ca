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
    from runoff.race import FloatArray

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
) -> dict[Place, Counted]:  # fmt: skip
    """The places' votes in one group of trials, as many of it as were drawn."""
    n = min(GROUP, len(drawn.votes) - start)
    kinds = {place.kind for place in asked}
    finals = whole = pools = None
    if kinds & {"units", "regions"}:
        finals, added = units(night, start // GROUP)
        finals, whole = finals[..., :n], drawn.out[start : start + n]
    if kinds & {"pools", "blocs"}:
        pools = pool_votes(model, fit, night.effects(start // GROUP)[:n])
    found = {}
    first, of_unit = fit.data.case.first_round, model.people.sum(axis=1)
    for place in asked:
        if place.kind in ("pools", "blocs"):
            assert pools is not None
            at = (
                [j for j, pool in enumerate(model.pools) if pool.name in place.names]
                if place.kind == "pools"
                else [j for j, pool in enumerate(model.pools) if pool.kind == "eliminated" and pool.bloc in place.names]
            )
            found[place] = Counted(pools[:, at].sum(axis=1), float(model.people[:, at].sum()))
            continue
        names = first.units if place.kind == "units" else first.regions
        rows = np.array([u for u, name in enumerate(names) if name in place.names])
        assert finals is not None
        if place.kind == "units":
            votes = finals[:, rows].sum(axis=1).T
        else:
            assert whole is not None
            mine = [g for g, (r, _) in enumerate(night.groups) if fit.prepared.regions[r] in place.names]
            votes = night.held[:, :, rows].sum(axis=(1, 2), dtype=np.float64) + whole[:, mine].sum(axis=1)
            here = np.flatnonzero(np.isin(night.open, rows))
            votes = votes + (added[:, here].sum(axis=1).T[:n] if np.ndim(added) else 0.0)
        found[place] = Counted(votes, float(of_unit[rows].sum()))
    return found


def units(night: NightDraws, group: int) -> tuple[Any, Any]:
    """Final votes of units float64[K, U, n], and what classes add to open units [K, open, n] (or 0.0)."""
    _, out, added, _ = night.told(group)
    finals = np.repeat(night.held.sum(axis=1, dtype=np.float64)[..., None], GROUP, axis=2)
    finals[:, night.open] += out.sum(axis=1, dtype=np.float64) + added
    return finals, added


def pool_votes(model: Model, fit: Fit, effects: FloatArray) -> FloatArray:
    """Expected votes of pools float64[n, J, K] by the factors among common effects float64[n, C]."""
    pools = fit.prepared.model.pools
    turnout, shares = rates_at(pools, effects[:, : pools.n_factors])
    votes: FloatArray = model.people.sum(axis=0)[None, :, None] * turnout[:, :, None] * shares
    return votes
