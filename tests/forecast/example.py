"""A small real run for tests of what comes after it: three counties, names from many scripts."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from forecast import driver, summary
from forecast.inputs import to_inputs
from forecast.model import build
from forecast.runfile import LoadedRun, load
from forecast.template import RESULTS, RUN_FILE, example_results, template

NAMES = {"Ada Quist": "Ωμέγα 007", "Bo Lind": "王小明", "North": "007", "Coast": "منطقة", "Hills": "🏔 Hills"}


@cache
def loaded(strange: bool = False) -> LoadedRun:
    """The template's run, with other names if asked for."""
    texts = {RUN_FILE: template(), RESULTS: example_results()}
    with TemporaryDirectory() as folder:
        for file, text in texts.items():
            for old, new in NAMES.items() if strange else ():
                text = text.replace(old, new)
            (Path(folder) / file).write_text(text, "utf-8")
        return load(Path(folder) / RUN_FILE)


@cache
def tables(strange: bool = False, trials: int = 20_000) -> summary.Tables:
    """Its tables after a few trials."""
    model = build(loaded(strange))
    drawn = driver.draw(to_inputs(model, 1), trials, threads=2)
    return summary.summarize(model, drawn, summary.Provenance("example-1", "0" * 64, 1), [0.05, 0.5, 0.95])
