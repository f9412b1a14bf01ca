"""What `runoff check` says: what was understood of a run file, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from runoff.arithmetic.functions import exp
from runoff.arithmetic.matrices import product
from runoff.errors import visible
from runoff.estimate.logistic import TAIL, logistic
from runoff.model.pools import Factors, Model
from runoff.phases.understood_evidence import evidence_lines
from runoff.race import Pool, Rate
from runoff.report.page import Outline, Page
from runoff.simulate import unsaid

_SHARE_DRAWS = 16_384  # for 80 % ranges of three and more shares, which have no closed form


def understood(model: Model, *, places: bool = True) -> Page:
    """The race, its pools with rates and 80 % ranges and who said them, the factors, the remarks.

    places : whether [places] has a part; nights have terms of their own.
    """
    race, first = model.race, model.first_round
    total = int(first.totals.sum())
    opening = [
        f"first round {race.first_round}, runoff {race.runoff}, as of {race.as_of}",
        f"{total:,} votes for {len(first.candidates)} candidates in {counted_noun(len(first.units), 'unit')}",
        f"finalists: {'; '.join(_finalist(model, name) for name in model.finalists)}",
    ]
    pools = ["pools (rates with their 80 % ranges; who said them: pool, bloc, own, race, archive or default)"]
    for pool in model.pools:
        pools += pool_lines(pool, model.finalists)
    common = common_lines(model)
    common += _blank_lines(model)
    outside = int(first.registered.sum()) - int(model.people.sum()) if first.registered is not None else 0
    if outside:
        common.append(f"{outside:,} registered voters are in no pool")
    evidence, notes = evidence_lines(model)
    notes += [*model.warnings, *unsaid.notes(model)]
    placed = place_lines(model) if places else []
    return outlined(race.name, (opening, list(model.archive), pools, common, placed, evidence), notes)


def _blank_lines(model: Model) -> list[str]:
    """Blank and null ballots, where they are told."""
    if model.blank is None:
        return []
    rate = model.blank.rate
    low, middle, high = _turnout_range(rate)
    share = f"{100 * middle:.1f} % of all ballots ({100 * low:.1f} to {100 * high:.1f})  said: {rate.said}"
    of = "all ballots" if model.blank.counts == "all" else "valid votes"
    lines = [f"blank or null: {share}  [{rate.origin}]", *([f"  source: {rate.source}"] if rate.source else [])]
    return [*lines, f"  the law takes shares of {of}; turnout of pools is of valid votes, and blank ones come on top"]


_BLOCS = {
    "different": "finalists of different blocs",
    "same": "finalists of one bloc",
    "unknown": "finalists whose blocs nobody told",
}


def place_lines(model: Model) -> list[str]:
    """How units differ beyond their pools; nothing where they are drawn as one."""
    places = model.places
    if len(model.people) == 1:
        return []
    if places.flat:
        return ["places: units are their pools and what [factors] says, nothing more"]
    lean = f"log-odds on the first round's {places.slope:g} ± {places.slope_sd:g}"
    lines = ["places (units of 3,000 votes, in log-odds; larger ones differ less)", f"  {_BLOCS[places.kind]}: {lean}"]
    if places.spread is not None:
        lines.append(f"  sd between units {places.spread:g}, half of the variance their region's")
    if places.turnout_spread is not None:
        lines.append(
            f"  log votes: 0 ± {places.turnout_slope_sd:g} on that lean, sd between units {places.turnout_spread:g}"
        )
    return lines


def outlined(headline: str, sections: Iterable[Iterable[str]], notes: Iterable[str] = ()) -> Page:
    """A page of sections whose lines begin with two blanks for each step of their depth; empty ones are left out."""
    parts = (Outline(tuple(map(_item, lines))) for lines in sections)
    return Page(_line(headline), tuple(part for part in parts if part.items), tuple(map(_line, notes)))


def _item(line: str) -> tuple[int, str]:
    depth = (len(line) - len(line.lstrip(" "))) // 2
    return depth, _line(line[2 * depth :])


def _line(text: str) -> str:
    """A text in one line, with what a file has in it made visible."""
    return visible(text.replace("\n", " "))


def counted_noun(n: int, noun: str) -> str:
    """'1 unit', '3 units'."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _finalist(model: Model, name: str) -> str:
    first = model.first_round
    place = [candidate.name for candidate in first.candidates].index(name)
    candidate, votes = first.candidates[place], int(first.totals[place])
    party = f" ({candidate.party})" if candidate.party else ""
    return f"{name}{party} {votes:,}, {100 * votes / int(first.totals.sum()):.2f} %"


