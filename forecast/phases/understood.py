"""What `runoff check` prints: what was understood of a run file, before anything is drawn."""

from __future__ import annotations

import textwrap

import numpy as np

from runoff.errors import visible
from runoff.estimate.logistic import TAIL, logistic
from runoff.model.pools import Factors, Model
from runoff.phases.understood_evidence import evidence_lines
from runoff.race import Pool, Rate
from runoff.simulate import unsaid

_WIDTH = 80  # columns of the terminal that this is read in
_SHARE_DRAWS = 16_384  # for 80 % ranges of three and more shares, which have no closed form


def understood(model: Model) -> str:
    """The race, its pools with rates and 80 % ranges and who said them, the factors, the remarks."""
    race, first = model.race, model.first_round
    total = int(first.totals.sum())
    lines = [
        race.name,
        f"first round {race.first_round}, runoff {race.runoff}, as of {race.as_of}",
        f"{total:,} votes for {len(first.candidates)} candidates in {counted_noun(len(first.units), 'unit')}",
        f"finalists: {'; '.join(_finalist(model, name) for name in model.finalists)}",
        "",
        "pools (rates with their 80 % ranges; who said them: pool, bloc, own or default)",
    ]
    for pool in model.pools:
        lines += pool_lines(pool, model.finalists)
    lines += ["", "what rates have in common (parts of each rate's variance on the log-odds scale)"]
    lines += [factor_line("turnout", model.turnout), factor_line("preference", model.preference)]
    outside = int(first.registered.sum()) - int(model.people.sum()) if first.registered is not None else 0
    if outside:
        lines.append(f"{outside:,} registered voters are in no pool")
    lines += evidence_lines(model)
    lines += [f"note: {warning}" for warning in (*model.warnings, *unsaid.notes(model))]
    return "\n".join(wrapped(line) for line in lines)


def wrapped(line: str) -> str:
    """A line in as many lines as a terminal needs, further in than the first; what a file has in it made visible."""
    line = visible(line.replace("\n", " "))
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(line, _WIDTH, subsequent_indent=indent, break_on_hyphens=False) if line else line


def counted_noun(n: int, noun: str) -> str:
    """'1 unit', '3 units'."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def _finalist(model: Model, name: str) -> str:
    first = model.first_round
    place = [candidate.name for candidate in first.candidates].index(name)
    candidate, votes = first.candidates[place], int(first.totals[place])
    return f"{name} ({candidate.party}) {votes:,}, {100 * votes / int(first.totals.sum()):.2f} %"


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
    return [f"      source: {rate.source}"] if rate.source else []


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
    from runoff.estimate.hierarchical import spread_points  # only here: it loads scipy's statistics

    normals = spread_points(len(rate.location), _SHARE_DRAWS)
    ratios = np.array(rate.location) + normals @ np.array(rate.scale).T
    odds = np.exp(np.column_stack([ratios, np.zeros(_SHARE_DRAWS)]))
    shares = odds / odds.sum(axis=1, keepdims=True)
    low_high = np.quantile(shares, [0.1, 0.5, 0.9], axis=0)
    return [(float(a), float(b), float(c)) for a, b, c in low_high.T]


def factor_line(kind: str, factors: Factors) -> str:
    """What rates of turnout, or preferences, have in common."""
    shared, bloc, pool = factors.parts
    line = f"  {kind}: all pools {shared:g}, their bloc {bloc:g}, the pool alone {pool:g}"
    return line + f"; sd between regions {factors.region:g}, between units {factors.unit:g} in log-odds"
