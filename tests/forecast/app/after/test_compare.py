"""Two runs of a race: parts of what moved a probability add up, and only what changed has one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import runoff
from runoff.app.after import compare as module
from runoff.app.after.compare import Comparison, compare
from runoff.errors import InputError, MissingFileError
from runoff.output import store
from tests.command import runoff as command
from tests.installed import ROOT

CONFIGS = ROOT / "configs" / "ga06-2017"
TRIALS = 20_000


def _kept(path: Path, name: str, **words: Any) -> Path:
    """A run of one of the reference case's files, with words over it."""
    return runoff.run(runoff.load(CONFIGS / name), runoff.Options(**{"trials": TRIALS, "threads": 1, **words})).save(
        path
    )


def _parts(found: Comparison, quantity: str = "p_win") -> dict[str, float]:
    return {row["part"]: row[quantity] for row in found.rows}


def test_parts_add_up_to_the_whole(tmp_path: Path) -> None:
    """In either order and averaged, of chance and share, the parts' sum is the difference of what both runs kept."""
    a, b = _kept(tmp_path / "a", "april.toml"), _kept(tmp_path / "b", "eve.toml", seed=3)
    found = compare(a, b, threads=1)
    assert [row["part"] for row in found.rows] == ["data", "rates", "polls", "settings", "version", "noise", "whole"]
    kept = [store.read(folder)["candidates"][0] for folder in (a, b)]
    for quantity in ("p_win", "share_mean"):
        first, second = (float(row[quantity]) for row in kept)  # type: ignore[arg-type]  # a double by its schema
        assert found.rows[-1][quantity] == pytest.approx(second - first, abs=1e-15)
        for way in (quantity, f"{quantity}_forward", f"{quantity}_reverse"):
            parts = [row[way] for row in found.rows]
            assert sum(parts[:-1]) == pytest.approx(parts[-1], abs=1e-14)
    parts = _parts(found)
    assert parts["rates"] != 0.0 != parts["polls"]
    assert parts["data"] == parts["version"] == 0.0


def test_rates_of_an_estimate_are_exchanged(tmp_path: Path) -> None:
    """A run with rates of an estimate against one without, wherever the estimate lay: the rates are the difference."""
    from tests.forecast.model.prior import test_estimated as estimates

    place = tmp_path / "race"
    place.mkdir()
    estimates.made(place)
    with_ = runoff.run(estimates.case(place), trials=TRIALS, threads=1).save(tmp_path / "a")
    text = estimates.case(place).text.replace('estimate = "earlier"', "mean = 0.7, sd = 0.1", 2)
    without = runoff.run(runoff.loads(text.replace('"earlier"', '"moved"'), estimates.moved(place)), trials=TRIALS)
    other = without.save(tmp_path / "b")
    assert compare(with_, with_, threads=1).rows[-1]["p_win"] == 0.0
    found = compare(with_, other, threads=1)
    parts = _parts(found, "share_mean")
    assert parts["rates"] == pytest.approx(parts["whole"], abs=1e-9) != 0.0


def test_a_part_is_the_forecast_with_it_less_the_one_without(tmp_path: Path) -> None:
    """In order, the first part that changed is A with B's part, drawn as a run of its own, less A."""
    a, b = _kept(tmp_path / "a", "april.toml"), _kept(tmp_path / "b", "eve.toml")
    text = (CONFIGS / "eve.toml").read_text("utf-8")
    text = text[: text.index("# Fifteen polls")].replace("2017-06-19\nthreshold", "2017-04-19\nthreshold")
    case = runoff.loads(text, CONFIGS)
    drawn = runoff.run(
        case, trials=TRIALS, threads=1, seed=runoff.load(CONFIGS / "april.toml").run_file.simulation.seed
    )
    before = runoff.read(a)
    wanted = drawn.p_win["Jon Ossoff"] - before.p_win["Jon Ossoff"]
    row = next(row for row in compare(a, b, threads=1).rows if row["part"] == "rates")
    assert row["p_win_forward"] == pytest.approx(wanted, abs=1e-14)
    assert row["changed"] == ["rates", "new_voters.turnout", "new_voters.preference"]


def test_only_polls_have_changed(tmp_path: Path) -> None:
    """With a later day and one seed, polls have the whole change and every other part is nought."""
    a = _kept(tmp_path / "a", "by-day.toml", as_of=runoff.load(CONFIGS / "by-day.toml").run_file.race.first_round)
    b = _kept(tmp_path / "b", "by-day.toml")
    parts = _parts(compare(a, b, threads=1))
    assert parts["polls"] == parts["whole"] != 0.0
    assert {part for part, moved in parts.items() if moved} == {"polls", "whole"}


def test_another_seed_is_noise(tmp_path: Path) -> None:
    """Equal inputs with other seeds differ by chance alone; an error of that size says how much is usual.

    Six standard errors of a difference: a false alarm in 5e8 runs.
    """
    a, b = (_kept(tmp_path / str(seed), "april.toml", seed=seed) for seed in (1, 2))
    parts = _parts(compare(a, b, threads=1))
    assert parts["noise"] == parts["whole"]
    assert {part for part, moved in parts.items() if moved} == {"noise", "whole"}
    assert abs(parts["noise"]) < 6 * (2 * 0.25 / TRIALS) ** 0.5


