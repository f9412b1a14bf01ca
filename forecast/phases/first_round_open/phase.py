"""The first round is being counted, or ahead with polls in its place: the row of functions that the pipeline runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runoff.errors import UsageError
from runoff.output.schemas.first_round_open import NIGHT_TABLES
from runoff.phases.base import NIGHT_LACKS, NIGHT_LAST_DIGITS, Asking, Hearing, Made, Phase
from runoff.phases.settings import Options, Settings
from runoff.race import Row, Tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runoff.data.counts.count import SoFar
    from runoff.data.counts.first_round_count import Count
    from runoff.phases.asked import Askable, Single
    from runoff.phases.first_round_open.fit import Outstanding
    from runoff.phases.first_round_open.outstanding import FirstRoundTrials
    from runoff.phases.first_round_open.polled import Polled
    from runoff.phases.first_round_open.runoffs import Finals
    from runoff.race import Int64Array
    from runoff.report.illustrated import Report
    from runoff.report.page import Page
    from runoff.runfile.load import Case
    from runoff.runfile.sections.observed import CountingSection, FirstRoundPollsSection


@dataclass(frozen=True, slots=True)
class Counted:
    """Votes that are being counted, and [counting]."""

    count: Count
    section: CountingSection


@dataclass(frozen=True, slots=True)
class Ahead:
    """Polls of a first round that is ahead, and [first_round_polls]."""

    polled: Polled
    section: FirstRoundPollsSection


@dataclass(frozen=True, slots=True)
class Data:
    """The case, and what is counted or the polls that stand in."""

    case: Case
    seen: Counted | Ahead
    sources: tuple[tuple[str, str], ...]

    @property
    def beside(self) -> tuple[tuple[str, str], ...]:
        """The sources without the count; the table that the run file names is the model's, whoever stands in for it."""
        votes = self.case.results.votes
        if isinstance(self.seen, Ahead) or votes.ballot is None:
            return self.sources
        return tuple(source for source in self.sources if source != votes.source)

    @property
    def so_far(self) -> SoFar:
        """What is reported, candidates in order of name."""
        from runoff.data.counts.count import first_round_so_far

        if isinstance(self.seen, Ahead):
            raise ValueError("nothing is counted yet")
        return first_round_so_far(self.seen.count)


@dataclass(frozen=True, slots=True)
class Drawn:
    """First rounds and the runoffs after them.

    totals : int64[n, C].  registered : voters on the roll.  out : what was still to come, where votes are counted.
    """

    totals: Int64Array
    finals: Finals
    registered: int
    out: FirstRoundTrials | None


def _holds(case: Case, _: Options) -> bool:
    return case.run_file.counting is not None or case.run_file.first_round_polls is not None


def _read(case: Case, options: Options) -> Data:
    from runoff.data.counts.first_round_count import read_count
    from runoff.phases.first_round_open.polled import read_polls
    from runoff.phases.order import canonical_count
    from runoff.runfile.load import recounted

    case = _as_of(case, options)
    if options.results is not None:
        case = recounted(case, options.results)
    file = case.run_file
    if file.counting is not None:
        count = canonical_count(read_count(case, file.counting))
        return Data(case, Counted(count, file.counting), tuple(dict.fromkeys((*count.sources, *case.sources))))
    if file.first_round_polls is not None:
        polled = read_polls(case, file.first_round_polls)
        sources = tuple(dict.fromkeys((*case.first_round.sources, polled.source, *case.sources)))
        return Data(case, Ahead(polled, file.first_round_polls), sources)
    raise ValueError("the first round is over")  # `_holds` has told


def _as_of(case: Case, options: Options) -> Case:
    """The case on the command line's day, which only polls can be asked for."""
    file, day = case.run_file, options.as_of
    if day is None:
        return case
    if file.counting is not None:
        raise UsageError(f"--as-of {day}: a count is as its tables have it; name earlier tables in the run file")
    if day >= file.race.first_round:
        raise UsageError(f"--as-of {day}: the day is before the first round, {file.race.first_round}")
    race = file.race.model_copy(update={"as_of": day})
    return replace(case, run_file=file.model_copy(update={"race": race}))


def _fit(data: Data, _: Settings) -> Outstanding | Polled:
    from runoff.phases.first_round_open.fit import prepare

    seen = data.seen
    return prepare(seen.count, seen.section) if isinstance(seen, Counted) else seen.polled


def _outstanding(fit: Outstanding | Polled) -> Outstanding | None:
    """What is still to come, where votes are counted."""
    from runoff.phases.first_round_open.fit import Outstanding

    return fit if isinstance(fit, Outstanding) else None


