"""Classes of ballots in trials: closed forms, a slow twin, and what they leave as it is."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from runoff.kernels.streams import Purpose, stream
from runoff.phases.runoff_night.classes.ballots import BallotClass
from runoff.phases.runoff_night.classes.drawn import ClassDraws, multinomial
from runoff.race import Tables
from tests import runoff_night as night
from tests.drawn import run_night
from tests.pages import render

TRIALS = 8_192
DAY_OUT = slice(20, None)  # units whose votes of the day are out


def _tables(path: Path, more: str, *, out: bool = True, trials: int = TRIALS, threads: int = 1) -> Tables:
    """A run of the small night with these classes; early votes are in, the day's of the last ten units may be out."""
    loaded = night.of_folder(path, more)
    votes = night.draw_truth(night.of_folder(path / "plain"), np.random.default_rng(1))
    complete = np.ones(votes.shape[:2], bool)
    complete[DAY_OUT, 1] = not out
    table = night.results(path / "v.csv", night.rows_of(loaded, night.reported(votes, complete)))
    return run_night(loaded, table, trials=trials, seed=3, threads=threads)


def _row(tables: Tables, name: str, candidate: str) -> dict[str, Any]:
    (row,) = [row for row in tables["classes"] if (row["class"], row["candidate"]) == (name, candidate)]
    return row


def _one(tables: Tables) -> dict[str, Any]:
    return tables["runoff_night"][0]


def test_a_class_that_may_count_is_a_mixture(tmp_path: Path) -> None:
    """All is in but a class of known size and split: P(win) is p times that with it, 1 - p times that without.

    With the class a lead of D is lost where its ballots have a margin beyond D: a normal, which the split's narrow
    range widens by less than it rounds.  Five standard errors of the coin, and 0.02 for the rounding.
    """
    held = [row["counted_votes"] for row in _tables(tmp_path / "a", "", out=False, trials=1_024)["runoff_finalists"]]
    lead, (ahead, behind) = abs(held[0] - held[1]), ("Ada", "Bo") if held[0] > held[1] else ("Bo", "Ada")
    size = round(lead / 0.4) + 10
    more = f"""
[night.classes.late]
kind = "extra"
low = {size}
high = {size}
split = {{ to = "{behind}", low = 0.69999, high = 0.70001 }}
p_counted = 0.35
"""
    tables = _tables(tmp_path / "b", more, out=False)
    with_it = float(stats.norm.cdf((lead - 0.4 * size) / (2.0 * math.sqrt(size * 0.7 * 0.3))))
    row = _row(tables, "late", ahead)
    assert (row["ballots_q10"], row["ballots_q90"]) == (size, size)
    assert row["p_win_not"] == 1.0
    assert 0.2 < with_it < 0.8
    assert row["p_win_counted"] == pytest.approx(with_it, abs=5 * math.sqrt(0.25 / TRIALS) + 0.02)
    won = next(row["p_win"] for row in tables["runoff_finalists"] if row["candidate"] == ahead)
    assert won == pytest.approx(0.35 * with_it + 0.65, abs=5 * math.sqrt(0.25 / TRIALS) + 0.02)
    assert won < 0.95
    assert "nothing is out" not in render(tables)


def test_what_never_counts_changes_nothing(tmp_path: Path) -> None:
    """With p_counted = 0 ballots on top leave every trial's bits; the row says who would win with them."""
    more = '[night.classes.late]\nkind = "extra"\nmodes = ["day"]\nlow = 500\nhigh = 900\np_counted = 0.0\n'
    plain, with_it = _tables(tmp_path / "a", "", trials=2_048), _tables(tmp_path / "b", more, trials=2_048)
    assert _one(plain)["digest"] == _one(with_it)["digest"]
    assert _row(with_it, "late", "Ada")["added_mean"] == 0.0
    assert _row(with_it, "late", "Ada")["p_win_not"] == plain["runoff_finalists"][0]["p_win"]


