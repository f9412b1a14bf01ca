"""A first round is counted where nobody says how many may vote: sizes of what is out come from what is in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.data.counts.baseline import Baseline
from runoff.data.counts.first_round_count import Count, Out
from runoff.data.votes.roll import NOT_TOLD
from runoff.errors import InputError
from runoff.kernels.streams import Purpose, stream
from runoff.phases.first_round_open.check import understood
from runoff.phases.first_round_open.fit import Outstanding, prepare
from runoff.phases.first_round_open.model.arrival import SHARES
from runoff.phases.first_round_open.outstanding import BLOCK, _moved, _of_size, draw_first_round
from runoff.race import Candidate, FirstRound
from runoff.runfile.load import Case, load
from runoff.runfile.sections.observed import CountingSection
from runoff.simulate.normals import normals
from tests import night
from tests.drawn import opened, run_night
from tests.pages import render

UNITS = 60


def _unrolled(path: Path, *, told: int = 0, people: str = "people = 9000", more: str = "") -> Case:
    """The small night with a roll of names: registered voters of its first units alone."""
    run = night.folder(path, more=more)
    rows = [f"{unit[0]},{unit},{2500 if i < told else ''}" for i, unit in enumerate(night.UNITS)]
    (path / "roll.csv").write_text("\n".join(["region,unit,registered", *rows]) + "\n")
    run.write_text(run.read_text().replace("[new_voters]", f"[new_voters]\n{people}"))
    return load(run)


def test_a_night_without_a_roll_is_drawn(tmp_path: Path) -> None:
    """Names alone will do: four units' day votes come as large as others', and no page speaks of registered voters."""
    case = _unrolled(tmp_path)
    seen = opened(case)
    assert not seen.data.seen.count.rolled
    tables = run_night(case, trials=2_000, seed=2)
    row = tables["night"][0]
    truth = sum(sum(night.votes(unit, "day")) for unit in ("n4", "n5", "s4", "s5"))
    assert row["out_q10"] < truth < row["out_q90"]  # type: ignore[operator]
    assert row["registered"] == 0
    for text in (render(tables), str(understood(seen.data))):
        assert "0 registered" not in text


def test_a_roll_is_whole_or_not_there(tmp_path: Path) -> None:
    """Registered voters of some units only are refused, and so is a size as a share of them, or new voters of them."""
    with pytest.raises(InputError, match="or none has"):
        night.counted(_unrolled(tmp_path / "a", told=3))
    sized = "[counting.modes.day]\nlow = 0.1\nhigh = 0.2"
    with pytest.raises(InputError, match="nobody told how many are registered"):
        night.counted(_unrolled(tmp_path / "b", more=sized))
    with pytest.raises(InputError, match="nobody is left to come"):
        _unrolled(tmp_path / "c", people="")


def _race(reported: np.ndarray, votes: np.ndarray, baseline: Baseline | None = None) -> Count:
    """Units of which some are in."""
    n = len(votes)
    counted = np.zeros((n, 1, votes.shape[1]), np.int64)
    counted[reported, 0] = votes[reported]
    people = tuple(Candidate(name, name, name) for name in ("Ada", "Bo", "Cy"))
    units, roll = tuple(f"u{u:02d}" for u in range(n)), np.full(n, NOT_TOLD, np.int64)
    first = FirstRound(people, units, ("",) * n, counted[:, 0], roll, counted[:, 0].sum(axis=1), ())
    gone = [u for u in range(n) if u not in set(reported.tolist())]
    out = tuple(Out(units[u], (u,), 0, False, None, None, None) for u in gone)
    return Count(first, roll, ("",), counted, counted.any(axis=2), out, baseline, ())


def _prepared(count: Count, same: tuple[str, str] | None = None) -> Outstanding:
    return prepare(count, CountingSection(status="-", baseline_candidates=None if same is None else list(same)))


def test_an_earlier_election_of_the_same_candidates_tells_the_rest() -> None:
    """Where all units have moved alike, the first's strongholds tell how the others will vote, to half a point, and
    the size of what is out, to 2 %; reported shares alone are more than six points off.
    """
    rng = np.random.default_rng(8)
    size, lean = rng.integers(2_000, 20_000, UNITS), rng.normal(0.0, 0.8, UNITS)
    odds = np.stack([np.exp(lean + 0.1), np.ones(UNITS), np.full(UNITS, 0.5)], axis=1)
    then = odds / odds.sum(axis=1, keepdims=True) * size[:, None]
    now = odds * (0.8, 1.0, 1.1)
    votes = np.round(now / now.sum(axis=1, keepdims=True) * size[:, None] * 0.9).astype(np.int64)
    base = Baseline(then[:, 0], then[:, 1], then.sum(axis=1), None)
    reported = np.sort(np.argsort(-lean)[:20])
    final = votes[:, 0].sum() / votes.sum()
    assert votes[reported, 0].sum() / votes[reported].sum() - final > 0.06
    drawn = draw_first_round(_prepared(_race(reported, votes, base), ("Ada", "Bo")), 1, 1_024)
    assert np.median(drawn.totals[:, 0] / drawn.totals.sum(axis=1)) == pytest.approx(final, abs=0.005)
    assert np.median(drawn.totals.sum(axis=1)) == pytest.approx(votes.sum(), rel=0.02)


def test_what_size_says_is_a_line_and_then_a_motion() -> None:
    """Within the sizes that came a cell's odds move by the slope; beyond, a Brownian motion is added, seen as such."""
    rng = np.random.default_rng(3)
    size = np.exp(rng.normal(8.0, 0.5, UNITS)).astype(np.int64)
    share = 1 / (1 + np.exp(0.5 * (np.log(size) - 8.0)))
    votes = np.stack([size * share, size * (1 - share) * 0.6, size * (1 - share) * 0.4], axis=1).astype(np.int64)
    out = _prepared(_race(np.arange(40), votes))
    assert out.by_size is not None
    slope = float(out.by_size.slopes[0].mean.mean())
    assert slope == pytest.approx(-0.5, abs=0.1)
    mean, _, most, _ = out.by_size.usual[0]
    inside, outside = (np.full((BLOCK, 20), int(np.exp(at))) for at in (mean + 0.3, most + 4.0))
    line = _of_size(out.by_size, 0, inside, out, 1, 0)
    assert line.mean() == pytest.approx(0.3 * slope, abs=0.01)
    key = stream(Purpose.COUNTING_EFFECT, "split\0" + out.category_name(0) + "\0larger")
    beyond = _of_size(out.by_size, 0, outside, out, 1, 0)[:, 0] - line[:, 0] * (most + 4.0 - mean) / 0.3
    assert np.corrcoef(beyond, normals(1, [key], 0, BLOCK)[0])[0, 1] > 0.95
    assert beyond.std() == pytest.approx(0.2 * np.sqrt(4.0), rel=0.15)


