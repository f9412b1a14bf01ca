"""The runoff is being counted: the row of functions that the pipeline runs."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from runoff.output.schemas.runoff_night import RUNOFF_NIGHT_TABLES
from runoff.phases.base import NIGHT_LACKS, NIGHT_LAST_DIGITS, Asking, Hearing, Made, Phase
from runoff.phases.settings import Options, Settings, between_rounds
from runoff.race import Row, Tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runoff.phases.asked import Askable, Single
    from runoff.phases.runoff_night.model.design import Prepared
    from runoff.phases.runoff_night.model.draw import Drawn
    from runoff.phases.runoff_night.model.odd_cells import Fitted
    from runoff.phases.runoff_night.read import Data
    from runoff.report.illustrated import Report
    from runoff.report.page import Page
    from runoff.runfile.load import Case

TRIALS = 8_192  # enough for a night where nobody asks for more


@dataclass(frozen=True, slots=True)
class Fit:
    """What trials need: the inhabited places, their arrays, and what is learned from them; notes on both."""

    data: Data
    prepared: Prepared
    without_odd: Fitted
    notes: tuple[str, ...]


def _holds(case: Case, options: Options) -> bool:
    file = case.run_file  # with [counting] the votes so far are the first round's
    return file.night.results is not None or (options.results is not None and file.counting is None)


def _read(case: Case, options: Options) -> Data:
    from runoff.phases.runoff_night.read import read

    between_rounds(case, options.as_of)
    if options.as_of is not None:
        race = case.run_file.race.model_copy(update={"as_of": options.as_of})
        case = replace(case, run_file=case.run_file.model_copy(update={"race": race}))
    return read(case, options.results)


def _fit(data: Data, settings: Settings) -> Fit:
    from runoff.model.pools import build
    from runoff.phases.runoff_night.model.design import prepare
    from runoff.phases.runoff_night.model.odd_cells import fit_without_odd
    from runoff.phases.runoff_night.read import inhabited

    data, empty = inhabited(data)
    case = data.case
    prepared = prepare(build(case), data.first, data.reported, case.run_file.night, settings.seed)
    without_odd = fit_without_odd(prepared.model, prepared.seen, prepared.polled)
    return Fit(data, prepared, without_odd, (*prepared.evidence.notes, *empty))


def _draw(_: Data, fit: Fit, settings: Settings, __: Hearing) -> Drawn:
    from runoff.phases.runoff_night.model.draw import draw_night

    return draw_night(
        fit.prepared,
        fit.without_odd.fit,
        fit.data.reported,
        fit.data.case.first_round.units,
        trials=settings.trials,
        seed=settings.seed,
        threads=settings.threads,
        classes=fit.data.classes,
    )


def _digest(drawn: Drawn) -> str:
    """sha256 over each trial's votes and weight, little-endian: equal bits, equal digest."""
    import numpy as np

    result = hashlib.sha256(f"{drawn.votes.shape}".encode())
    result.update(np.ascontiguousarray(drawn.votes, dtype="<i8").tobytes())
    result.update(np.ascontiguousarray(drawn.log_weight, dtype="<f8").tobytes())
    return result.hexdigest()


def _summarize(_: Data, fit: Fit, drawn: Drawn, made: Made) -> Tables:
    from runoff.phases.runoff_night.classes.rows import far_off
    from runoff.phases.runoff_night.finalist_tables import finalist_tables
    from runoff.phases.runoff_night.flows.counted import flow_rows
    from runoff.phases.runoff_night.naive import naive_forecast
    from runoff.phases.runoff_night.notes import of_night
    from runoff.phases.runoff_night.summary import Night, summarize_runoff_night

    data, prepared = fit.data, fit.prepared
    night = Night(
        reported=data.reported,
        drawn=drawn,
        naive=naive_forecast(prepared.model, data.reported),
        regions=prepared.regions,
        settings=made.settings,
        seconds=made.seconds,
        digest=_digest(drawn),
        warnings=(
            *data.case.warnings,
            *data.reported.notes,
            *of_night(fit, drawn),
            *far_off(data.classes, drawn),
        ),
        aside=fit.without_odd.aside.T,
        classes=data.classes,
    )
    flows = flow_rows(data.case, data.reported, data.first, made.settings.seed, made.settings.threads)
    tables = {**summarize_runoff_night(data.case, night), **finalist_tables(data.case, night)}
    return {**tables, "flows": flows} if flows else tables


def _trial_bytes(data: Data) -> int:
    """Memory that a trial takes, about: totals, weight, and counts of each region and mode, in parts and joined."""
    groups = len(set(data.case.first_round.regions)) * len(data.reported.modes)
    return 8 * len(data.case.finalists) * (2 * groups + 8 + 4 * len(data.classes))


def _page(tables: Tables) -> Page:
    from runoff.phases.runoff_night.page import page

    return page(tables)


def _report(tables: Tables, history: Sequence[Row]) -> Report:
    from runoff.phases.runoff_night.pictures.report import report

    return report(tables, history)


def _document(tables: Tables) -> dict[str, Any]:
    from runoff.phases.runoff_night.page import document

    return document(tables)


def _check(data: Data) -> Page:
    from runoff.phases.runoff_night.check import understood

    return understood(data)


def _askable(_: Data, fit: Fit) -> Askable:
    from runoff.model.pools import build
    from runoff.phases.runoff_night.again.told import askable

    return askable(build(fit.data.case), fit)


def _tell(data: Data, fit: Fit, settings: Settings, asking: Asking) -> Drawn:
    from runoff.model.pools import build
    from runoff.phases.runoff_night.again.told import tell

    drawn = _draw(data, fit, settings, Hearing(asking.progress))
    tell(build(fit.data.case), fit, settings, drawn, asking)
    return drawn


def _single(_: Data, fit: Fit, settings: Settings, __: Drawn | None, trial: int, units: bool) -> Single:
    from runoff.model.pools import build
    from runoff.phases.runoff_night.again.single import single

    return single(build(fit.data.case), fit, settings, trial, units)


RUNOFF_NIGHT: Phase[Data, Fit, Drawn] = Phase(
    name="runoff_night",
    schemas=RUNOFF_NIGHT_TABLES,
    chances="runoff_finalists",
    lacks=NIGHT_LACKS,
    totals_only="--totals-only changes nothing: a runoff's night is counted unit by unit",
    usual_trials=TRIALS,
    last_digits=NIGHT_LAST_DIGITS,
    holds=_holds,
    read=_read,
    fit=_fit,
    draw=_draw,
    digest=_digest,
    trials=lambda drawn: len(drawn.votes),
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
