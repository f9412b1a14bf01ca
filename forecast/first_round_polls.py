"""A first round not yet held: polls with several candidates stand in for its counts.

A poll's share of a candidate, undecided voters left out (so they split like the rest), is on the log scale

    log share[poll] = log share + shared + house[pollster] + walk[days to go] + sampling

one candidate at a time, with a flat prior on log share: generalised least squares.  The shared error is in
every poll of the race, so that no number of polls averages it away.  Draws are scaled to add up to one.
Sizes are settings.  Defaults: Shirani-Mehr, Rothschild, Goel and Gelman (2018), Disentangling bias and
variance in election polls, doi:10.1080/01621459.2018.1448823, find errors of 3.5 points (0.07 in log share
at one half), twice what sampling explains, most of it common to a race's polls; first rounds with a large
field are polled worse, and twice that is assumed for pollsters and for the shared error each.
"""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast.counting import normals
from forecast.errors import InputError, Problem, suggestion
from forecast.outstanding import in_proportion
from forecast.race import FloatArray, Int64Array
from forecast.rates import from_interval, logistic
from forecast.results import name_problem, number_problem
from forecast.tables import MOST_PROBLEMS, Table, read_table
from kernels.philox import GROUP
from kernels.streams import Purpose, stream

if TYPE_CHECKING:
    from forecast.config import FirstRoundPollsSection
    from forecast.runfile import LoadedRun

