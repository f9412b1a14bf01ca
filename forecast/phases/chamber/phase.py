"""A whole chamber, its runoffs ahead or being counted: the row of functions that the pipeline runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from runoff.errors import UsageError
from runoff.output.schemas.chamber import CHAMBER_TABLES
from runoff.phases.base import Hearing, Lack, Made, Phase
from runoff.phases.settings import Options, Settings
from runoff.race import Row, Tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runoff.phases.asked import Askable
    from runoff.phases.base import Asking
    from runoff.phases.chamber.fit import Fitted
    from runoff.phases.chamber.read import Data
    from runoff.report.illustrated import Report
    from runoff.report.page import Page
    from runoff.runfile.chamber import ChamberCase
    from runoff.runfile.load import AnyCase
    from runoff.simulate.chamber.draw import Tally

_LACKS = (
    Lack("--target-se", "simulation", "target_se", "a chamber draws as many trials as it is told", "say --trials"),
    Lack("--trials-table", "output", "trials", "the seats of the first trials are written anyway", "leave it out"),
)


def _holds(case: AnyCase, _: Options) -> bool:
    from runoff.runfile.load import Case

    return not isinstance(case, Case)


def _read(case: ChamberCase, options: Options) -> Data:
    from runoff.phases.chamber.read import read

    return read(case, options)


def _fit(data: Data, settings: Settings) -> Fitted:
    from runoff.phases.chamber.fit import fit

    return fit(data, settings.seed)


def _draw(_: Data, ready: Fitted, settings: Settings, hearing: Hearing) -> Tally:
    from runoff.simulate.chamber.draw import draw_chamber

    return draw_chamber(
        ready.chamber, settings.trials, seed=settings.seed, threads=settings.threads, progress=hearing.progress
    )


def _summarize(data: Data, ready: Fitted, drawn: Tally, made: Made) -> Tables:
    from runoff.phases.chamber.summary import summarize

    return summarize(data, ready, drawn, made)


def _page(tables: Tables) -> Page:
    from runoff.phases.chamber.page import page

    return page(tables)


def _report(tables: Tables, _: Sequence[Row]) -> Report:
    from runoff.phases.chamber.pictures import report

    return report(tables)


def _document(tables: Tables) -> dict[str, Any]:
    from runoff.phases.chamber.page import document

    return document(tables)


def _check(data: Data) -> Page:
    from runoff.phases.chamber.check import understood

    return understood(data)


def _askable(data: Data, ready: Fitted) -> Askable:
    from runoff.phases.chamber.told import askable

    return askable(data, ready)


def _tell(data: Data, ready: Fitted, settings: Settings, asking: Asking) -> Tally:
    from runoff.phases.chamber.told import tell

    return tell(data, ready, settings, asking)


def _refused(*_: Any) -> NoReturn:
    """One trial, which a chamber answers by a table."""
    raise UsageError(
        "a chamber's trials are not asked one by one\n  fix:  its table seat_draws has the seats of the first 10,000"
    )


def _trial_bytes(data: Data) -> int:
    """Two bytes a bloc and a party: the seats of every trial are held."""
    candidates = [candidate for district in data.case.districts for candidate in district.candidates]
    return 2 * (len({c.bloc for c in candidates}) + len({c.party for c in candidates}))


CHAMBER: Phase[Data, Fitted, Tally] = Phase(
    name="chamber",
    schemas=CHAMBER_TABLES,
    chances="most_seats",
    lacks=_LACKS,
    totals_only="a chamber's districts are drawn one by one: --totals-only changes nothing",
    usual_trials=None,
    last_digits="",
    holds=_holds,
    read=_read,
    fit=_fit,
    draw=_draw,
    digest=lambda drawn: drawn.digest(),
    trials=lambda drawn: drawn.trials,
    trial_bytes=_trial_bytes,
    summarize=_summarize,
    page=_page,
    report=_report,
    document=_document,
    check=_check,
    askable=_askable,
    tell=_tell,
    single=_refused,
)
