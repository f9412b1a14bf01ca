"""Runs as tests ask for them: a case's tables, nowhere on disk or kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from runoff.phases import pipeline
from runoff.phases.settings import Options, Settings, settle
from runoff.race import Tables
from runoff.runfile.load import Case


def opened(case: Case, results: Path | None = None, **options: Any) -> pipeline.Opened:
    """The case in its phase, with its tables read."""
    return pipeline.opened(case, Options(results=results, **options))


def run_night(case: Case, results: Path | None = None, *, threads: int = 1, **options: Any) -> Tables:
    """The tables of a night of either round, on one thread unless told."""
    return pipeline.draw(opened(case, results, threads=threads, **options)).tables


def kept(case: Case, results: Path | None = None, **options: Any) -> pipeline.Finished:
    """A run on disk."""
    return pipeline.keep(opened(case, results, **options))


def settled(case: Case, **options: Any) -> Settings:
    """The settings of a run."""
    return settle(case, Options(**options))
