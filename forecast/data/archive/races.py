"""A past race as frozen values: candidates, ballots of both rounds, polls of the runoff; and what is kept beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from runoff.data.archive.words import area_of, axis_of, nation_of


@dataclass(frozen=True, slots=True)
class PastCandidate:
    """A name on a first round's ballot.

    Attributes
    ----------
    bloc, camp : of `words.BLOCS` and `words.CAMPS`.
    nuance : the code that an authority gave the candidate, or ''.
    first_round_votes : votes, a whole number.
    advanced : whether the candidate stood in the runoff.
    withdrew : whether the candidate was entitled to stand there, and did not.
    runoff_votes : votes in the runoff; None for who did not stand.
    """

    name: str
    party: str
    bloc: str
    camp: str
    nuance: str
    first_round_votes: int
    advanced: bool
    withdrew: bool
    runoff_votes: int | None

    @property
    def axis(self) -> float:
        """Place on the axis, far-left -2 to far-right 2; NaN for who stands nowhere on it."""
        return axis_of(self.bloc)


@dataclass(frozen=True, slots=True)
class Turnout:
    """Ballots of one round: numbers of people, None where not known.

    valid : as the source states it; in a few races it differs from the candidates' sum, and the race's note says so.
    blank, null : apart, where they were counted apart; invalid : both together.
    """

    valid: int
    blank: int | None
    null: int | None
    invalid: int | None
    registered: int | None


@dataclass(frozen=True, slots=True)
class PastPoll:
    """A poll of a runoff of two: percentages of first (a) and second (b) of the finalists by first-round votes.

    partisan : whose side the sponsor takes (D, R), or ''.
    """

    pollster: str
    day: dt.date
    sample_size: int | None
    partisan: str
    percent_a: float
    percent_b: float
    source: str

    @property
    def share_a(self) -> float:
        """The first-round leader's share of the two."""
        return self.percent_a / (self.percent_a + self.percent_b)


@dataclass(frozen=True, slots=True)
class PastRace:
    """A race whose two rounds are over.

    Attributes
    ----------
    id : names the race in the archive.
    country : the country, and in brackets the part of it where the race was held: 'United States (Georgia)'.
    level, contest : of `words.LEVELS` and `words.CONTESTS`.
    election : the races that share what moved all of them that day; `words.election_of`.
    candidates : by first-round votes, most first; equal votes in order of name.
    winner : a finalist's name.
    polls_n, polls_average_a : of the source's own average of the last polls, the leader's share of two; None if none.
    """

    id: str
    country: str
    office: str
    level: str
    contest: str
    date_first: dt.date
    date_runoff: dt.date
    election: str
    candidates: tuple[PastCandidate, ...]
    first: Turnout
    runoff: Turnout
    winner: str
    verified: str
    source: str
    note: str
    polls: tuple[PastPoll, ...]
    polls_n: int | None
    polls_average_a: float | None

    @property
    def nation(self) -> str:
        """The country without the part of it in brackets."""
        return nation_of(self.country)

    @property
    def area(self) -> str:
        """The state or region in brackets behind the country, or ''."""
        return area_of(self.country)

    @property
    def finalists(self) -> tuple[PastCandidate, ...]:
        """Who stood in the runoff, two to four, by first-round votes."""
        return tuple(candidate for candidate in self.candidates if candidate.advanced)

    @property
    def eliminated(self) -> tuple[PastCandidate, ...]:
        """Everybody else, those who withdrew among them."""
        return tuple(candidate for candidate in self.candidates if not candidate.advanced)

    @property
    def withdrawn(self) -> tuple[PastCandidate, ...]:
        """Who was entitled to stand in the runoff, and did not."""
        return tuple(candidate for candidate in self.candidates if candidate.withdrew)

    @property
    def first_round_votes(self) -> int:
        """Votes for all candidates in the first round."""
        return sum(candidate.first_round_votes for candidate in self.candidates)

    @property
    def runoff_votes(self) -> int:
        """Votes for all finalists in the runoff."""
        return sum(candidate.runoff_votes or 0 for candidate in self.candidates)

    @property
    def turnout_ratio(self) -> float:
        """Runoff votes over first-round votes."""
        return self.runoff_votes / self.first_round_votes

    @property
    def runoff_share_a(self) -> float:
        """The share of the first of the finalists by first-round votes in the runoff's votes."""
        return (self.finalists[0].runoff_votes or 0) / self.runoff_votes

    @property
    def leader_won(self) -> bool:
        """Whether the first of the finalists by first-round votes won."""
        return self.winner == self.finalists[0].name


@dataclass(frozen=True, slots=True)
class OutrightRace:
    """A district of a two-round election that the first round decided; `elected` is a candidate's name."""

    id: str
    election: str
    candidates: tuple[PastCandidate, ...]
    elected: str
    first: Turnout


@dataclass(frozen=True, slots=True)
class Nuance:
    """An authority's code of an office and year: the bloc and camp that it stands for here, how often, and why.

    finalists : how many of its candidates stood in runoffs.
    """

    office: str
    year: int
    nuance: str
    bloc: str
    camp: str
    candidates: int | None
    first_round_votes: int | None
    finalists: int | None
    reason: str
