"""`sensitivity`: a rate's ends are those of `rates`, and the chances there are those of the trials themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from runoff.phases.runoff_ahead.influence.sensitivity import sensitivity_rows
from runoff.phases.runoff_ahead.rates import pool_tables
from runoff.phases.runoff_ahead.summary import Beside, Provenance, summarize
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests.builders import Group, model, three_way, two_way
from tests.forecast import example

TRIALS = 200_000


def test_its_ends_are_those_of_the_rates() -> None:
    """Each row has mean and quantiles of a row of `rates` or `rates_blocs`; each rate that varies has one."""
    for of in (two_way(), three_way()):
        drawn = draw(to_inputs(of, 1), 4_000, threads=1)
        tables = summarize(of, drawn, Provenance("0" * 64, 1), [0.5], Beside())
        rates = {
            tuple(row[name] for name in ("pool", "kind", "rate", "candidate")): row
            for row in [*tables["rates"], *tables["rates_blocs"]]
        }
        found = {
            tuple(row[name] for name in ("pool", "kind", "rate", "candidate")): row for row in tables["sensitivity"]
        }
        assert set(found) == {key for key, row in rates.items() if row["sd"] != 0.0}
        for key, row in found.items():
            assert [row[name] for name in ("mean", "q10", "q90")] == [
                rates[key][name] for name in ("mean", "q10", "q90")
            ]
            assert row["winner"] == of.finalists[0]
            assert 0.0 <= row["p_win_q10"] <= 1.0
            assert [row["first_order"], row["break_even"]] == [rates[key]["explained"], rates[key]["break_even"]]


def test_chances_are_those_of_the_model() -> None:
    """With one pool whose preference alone varies, the chance at its ends is 0 and 1; with two, the closed form's.

    Two pools of equal size split like p and q, logistic-normal with equal parameters and independent: given p, the
    first finalist wins where q > 1 - p, with the chance of a normal.  Counting noise of half a million is left out:
    0.004 at most.  4 standard errors: false alarms in one of 4,000 runs.
    """
    groups = [Group(name, [500_000], (8.0, 0.0), (0.1, 0.3), "I") for name in ("Cy", "Di")]
    of = model(groups, parts=(0.0, 0.0, 1.0))
    drawn = draw(to_inputs(of, 5), TRIALS, threads=2)
    tables = pool_tables(of, drawn)
    rows = sensitivity_rows(of, drawn, [*tables["rates"], *tables["rates_blocs"]])
    row = next(r for r in rows if (r["pool"], r["rate"], r["candidate"]) == ("Cy", "preference", "Ada"))
    for level, end in ((0.1, "q10"), (0.9, "q90")):
        x = 0.1 + 0.3 * stats.norm.ppf(level)
        exact = float(stats.norm.cdf((0.1 + x) / 0.3))
        assert row[end] == pytest.approx(float(special.expit(x)), abs=0.002)
        error = np.sqrt(exact * (1.0 - exact) / (TRIALS / 20))
        assert row[f"p_win_{end}"] == pytest.approx(exact, abs=4 * error + 0.004)
        assert row[f"p_win_{end}_mcse"] == pytest.approx(error, rel=0.1)
        assert row[f"ess_{end}"] == pytest.approx(TRIALS / 20, rel=0.05)


def test_weights_make_trials_worth_less() -> None:
    """With evidence the trials behind a chance are a twentieth of the effective ones, about."""
    tables = example.tables(strange=True)
    worth = float(str(tables["rates"][0]["ess"]))
    found = [float(str(row["ess_q10"])) for row in tables["sensitivity"] if row["rate"] == "turnout"]
    assert found == pytest.approx([worth / 20] * len(found), rel=0.15)
