"""What a range of a run's trials is, phase by phase, and how ranges add up to the run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from runoff.phases.pipeline import Opened
from runoff.simulate import driver
from runoff.simulate.chamber import draw, parts
from runoff.simulate.driver import DETAIL_TRIALS, Entries, Progress

Span = tuple[int, int]  # first trial, and the one after the last


@dataclass(frozen=True, slots=True)
class Ranged:
    """A phase whose runs are sums of ranges.

    least : trials of an executor's range, where nobody says.
    draw : a range of trials, by the run, what its trials need, the range and how many threads.
    entries : its numbers that are not nought.  weighted : whether its trials have weights.
    added : all that was drawn, from the ranges' entries; its seconds are nought.
    """

    least: int
    draw: Callable[[Opened, Any, Span, int, Progress | None], Any]
    entries: Callable[[Opened, Any, Span], Iterator[Entries]]
    weighted: Callable[[Any], bool]
    added: Callable[[Opened, Any, Iterable[Entries]], Any]


def _race(run: Opened, found: Any, span: Span, threads: int, progress: Progress | None) -> driver.Drawn:
    first, last = span
    units = run.settings.units
    return driver.draw(
        found.detail, last, rest=found.rest, threads=threads, units=units, first=first, on_progress=progress
    )


def _race_added(run: Opened, found: Any, heard: Iterable[Entries]) -> driver.Drawn:
    tallies, trials = driver.added(found.detail, run.settings.units, heard), run.settings.trials
    return driver.Drawn(tallies, trials, min(DETAIL_TRIALS, trials), 0.0, driver.weighs(found.detail))


def _chamber(run: Opened, found: Any, span: Span, threads: int, progress: Progress | None) -> draw.Tally:
    first, last = span
    seed = run.settings.seed
    return draw.draw_chamber(found.chamber, last, seed=seed, threads=threads, progress=progress, first=first)


RANGED = {
    "runoff_ahead": Ranged(
        least=1 << 16,
        draw=_race,
        entries=lambda run, drawn, span: driver.entries(drawn.tallies),
        weighted=lambda drawn: bool(drawn.weighted),
        added=_race_added,
    ),
    "chamber": Ranged(
        least=draw.BLOCK,
        draw=_chamber,
        entries=lambda run, drawn, span: parts.entries(drawn, span[0], run.settings.trials),
        weighted=lambda drawn: False,
        added=lambda run, found, heard: parts.added(found.chamber, run.settings.trials, heard),
    ),
}
