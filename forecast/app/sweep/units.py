"""Units over all scenarios of a sweep: safe, leaning, or those that decide."""

from __future__ import annotations

from collections.abc import Sequence

from runoff.race import Row

SAFE = 0.95  # of trials in which one finalist leads, in every scenario


def unit_rows(
    units: Sequence[tuple[str, str]], finalists: Sequence[str], leads: Sequence[Sequence[Sequence[float]]]
) -> list[Row]:
    """A row a unit, from how often each finalist leads there in each scenario, the race as it is first.

    units : name and region of each.  leads : by scenario, unit and finalist.
    """
    rows: list[Row] = []
    for u, (unit, region) in enumerate(units):
        chances = [scenario[u] for scenario in leads]
        ahead = [max(range(len(finalists)), key=lambda k: chance[k]) for chance in chances]  # at once
        mine = [chance[0] for chance in chances]
        rows.append(
            {
                "unit": unit,
                "region": region,
                "first": finalists[0],
                "p_lead": mine[0],
                "p_lead_low": min(mine),
                "p_lead_high": max(mine),
                "leader": finalists[ahead[0]],
                "class": _class(ahead, [chance[k] for chance, k in zip(chances, ahead, strict=True)]),
            }
        )
    return rows


def _class(ahead: Sequence[int], chances: Sequence[float]) -> str:
    """What a unit is, by who leads in each scenario and how often."""
    if len(set(ahead)) > 1:
        return "deciding"
    return "safe" if min(chances) >= SAFE else "leaning"
