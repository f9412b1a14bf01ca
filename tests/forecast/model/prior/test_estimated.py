"""Rates that an earlier runoff of the place says: by name, by bloc, as said; how wide; and what is wrong."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

import runoff
from runoff.app.flows.estimate import Asked, flows
from runoff.errors import InputError, MissingFileError
from runoff.estimate.ecological.transfers import Settings
from runoff.model.pools import build
from runoff.runfile.load import Case

MOVES = {"Ann": [0.94, 0.02, 0.04], "Bob": [0.03, 0.92, 0.05], "Cy": [0.63, 0.07, 0.3], "stay": [0.05, 0.05, 0.9]}
RUN_FILE = """
[race]
id = "later"
name = "A later race"
first_round = 2022-04-10
runoff = 2022-04-24
as_of = 2022-04-10
[results]
table = "later.csv"
[rates.own]
turnout = {{ {own} }}
preference = {{ {own} }}
[rates.blocs.green]
turnout = {{ {green} }}
preference = {{ {green} }}
[new_voters]
people = 5000
turnout = {{ {new} }}
preference = {{ {new} }}
"""
LATER = "unit,candidate,votes,bloc\nall,Dee,5000,left\nall,Eve,4000,right\nall,Fay,2000,green\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A later race's table, and an estimate of an earlier one under `earlier`."""
    place = tmp_path_factory.mktemp("places")
    rng = np.random.default_rng(5)
    lines = {"1": ["unit,candidate,votes,bloc"], "2": ["unit,candidate,votes,bloc"]}
    for n in range(40):
        people = rng.multinomial(1000, rng.dirichlet([6, 6, 4, 5]))
        to = sum(rng.multinomial(x, p) for x, p in zip(people, MOVES.values(), strict=True))
        for name, bloc, votes in zip(("Ann", "Bob", "Cy"), ("left", "right", "green"), people, strict=False):
            lines["1"].append(f"u{n},{name},{votes},{bloc}")
        lines["1"].append(f"u{n},_registered,1000,")
        lines["2"] += [f"u{n},Ann,{to[0]},left", f"u{n},Bob,{to[1]},right", f"u{n},_registered,1000,"]
    for number, text in lines.items():
        (place / f"{number}.csv").write_text("\n".join(text) + "\n", encoding="utf-8")
    found = flows(Asked(place / "1.csv", place / "2.csv", settings=Settings(draws=300)))
    found.save(place).rename(place / "earlier")
    (place / "later.csv").write_text(LATER, encoding="utf-8")
    return place


def case(folder: Path, own: str = "", green: str = "", new: str = "") -> Case:
    """The later race with rates of the estimate, and what is said beside them."""
    say = 'estimate = "earlier"'
    parts = {"own": own, "green": green, "new": new}
    text = RUN_FILE.format(**{key: f"{say}, {more}" if more else say for key, more in parts.items()})
    return runoff.loads(text, folder)


def test_rates_are_those_of_the_earlier_race(folder: Path) -> None:
    """Pools take origins by bloc, finalists destinations by bloc: Fay's voters go as Cy's went, within 0.9 log-odds."""
    pools = {pool.name: pool for pool in build(case(folder)).pools}
    expected = {"Dee": (0.96, 0.94 / 0.96), "Eve": (0.95, 0.03 / 0.95), "Fay": (0.7, 0.9)}
    expected |= {"did not vote in the first round": (0.1, 0.5)}
    for name, (turnout, preference) in expected.items():
        assert abs(pools[name].turnout.location[0] - math.log(turnout / (1 - turnout))) < 0.9, name
        assert abs(pools[name].preference.location[0] - math.log(preference / (1 - preference))) < 0.9, name
    assert pools["Fay"].turnout.said.startswith("as Cy went in transfers-")


def test_what_separates_two_races_is_added(folder: Path) -> None:
    """The variance in log-odds is that of the draws and the square of `widen`; 0 leaves the draws alone."""
    alone, wide = (
        {pool.name: pool.turnout.scale[0][0] for pool in build(case(folder, green=f"widen = {w}")).pools}["Fay"]
        for w in (0.0, 1.0)
    )
    assert 0.01 < alone < 0.6
    assert math.isclose(wide**2, alone**2 + 1.0)


def test_origin_and_destinations_can_be_said(folder: Path) -> None:
    """`origin` names whose voters, `destinations` who stands for whom: turned round, preferences turn round."""
    usual = {pool.name: pool for pool in build(case(folder)).pools}
    said = case(folder, green='origin = "Bob", destinations = { Dee = "Bob", Eve = "Ann" }, widen = 0.1')
    fay = {pool.name: pool for pool in build(said).pools}["Fay"]
    assert fay.preference.location[0] > 1.5
    assert fay.turnout.location[0] > usual["Fay"].turnout.location[0]


def test_the_estimate_is_among_the_inputs(folder: Path, tmp_path: Path) -> None:
    """A run names the estimate's tables with their hashes, carries them, and is drawn again without the folder."""
    later = case(folder)
    assert [Path(name).name for name, _ in later.sources] == ["later.csv", "matrix.parquet", "matrix_draws.parquet"]
    kept = runoff.run(later, trials=1000).save(tmp_path)
    from runoff.app.after.again import kept_case

    again, _ = kept_case(Path(kept))
    assert build(again).pools == build(later).pools


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"green": 'origin = "Zed"'}, "nobody in the estimate stands for the voters of Fay"),
        ({"green": 'destinations = { Dee = "Zed", Eve = "Zod" }'}, "nobody in the estimate stands for Dee"),
        ({"green": 'destinations = { Zed = "Ann" }'}, "not a finalist"),
        ({"green": "mean = 0.5"}, "a rate is said in one way"),
        ({"green": 'to = "Dee"'}, "to beside estimate"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, more: dict[str, str], said: str) -> None:
    """What the estimate has not is refused with what it has, and half forms are refused."""
    with pytest.raises(InputError, match=said):
        build(case(folder, **more))


def test_a_missing_or_foreign_folder_is_told(folder: Path) -> None:
    """An estimate that is not there is a missing file; another table in its place is no estimate."""
    text = RUN_FILE.format(own='estimate = "nowhere"', green='estimate = "earlier"', new='estimate = "earlier"')
    with pytest.raises(MissingFileError, match="nowhere"):
        runoff.loads(text, folder)
    (folder / "foreign").mkdir(exist_ok=True)
    for name in ("matrix.parquet", "matrix_draws.parquet"):
        (folder / "foreign" / name).write_bytes((folder / "earlier" / "estimate.parquet").read_bytes())
    with pytest.raises(InputError, match="no column"):
        runoff.loads(text.replace("nowhere", "foreign"), folder)
