"""Shares of all ballots beside single trials with a blank share drawn for each."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from scipy import special

import runoff
from runoff.errors import InputError
from runoff.estimate.logistic import TAIL
from runoff.phases.runoff_ahead.ballots import NODES, above_half, spread
from runoff.race import Row
from runoff.runfile.load import load
from tests.command import runoff as command
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"
LOW, HIGH = 0.04, 0.12


def _file(path: Path, more: str, name: str = "april") -> Path:
    """A run file of GA-06 with blank ballots, in a folder with its tables."""
    folder = path / "ga06"
    shutil.copytree(GA06, folder, dirs_exist_ok=True)
    file = folder / "blank.toml"
    file.write_text(f"{(GA06 / f'{name}.toml').read_text('utf-8')}\n[blank]\n{more}\n", "utf-8")
    return file


def _rows(result: runoff.Result) -> dict[tuple[str, str], Row]:
    return {(row["quantity"], row["candidate"]): row for row in result.table("ballots").to_pylist()}


def test_laws_are_those_of_trials_with_a_blank_share_each(tmp_path: Path) -> None:
    """Means, standard deviations, quantiles and chances of over half of all ballots are those of 400,000 trials' votes,
    each with a blank share drawn beside it: within five Monte Carlo errors, and a bin.
    """
    file = _file(tmp_path, f'low = {LOW}\nhigh = {HIGH}\ncounts = "all"')
    result = runoff.run(load(file), trials=400_000, trials_table=True)
    rows = _rows(result)
    votes = np.concatenate([np.array(part.column("votes").to_pylist()).reshape(-1, 2) for part in result.trials()])
    people = result.table("run").column("people")[0].as_py()
    ends = special.logit([LOW, HIGH])
    sd = (ends[1] - ends[0]) / (2.0 * TAIL)
    blank = special.expit(ends.mean() + sd * np.random.default_rng(4).standard_normal(len(votes)))
    valid = votes.sum(axis=1)
    drawn = {
        ("blank", ""): blank,
        ("turnout", ""): valid / people / (1.0 - blank),
        ("margin", ""): (votes[:, 0] - votes[:, 1]) / valid * (1.0 - blank),
        ("share", "Jon Ossoff"): votes[:, 0] / valid * (1.0 - blank),
        ("share", "Karen Handel"): votes[:, 1] / valid * (1.0 - blank),
    }
    assert set(rows) == set(drawn)
    for key, values in drawn.items():
        error = values.std() / np.sqrt(len(values))
        assert rows[key]["mean"] == pytest.approx(values.mean(), abs=5 * error + 1e-4), key
        assert rows[key]["sd"] == pytest.approx(values.std(), rel=0.006), key
        for level in (5, 10, 50, 90, 95):
            expected = np.quantile(values, level / 100)
            assert rows[key][f"q{level:02d}"] == pytest.approx(expected, abs=12 * error + 1e-4), (key, level)
        if key[0] == "share":
            assert rows[key]["p_majority"] == pytest.approx((values > 0.5).mean(), abs=0.004)
            assert rows[key]["counts"] == "all"


def test_without_blank_ballots_it_is_the_valid_votes(tmp_path: Path) -> None:
    """A share of one in a million leaves the shares and the chance to win as they are, within a bin."""
    result = runoff.run(load(_file(tmp_path, "low = 0.000001\nhigh = 0.0000011")), trials=50_000)
    rows = _rows(result)
    for row in result.table("candidates").to_pylist():
        found = rows["share", row["candidate"]]
        for name in ("q05", "q10", "q50", "q90", "q95"):
            assert found[name] == pytest.approx(row[f"share_{name}"], abs=1.5e-4)
        assert found["p_majority"] == pytest.approx(row["p_win"], abs=0.003)


def test_votes_are_what_they_were(tmp_path: Path) -> None:
    """Blank ballots move no vote: the digest is that of the run file without them; and no table without [blank]."""
    told = runoff.run(load(_file(tmp_path, "low = 0.1\nhigh = 0.2")), trials=20_000)
    plain = runoff.run(load(GA06 / "april.toml"), trials=20_000)
    digests = [one.table("run").column("digest")[0].as_py() for one in (told, plain)]
    assert digests[0] == digests[1]
    assert "ballots" not in plain.tables


def test_a_histogram_times_a_factor() -> None:
    """Sums are kept, each value goes where its product lies, what leaves the ends stays in the last bins; a bin that
    one half lies in is above it in part.
    """
    bins = np.zeros(100, np.int64)
    bins[[10, 60, 99]] = [3, 5, 7]
    factors = np.array([1.0, 0.5, 1.2])
    found = spread(bins, 0.0, 0.01, factors)
    assert found.sum() == 3 * bins.sum()
    assert {int(i): int(found[i]) for i in np.flatnonzero(found)} == {
        10: 3, 5: 3, 12: 3, 60: 5, 30: 5, 72: 5, 99: 14, 49: 7
    }  # fmt: skip
    half = np.zeros(100, np.int64)
    half[50] = 4
    assert above_half(half, 0.0, 0.01, np.array([1.0])) == pytest.approx(1.0)
    assert above_half(half, 0.0, 0.01, np.array([0.5 / 0.505])) == pytest.approx(0.5)
    assert above_half(half, 0.0, 0.01, np.array([0.9])) == 0.0
    assert NODES * 2**56 < 2**63


def test_page_and_check_say_what_the_law_counts(tmp_path: Path) -> None:
    """Of valid votes: the blank share and ballots; of all ballots: margin and shares of these; check has the range."""
    said = {}
    for counts in ("valid", "all"):
        file = _file(tmp_path, f'low = 0.04\nhigh = 0.12\ncounts = "{counts}"\nsource = "of us"')
        answer = command("run", str(file), "--trials", "5000", "--out", str(tmp_path / counts))
        assert answer.returncode == 0, answer.stderr
        lines = [line for line in answer.stdout.split("\n") if not line.startswith("tables: ")]  # which has a path
        assert max(map(len, lines)) <= 80
        said[counts] = answer.stdout
        check = command("check", str(file)).stdout
        assert "blank or null: 7.0 % of all ballots (4.0 to 12.0)" in check
        assert "source: of us" in check
    assert "7.0 % (80 %: 4.0 to 12.0) of all ballots are blank or null" in said["valid"]
    assert "of valid votes, as the law counts" in said["valid"]
    assert "over half" not in said["valid"]
    assert "of all ballots, as the law counts" in said["all"]
    assert "over half" in said["all"]
    page = command("report", str(tmp_path / "all"), "-o", "-").stdout
    assert "of all ballots are blank or null" in page


def test_a_night_has_none(tmp_path: Path) -> None:
    """A night with [blank] is refused with its place and a way out."""
    file = _file(tmp_path, "low = 0.04\nhigh = 0.12", "runoff-night")
    with pytest.raises(InputError, match=r"\[blank\] has no part in this race") as refused:
        runoff.run(load(file), results=GA06 / "runoff-counted-2009.csv", trials=512)
    assert "remove [blank]" in str(refused.value)