def pool_lines(pool: Pool, finalists: tuple[str, ...]) -> list[str]:
    """A pool with its rates, their 80 % ranges, and who said them."""
    lines = [f"  {pool.name} ({pool.bloc}, {pool.kind}): {pool.people:,} people"]
    low, middle, high = _turnout_range(pool.turnout)
    lines.append(_rate_line("turnout", middle, low, high, pool.turnout))
    lines += _source(pool.turnout)
    for name, (low, middle, high) in zip(finalists, preference_ranges(pool.preference), strict=True):
        lines.append(_rate_line(f"to {name}", middle, low, high, pool.preference))
        if len(finalists) == 2:
            lines[-1:] = [lines[-1]] if _speaks_of(pool.preference, name, finalists) else []
    return lines + _source(pool.preference)


def _source(rate: Rate) -> list[str]:
    return [f"      source: {rate.source}"] if rate.source and rate.origin != "archive" else []


def _speaks_of(rate: Rate, name: str, finalists: tuple[str, ...]) -> bool:
    """Of two finalists one line is enough: the one that the run file names, else the first."""
    named = [finalist for finalist in finalists if rate.said.startswith(finalist)]
    return name == (named[0] if named else finalists[0])


def _rate_line(what: str, middle: float, low: float, high: float, rate: Rate) -> str:
    said = rate.said.removeprefix(what.removeprefix("to ")).strip()
    return f"    {what}: {100 * middle:.1f} % ({100 * low:.1f} to {100 * high:.1f})  said: {said}  [{rate.origin}]"


def _turnout_range(rate: Rate) -> tuple[float, float, float]:
    location, scale = rate.location[0], rate.scale[0][0]
    low, middle, high = logistic(np.array([location - TAIL * scale, location, location + TAIL * scale]))
    return float(low), float(middle), float(high)


def preference_ranges(rate: Rate) -> list[tuple[float, float, float]]:
    """10 %, 50 % and 90 % quantiles of each finalist's share: exact for two, by even points for more."""
    if len(rate.location) == 1:
        low, middle, high = _turnout_range(rate)
        return [(low, middle, high), (1.0 - high, 1.0 - middle, 1.0 - low)]
    from runoff.estimate.hierarchical.learn import spread_points  # only here: it loads scipy's statistics

    normals = spread_points(len(rate.location), _SHARE_DRAWS)
    ratios = np.array(rate.location) + product(normals, np.array(rate.scale).T)
    odds = exp(np.column_stack([ratios, np.zeros(_SHARE_DRAWS)]))
    shares = odds / odds.sum(axis=1, keepdims=True)
    low_high = np.quantile(shares, [0.1, 0.5, 0.9], axis=0)
    return [(float(a), float(b), float(c)) for a, b, c in low_high.T]


def common_lines(model: Model) -> list[str]:
    """What rates of turnout, and preferences, have in common, and what they have with one another."""
    title = "what rates have in common (parts of each rate's variance on the log-odds scale)"
    lines = [title, _factor_line("turnout", model.turnout), _factor_line("preference", model.preference)]
    if model.enthusiasm:
        said = f"a side's turnout goes with its preference, correlation {model.enthusiasm:g}"
    else:
        said = "drawn apart (the default; [factors] enthusiasm joins them)"
    return [*lines, f"  both: {said}"]


def _factor_line(kind: str, factors: Factors) -> str:
    shared, bloc, pool = factors.parts
    line = f"  {kind}: all pools {shared:g}, their bloc {bloc:g}, the pool alone {pool:g}"
    if not (factors.region or factors.unit):
        return line
    return line + f"; sd between regions {factors.region:g}, between units {factors.unit:g} in log-odds"
