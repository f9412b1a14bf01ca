from __future__ import annotations

from pathlib import Path

import pytest

from runoff.phases import pipeline
from runoff.phases.runoff_ahead.influence.fixed import fixed_break_evens
from runoff.phases.runoff_ahead.influence.margin import Margin
from runoff.phases.settings import Options
from runoff.race import Row
from runoff.runfile.load import load, loads
from runoff.simulate.inputs import to_inputs
from tests.builders import three_way
from tests.forecast import example
from tests.installed import ROOT

APRIL = Path(ROOT / "configs" / "ga06-2017" / "april.toml")
TRIALS = 200_000
OWN = 0.0025  # standard error of the chance at a rate that is found by 8,192 mirrored points, measured


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """`sensitivity` of the reference case."""
    options = Options(trials=20_000, threads=1)
    return list(pipeline.draw(pipeline.opened(load(APRIL), options)).tables["sensitivity"])


@pytest.mark.parametrize(
    ("pool", "kind", "rate", "old", "new"),
    [
        ("R", "bloc", "turnout", "turnout = { low = 0.75, high = 0.93,", "turnout = { mean = AT, sd = 1e-6,"),
        ("did not vote in April", "new", "preference", 'to = "Karen Handel", low = 0.46, high = 0.66,',
         'to = "Karen Handel", mean = AT, sd = 1e-6,'),
    ],
)  # fmt: skip
def test_a_run_with_the_rate_fixed_there_is_even(
    rows: list[Row], pool: str, kind: str, rate: str, old: str, new: str
) -> None:
    """It gives the first finalist one half, within 4 standard errors (0.0011 of the run, and the rate's own)."""
    row = next(
        row for row in rows
        if (row["pool"], row["kind"], row["rate"]) == (pool, kind, rate) and row["candidate"] in ("", "Karen Handel")
    )  # fmt: skip
    case = load(APRIL)
    text = case.text.replace(old, new.replace("AT", str(row["break_even_fixed"])))
    assert text != case.text
    options = Options(trials=TRIALS, threads=2)
    won = pipeline.draw(pipeline.opened(loads(text, case.files, case.path), options)).tables["candidates"][0]
    error = (float(str(won["p_win_mcse"])) ** 2 + OWN**2) ** 0.5
    assert won["p_win"] == pytest.approx(0.5, abs=4 * error)


def test_it_is_empty_where_it_would_say_too_much() -> None:
    """Of three finalists, and after polls."""
    of = three_way()
    assert set(fixed_break_evens(of, Margin.of(to_inputs(of, 1)))) == {(None, None)}
    found = pipeline.draw(pipeline.opened(example.loaded(strange=True), Options(trials=2_000, threads=1))).tables
    assert {row["break_even_fixed"] for row in found["sensitivity"]} == {None}
