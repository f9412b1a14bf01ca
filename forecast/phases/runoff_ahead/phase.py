"""The runoff is ahead: the row of functions that the pipeline runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runoff.output.schemas.runoff_ahead import TABLES
from runoff.phases.base import Asking, Hearing, Made, Phase
from runoff.phases.settings import Options, Settings, between_rounds
from runoff.race import Row, Tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runoff.model.pools import Model
    from runoff.phases.asked import Askable, Single
    from runoff.phases.runoff_ahead.fit import Arrays
    from runoff.report.illustrated import Report
    from runoff.report.page import Page
    from runoff.runfile.load import Case
    from runoff.simulate.driver import Drawn


@dataclass(frozen=True, slots=True)
class Data:
    """The case and the race as it is drawn; everything was read with the run file."""

    case: Case
    model: Model

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Name and sha256 of each table that numbers come from."""
        return self.case.sources

    @property
    def beside(self) -> tuple[tuple[str, str], ...]:
        """The same: nothing is being counted."""
        return self.sources


def _read(case: Case, options: Options) -> Data:
    from runoff.model.pools import build

    between_rounds(case, options.as_of)
    if options.as_of is not None:  # before the pools: past races speak as of that day too
        race = case.run_file.race.model_copy(update={"as_of": options.as_of})
        case = replace(case, run_file=case.run_file.model_copy(update={"race": race}))
    return Data(case, build(case))


def _fit(data: Data, settings: Settings) -> Arrays:
    from runoff.phases.runoff_ahead.fit import arrays

    return arrays(data.model, settings)


def _draw(_: Data, found: Arrays, settings: Settings, hearing: Hearing) -> Drawn:
    from runoff.simulate.driver import draw

    return draw(
        found.detail,
        settings.trials,
        rest=found.rest,
        threads=settings.threads,
        units=settings.units,
        target_se=settings.target_se,
        on_progress=hearing.progress,
        on_votes=hearing.trials,
    )


def _digest(drawn: Drawn) -> str:
    from runoff.simulate.driver import digest

    return digest(drawn)


def _summarize(data: Data, found: Arrays, drawn: Drawn, made: Made) -> Tables:
    from runoff.model.evidence import table_rows
    from runoff.phases.runoff_ahead.summary import Beside, Provenance, summarize
    from runoff.phases.runoff_ahead.without import with_left_out
    from runoff.simulate import unsaid

    case = data.case
    provenance = Provenance(hashlib.sha256(case.text.encode()).hexdigest(), made.settings.seed)
    evidence = found.evidence
    rows = [] if evidence is None else with_left_out(table_rows(evidence), evidence, found.without, drawn)
    beside = Beside(
        votes_bound=found.votes_bound,
        variance_left_out=found.variance_left_out,
        evidence=rows,
        moved={} if found.moved is None else dict(found.moved.columns()),
        notes=(*found.notes, *unsaid.notes(data.model)),
        short=case.run_file.short,
        inputs=found.detail,
    )
    return summarize(data.model, drawn, provenance, made.settings.quantiles, beside)


def _page(tables: Tables) -> Page:
    from runoff.phases.runoff_ahead.page import page

    return page(tables)


def _report(tables: Tables, _: Sequence[Row]) -> Report:
    from runoff.phases.runoff_ahead.pictures.report import report

    return report(tables)


def _document(tables: Tables) -> dict[str, Any]:
    from runoff.phases.runoff_ahead.page import document

    return document(tables)


def _check(data: Data) -> Page:
    from runoff.phases.understood import understood

    return understood(data.model)


def _askable(data: Data, found: Arrays) -> Askable:
    from runoff.phases.runoff_ahead.again.told import askable

    return askable(data.model, found)


def _tell(data: Data, found: Arrays, settings: Settings, asking: Asking) -> Drawn | None:
    """Totals are heard as they are drawn; what is in detail once more, from the first trials."""
    from runoff.phases.runoff_ahead.again.told import IN_DETAIL, hears_totals, tell

    detail = any(place.kind in IN_DETAIL for place in asking.places)
    drawn = None
    if asking.all_trials or not detail:
        hears = None if detail else hears_totals(float(data.model.people.sum()), asking.hear)
        drawn = _draw(data, found, settings, Hearing(asking.progress, hears))
    if detail:
        tell(data.model, found, settings, asking)
    return drawn


def _single(data: Data, found: Arrays, _: Settings, __: Drawn | None, trial: int, units: bool) -> Single:
    from runoff.phases.runoff_ahead.again.single import single

    return single(data.model, found, trial, units)


RUNOFF_AHEAD: Phase[Data, Arrays, Drawn] = Phase(
    name="runoff_ahead",
    schemas=TABLES,
    chances="candidates",
    lacks=(),
    totals_only="",
    usual_trials=None,
    last_digits="",
    holds=lambda case, options: True,
    read=_read,
    fit=_fit,
    draw=_draw,
    digest=_digest,
    trials=lambda drawn: drawn.trials,
    trial_bytes=lambda data: 0,
    summarize=_summarize,
    page=_page,
    report=_report,
    document=_document,
    check=_check,
    askable=_askable,
    tell=_tell,
    single=_single,
)
