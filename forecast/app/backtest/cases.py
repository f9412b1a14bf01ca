"""A past race as the case that somebody would have run on the morning after its first round."""

from __future__ import annotations

import datetime as dt

import numpy as np

from runoff.data.archive.races import PastRace
from runoff.data.polls.polls import Poll
from runoff.data.votes.results import Results
from runoff.race import Candidate, FirstRound
from runoff.runfile.load import Case
from runoff.runfile.sections.run_file import RunFile

_NEW = "new voters"


def case_of(race: PastRace, camps: dict[str, float] | None = None, *, polled: bool = False) -> Case:
    """The case: the first round in one unit, blocs as the archive has them, and nothing said of rates.

    camps : shares of the first round of the whole election by camp, where they were known.  polled : on the runoff's
    eve instead, with the archive's polls between the rounds.
    """
    standing = [candidate for candidate in race.candidates if candidate.first_round_votes > 0]
    votes = np.array([[candidate.first_round_votes for candidate in standing]], np.int64)
    outside = _outside(race, int(votes.sum()))
    first = FirstRound(
        candidates=tuple(Candidate(c.name, c.party or c.bloc, c.bloc) for c in standing),
        units=("all",),
        regions=("",),
        votes=votes,
        registered=None if outside is None else votes.sum(axis=1) + outside,
        ballots=votes.sum(axis=1),
        sources=(),
    )
    return Case(
        run_file=_run_file(race, bool(outside), camps or {}, polled),
        first_round=first,
        finalists=tuple(candidate.name for candidate in race.finalists),
        text=race.id,
        path=race.id,
        warnings=(),
        polls=_polls(race) if polled else (),
        crosstabs=(),
        survey_sources=(),
        results=Results(first, None, (), None, ()),  # type: ignore[arg-type]  # totals only: nobody asks for modes
    )


def _outside(race: PastRace, votes: int) -> int | None:
    """People on the roll without a valid vote in the first round; None where nobody counted the roll."""
    roll = race.first.registered
    return None if roll is None or roll <= votes else roll - votes


def _run_file(race: PastRace, new: bool, camps: dict[str, float], polled: bool) -> RunFile:
    """What the race's run file would say."""
    known = {camp: share for camp, share in camps.items() if 0.0 < share < 1.0}
    said: dict[str, object] = {
        "race": {
            "id": "past",
            "name": race.id,
            "first_round": race.date_first,
            "runoff": race.date_runoff,
            "as_of": race.date_runoff - dt.timedelta(days=1) if polled else race.date_first,
        },
        "results": {"table": "first-round.csv"},
        "finalists": {"advance": len(race.finalists)},
        "prior": {
            "source": "archive",
            "level": race.level,
            "country": race.country,
            "contest": race.contest,
            "stood_down": [candidate.name for candidate in race.withdrawn],
            "camps": known,
        },
    }
    if polled:
        said["evidence"] = {"polls": "polls.csv"}
    if new:
        said["new_voters"] = {"name": _NEW}
    return RunFile.model_validate(said)


_USUAL_SIZE = 1_000  # people asked, where nobody says


def _polls(race: PastRace) -> tuple[Poll, ...]:
    """The polls of a race that were taken after its first round."""
    first, second = (candidate.name for candidate in race.finalists[:2])
    between = [poll for poll in race.polls if race.date_first < poll.day < race.date_runoff]
    return tuple(
        Poll(
            pollster=poll.pollster,
            sponsor=poll.partisan,
            side=poll.partisan,
            start=poll.day,
            end=poll.day,
            published=poll.day,
            population="",
            sample_size=poll.sample_size or _USUAL_SIZE,
            shares=((first, poll.percent_a / 100.0), (second, poll.percent_b / 100.0)),
            undecided=None,
            place=f"{race.id}:{number}",
        )
        for number, poll in enumerate(between)
    )
