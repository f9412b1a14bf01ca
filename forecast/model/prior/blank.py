"""How many of a runoff's ballots are blank or null: as the run file says, or as elections of the country had it.

The share b of all ballots is logistic-normal and independent of all other rates.  Past elections: an election's middle
is the log-odds of its races' mean share; of E elections with mean m and standard deviation s a new one is
m + s sqrt(1 + 1 / E) t, t of Student with E - 1 degrees of freedom, drawn as a normal with the same 80 % range.  What
districts of one election differ by is added for a race of that kind.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from runoff.arithmetic.functions import log, logistic
from runoff.errors import InputError, suggestion
from runoff.estimate.logistic import TAIL
from runoff.race import Rate

if TYPE_CHECKING:
    from runoff.data.archive.races import PastRace, Turnout
    from runoff.runfile.load import Case

LEAST_ELECTIONS = 4  # with fewer a standard deviation between elections says next to nothing
# 90 % quantile of Student's t by degrees of freedom, from 3 on; Abramowitz and Stegun (1964), table 26.10
_T90 = (1.638, 1.533, 1.476, 1.440, 1.415, 1.397, 1.383, 1.372, 1.363, 1.356, 1.350, 1.345)


@dataclass(frozen=True, slots=True)
class Blank:
    """Blank and null ballots: `rate` is their share of all ballots; `counts` what the law takes shares of."""

    rate: Rate
    counts: Literal["valid", "all"]


def blank_of(case: Case) -> Blank | None:
    """What is believed of a case's blank and null ballots; None where the run file has no [blank].

    Raises
    ------
    InputError : no range is said, and past races of the country say none.
    """
    section = case.run_file.blank
    if section is None:
        return None
    if section.low is not None and section.high is not None:
        ends = log(np.array([section.low, section.high])) - log(1.0 - np.array([section.low, section.high]))
        middle, sd = float(ends.mean()), float(ends[1] - ends[0]) / (2.0 * TAIL)
        said = f"{section.low:g} to {section.high:g} (80 %)"
        return Blank(Rate((middle,), ((sd,),), said, "race", section.source or ""), section.counts)
    country = section.country or case.run_file.prior.country
    if country is None:
        raise _refused(case, "no range, and no country whose past races could say it", "")
    race, prior = case.run_file.race, case.run_file.prior
    before = race.as_of if prior.before is None else min(prior.before, race.as_of)
    from runoff.data.archive.archive import Archive  # only here: it reads thousands of races

    archive = Archive.load()
    races = archive.before(before).where(country=country).races
    found = law_of(races, prior.level)
    if found is None:
        known = len({race.election for race in races if share_of(race.runoff) is not None})
        what = f"the archive has blank ballots of {known} elections of {country} before {before}"
        near = suggestion(country, sorted({race.country for race in archive.races}))
        raise _refused(case, what, country, "" if known else near)
    middle, sd, elections = found
    low, high = logistic(np.array([middle - TAIL * sd, middle + TAIL * sd]))
    source = section.source or f"archive: {elections} elections of {country} before {before}"
    rate = Rate((middle,), ((sd,),), f"{low:.3f} to {high:.3f} (80 %)", "archive", source)
    return Blank(rate, section.counts)


def law_of(races: Sequence[PastRace], level: str | None) -> tuple[float, float, int] | None:
    """Mean and standard deviation of b's log-odds, and how many elections say it; None where too few do.

    level : of the race to come; single races of an election differ by as much as this level's do, or all levels' where
    that is not known, and a nation by nothing.
    """
    by: dict[str, list[float]] = {}
    single: dict[str, list[tuple[str, float]]] = {}
    for race in races:
        share = share_of(race.runoff)
        if share is not None:
            by.setdefault(race.election, []).append(share)
            single.setdefault(race.election, []).append((race.level, float(log(share / (1.0 - share)))))
    if len(by) < LEAST_ELECTIONS:
        return None
    means = np.array([sum(shares) / len(shares) for _, shares in sorted(by.items())])
    middles = log(means) - log(1.0 - means)
    n = len(by)
    wider = _T90[min(n - LEAST_ELECTIONS, len(_T90) - 1)] / TAIL
    between = float(middles.std(ddof=1)) * math.sqrt(1.0 + 1.0 / n) * wider
    within = _within(single, level)
    return float(middles.mean()), math.sqrt(between * between + within), n


def _within(single: Mapping[str, Sequence[tuple[str, float]]], level: str | None) -> float:
    """Variance between single races of one election: those of a level, else of all; of a nation there is one."""
    for known in (level, None):
        if known == "national":
            return 0.0
        parts = [[odds for of, odds in rows if known in (None, of)] for _, rows in sorted(single.items())]
        found = [float(np.array(values).var(ddof=1)) for values in parts if len(values) > 1]
        if found:
            return sum(found) / len(found)
    return 0.0


def share_of(turnout: Turnout) -> float | None:
    """Blank and null ballots over all ballots of a round; None where not known, or where nobody cast one."""
    apart = turnout.blank is not None and turnout.null is not None
    invalid = (turnout.blank or 0) + (turnout.null or 0) if apart else turnout.invalid
    if not invalid:
        return None
    return invalid / (invalid + turnout.valid)


def _refused(case: Case, what: str, country: str, fix: str = "") -> InputError:
    rule = f"past races say the range where the archive knows {LEAST_ELECTIONS} elections of the country"
    fix = fix or "add low = 0.02, high = 0.05"
    return InputError.single(case.path, f"[blank]: {what}", rule=rule, got=country, fix=fix)