def test_all_has_the_size_and_split_that_are_said(tmp_path: Path) -> None:
    """Of all that is out both 80 % ranges come out, within five standard errors of a quantile."""
    more = """
[night.classes.day]
kind = "all"
modes = ["day"]
low = 4_000
high = 6_000
split = { to = "Bo", low = 0.40, high = 0.60 }
"""
    tables = _tables(tmp_path, more)
    row, one = _row(tables, "day", "Bo"), _one(tables)
    assert (one["out_q10"], one["out_q50"], one["out_q90"]) == (
        row["ballots_q10"], row["ballots_q50"], row["ballots_q90"])  # fmt: skip
    se = 5 * math.sqrt(0.1 * 0.9 / one["effective_trials"])
    for prefix, low, high, middle in (("ballots", 4_000, 6_000, math.sqrt(24e6)), ("share", 0.4, 0.6, 0.5)):
        density = stats.norm.pdf(stats.norm.ppf(0.1)) * 2 * 1.2816 / (high - low)
        assert row[f"{prefix}_q10"] == pytest.approx(low, abs=1.2 * se / density + 0.5 * (high > 1))
        assert row[f"{prefix}_q90"] == pytest.approx(high, abs=1.2 * se / density + 0.5 * (high > 1))
        assert row[f"{prefix}_q50"] == pytest.approx(middle, abs=2 * se / density)


def test_a_part_takes_the_place_of_its_cells_ballots(tmp_path: Path) -> None:
    """What is out stays as many whatever part of it is a class; not counted, it is fewer by the class."""
    more = '[night.classes.late]\nkind = "part"\nmodes = ["day"]\nlow = 1_000\nhigh = 1_000\np_counted = {p}\n'
    plain = _one(_tables(tmp_path / "a", ""))
    counted, not_counted = (_one(_tables(tmp_path / f"{p}", more.format(p=p))) for p in (1.0, 0.0))
    assert counted["out_mean"] == pytest.approx(plain["out_mean"], abs=2.0)
    assert not_counted["out_mean"] == pytest.approx(plain["out_mean"] - 1_000, abs=2.0)
    assert counted["margin_q50"] == pytest.approx(plain["margin_q50"], abs=0.1 * plain["margin_sd"])


def test_units_have_the_ballots_of_their_classes(tmp_path: Path) -> None:
    """Units' mean votes out add up to the race's, classes on top of complete units included."""
    more = """
[night.classes.late]
kind = "extra"
units = ["n1", "n2"]
low = 200
high = 300
p_counted = 0.5

[night.classes.contested]
kind = "part"
modes = ["day"]
regions = ["s"]
low = 400
high = 700
"""
    tables = _tables(tmp_path, more)
    total = sum(float(row["out_mean"]) for row in tables["runoff_units"])  # type: ignore[arg-type]
    assert total == pytest.approx(_one(tables)["out_mean"], abs=2.0)
    late = sum(float(row["out_mean"]) for row in tables["runoff_units"] if row["unit"] in ("n1", "n2"))  # type: ignore[arg-type]
    added = sum(row["added_mean"] for row in tables["classes"] if row["class"] == "late")
    assert late == pytest.approx(added, abs=1e-6 * added + 0.5)
    assert added == pytest.approx(124, abs=5 * math.sqrt(124.0**2 / _one(tables)["effective_trials"]) + 1)


def test_threads_and_the_order_of_classes_change_nothing(tmp_path: Path) -> None:
    """Equal bits on one thread and three, and whichever class stands first in the run file."""
    one = '[night.classes.late]\nkind = "extra"\nlow = 200\nhigh = 300\np_counted = 0.5\n'
    two = '[night.classes.contested]\nkind = "part"\nmodes = ["day"]\nlow = 400\nhigh = 700\n'
    first = _tables(tmp_path / "a", one + two, trials=3_000)
    second = _tables(tmp_path / "b", two + one, trials=3_000, threads=3)
    assert _one(first)["digest"] == _one(second)["digest"]
    assert [r["class"] for r in first["classes"]] == [r["class"] for r in second["classes"]]


def _class(name: str, kind: Any, cells: np.ndarray, **more: Any) -> BallotClass:
    plain: dict[str, Any] = {"modes": (), "size": (math.log(80.0), 0.3), "split": None, "lean_sd": 0.25, "p_counted": 1}
    return BallotClass(name, kind, cells, **{**plain, **more})


