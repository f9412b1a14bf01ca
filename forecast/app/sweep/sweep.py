"""One run file under many settings, drawn with the same random numbers, so that differences are sharper than levels."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path as Folder
from typing import TYPE_CHECKING, Any

from runoff import __version__, interrupts
from runoff.app.sweep.journal import Journal, journal
from runoff.app.sweep.scenario import Scenario, Studio
from runoff.app.sweep.settings import Path, scenarios, settings
from runoff.app.sweep.spread import spread
from runoff.app.sweep.units import unit_rows
from runoff.errors import UsageError
from runoff.output import store
from runoff.output.columns import SCHEMA_VERSION
from runoff.output.schemas.sweep import SWEEP_TABLES
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.race import Row, Tables

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from runoff.phases.pipeline import Opened
    from runoff.report.illustrated import Report
    from runoff.report.page import Page
    from runoff.runfile.load import Case

Planned = tuple[Mapping[Path, Any], str]  # values of a scenario's settings, and these as JSON
TRIALS = 100_000  # a scenario, where nobody says


@dataclass(frozen=True, slots=True, repr=False)
class Sweep:
    """A race under many settings: tables by the names of `runoff.output.schemas.sweep`.

    folder : where they stand, or None.  drawn : scenarios that were drawn for it; the others stood.
    """

    run_id: str
    digest: str
    tables: Tables
    folder: Folder | None = None
    drawn: int = 0

    def __repr__(self) -> str:
        return f"<{self.run_id}: {len(self.tables['sweep_scenarios'])} scenarios>"

    def page(self) -> Page:
        """What is said of it, as a value."""
        from runoff.app.sweep.page import page

        return page(self.tables)

    def report(self) -> Report:
        """The page with pictures, as a value."""
        from runoff.app.sweep.pictures import report

        return report(self.tables)

    def document(self) -> dict[str, Any]:
        """What --json prints."""
        from runoff.app.sweep.page import document

        return document(self.tables)

    def save(self, folder: str | Folder) -> Folder:
        """Put the tables into a folder of their own in `folder`, whole or not at all; returns it.

        Raises
        ------
        RunExistsError : it stands there.
        OutputError : it cannot be written.
        """
        with store.staged(Folder(folder), self.run_id) as stage:
            stage.write(self.tables, SWEEP_TABLES, {"digest": self.digest, "version": __version__})
            return stage.commit("sweep", self.digest)


def sweep(
    case: Case,
    said: Sequence[str],
    options: Options | None = None,
    *,
    out: str | Folder | None = None,
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Sweep:
    """Forecasts of a case under every combination of settings, and as it is.

    Parameters
    ----------
    said : settings, 'KEY=VALUES' each (`runoff.app.sweep.settings`).
    options : units=True draws units too, and says what each is over all scenarios.
    out : where the tables are put, in a folder of their own; what an earlier process drew for it is not drawn again.
    progress : is called with (trials done, trials in all).
    executor : draws the scenarios in batches, to the same bits.

    Raises
    ------
    UsageError : no settings, or ones that reach nothing; a race that is being counted or not settled; another process
        that draws the same; that is no executor, or its workers have another version.
    InputError : a value that the run file may not have, with its place in the file as it would be.
    RunExistsError : where it is put, as told by `Sweep.save`.
    OutputError : likewise, or the executor lost its workers.
    """
    if out is not None:
        store.on_this_machine(out := Folder(out))
    base, studio, planned = opened(case, said, options or Options())
    asked = hashlib.sha256("\0".join(text for _, text in planned).encode()).hexdigest()[:6]
    name = f"{base.run_id}-sweep-{asked}"
    if out is not None and store.standing(out, name):
        return _standing(out / name)
    with nullcontext() if out is None else journal(out, name) as kept:
        before = studio.draw({})
        entries, many = _entries(base, studio, before, planned, said, kept, progress, executor)
        made = replace(_made(base, before, entries), drawn=many)
        made = replace(made, run_id=name, tables=pipeline.stamped(made.tables, name, case.run_file.race.id))
        return made if out is None else replace(made, folder=made.save(out))


def opened(case: Case, said: Sequence[str], options: Options) -> tuple[Opened, Studio, list[Planned]]:
    """The race as it is, what draws it under other settings, and all scenarios: their values, and these as JSON.

    Raises
    ------
    UsageError, InputError : as told by `sweep`.
    """
    found = settings(said)
    options = replace(options, units=bool(options.units), target_se=None)
    options = options if options.trials is not None else replace(options, trials=TRIALS)
    base = pipeline.opened(case, options)
    if base.phase.name != "runoff_ahead":
        raise UsageError("a sweep is of a runoff that is ahead, its first round final\n  fix:  runoff run for a night")
    base = replace(base, settings=replace(base.settings, target_se=None))
    planned = list(scenarios(found))
    texts = [json.dumps({setting.said: values[setting.path] for setting in found}, default=str) for values in planned]
    return base, Studio(base, case, options, found), list(zip(planned, texts, strict=True))


def _standing(folder: Folder) -> Sweep:
    """The sweep that stands in a folder."""
    tables = store.read(folder)
    head = tables["sweep"][0]
    return Sweep(str(head["run_id"]), str(head["digest"]), tables, folder)


def _entries(
    base: Opened,
    studio: Studio,
    before: Scenario,
    planned: Sequence[Planned],
    said: Sequence[str],
    kept: Journal | None,
    progress: Callable[[int, int], None] | None,
    executor: Executor | None,
) -> tuple[list[dict[str, Any]], int]:
    """An entry a scenario, those on record as they are there; and how many were drawn."""
    found = {} if kept is None else {n: entry for n, entry in kept.found.items() if 1 <= n <= len(planned)}
    left = [number for number in range(1, len(planned) + 1) if number not in found]
    drawn: Iterator[tuple[int, dict[str, Any]]]
    if executor is None:
        drawn = ((n, entry(n, planned[n - 1][1], studio.draw(planned[n - 1][0]), before)) for n in left)
    else:
        drawn = spread(executor, base, said, left)
    for number, one in drawn:
        interrupts.look()
        found[number] = one
        if kept is not None:
            kept.add(number, one)
        if progress is not None:
            progress(len(found) * base.settings.trials, len(planned) * base.settings.trials)
    return [found[number] for number in range(1, len(planned) + 1)], len(left)


def _made(base: Opened, before: Scenario, entries: Sequence[dict[str, Any]]) -> Sweep:
    """The tables, without the columns that name the sweep."""
    case, rows = base.data.case, [one["row"] for one in entries]
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()
    head: Row = {
        "race_name": case.run_file.race.name,
        "scenarios": len(rows),
        "trials": base.settings.trials,
        "seed": base.settings.seed,
        **before.numbers(),
        "digest": digest,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
    }
    tables: Tables = {"sweep": [head], "sweep_scenarios": rows}
    if base.settings.units:
        first = before.model.first_round
        leads = [before.leads().tolist(), *(one["leads"] for one in entries)]
        tables["sweep_units"] = unit_rows(list(zip(first.units, first.regions, strict=True)), case.finalists, leads)
    return Sweep("", digest, tables)


def entry(number: int, text: str, scenario: Scenario, before: Scenario) -> dict[str, Any]:
    """What is kept of a scenario: its row, and how often each finalist leads in each unit."""
    less, error = scenario.less(before)
    row: Row = {"scenario": number, "settings": text, **scenario.numbers()}
    row |= {"p_first_less": less, "p_first_less_se": error}
    return {"row": row, "leads": scenario.leads().tolist()}
