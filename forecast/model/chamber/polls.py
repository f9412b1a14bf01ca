"""Polls of transfers between the rounds: what a bloc's voters say they will do between two others, as observations.

A pool's people, of whom a part goes to A and a part to B, move A's margin by the difference of the two times their
number.  The law has that difference too: the slope of the pool's relation to A and B, with its shock, the wind between
the camps of the two, and open pools' shocks.  So a question is one more value of the linear law, with an error of
sampling (a design effect of two) and one that all polls of the question share: what people say is not what they do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from runoff.data.archive.words import BLOCS
from runoff.model.chamber.pairs import front_of
from runoff.model.chamber.shared import Learned, Shared, shared_law
from runoff.model.prior.fitted.fields import STRATA, Fields, stratum_of
from runoff.model.prior.fitted.fits import Fit
from runoff.race import FloatArray
from runoff.runfile.sections.chamber import TransferPoll

DESIGN_EFFECT = 2.0  # variance of a poll / that of a simple random sample
UNTOLD = 100  # people of a bloc that a poll is taken to have asked, where it does not say
_POOL = 0.2  # share of the pool in the two made races of which the law is taken
_ALONE = 1e-9


@dataclass(frozen=True, slots=True)
class Heard:
    """Q questions: `law` of the differences, of which `own` is the variance of the polls' errors, and what they say.

    questions : pool, a and b of each, and how many polls.  said : float64[Q].
    """

    questions: tuple[tuple[str, str, str, int], ...]
    law: Shared
    said: FloatArray


def heard(
    polls: Sequence[TransferPoll],
    fit: Fit,
    blocs: Mapping[str, str],
    camps: Mapping[str, int],
    *,
    level: str,
    error_sd: float,
) -> Heard:
    """The questions of some polls, those of one question together.

    blocs : the archive's of each of the table's.  camps : first-round votes of the whole chamber.
    error_sd : of the difference, what all polls of one question share.
    """
    by: dict[tuple[str, str, str], list[tuple[float, float]]] = {}
    for poll in polls:
        a, b, first, second = poll.a, poll.b, poll.a_share, poll.b_share
        if BLOCS.index(blocs[a]) > BLOCS.index(blocs[b]):  # one question, whoever is named first
            a, b, first, second = b, a, second, first
        away, people = first - second, float(poll.people or UNTOLD)
        variance = DESIGN_EFFECT * max(first + second - away**2, 1.0 / people) / people
        by.setdefault((poll.pool, a, b), []).append((away, variance))
    questions = tuple((*question, len(found)) for question, found in by.items())
    weight = [[1.0 / variance for _, variance in found] for found in by.values()]
    mean = [np.average([y for y, _ in found], weights=w) for found, w in zip(by.values(), weight, strict=True)]
    error = np.array([1.0 / sum(w) + error_sd**2 for w in weight])
    return Heard(questions, replace(_law(list(by), fit, blocs, camps, level), own=error), np.array(mean))


def _law(
    questions: Sequence[tuple[str, str, str]], fit: Fit, blocs: Mapping[str, str], camps: Mapping[str, int], level: str
) -> Shared:
    """The law of a pool's difference: that of a margin with the pool less one without, for each of its people.

    The wind, and a camp's lead in the whole chamber, move everybody, and so the pool too.
    """
    without, some = (_races(questions, blocs, camps, level, share) for share in (_ALONE, _POOL))
    alone, law = shared_law(fit, without), shared_law(fit, some)
    moved = (_POOL / some.back)[:, None]
    loads = alone.loads + (law.loads - alone.loads) / moved
    return Shared(alone.mean + (law.mean - alone.mean) / moved[:, 0], loads, np.zeros(len(questions)))


def _races(
    questions: Sequence[tuple[str, str, str]],
    blocs: Mapping[str, str],
    camps: Mapping[str, int],
    level: str,
    share: float,
) -> Fields:
    """Made races of two equal finalists and the pool: nobody leads, so that its own part alone is left."""
    words = [[blocs[word] for word in (a, b, pool)] for pool, a, b in questions]
    many = len(words)
    return Fields(
        race=np.repeat(np.arange(many), 3),
        share=np.tile([(1.0 - share) / 2.0, (1.0 - share) / 2.0, share], many),
        bloc=np.array([BLOCS.index(word) for of in words for word in of], np.int64),
        role=np.tile([0, 1, -1], many),
        stood_down=np.zeros(3 * many, np.bool_),
        stratum=np.full(many, STRATA.index(stratum_of(level)), np.int64),
        front=np.array([front_of(a, b, camps) for a, b, _ in words]),
    )


def notes(found: Heard, shocks: Learned) -> list[str]:
    """What each question was expected to say, what it says, and what is believed after all of them."""
    told = []
    cov = shocks.root @ shocks.root.T
    for (pool, a, b, polls), mean, load, said in zip(
        found.questions, found.law.mean, found.law.loads, found.said, strict=True
    ):
        before, after = float(np.sqrt(load @ load)), float(np.sqrt(load @ cov @ load))
        now = float(mean + load @ shocks.mean)
        many = f"{polls} polls say" if polls > 1 else "a poll says"
        told.append(
            f"{pool} voters, {a} less {b}: {many} {said:+.0%}, past races {mean:+.0%} ± {before:.0%}, taken as "
            f"{now:+.0%} ± {after:.0%}"
        )
    return told
