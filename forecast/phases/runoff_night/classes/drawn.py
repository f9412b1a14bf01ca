"""Trials of classes of ballots: how many there are, how they split, and whether they count, drawn once a trial.

A class's ballots leave what is out of its cells before counts are drawn there, and are whole numbers of their own: of
the size N that was drawn, a multinomial by the shares that were drawn, as far as a normal can say it.  They are drawn
in each trial, whether they count there or not; so a trial says what it would be either way.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runoff.arithmetic.chances import quantile
from runoff.arithmetic.functions import exp
from runoff.estimate.logistic import logistic
from runoff.kernels.streams import Purpose, stream
from runoff.phases.runoff_night.classes.ballots import BallotClass
from runoff.race import BoolArray, FloatArray, Int64Array

_LEAST = 1e-9
_SIZE, _COUNTED, _SPLIT, _FIRST = 0, 1, 2, 3  # rows of a class's normals; then K of its lean and K of its counts


@dataclass(frozen=True, slots=True)
class ClassTrials:
    """Classes in trials.

    would : int64[n, C, K], ballots of each class and finalist if it counts.  counted : bool[n, C], whether it does.
    expected : float64[n, C], votes that its cells were to hold (nought for `extra`).
    """

    would: Int64Array
    counted: BoolArray
    expected: FloatArray

    @classmethod
    def none(cls, trials: int, finalists: int = 2) -> ClassTrials:
        """Of no class."""
        return cls(np.zeros((trials, 0, finalists), np.int64), np.zeros((trials, 0), bool), np.zeros((trials, 0)))

    @classmethod
    def joined(cls, parts: Sequence[ClassTrials], trials: int) -> ClassTrials:
        """Groups of trials one after the other, cut to so many."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts])[:trials] for name in cls.__slots__))

    @property
    def votes(self) -> Int64Array:
        """Ballots that count: int64[n, K]."""
        found: Int64Array = (self.would * self.counted[:, :, None]).sum(axis=1)
        return found


class ClassDraws:
    """What a group of trials needs to draw classes.

    people : float64[U].  held : [K, M, U], counted votes.  is_out : bool[M, U].
    """

    def __init__(self, classes: Sequence[BallotClass], people: FloatArray, held: Any, is_out: BoolArray) -> None:
        self.classes = tuple(classes)
        self.people, self.held, self.is_out = people, held, is_out
        finalists = len(held)
        self.rows = _FIRST + 2 * finalists
        self.keys = np.array([key for one in classes for key in _streams(one.name, finalists)], np.uint64)

    @property
    def units(self) -> BoolArray:
        """Units in which something may come on top: bool[U]."""
        on_top = [one.units for one in self.classes if one.kind == "extra"]
        found: BoolArray = np.any([np.zeros(len(self.people), bool), *on_top], axis=0)
        return found

    def take(self, out: Any, open_: np.ndarray, normals: Callable[[np.ndarray], Any]) -> tuple[ClassTrials, Any]:
        """The classes of a group, and what they add to units: [K, open, n], or 0.0 where there are none.

        out : float32[K, M, open, n], votes expected of what is out of the units open_; it loses what is a class's.
        """
        trials = out.shape[3]
        if not self.classes:
            return ClassTrials.none(trials, len(out)), 0.0
        z = normals(self.keys).astype(np.float64).reshape(len(self.classes), self.rows, trials)
        before = [self._of_cells(one, out, open_) for one in self.classes]
        would = np.zeros((len(self.classes), len(out), trials), np.int64)
        counted = np.zeros((len(self.classes), trials), bool)
        left = self.people[open_] - self.held[:, :, open_].sum(axis=(0, 1), dtype=np.float64)
        added, all_added = np.zeros((len(out), *out.shape[2:])), np.zeros(out.shape[2:])
        for c, (one, of_units) in enumerate(zip(self.classes, before, strict=True)):
            size = _size(one, of_units.sum(axis=(0, 1)), float(self.people[one.units].sum()), z[c, _SIZE])
            self._leave(one, out, open_, of_units, size)
            mine = one.units[open_]
            there = out[:, :, mine].sum(axis=(0, 1, 2), dtype=np.float64) + all_added[mine].sum(axis=0)
            size = np.floor(np.minimum(size, np.maximum(left[mine].sum() - there, 0.0)) + 0.5)
            share = _shares(one, of_units.sum(axis=1), z[c])
            would[c] = multinomial(size, share, z[c, _FIRST + len(out) :])
            counted[c] = _counts(one.p_counted, z[c, _COUNTED])
            where = _parts(of_units.sum(axis=0), self.people[open_] * mine)
            all_added += where * size
            added += where * (would[c] * counted[c])[:, None]
        expected = [b.sum(axis=(0, 1)) * (one.kind != "extra") for one, b in zip(self.classes, before, strict=True)]
        return ClassTrials(would.transpose(2, 0, 1), counted.T, np.stack(expected, axis=1)), added

    def _within(self, one: BallotClass, open_: np.ndarray) -> BoolArray:
        """Cells of a class that are out: bool[M, open]."""
        found: BoolArray = one.cells[open_].T & self.is_out[:, open_]
        return found

    def _of_cells(self, one: BallotClass, out: Any, open_: np.ndarray) -> FloatArray:
        """Votes that say how the class leans and where it is: float64[K, open, n].

        Those out of its cells; for what comes on top, all final votes of its cells.
        """
        mask = self._within(one, open_)
        found: FloatArray = np.where(mask[None, :, :, None], out, np.float32(0.0)).sum(axis=1, dtype=np.float64)
        if one.kind == "extra":
            held = np.where(one.cells[open_].T, self.held[:, :, open_], 0.0).sum(axis=1, dtype=np.float64)
            found += held[:, :, None]
        return found

    def _leave(self, one: BallotClass, out: Any, open_: np.ndarray, of_units: FloatArray, size: FloatArray) -> None:
        """Take a class's ballots off what is out of its cells."""
        if one.kind == "extra":
            return
        mask = self._within(one, open_)
        if one.kind == "all":
            out[:, mask] = 0.0
            return
        now = np.where(mask[None, :, :, None], out, np.float32(0.0)).sum(axis=(0, 1, 2), dtype=np.float64)
        out[:, mask] *= (np.maximum(now - size, 0.0) / np.maximum(now, _LEAST)).astype(np.float32)


