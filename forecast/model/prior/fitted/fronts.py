"""How far one camp led another in the whole first round of an election: a chamber's duels are swung by it."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np

from runoff.arithmetic.functions import log
from runoff.data.archive.archive import Archive
from runoff.data.archive.races import PastRace
from runoff.model.prior.fitted.fields import stratum_of
from runoff.race import FloatArray

_LEAST_RACES = 100  # of an election, for its first round to be one


def fronts_of(archive: Archive) -> FloatArray:
    """Log of the votes of A's camp over those of B's in the whole election: float64[races]; 0 where it is not known.

    It is known where an election has at least a hundred races in the archive, all of one kind; districts that the
    first round decided count as well.
    """
    votes = camp_votes(archive)
    return np.array([_front(race, votes[race.election]) for race in archive.races])


def camp_votes(archive: Archive) -> dict[str, Counter[str]]:
    """First-round votes by camp of each election with at least a hundred races; an empty count for the others."""
    races = Counter(race.election for race in archive.races)
    found = _votes(archive)
    return {election: found[election] if many >= _LEAST_RACES else Counter() for election, many in races.items()}


def _votes(archive: Archive) -> dict[str, Counter[str]]:
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for race in archive.races:
        for candidate in race.candidates:
            votes[race.election][candidate.camp] += candidate.first_round_votes
    for district in archive.outright:
        for candidate in district.candidates:
            votes[district.election][candidate.camp] += candidate.first_round_votes
    return votes


def _front(race: PastRace, votes: Counter[str]) -> float:
    camps = [candidate.camp for candidate in race.finalists[:2]]
    if stratum_of(race.level) != "district" or camps[0] == camps[1]:
        return 0.0
    a, b = (votes[camp] for camp in camps)
    return float(log(a / b)) if a and b else 0.0