def test_strongholds_first_are_told_by_their_tail() -> None:
    """The top third of units whose log-odds are normal: the order is likely, all cells of the mode move together as
    often as it is, and the final share lies nearer to the middle of the forecast than to the reported one.
    """
    lean = np.sort(np.random.default_rng(11).normal(0.0, 0.6, UNITS))
    share = 1 / (1 + np.exp(-lean))
    votes = np.round(5_000 * np.stack([share, 0.6 * (1 - share), 0.4 * (1 - share)], axis=1)).astype(np.int64)
    reported = np.arange(40, UNITS)
    out = _prepared(_race(reported, votes))
    chance = out.order.splits[0].chances
    assert chance[0] > 2 * SHARES.prior
    moved = _moved(out, out.order.splits, "split", 1, 0)
    assert (moved == moved[:, :1]).all()
    part = (moved[:, 0, 0] != 0).mean()
    assert abs(part - chance.sum()) < 5 * np.sqrt(0.25 / BLOCK)
    drawn = draw_first_round(out, 1, 2_048).totals
    final, plain = votes[:, 0].sum() / votes.sum(), votes[reported, 0].sum() / votes[reported].sum()
    assert abs(np.median(drawn[:, 0] / drawn.sum(axis=1)) - final) < abs(plain - final)
