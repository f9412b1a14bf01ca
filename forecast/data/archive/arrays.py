"""An archive as flat arrays, for a fit that goes over thousands of races.

Axis order: candidate (or race).  Candidates of one race stand together, by first-round votes, most first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runoff.data.archive.archive import Archive
from runoff.data.archive.races import PastCandidate
from runoff.data.archive.words import BLOCS, CAMPS, CONTESTS, LEVELS, axis_of
from runoff.race import BoolArray, FloatArray, Int64Array


@dataclass(frozen=True, slots=True)
class ArchiveArrays:
    """C candidates in R races of E elections; codes are places in `words.BLOCS`, `CAMPS`, `LEVELS`, `CONTESTS`.

    Attributes
    ----------
    start : int64[R + 1], a race's candidates are start[r] to start[r + 1].
    race : int64[C], the candidate's race.
    votes, runoff_votes : int64[C], of the two rounds; 0 in the runoff for who did not stand.
    advanced, withdrew : bool[C].
    bloc, camp : int64[C], codes.
    axis : float64[C], far-left -2 to far-right 2, NaN off the axis.
    election : int64[R], place in `elections`, which are in order of runoff date.
    level, contest : int64[R], codes.
    valid, registered : float64[R, 2], of both rounds; NaN where not known.
    date_first, date_runoff : datetime64[D][R].
    n_finalists : int64[R].
    """

    start: Int64Array
    race: Int64Array
    votes: Int64Array
    runoff_votes: Int64Array
    advanced: BoolArray
    withdrew: BoolArray
    bloc: Int64Array
    camp: Int64Array
    axis: FloatArray
    election: Int64Array
    elections: tuple[str, ...]
    level: Int64Array
    contest: Int64Array
    valid: FloatArray
    registered: FloatArray
    date_first: npt.NDArray[np.datetime64]
    date_runoff: npt.NDArray[np.datetime64]
    n_finalists: Int64Array


def arrays_of(archive: Archive) -> ArchiveArrays:
    """The arrays of an archive, races in its order.

    Raises
    ------
    KeyError : a bloc, camp, level or contest that is none of `words`.
    """
    races = archive.races
    candidates = [candidate for race in races for candidate in race.candidates]
    counts = np.array([len(race.candidates) for race in races], np.int64)
    start = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    advanced = _flags(candidates, lambda c: c.advanced)
    race = np.repeat(np.arange(len(races)), counts)
    blocs = _codes([c.bloc for c in candidates], BLOCS)
    return ArchiveArrays(
        start=start,
        race=race,
        votes=np.array([c.first_round_votes for c in candidates], np.int64),
        runoff_votes=np.array([c.runoff_votes or 0 for c in candidates], np.int64),
        advanced=advanced,
        withdrew=_flags(candidates, lambda c: c.withdrew),
        bloc=blocs,
        camp=_codes([c.camp for c in candidates], CAMPS),
        axis=np.array([axis_of(bloc) for bloc in BLOCS])[blocs],
        election=_codes([r.election for r in races], archive.elections),
        elections=archive.elections,
        level=_codes([r.level for r in races], tuple(LEVELS)),
        contest=_codes([r.contest for r in races], tuple(CONTESTS)),
        valid=_known([(r.first.valid, r.runoff.valid) for r in races]),
        registered=_known([(r.first.registered, r.runoff.registered) for r in races]),
        date_first=np.array([r.date_first for r in races], "datetime64[D]"),
        date_runoff=np.array([r.date_runoff for r in races], "datetime64[D]"),
        n_finalists=np.bincount(race[advanced], minlength=len(races)).astype(np.int64),
    )


def _codes(words: Sequence[str], known: Sequence[str]) -> Int64Array:
    place = {word: number for number, word in enumerate(known)}
    return np.array([place[word] for word in words], np.int64)


def _flags(candidates: Sequence[PastCandidate], said: Callable[[PastCandidate], bool]) -> BoolArray:
    return np.array([said(candidate) for candidate in candidates], np.bool_)


def _known(pairs: Sequence[tuple[int | None, int | None]]) -> FloatArray:
    values = [[np.nan if value is None else value for value in pair] for pair in pairs]
    return np.array(values, np.float64).reshape(-1, 2)