OTHER, UNDECIDED = "other", "undecided"  # rows of a poll that are no candidate's
LEAST_SHARE = 0.0005  # of a candidate whom few polls name
UNNAMED_SD = 0.7  # in log share, of candidates whom few polls name
ODD_SHARE = 0.25  # per cent, in place of a polled zero
USUAL_SIZE = 500  # of a sample whose size is not told
_RULE = "per cent from 0 to 100"


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll: shares in per cent by candidate."""

    pollster: str
    days: int
    size: int
    partisan: bool
    shares: dict[str, float]
    undecided: float


@dataclass(frozen=True, slots=True)
class Polled:
    """What the polls say together.

    candidates : names, in order of the results.  location, scale : float64[C], of log shares before they
    are scaled to one.  turnout : location and scale of the log-odds of votes / registered.
    source : the table's name and sha256.
    """

    candidates: tuple[str, ...]
    location: FloatArray
    scale: FloatArray
    turnout: tuple[float, float]
    registered: int
    used: int
    warnings: tuple[str, ...]
    source: tuple[str, str]


def read_polls(loaded: LoadedRun) -> Polled:
    """The polls of a checked run file with [first_round_polls], pooled.

    Raises
    ------
    InputError : with every problem of the table.

    """
    file = loaded.run_file
    section = file.first_round_polls
    assert section is not None
    assert loaded.first_round.registered is not None
    folder = Path() if loaded.path == "-" else Path(loaded.path).parent
    table = read_table(
        folder / section.table,
        ("poll", "pollster", "field_end", "candidate", "share"),
        ("field_start", "published", "sample_size", "partisan"),
    )
    names = tuple(c.name for c in loaded.first_round.candidates)
    reader = _Reader(table, names, file.race.first_round, file.race.as_of)
    if reader.problems:
        raise InputError(reader.problems[:MOST_PROBLEMS])
    location, scale = pooled(reader.polls, names, section)
    return Polled(
        names, location, scale, from_interval(section.turnout.low, section.turnout.high, 0.8),
        int(loaded.first_round.registered.sum()), len(reader.polls), tuple(reader.remarks),
        (Path(table.name).name, table.sha256),
    )  # fmt: skip


def pooled(
    polls: list[Poll], names: tuple[str, ...], sizes: FirstRoundPollsSection
) -> tuple[FloatArray, FloatArray]:  # fmt: skip
    """Location and scale of each candidate's log share, float64[C] each.

    Candidates whom fewer than half of the polls name share what the others leave, in equal parts: a poll
    names the small ones when they do well in it, and a mean of such polls would be too high.
    """
    location, scale = np.full(len(names), np.nan), np.full(len(names), UNNAMED_SD)
    for c, name in enumerate(names):
        mine = [poll for poll in polls if name in poll.shares]
        if 2 * len(mine) >= len(polls):
            location[c], scale[c] = _least_squares(mine, name, sizes)
    unnamed = np.isnan(location)
    if unnamed.any():
        left = max(1.0 - float(np.exp(location[~unnamed]).sum()), 0.0)
        location[unnamed] = math.log(max(left / unnamed.sum(), LEAST_SHARE))
    return location, scale


def _least_squares(polls: list[Poll], name: str, sizes: FirstRoundPollsSection) -> tuple[float, float]:
    """Mean and standard deviation of a log share from the polls that name the candidate."""
    share = np.array([max(poll.shares[name], ODD_SHARE) / (100.0 - poll.undecided) for poll in polls])
    share = np.minimum(share, 0.995)
    size = np.array([poll.size for poll in polls]) * np.array([(100.0 - poll.undecided) / 100.0 for poll in polls])
    days = np.array([poll.days for poll in polls])
    house = np.array([sizes.house * (2.0 if poll.partisan else 1.0) for poll in polls])
    same = np.array([[a.pollster == b.pollster for b in polls] for a in polls])
    covariance = np.diag(sizes.design_effect * (1.0 - share) / (size * share))
    covariance += same * np.outer(house, house) + sizes.drift**2 * np.minimum.outer(days, days)
    weight = np.linalg.solve(covariance, np.ones(len(polls)))
    mean = float(weight @ np.log(share) / weight.sum())
    return mean, math.sqrt(1.0 / float(weight.sum()) + sizes.shared**2)


def draw_polled(polled: Polled, seed: int, trials: int) -> Int64Array:
    """First-round votes, int64[trials, C]."""
    padded = -(-trials // GROUP) * GROUP
    keys = [stream(Purpose.POLLED_SHARE, name) for name in polled.candidates]
    z = normals(seed, keys, 0, padded)[:, :trials].T.astype(np.float64)
    share = np.exp(polled.location + polled.scale * z)
    share /= share.sum(axis=1, keepdims=True)
    of_turnout = normals(seed, [stream(Purpose.POLLED_TURNOUT)], 0, padded)[0, :trials].astype(np.float64)
    turnout = logistic(polled.turnout[0] + polled.turnout[1] * of_turnout)
    votes = np.floor(polled.registered * turnout + 0.5).astype(np.int64)
    return in_proportion(votes, share)


class _Reader:
    """The table of polls, row by row."""

    def __init__(self, table: Table, names: tuple[str, ...], day: dt.date, as_of: dt.date) -> None:
        self.table, self.names, self.day, self.as_of = table, names, day, as_of
        self.problems: list[Problem] = []
        self.remarks: list[str] = []
        self.polls: list[Poll] = []
        rows: dict[str, list[int]] = {}
        for row in range(len(table.lines)):
            if self._row_is_sound(row):
                rows.setdefault(table.columns["poll"][row], []).append(row)
        if not self.problems:
            for poll, mine in sorted(rows.items()):  # sums of floats and notes hang on no order of rows
                self._poll(poll, mine)
        if not self.problems and not self.polls:
            rule = f"at least one poll out of the field by {as_of}"
            self.problems.append(Problem(table.name, 0, 0, "no poll can be used", rule, f"{len(rows)} later ones"))
        self._spellings()

    def _row_is_sound(self, row: int) -> bool:
        table, columns = self.table, self.table.columns
        found = [name_problem(table, row, column) for column in ("poll", "pollster", "candidate")]
        for column in ("field_start", "field_end", "published"):
            if column in columns and (columns[column][row].strip() or column == "field_end"):
                found.append(self._date_problem(row, column))
        if "sample_size" in columns and columns["sample_size"][row].strip():
            found.append(number_problem(table, row, "sample_size"))
        if self._number(row) is None:
            found.append(table.problem(row, "share", "share is not a per cent", _RULE, "write 17.4 for 17.4 %"))
        candidate = _normal(columns["candidate"][row])
        if candidate not in (*self.names, OTHER, UNDECIDED):
            fix = suggestion(candidate, self.names) or f"'{OTHER}' for several together"
            rule = f"candidates of the results, '{OTHER}' or '{UNDECIDED}'"
            found.append(table.problem(row, "candidate", "no such candidate", rule, fix))
        self.problems += [problem for problem in found if problem is not None]
        return not any(found)

    def _date_problem(self, row: int, column: str) -> Problem | None:
        try:
            dt.date.fromisoformat(self.table.columns[column][row].strip())
        except ValueError:
            return self.table.problem(row, column, "not a date", "dates are YYYY-MM-DD")
        return None

    def _number(self, row: int) -> float | None:
        try:
            value = float(self.table.columns["share"][row])
        except ValueError:
            return None
        return value if 0.0 <= value <= 100.0 else None

    def _poll(self, poll: str, rows: list[int]) -> None:
        """One poll from its rows; later ones than `as_of` are left out, and that is said."""
        columns, first = self.table.columns, rows[0]
        shares: dict[str, float] = {}
        for row in rows:
            name = _normal(columns["candidate"][row])
            if name in shares:
                self.problems.append(self.table.problem(row, "candidate", f"a second row for {name} in {poll}",
                                                        "one row per poll and candidate"))  # fmt: skip
            shares[name] = float(columns["share"][row])
            for column in ("pollster", "field_end", "published", "sample_size", "partisan"):
                if column in columns and columns[column][row] != columns[column][first]:
                    rule = "the rows of a poll agree"
                    self.problems.append(self.table.problem(row, column, f"{column} of {poll} differs", rule))
        if sum(shares.values()) > 101.0:
            what = f"shares of {poll} add up to {sum(shares.values()):g}"
            self.problems.append(self.table.problem(first, "share", what, "at most 100 per cent, and rounding"))
        if shares.get(UNDECIDED, 0.0) > 95.0:
            self.problems.append(self.table.problem(first, "share", f"nobody decided in {poll}", "some have decided"))
        end = dt.date.fromisoformat(columns["field_end"][first].strip())
        published = columns["published"][first].strip() if "published" in columns else ""
        known = max(end, dt.date.fromisoformat(published)) if published else end
        if known > self.as_of:
            self.remarks.append(f"poll {poll} is left out: it ended or was published on {known}, after as_of")
            return
        size = columns["sample_size"][first].strip() if "sample_size" in columns else ""
        if not size:
            self.remarks.append(f"poll {poll} tells no sample size: {USUAL_SIZE} is assumed")
        undecided = shares.pop(UNDECIDED, 0.0)
        shares.pop(OTHER, None)
        partisan = bool("partisan" in columns and columns["partisan"][first].strip())
        self.polls.append(
            Poll(columns["pollster"][first], (self.day - end).days, int(size) if size else USUAL_SIZE, partisan,
                 shares, undecided)
        )  # fmt: skip

    def _spellings(self) -> None:
        """Pollsters that differ in capitals and spaces only."""
        seen: dict[str, str] = {}
        for poll in self.polls:
            other = seen.setdefault("".join(poll.pollster.casefold().split()), poll.pollster)
            if other != poll.pollster:
                self.remarks.append(f"pollsters {other} and {poll.pollster}: are they one?")


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
