"""A small real run for tests of what comes after it: three counties; with strange names, polls and blank votes too."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from runoff.app.template import RESULTS, RUN_FILE, example_results, template
from runoff.model.evidence import table_rows
from runoff.model.pools import build
from runoff.phases.pipeline import stamped
from runoff.phases.runoff_ahead import summary
from runoff.phases.runoff_ahead.fit import arrays
from runoff.runfile.load import Case, load
from runoff.simulate import driver
from tests.drawn import settled

NAMES = {"Ada Quist": "Ωμέγα 007", "Bo Lind": "王小明", "North": "007", "Coast": "منطقة", "Hills": "🏔 Hills"}

POLLS = """pollster,end,sample_size,published,Ada Quist,Bo Lind
Ask & Tell,2025-03-03,812,2025-03-04,47,44
Late,2025-03-20,500,2025-03-21,60,30
"""


@cache
def loaded(strange: bool = False) -> Case:
    """The template's run; if asked for, with other names and with polls of the runoff."""
    texts = {RUN_FILE: template(), RESULTS: example_results()}
    if strange:
        texts[RUN_FILE] += '\n[evidence]\npolls = "polls.csv"\n\n[blank]\nlow = 0.02\nhigh = 0.06\ncounts = "all"\n'
        texts["polls.csv"] = POLLS
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
    found = arrays(model, settled(loaded(strange), seed=1))
    drawn = driver.draw(found.detail, trials, threads=2)
    rows = [] if found.evidence is None else table_rows(found.evidence)
    moved = {} if found.moved is None else dict(found.moved.columns())
    beside = summary.Beside(evidence=rows, moved=moved, inputs=found.detail)
    found_tables = summary.summarize(model, drawn, summary.Provenance("0" * 64, 1), [0.05, 0.5, 0.95], beside)
    return stamped(found_tables, "example-1", model.race.id)