def _draw(data: Data, fit: Outstanding | Polled, settings: Settings, hearing: Hearing) -> Drawn:
    import numpy as np

    from runoff.phases.first_round_open.outstanding import draw_first_round
    from runoff.phases.first_round_open.polled import Polled, draw_polled
    from runoff.phases.first_round_open.runoffs import conclude

    def heard(done: int) -> None:
        if hearing.progress is not None:
            hearing.progress(done, settings.trials)

    case, seed, trials = data.case, settings.seed, settings.trials
    if isinstance(fit, Polled):
        drawn = None
        totals, registered = draw_polled(fit, seed, trials), fit.registered
        rank = np.argsort(np.argsort(-fit.location, kind="stable"))
    else:
        drawn = draw_first_round(fit, seed, trials, settings.threads, heard)
        registered = fit.count.everybody
        order = [c.name for c in fit.count.first_round.candidates]
        totals = drawn.totals[:, [order.index(c.name) for c in case.first_round.candidates]]
        rank = np.arange(len(order))
    return Drawn(totals, conclude(case, totals, rank, registered, seed, settings.threads), registered, drawn)


def _digest(drawn: Drawn) -> str:
    """sha256 over each trial's first-round and runoff votes, little-endian: equal bits, equal digest."""
    import numpy as np

    result = hashlib.sha256(f"{drawn.totals.shape}".encode())
    for part in (drawn.totals, drawn.finals.pair, drawn.finals.votes):
        result.update(np.ascontiguousarray(part, dtype="<i8").tobytes())
    return result.hexdigest()


def _summarize(data: Data, fit: Outstanding | Polled, drawn: Drawn, made: Made) -> Tables:
    from runoff.phases.first_round_open.summary import Outcome, summarize_night

    out = _outstanding(fit)
    said = data.seen.count.time if isinstance(data.seen, Counted) else None
    outcome = Outcome(
        totals=drawn.totals,
        finals=drawn.finals,
        registered=drawn.registered,
        seed=made.settings.seed,
        seconds=made.seconds,
        digest=_digest(drawn),
        warnings=(*data.case.warnings, *_notes(data, out), *drawn.finals.lots),
        count_time=said or made.settings.count_time,
        model=made.settings.model,
    )
    return summarize_night(data.case, outcome, out, drawn.out)


def _notes(data: Data, out: Outstanding | None) -> list[str]:
    """What a reader must know of the tables."""
    from runoff.phases.odd_notes import many_note, odd_notes

    if isinstance(data.seen, Ahead):
        return list(data.seen.polled.warnings)
    odd = () if out is None else (*many_note(out.many_odd), *odd_notes(out.odd))
    return [*data.seen.count.notes, *odd]


def _trial_bytes(data: Data) -> int:
    """Memory that a trial takes, about: totals, and each region and mode's votes out with their split, twice."""
    candidates, groups = len(data.case.first_round.candidates), 0
    if isinstance(data.seen, Counted):
        count = data.seen.count
        groups = len({(count.first_round.regions[out.members[0]], out.mode) for out in count.out})
    return 8 * (3 * candidates + 2 * groups * (min(candidates, 12) + 1))


def _page(tables: Tables) -> Page:
    from runoff.phases.first_round_open.page import page

    return page(tables)


def _report(tables: Tables, history: Sequence[Row]) -> Report:
    from runoff.phases.first_round_open.pictures import report

    return report(tables, history)


def _document(tables: Tables) -> dict[str, Any]:
    from runoff.phases.first_round_open.page import document

    return document(tables)


def _check(data: Data) -> Page:
    from runoff.phases.first_round_open.check import understood

    return understood(data)


def _askable(data: Data, _: Outstanding | Polled) -> Askable:
    from runoff.phases.first_round_open.again.told import askable

    return askable(data)


def _tell(data: Data, fit: Outstanding | Polled, settings: Settings, asking: Asking) -> Drawn:
    from runoff.phases.first_round_open.again.told import tell

    drawn = _draw(data, fit, settings, Hearing(asking.progress))
    tell(drawn, asking)
    return drawn


def _single(
    data: Data, fit: Outstanding | Polled, settings: Settings, drawn: Drawn | None, trial: int, _: bool
) -> Single:
    from runoff.phases.first_round_open.again.single import single

    found = _draw(data, fit, settings, Hearing()) if drawn is None else drawn
    return single(data, _outstanding(fit), found, trial)


FIRST_ROUND_OPEN: Phase[Data, Outstanding | Polled, Drawn] = Phase(
    name="first_round_open",
    schemas=NIGHT_TABLES,
    chances="first_round",
    lacks=NIGHT_LACKS,
    totals_only="--totals-only changes nothing: a night's tables have no units",
    usual_trials=None,
    last_digits=NIGHT_LAST_DIGITS,
    holds=_holds,
    read=_read,
    fit=_fit,
    draw=_draw,
    digest=_digest,
    trials=lambda drawn: len(drawn.totals),
    trial_bytes=_trial_bytes,
    summarize=_summarize,
    page=_page,
    report=_report,
    document=_document,
    check=_check,
    askable=_askable,
    tell=_tell,
    single=_single,
)
