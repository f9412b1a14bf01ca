"""A run file's race among past races: which fit may speak of it, and what that makes of its pools."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.archive.words import BLOCS, NATIONS, OTHER, UNITED_STATES, bloc_of, camp_of, nation_of
from runoff.errors import suggestion
from runoff.estimate.logistic import TAIL, logistic
from runoff.model.prior.fitted import table
from runoff.model.prior.fitted.fields import STRATA, Fields, stratum_of
from runoff.model.prior.fitted.fits import Fit
from runoff.model.prior.fitted.turnout import occasions_of
from runoff.model.prior.rates import Known, Said, said
from runoff.model.prior.several import said_of_several
from runoff.race import NEW_VOTERS, FloatArray, Int64Array, Rate
from runoff.runfile.checks.prior import archive_speaks

if TYPE_CHECKING:
    from runoff.runfile.load import Case
    from runoff.runfile.sections.prior import PriorSection


@dataclass(frozen=True, slots=True)
class Prior:
    """Rates by candidate, NEW_VOTERS for them; parts of their variances; what a reader is told.

    words : each of the race's bloc words, and the archive's bloc that it was taken for.
    """

    turnout: Mapping[str, Rate]
    preference: Mapping[str, Rate]
    turnout_parts: tuple[float, float, float]
    preference_parts: tuple[float, float, float]
    lines: tuple[str, ...]
    notes: tuple[str, ...]


def prior_of(case: Case, new: int, known: Known | None = None) -> Prior | None:
    """What past races say of a case's pools; None where they have no part.

    new : people of the pool of new voters, 0 for none.  known : another than the shipped fit for the race's day.
    """
    if not archive_speaks(case.run_file):
        return None
    section, race = case.run_file.prior, case.run_file.race
    notes_of_fit: list[str] = []
    if known is None:
        before = race.as_of if section.before is None else min(section.before, race.as_of)
        found = table.shipped().before(before)
        known, notes_of_fit = Known(found, _source(found, before)), _notes(section, found, before)
    found = known.fit
    blocs, notes = _blocs(case, section)
    order = _order(case)
    fields = _fields(case, order, blocs, section)
    votes = np.array([case.first_round.totals[place] for place in _places(case, order)], np.float64)
    bloc = _codes(_bloc_words(case, order))
    united = nation_of(section.country or "") == UNITED_STATES or section.level in _AMERICAN
    occasions = occasions_of(race.first_round, race.runoff, united, section.contest == "primary_D")
    turnout = found.turnout.expected(int(fields.stratum[0]), occasions)
    if len(case.finalists) == 2:
        enthusiasm = case.run_file.factors.enthusiasm
        spoken = said(known, fields, votes, bloc, float(new), turnout, enthusiasm)
        locations, scales = _of_two(spoken, order[0] == case.finalists[0])
    else:
        spoken, locations, scales = said_of_several(
            found, fields, votes, bloc, float(new), turnout, len(case.finalists)
        )
        if section.camps:
            notes = [*notes, "[prior.camps] have no part among three and more finalists"]
    source = known.source
    rates = [
        (name, _turnout(spoken, j, source), _preference(case.finalists, locations[j], scales[j], source))
        for j, name in enumerate([*order, NEW_VOTERS][: len(locations)])
    ]
    return Prior(
        turnout={name: rate for name, rate, _ in rates},
        preference={name: rate for name, _, rate in rates},
        turnout_parts=spoken.turnout_parts,
        preference_parts=spoken.preference_parts,
        lines=_lines(case, order, blocs, spoken, source),
        notes=(*notes, *notes_of_fit, *_fewer(spoken, votes, new, turnout[0])),
    )


def _fewer(spoken: Said, votes: FloatArray, new: int, log_turnout: float) -> list[str]:
    """A note where the pools cannot bring as many as past races expect."""
    people = np.append(votes, new) if new else votes
    reached, expected = float(people @ logistic(spoken.turnout)) / float(votes.sum()), float(np.exp(log_turnout))
    if reached > _NEARLY * expected:
        return []
    where = "add [new_voters]" if not new else "give [new_voters] more people"
    return [
        f"past races expect {100 * expected:.0f} runoff votes for a hundred of the first round, and the pools bring "
        f"{100 * reached:.0f}: {where}"
    ]


_NEARLY = 0.95  # of the votes that are expected
_AMERICAN = ("statewide", "us_house", "state_legislative")


def _order(case: Case) -> list[str]:
    """Pools in order: of two finalists the one with more votes first, of several as they are; then the eliminated."""
    first = case.first_round
    votes = {c.name: int(v) for c, v in zip(first.candidates, first.totals, strict=True)}
    finalists = list(case.finalists)
    if len(finalists) == 2:
        finalists.sort(key=lambda name: -votes[name])
    others = [c.name for c in first.candidates if c.name not in case.finalists and votes[c.name]]
    return [*finalists, *others]


def _places(case: Case, order: list[str]) -> list[int]:
    place = {c.name: i for i, c in enumerate(case.first_round.candidates)}
    return [place[name] for name in order]


def _bloc_words(case: Case, order: list[str]) -> list[str]:
    """The bloc of each pool, as the run file and its tables have it."""
    word = {candidate.name: candidate.bloc for candidate in case.first_round.candidates}
    return [word[name] for name in order]


def _codes(words: list[str]) -> Int64Array:
    known = {word: code for code, word in enumerate(dict.fromkeys(words))}
    return np.array([known[word] for word in words], np.int64)


def _blocs(case: Case, section: PriorSection) -> tuple[dict[str, str], list[str]]:
    """The archive's bloc of each bloc word of the race, and a note on those that are none."""
    found, unknown = {}, []
    for candidate in case.first_round.candidates:
        bloc = bloc_of(candidate.bloc, section.blocs)
        if bloc is None and candidate.bloc not in found:
            unknown.append(candidate.bloc)
        found[candidate.bloc] = OTHER if bloc is None else bloc
    if not unknown:
        return found, []
    listed = names.listed([f'"{word}"' for word in unknown], 3)
    note = (
        f"the archive knows no bloc {listed}: taken as {OTHER}, which leans nowhere; say what they are in [prior.blocs]"
    )
    return found, [note]