def test_a_run_and_itself_differ_in_nothing(tmp_path: Path) -> None:
    """All parts are nought, with as many trials in between as the run had or with fewer."""
    a = _kept(tmp_path, "eve.toml")
    for trials in (None, 1_000):
        found = compare(a, a, trials=trials, threads=1)
        assert {row[quantity] for row in found.rows for quantity in ("p_win", "share_mean")} == {0.0}
    assert "the same in both runs" in found.text()


def test_another_version_has_its_own_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the present program draws of a run's inputs, less what the run kept, is the version's part."""
    a, b = _kept(tmp_path / "a", "april.toml"), _kept(tmp_path / "b", "april.toml", seed=9)
    real = store.found

    def older(path: Path) -> Any:
        kept = real(path)
        if path != a:
            return kept
        rows = [{**row, "p_win": float(row["p_win"]) + 0.125} for row in kept.tables["candidates"]]  # type: ignore[arg-type]
        head = [{**kept.tables["run"][0], "version": "0.1.0"}]
        return replace(kept, tables={**kept.tables, "candidates": rows, "run": head})

    monkeypatch.setattr(module.store, "found", older)
    for trials in (None, 5_000):
        found = compare(a, b, trials=trials, threads=1)
        assert _parts(found)["version"] == pytest.approx(-0.125, abs=1e-15)
        assert next(row for row in found.rows if row["part"] == "version")["changed"] == ["0.1.0"]


def test_parts_that_do_not_fit_are_told_together(tmp_path: Path) -> None:
    """A bloc of another name is in table and rates: neither goes with the other run's, and a note says so."""
    text = (CONFIGS / "april.toml").read_text("utf-8")
    a = runoff.run(runoff.loads(text, CONFIGS), trials=2_000, threads=1).save(tmp_path / "a")
    for name in ("first-round-by-county.csv", "registered-by-county.csv"):
        table = (CONFIGS / name).read_text("utf-8")
        (tmp_path / name).write_text(table.replace(",R,", ",Rep,"), "utf-8")
    other = text.replace("[rates.blocs.R]", "[rates.blocs.Rep]")
    b = runoff.run(runoff.loads(other, tmp_path), trials=2_000, threads=1).save(tmp_path / "b")
    found = compare(a, b, threads=1)
    assert [row["part"] for row in found.rows] == ["data and rates", "polls", "settings", "version", "noise", "whole"]
    assert "data and rates are told together" in found.notes[0]


def test_nights_are_compared_by_what_was_counted(tmp_path: Path) -> None:
    """Two hours of one night differ in their tables, which are data."""
    a, b = (_kept(tmp_path / hour, "runoff-night.toml", trials=512, results=CONFIGS / f"runoff-counted-{hour}.csv")
            for hour in ("2009", "2055"))  # fmt: skip
    parts = _parts(compare(a, b, threads=1))
    assert parts["data"] == pytest.approx(parts["whole"], abs=1e-12)
    assert parts["data"] != 0.0


def test_what_cannot_be_compared_is_told(tmp_path: Path) -> None:
    """Two races, two phases, other candidates, and a run without inputs are refused with a way out."""
    a = _kept(tmp_path / "a", "april.toml")
    text = (CONFIGS / "april.toml").read_text("utf-8")

    def other(name: str, changed: str) -> Path:
        return runoff.run(runoff.loads(changed, CONFIGS), trials=2_000, threads=1).save(tmp_path / name)

    with pytest.raises(InputError, match=r"another race(.|\n)*name two runs of ga06-2017"):
        compare(a, other("race", text.replace('id = "ga06-2017"', 'id = "elsewhere"')))
    with pytest.raises(InputError, match=r"another phase(.|\n)*runoff_night"):
        compare(a, _kept(tmp_path / "night", "runoff-night.toml", trials=256))
    finalists = '\n[finalists]\nnames = ["Jon Ossoff", "Bob Gray"]\n'
    with pytest.raises(InputError, match=r"other candidates(.|\n)*\[finalists\]"):
        compare(a, other("names", text.replace("Karen Handel", "Bob Gray") + finalists))
    with pytest.raises(MissingFileError, match="does not carry"):
        compare(a, _kept(tmp_path / "bare", "april.toml", inputs=False))


def test_the_command_prints_text_and_json(tmp_path: Path) -> None:
    """Text in 80 columns that ends with the sum; a document with the parts."""
    a, b = _kept(tmp_path / "a", "april.toml"), _kept(tmp_path / "b", "eve.toml")
    answer = command("compare", str(a), str(b), "--trials", "4000")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("Ossoff's chance went from")
    assert max(map(len, answer.stdout.splitlines())) <= 80
    document = json.loads(command("compare", str(a), str(b), "--trials", "4000", "--json").stdout)
    assert sum(row["p_win"] for row in document["parts"]) == pytest.approx(document["whole"]["p_win"], abs=1e-14)
    last = next(line for line in answer.stdout.splitlines() if line.startswith("sum "))
    assert last.split()[1] == f"{100 * document['whole']['p_win']:+.2f}"
