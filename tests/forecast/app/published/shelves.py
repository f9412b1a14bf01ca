"""Folders of runs for the tests of what is published."""

from __future__ import annotations

import os
from pathlib import Path

from runoff.app.template import RESULTS, example_results, template
from runoff.files import Files
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.runfile.load import loads

TIME = 1_500_000_000.0  # when the first of them was written
SCRIPT = "<script>alert(1)</script>"


def put(out: Path, race: str = "race", *, as_of: str = "2025-03-05", minute: int = 0, seed: int = 1) -> Path:
    """A run of the template's race, with a name that is markup, written so many minutes after TIME."""
    text = template().replace("example-2025", race).replace("2025-03-05", as_of).replace("An example", SCRIPT)
    case = loads(text.replace("Ada Quist", SCRIPT), Files(given={RESULTS: results().encode()}))
    folder = pipeline.keep(pipeline.opened(case, Options(out=out, trials=2_000, seed=seed, threads=1))).directory
    os.utime(folder / "manifest.json", (TIME + 60 * minute, TIME + 60 * minute))
    return folder


def results() -> str:
    """The template's first round with that name."""
    return example_results().replace("Ada Quist", SCRIPT)
