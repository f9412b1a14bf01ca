"""Polls of seats between the rounds: how many a bloc or party was said to get, as observations of the shocks.

Seats are no straight line in the shocks.  So the chamber is drawn a few thousand times as it is believed to be, seats
are regressed on the shocks, and what polls say is a value of that line, with what is left of the seats around it and
the polls' errors; from what is then believed the same is done again (iterated statistical linear regression; García-
Fernández, Svensson, Morelande and Särkkä 2015, doi:10.1109/TSP.2015.2454485).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from runoff.model.chamber.shared import Learned, rounded
from runoff.race import FloatArray
from runoff.runfile.sections.chamber import SeatPoll

ROUNDS = 3
_LEAST = 0.02  # part of the chamber: who is said to get less or none is as uncertain as if he got that

# shocks as they are believed -> shocks float64[n, Q] and seats float64[n, B] of some trials
Tried = Callable[[Learned], tuple[FloatArray, FloatArray]]


@dataclass(frozen=True, slots=True)
class Said:
    """B blocs or parties of whom seats were said: by how many polls, the mean of their middles, and its variance."""

    names: tuple[str, ...]
    polls: tuple[int, ...]
    seats: FloatArray
    error: FloatArray


def said_of(polls: Sequence[SeatPoll], error_sd: float, seats: int) -> Said:
    """What polls say of each bloc or party of a chamber of so many seats.

    error_sd : what all polls of one share, a part of the chamber for one who is said to get half of it; for one who
    gets a part s the root of 4 s (1 - s) times that.  A poll's own error has an sd of half the range it published.
    """
    by: dict[str, list[tuple[float, float]]] = {}
    for poll in polls:
        by.setdefault(poll.of, []).append(((poll.low + poll.high) / 2.0, ((poll.high - poll.low) / 2.0) ** 2))
    means = [[sum(column) / len(found) for column in zip(*found, strict=True)] for found in by.values()]
    many = tuple(len(found) for found in by.values())
    error = []
    for (middle, own), n in zip(means, many, strict=True):
        part = min(max(middle / seats, _LEAST), 1.0 - _LEAST)
        error.append((error_sd * seats) ** 2 * 4.0 * part * (1.0 - part) + own / n)
    return Said(tuple(by), many, np.array([middle for middle, _ in means]), np.array(error))


def listened(before: Learned, said: Said, tried: Tried) -> tuple[Learned, list[str]]:
    """The shocks after polls of seats, and a note on each: what it says, what was believed, what is now."""
    z, seats = tried(before)
    first = seats
    for _ in range(ROUNDS):
        x: FloatArray = np.linalg.solve(before.root, (z - before.mean).T).T.astype(np.float64)
        believed = _updated(before, said, x, seats)
        z, seats = tried(believed)
    return believed, _notes(said, first, seats)


def _updated(before: Learned, said: Said, x: FloatArray, seats: FloatArray) -> Learned:
    """The shocks given what is said, seats taken as linear around trials x float64[n, Q], normals before it."""
    x_mean, mean = x.mean(axis=0), seats.mean(axis=0)
    away, off = x - x_mean, seats - mean
    slope = np.linalg.lstsq(away, off, rcond=None)[0]  # [Q, B]
    left = off - away @ slope
    noise = left.T @ left / len(x) + np.diag(said.error)
    pull = np.linalg.solve(noise, slope.T).T  # [Q, B]
    cov = np.linalg.inv(np.eye(len(slope)) + pull @ slope.T)
    at = cov @ (pull @ (said.seats - mean + x_mean @ slope))
    root = before.root @ np.linalg.cholesky((cov + cov.T) / 2.0)
    return rounded(before.mean + before.root @ at, root, before.loglik)


def _notes(said: Said, before: FloatArray, now: FloatArray) -> list[str]:
    told = []
    for b, (name, polls) in enumerate(zip(said.names, said.polls, strict=True)):
        many = f"{polls} polls say" if polls > 1 else "a poll says"
        without = "them" if polls > 1 else "it"
        was, is_ = (f"{seats[:, b].mean():.0f} ± {seats[:, b].std():.0f}" for seats in (before, now))
        told.append(f"seats of {name}: {many} {said.seats[b]:g}, without {without} {was}, taken as {is_}")
    return told
