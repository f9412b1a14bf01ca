"""Past Assemblies as chambers: districts of the archive, forecast whole without their election, and on the night."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from runoff.app.backtest.scored import log_score
from runoff.data.archive.archive import Archive
from runoff.data.archive.races import OutrightRace, PastRace
from runoff.data.archive.words import BLOCS
from runoff.data.chamber.counted import Counted
from runoff.data.chamber.districts import District, Law, elected, qualified
from runoff.estimate.tallied import quantile
from runoff.model.prior.fitted.fits import Fit
from runoff.phases.chamber.fit import Fitted, fitted
from runoff.race import Candidate, FloatArray, Int64Array
from runoff.simulate.chamber.draw import SHARE_BIN, Tally, draw_chamber

LEVEL = "national_district"
_SAME = {bloc: bloc for bloc in BLOCS}
_LAST = ("75", "92", "93", "94")  # Paris and around it
_FEW = 2.5  # seats, on average or in truth, from which on a bloc is scored


@dataclass(frozen=True, slots=True)
class Assembly:
    """A past election of a chamber: its districts, and the runoffs' votes by district and finalist."""

    election: str
    districts: tuple[District, ...]
    votes: Mapping[str, tuple[int, ...]]

    @property
    def blocs(self) -> list[str]:
        """The bloc that has each seat."""
        found = []
        for district in self.districts:
            place = district.elected
            if place is None:
                place = district.finalists[int(np.argmax(self.votes[district.id]))]
            found.append(district.candidates[place].bloc)
        return found


def assemblies(archive: Archive) -> list[Assembly]:
    """Every chamber of an archive with at least a hundred districts that went to a runoff, in order of days."""
    found = []
    for election in archive.elections:
        races = [race for race in archive.races if race.election == election and race.level == LEVEL]
        if len(races) >= 100:
            decided = [race for race in archive.outright if race.election == election]
            votes = {race.id: tuple(c.runoff_votes or 0 for c in race.finalists) for race in races}
            places: list[PastRace | OutrightRace] = [*races, *decided]
            found.append(Assembly(election, tuple(map(_district, places)), votes))
    return found


def _district(race: PastRace | OutrightRace) -> District:
    """A past race as its table would have it; who stands is the law's word, and the archive agrees."""
    candidates = [c for c in race.candidates if c.first_round_votes > 0]
    votes = tuple(c.first_round_votes for c in candidates)
    winner = elected(votes, race.first.registered, Law())
    stand = () if winner is not None else qualified(votes, race.first.registered, Law())
    left = tuple(k for k in stand if not candidates[k].withdrew)
    return District(
        id=race.id,
        region=race.id.rpartition("_")[2].rpartition("-")[0],
        candidates=tuple(Candidate(c.name, c.party or c.bloc, c.bloc) for c in candidates),
        votes=votes,
        registered=race.first.registered,
        finalists=left,
        withdrawn=tuple(k for k in stand if candidates[k].withdrew),
        elected=winner,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """A chamber forecast: what is drawn of it, ready and drawn."""

    of: Assembly
    ready: Fitted
    tally: Tally

    def seats(self, bloc: str) -> np.ndarray:
        """Seats of a bloc in each trial; none for one that nobody stands for."""
        if bloc not in self.ready.blocs:
            return np.zeros(self.tally.trials, np.int16)
        found: np.ndarray = self.tally.seats[self.ready.blocs.index(bloc)]
        return found


def forecast(
    of: Assembly,
    fit: Fit,
    counted: Mapping[str, Counted],
    *,
    trials: int,
    seed: int,
    threads: int,
    change: Callable[[Fitted], Fitted] | None = None,
) -> Seen:
    """An Assembly forecast with a fit that knows nothing of it, and the runoffs counted so far."""
    ready = fitted(of.districts, _SAME, fit, counted, election=of.election, seed=seed)
    ready = ready if change is None else change(ready)
    return Seen(of, ready, draw_chamber(ready.chamber, trials, seed=seed, threads=threads))


def scored_blocs(of: Assembly, seen: Seen) -> list[str]:
    """Blocs that had, or were given, more than a seat or two."""
    actual = of.blocs
    return [b for b in BLOCS if max(actual.count(b), float(seen.seats(b).mean())) >= _FEW]


def crps_seats(seats: np.ndarray, actual: int) -> float:
    """Continuous ranked probability score of drawn whole seats, in seats."""
    counts = np.bincount(seats, minlength=actual + 1)
    upto = np.cumsum(counts) / counts.sum()
    return float(((upto - (np.arange(len(counts)) >= actual)) ** 2).sum())


@dataclass(frozen=True, slots=True)
class DistrictScore:
    """Scores of one district's forecast: log and Brier score of its winner, CRPS of a duel's margin, inside 80 %."""

    log: float
    brier: float
    crps: float
    inside: float


def district_scores(seen: Seen) -> list[DistrictScore]:
    """Of every district that was drawn; CRPS and the range are nan of three and more finalists."""
    found = []
    for number, d in enumerate(seen.ready.chamber.places):
        district = seen.of.districts[d]
        votes = np.array(seen.of.votes[district.id], np.float64)
        p: FloatArray = seen.tally.wins[d, : len(votes)] / seen.tally.trials
        won = np.arange(len(votes)) == int(np.argmax(votes))
        score, inside = float("nan"), float("nan")
        if len(votes) == 2:
            bins: Int64Array = seen.tally.bins[number][0]
            score, inside = _margin(bins, float(votes[0] / votes.sum()))
        found.append(
            DistrictScore(log_score(float(p[won][0]), 1.0), float(((p - won) ** 2).sum() / 2.0), score, inside)
        )
    return found


def _margin(bins: Int64Array, share: float) -> tuple[float, float]:
    """CRPS of a duel's margin and whether it is inside the 80 % range, from bins of the first finalist's share."""
    upto = np.cumsum(bins) / bins.sum()
    ends = SHARE_BIN * (np.arange(len(bins)) + 0.5)
    score = 2.0 * SHARE_BIN * float(((upto - (ends >= share)) ** 2).sum())
    low, high = (quantile(bins, level, -SHARE_BIN / 2.0, SHARE_BIN) for level in (0.1, 0.9))
    return score, float(low <= share <= high)


def orders(of: Assembly) -> dict[str, list[str]]:
    """Orders in which runoffs are counted, by name: ids of districts."""
    open_ = [district for district in of.districts if district.elected is None]

    def turn(district: District) -> int:
        place = district.region
        return 0 if place[:1] == "Z" or len(place) > 2 else 2 if place in _LAST else 1

    small = sorted(open_, key=lambda d: sum(d.votes))
    return {
        "small first": [d.id for d in small],
        "overseas first, Paris last": [d.id for d in sorted(small, key=turn)],
        "by département": [d.id for d in sorted(open_, key=lambda d: (turn(d), d.id))],
    }


def counted_of(of: Assembly, ids: Sequence[str]) -> dict[str, Counted]:
    """These districts' runoffs, complete."""
    return {name: Counted(of.votes[name], complete=True) for name in ids}