@pytest.mark.parametrize("finalists", [2, 3])
def test_trials_are_those_of_a_slow_twin(finalists: int) -> None:
    """Trial by trial and cell by cell: sizes, shares, coins and what is left out of the cells, for any finalists."""
    rng = np.random.default_rng(finalists)
    units, modes, trials = 6, 3, 40
    held = rng.integers(20, 90, (finalists, modes, units)).astype(np.float32)
    is_out = rng.random((modes, units)) < 0.6
    is_out[:, 0], is_out[:, 1] = False, True
    held[:, is_out] = 0.0
    people = np.full(units, 2_000.0)
    cells = [np.zeros((units, modes), bool) for _ in range(3)]
    cells[0][:, 0], cells[1][:4, 1], cells[2][:3] = True, True, True
    classes = (
        _class("a", "all", cells[0], size=None, lean_sd=0.0),
        _class("b", "part", cells[1], split=(1, 0.4, 0.2), lean_sd=0.0, p_counted=0.5),
        _class("c", "extra", cells[2], p_counted=0.3),
    )
    draws = ClassDraws(classes, people, held, is_out)
    open_ = np.flatnonzero(is_out.any(axis=0) | draws.units)
    out = (rng.uniform(20.0, 80.0, (finalists, modes, len(open_), trials)) * is_out[:, open_, None]).astype(np.float32)
    before = out.copy()
    z = {int(key): rng.standard_normal(trials).astype(np.float32) for key in draws.keys}
    found, added = draws.take(out, open_, lambda keys: np.array([z[int(key)] for key in keys]))

    def normal(name: str, what: str, t: int, k: int = 0) -> float:
        return float(z[int(stream(Purpose.NIGHT_CLASS, f"{name}\0{what}", k))][t])

    for t in range(trials):
        votes = np.zeros(finalists)
        for c, one in enumerate(classes):
            of_class, left = np.zeros(finalists), 0.0
            for i, u in enumerate(open_):
                for m in range(modes):
                    if one.cells[u, m] and is_out[m, u]:
                        of_class += before[:, m, i, t]
                        left += float(out[:, m, i, t].sum())
                    elif one.cells[u, m] and one.kind == "extra":
                        of_class += held[:, m, u]
            expected, share = of_class.sum(), of_class / of_class.sum()
            size = math.exp(math.log(80.0) + 0.3 * normal(one.name, "size", t))
            if one.size is None:
                everybody = people[one.units].sum()
                size = expected + math.sqrt(expected * (1 - expected / everybody)) * normal(one.name, "size", t)
            if one.split:
                said = 1.0 / (1.0 + math.exp(-0.4 - 0.2 * normal(one.name, "split", t)))
                share = np.array([said if k == 1 else share[k] * (1 - said) / (1 - share[1]) for k in range(finalists)])
            elif one.lean_sd:
                lean = [0.25 / math.sqrt(2) * normal(one.name, "lean", t, k) for k in range(finalists)]
                share = share * np.exp(lean) / (share * np.exp(lean)).sum()
            assert found.would[t, c].sum() == math.floor(size + 0.5)
            sd = math.sqrt(size * share[0] * (1 - share[0]))
            first = math.floor(size + 0.5) * share[0] + sd * normal(one.name, "count", t, 0)
            assert found.would[t, c, 0] == pytest.approx(first, abs=0.6)
            assert found.counted[t, c] == (normal(one.name, "counted", t) < stats.norm.ppf(one.p_counted))
            if one.kind == "all":
                assert left == 0.0
            elif one.kind == "part":
                assert left == pytest.approx(max(expected - size, 0.0), abs=0.6)
            votes += found.would[t, c] * found.counted[t, c]
        assert (found.votes[t] == votes).all()
        assert added[:, :, t].sum(axis=1) == pytest.approx(votes, rel=1e-9)


def test_no_more_ballots_than_people() -> None:
    """A class is cut to those who are left in its units when a trial's other votes are counted."""
    cells = np.ones((1, 1), bool)
    one = _class("a", "extra", cells, size=(math.log(500.0), 0.0))
    held = np.zeros((2, 1, 1), np.float32)
    draws = ClassDraws([one], np.array([300.0]), held, cells.T)
    out = np.full((2, 1, 1, 4), 50.0, np.float32)
    found, _ = draws.take(out, np.array([0]), lambda keys: np.zeros((len(keys), 4), np.float32))
    assert found.would.sum(axis=2).ravel().tolist() == [200] * 4


def test_a_multinomial_adds_up() -> None:
    """Whole numbers that add up to their size, with the mean and variance of a multinomial, at five standard errors."""
    rng, n = np.random.default_rng(1), 20_000
    share = np.repeat(np.array([[0.5], [0.3], [0.2]]), n, axis=1)
    found = multinomial(np.full(n, 400.0), share, rng.standard_normal((3, n)))
    assert (found.sum(axis=0) == 400).all()
    for k, p in enumerate((0.5, 0.3, 0.2)):
        variance = 400 * p * (1 - p)
        assert abs(found[k].mean() - 400 * p) < 5 * math.sqrt(variance / n)
        assert found[k].var() == pytest.approx(variance + 1 / 12, rel=5 * math.sqrt(2 / n) + 0.01)