def _fields(case: Case, order: list[str], blocs: Mapping[str, str], section: PriorSection) -> Fields:
    """The race as the archive's races are: pools in order, the first two in the roles of A and B."""
    votes = np.array([case.first_round.totals[place] for place in _places(case, order)], np.float64)
    role = np.full(len(order), -1, np.int64)
    role[:2] = (0, 1)
    codes = [BLOCS.index(blocs[word]) for word in _bloc_words(case, order)]
    camps = [camp_of(BLOCS[code]) for code in codes[:2]]
    front = 0.0
    if camps[0] != camps[1] and all(camp in section.camps for camp in camps):
        front = float(np.log(section.camps[camps[0]] / section.camps[camps[1]]))
    return Fields(
        race=np.zeros(len(order), np.int64),
        share=votes / votes.sum(),
        bloc=np.array(codes, np.int64),
        role=role,
        stood_down=np.array([name in section.stood_down for name in order], np.bool_),
        stratum=np.array([STRATA.index(stratum_of(section.level or ""))], np.int64),
        front=np.array([front]),
    )


def _of_two(spoken: Said, first_leads: bool) -> tuple[FloatArray, FloatArray]:
    """Log-ratios to the second finalist: float64[J, 1] and float64[J, 1, 1]."""
    sign = 1.0 if first_leads else -1.0
    return sign * spoken.preference[:, None], spoken.preference_sd[:, None, None]


def _turnout(spoken: Said, j: int, source: str) -> Rate:
    location, scale = float(spoken.turnout[j]), float(spoken.turnout_sd[j])
    low, high = logistic(np.array([location - TAIL * scale, location + TAIL * scale]))
    return Rate((location,), ((scale,),), f"{low:.2f} to {high:.2f} (80 %)", "archive", source)


def _preference(finalists: tuple[str, ...], location: FloatArray, scale: FloatArray, source: str) -> Rate:
    if len(finalists) == 2:
        middle, sd = float(location[0]), float(scale[0, 0])
        low, high = logistic(np.array([middle - TAIL * sd, middle + TAIL * sd]))
        text = f"{finalists[0]} {low:.2f} to {high:.2f} (80 %)"
    else:
        odds = np.exp(np.append(location, 0.0))
        text = ", ".join(f"{name} {share:.2f}" for name, share in zip(finalists, odds / odds.sum(), strict=True))
    return Rate(tuple(location.tolist()), tuple(map(tuple, scale.tolist())), text, "archive", source)


def _source(fit: Fit, before: dt.date) -> str:
    if not fit.races:
        return f"no past race before {before}: what is believed beforehand"
    return f"archive: {fit.races:,} duels of {fit.elections} elections before {before}"


def _lines(case: Case, order: list[str], blocs: Mapping[str, str], spoken: Said, source: str) -> tuple[str, ...]:
    """What `runoff check` says of the archive's part."""
    lines = [f"past races ({source})"]
    if len(case.finalists) == 2:
        mean, sd = 100 * float(spoken.law.mean[0]), 100 * float(spoken.law.sd[0])
        ahead = order[0] if mean >= 0 else order[1]
        lines.append(f"  margin, were nothing else said: {ahead} by {abs(mean):.1f} ± {sd:.1f} points")
    taken = [f"{word} as {bloc}" for word, bloc in blocs.items() if word != bloc]
    if taken:
        lines.append(f"  blocs: {names.listed(taken, 6)}")
    return tuple(lines)


def _notes(section: PriorSection, fit: Fit, before: dt.date) -> list[str]:
    notes = []
    if not fit.races:
        notes.append(
            f"no race of the archive was over before {before}: rates are what is believed beforehand, and wide"
        )
    if section.country is not None and (nation := nation_of(section.country)) not in NATIONS:
        meant = suggestion(nation, NATIONS)
        note = f"the archive has no race of [prior] country {nation}, which is then no state of the {UNITED_STATES}"
        notes.append(note + (f"; {meant}" if meant else ""))
    if section.level is None:
        notes.append(
            "[prior] level is not said: rates are those of a kind of race that the archive does not know, and wide"
        )
    return notes