def multinomial(size: FloatArray, share: FloatArray, noise: FloatArray) -> Int64Array:
    """Whole numbers that add up to size [n], by shares [K, n]: int64[K, n]; noise : normals [K, n]."""
    found = np.zeros(share.shape, np.int64)
    left, part = size.copy(), np.ones_like(size)
    for k in range(len(share) - 1):
        p = np.clip(share[k] / np.maximum(part, _LEAST), 0.0, 1.0)
        drawn = left * p + np.sqrt(left * p * (1.0 - p)) * noise[k]
        found[k] = np.clip(np.floor(drawn + 0.5), 0.0, left)
        left, part = left - found[k], part - share[k]
    found[-1] = left
    return found


def _streams(name: str, finalists: int) -> list[np.uint64]:
    of_all = [stream(Purpose.NIGHT_CLASS, f"{name}\0{what}") for what in ("size", "counted", "split")]
    return of_all + [
        stream(Purpose.NIGHT_CLASS, f"{name}\0{w}", k) for w in ("lean", "count") for k in range(finalists)
    ]


def _size(one: BallotClass, expected: FloatArray, people: float, z: FloatArray) -> FloatArray:
    """Ballots of the class: float64[n]; where nobody said how many, those expected with the noise of counting."""
    if one.size is None:
        return np.maximum(expected + np.sqrt(expected * np.maximum(1.0 - expected / max(people, 1.0), 0.0)) * z, 0.0)
    size: FloatArray = exp(one.size[0] + one.size[1] * z)
    return size


def _shares(one: BallotClass, votes: FloatArray, z: FloatArray) -> FloatArray:
    """Finalists' shares of the class: float64[K, n]; votes : [K, n], those of its cells."""
    share = (votes + _LEAST) / (votes + _LEAST).sum(axis=0)
    if one.split is not None:
        to, location, scale = one.split
        said = logistic(location + scale * z[_SPLIT])
        share = share * (1.0 - said) / np.maximum(1.0 - share[to], _LEAST)
        share[to] = said
    elif one.lean_sd > 0.0:
        share = share * exp(one.lean_sd / math.sqrt(2.0) * z[_FIRST : _FIRST + len(votes)])
    result: FloatArray = share / share.sum(axis=0)
    return result


def _counts(p: float, z: FloatArray) -> BoolArray:
    """Whether the class counts: bool[n]."""
    limit = math.inf if p >= 1.0 else -math.inf if p <= 0.0 else quantile(p)
    found: BoolArray = z < limit
    return found


def _parts(votes: FloatArray, people: FloatArray) -> FloatArray:
    """Units' parts of the class: float64[open, n], by votes [open, n], by people where there are none."""
    total = votes.sum(axis=0)
    by_people = people / max(float(people.sum()), 1.0)
    found: FloatArray = np.where(total > 0.0, votes / np.maximum(total, _LEAST), by_people[:, None])
    return found
