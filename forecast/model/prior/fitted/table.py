"""The shipped fits: a row for each cut of the archive and stratum, rounded, so that machines start from equal bits.

`runoff fit-archive` makes the table anew; its footer has the archive's hash.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from runoff.data.archive.archive import Archive
from runoff.data.tables import typed
from runoff.data.tables.typed import Columns, Kind
from runoff.model.prior.fitted.design import SIZES, SLOPES
from runoff.model.prior.fitted.fields import STRATA
from runoff.model.prior.fitted.fits import Fit, Fitter, day_by_day, leaving_out
from runoff.model.prior.fitted.turnout import OCCASIONS, TurnoutLaw
from runoff.race import FloatArray

NAME = "fits.parquet"
_DIGITS = 4
_PAIRS = [(i, j) for i in range(len(SLOPES)) for j in range(i + 1)]
_NUMBERS = (
    *SLOPES,
    *(f"{SLOPES[i]}_x_{SLOPES[j]}" for i, j in _PAIRS),
    *(f"size_{name}" for name in SIZES),
    "turnout",
    "turnout_sd",
    *(f"turnout_{name}" for name in OCCASIONS),
)
KINDS: dict[str, Kind] = {
    "before": "day",
    "without": "text",
    "stratum": "text",
    "races": "count",
    "elections": "count",
    **dict.fromkeys(_NUMBERS, "share"),
}
NEVER = dt.date(9999, 1, 1)  # a cut by election knows no day


@dataclass(frozen=True)
class Fits:
    """All fits of an archive: by the day before which their races were over, in order, and by the election left out."""

    days: tuple[tuple[dt.date, Fit], ...]
    without: dict[str, Fit]

    def before(self, day: dt.date) -> Fit:
        """What was known when a day began."""
        for end, fit in self.days:
            if end >= day:
                return fit
        return self.days[-1][1]

    def leaving_out(self, election: str) -> Fit:
        """All races but one election's; all of them where the archive has no such election."""
        return self.without.get(election, self.without[""])


def made(archive: Archive) -> Fits:
    """All fits of an archive; a minute or two for one of thousands of races."""
    fitter = Fitter.of(archive)
    without = dict(leaving_out(fitter))
    return Fits(tuple(day_by_day(fitter)), without)


def written(fits: Fits, footer: dict[str, str]) -> bytes:
    """The table of fits, rounded."""
    cuts = [(day, "", fit) for day, fit in fits.days] + [(NEVER, name, fit) for name, fit in fits.without.items()]
    rows = [row for day, name, fit in cuts for row in _rows(day, name, fit)]
    columns: Columns = {name: list(column) for name, column in zip(KINDS, zip(*rows, strict=True), strict=True)}
    return typed.written(columns, KINDS, footer)


def _rows(day: dt.date, name: str, fit: Fit) -> Iterable[tuple[object, ...]]:
    for s, stratum in enumerate(STRATA):
        numbers = [
            *fit.mean[s],
            *(fit.cov[s, i, j] for i, j in _PAIRS),
            *fit.sizes,
            fit.turnout.level[s],
            fit.turnout.sd[s],
            *fit.turnout.occasions,
        ]
        yield (day, name, stratum, fit.races, fit.elections, *(_rounded(number) for number in numbers))


def _rounded(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}") if abs(number) > 1e-9 else 0.0


def read(content: bytes) -> Fits:
    """The fits of a table that `written` wrote.

    Raises
    ------
    ValueError : damaged, or another program's.
    """
    columns = typed.read(content, KINDS)
    numbers: FloatArray = np.array([columns[name] for name in _NUMBERS], np.float64).T
    many = len(STRATA)
    days: list[tuple[dt.date, Fit]] = []
    without: dict[str, Fit] = {}
    for first in range(0, len(numbers), many):
        fit = _fit(numbers[first : first + many], columns["races"][first], columns["elections"][first])
        if columns["before"][first] == NEVER:
            without[columns["without"][first]] = fit
        else:
            days.append((columns["before"][first], fit))
    return Fits(tuple(days), without)


def _fit(numbers: FloatArray, races: int, elections: int) -> Fit:
    k, pairs = len(SLOPES), len(_PAIRS)
    cov = np.zeros((len(numbers), k, k))
    for place, (i, j) in enumerate(_PAIRS):
        cov[:, i, j] = cov[:, j, i] = numbers[:, k + place]
    rest = numbers[:, k + pairs :]
    sizes, turnout = rest[0, : len(SIZES)], rest[:, len(SIZES) :]
    law = TurnoutLaw(turnout[:, 0], turnout[:, 1], turnout[0, 2:])
    return Fit(numbers[:, :k], cov, sizes, law, races, elections)


@lru_cache(maxsize=1)
def shipped() -> Fits:
    """The fits that ship with the package; read once."""
    return read((resources.files("runoff.model.prior.fitted") / NAME).read_bytes())
