"""Polls and crosstabs for tests, said in few words, and the race of Georgia's 6th district with all of its own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from runoff.data.polls.polls import Poll
from runoff.model.pools import Model, build
from runoff.runfile.load import load
from runoff.runfile.sections.observed import EvidenceSection

CONFIGS = Path(__file__).parents[1] / "configs" / "ga06-2017"
FINALISTS = ("Ada", "Bo")


def poll(
    pollster: str,
    day: int,
    shares: dict[str, float],
    *,
    size: int | None = 600,
    side: str = "",
    kind: str = "race",
    group: str = "",
    undecided: float | None = None,
    published: int | None = None,
) -> Poll:
    """A poll of one day in March 2021 (`tests.builders`: first round on the 1st, runoff on the 31st)."""
    end = dt.date(2021, 3, day)
    return Poll(
        pollster=pollster,
        sponsor="",
        side=side,
        start=end,
        end=end,
        published=dt.date(2021, 3, published or day),
        population="lv",
        sample_size=size,
        shares=tuple(shares.items()),
        undecided=undecided,
        place=f"polls.csv:{day}",
        kind=kind,
        group=group,
    )


def several(seed: int, finalists: tuple[str, ...] = FINALISTS, crosstabs: bool = True) -> tuple[Poll, ...]:
    """Nine polls of four pollsters, some for a side, and three crosstabs of the first poll, without symmetry."""
    rng = np.random.default_rng(seed)
    names = ("Ax", "Byte", "Cube", "Dial")
    found = []
    for i in range(9):
        decided = 0.85 + 0.14 * rng.random()
        parts = decided * rng.dirichlet(40 * np.ones(len(finalists)))
        side = ("", "", finalists[-1], finalists[0])[i % 4]
        shares = dict(zip(finalists, parts.tolist(), strict=True))
        found.append(poll(names[i % 3 + i // 8], 3 + 2 * i, shares, size=400 + 70 * i, side=side))
    for group, size in (("Cy", 90), ("Di", 60), ("Ada", 150)) if crosstabs else ():
        parts = 0.9 * rng.dirichlet(20 * np.ones(len(finalists)))
        shares = dict(zip(finalists, parts.tolist(), strict=True))
        found.append(poll("Ax", 3, shares, size=size, kind="pool", group=group))
    return tuple(found)


def with_polls(model: Model, polls: tuple[Poll, ...], settings: EvidenceSection | None = None) -> Model:
    """A model with these polls and crosstabs."""
    return replace(
        model,
        polls=tuple(p for p in polls if p.kind == "race"),
        crosstabs=tuple(p for p in polls if p.kind != "race"),
        evidence=settings or EvidenceSection(),
    )


@cache
def eve() -> Model:
    """Georgia's 6th district on 19 June 2017."""
    return build(load(CONFIGS / "eve.toml"))
