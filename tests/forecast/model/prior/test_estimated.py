"""Rates that an earlier runoff of the place says: by name, by bloc, as said; how wide; and what is wrong."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import runoff
from runoff.app.flows.estimate import Asked, flows
from runoff.errors import InputError, MissingFileError
from runoff.estimate.ecological.transfers import Settings
from runoff.estimate.logistic import logistic
from runoff.model.electorate import electorate
from runoff.model.pools import Model, build
from runoff.race import FloatArray
from runoff.runfile.load import Case
from runoff.simulate.again import factors
from runoff.simulate.inputs import to_inputs

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
    return made(tmp_path_factory.mktemp("places"))


def moved(place: Path) -> Path:
    """The same folder with its estimate under another name."""
    (place / "earlier").rename(place / "moved")
    return place


def made(place: Path) -> Path:
    """A folder with a later race's table, and an estimate of an earlier one under `earlier`."""
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


def _drawn(of: Model) -> tuple[FloatArray, FloatArray]:
    """Covariance of all log-odds, turnouts and then preferences: as the model has it, and what draws share of it."""
    inputs = to_inputs(of, 1)
    pools = electorate(inputs)
    loads = np.concatenate([pools.turnout_load, pools.preference_load[:, 0]])
    joint = inputs.joint_load.astype(float).transpose(1, 0, 2).reshape(len(loads), -1)
    return loads @ loads.T, joint @ joint.T


def test_rates_go_together_as_the_draws_do(folder: Path) -> None:
    """Log-odds have the sds of the matrices drawn and go together as their shares do, worked out here by itself."""
    later = case(folder)
    of, kept = build(later), later.estimates["earlier"]
    where = {o.name: j for j, o in enumerate(kept.origins)}
    rows = [where[name] for name in ("Ann", "Bob", "Cy", next(o.name for o in kept.origins if o.kind == "absent"))]
    ends = [[d.name for d in kept.destinations].index(name) for name in ("Ann", "Bob")]
    chosen = np.maximum(kept.draws[:, rows][:, :, ends], 1e-9)
    share = np.clip(chosen.sum(axis=2) / kept.draws[:, rows].sum(axis=2), 1e-4, 1 - 1e-4)
    of_chosen = np.maximum(chosen / chosen.sum(axis=2, keepdims=True), 1e-4)
    odds = np.concatenate([np.log(share / (1 - share)), np.log(of_chosen[..., 0] / of_chosen[..., 1])], axis=1)
    shares = np.concatenate([share, of_chosen[..., 0] / of_chosen.sum(axis=2)], axis=1)
    whole, joint = _drawn(of)
    assert [pool.name for pool in of.pools][:3] == ["Dee", "Eve", "Fay"]
    expected = np.corrcoef(shares.T) * np.outer(odds.std(axis=0), odds.std(axis=0))
    np.testing.assert_allclose(joint, expected, atol=1e-5)
    said = [pool.turnout.scale[0][0] for pool in of.pools] + [pool.preference.scale[0][0] for pool in of.pools]
    np.testing.assert_allclose(np.diag(whole), np.square(said), rtol=1e-5)
    apart = whole - joint
    assert (apart - np.diag(np.diag(apart)) > -1e-6).all()  # what separates two races is shared, and never turned round


def test_what_is_surely_known_stays_so(folder: Path) -> None:
    """The earlier race again: its votes, which are known, are less than 0.4 as uncertain as were rates drawn apart."""
    later = case(folder, own="widen = 0", green="widen = 0", new="widen = 0")
    kept, of = later.estimates["earlier"], build(later)
    people = kept.draws[0].sum(axis=1)
    place = {"Dee": "Ann", "Eve": "Bob", "Fay": "Cy"}
    where = {o.name if o.kind == "candidate" else "new": j for j, o in enumerate(kept.origins)}
    rows = [where[place.get(pool.name, "new")] for pool in of.pools]
    pools = electorate(to_inputs(of, 1))
    middle = np.concatenate([pools.turnout, pools.preference[:, 0]])
    whole, _ = _drawn(of)
    rng, sds = np.random.default_rng(3), []
    for covariance in (whole, np.diag(np.diag(whole))):
        come, choose = np.split(logistic(rng.multivariate_normal(middle, covariance, 20_000)), 2, axis=1)
        sds.append([(people[rows] * come * part).sum(axis=1).std() for part in (1.0, choose, 1.0 - choose)])
    assert (np.array(sds[0]) < 0.4 * np.array(sds[1])).all()


def test_rates_said_otherwise_share_nothing(folder: Path, tmp_path: Path) -> None:
    """What is said of the race, or in words, has no part in an estimate's factors; two estimates have their own."""
    of = build(case(folder))
    text = case(folder).text
    assert set(of.joint) == {case(folder).estimates["earlier"].run_id}
    said = build(runoff.loads(text + "\n[turnout]\nlow = 0.5\nhigh = 0.7\n", folder))
    assert not any(pool.turnout.joint for pool in said.pools)
    assert all(pool.preference.joint for pool in said.pools)
    alone = build(runoff.loads(text.replace('estimate = "earlier"', "mean = 0.6, sd = 0.1", 1), folder))
    assert [bool(pool.turnout.joint) for pool in alone.pools] == [False, False, True, True]
    shutil.copytree(folder / "earlier", tmp_path / "second")
    for table in ("matrix", "matrix_draws"):
        path = tmp_path / "second" / f"{table}.parquet"
        columns = parquet.read_table(path)
        at = columns.schema.get_field_index("run_id")
        parquet.write_table(columns.set_column(at, "run_id", pa.array(["other"] * len(columns))), path)
    second = text.replace("earlier", (tmp_path / "second").as_posix(), 2)
    both = build(runoff.loads(second, folder))
    assert set(both.joint) == {"other", *of.joint}
    _, joint = _drawn(both)
    own = [0, 1, 4, 5]
    assert not joint[np.ix_(own, [2, 3, 6, 7])].any()
    assert joint[np.ix_(own, own)].all()


def test_past_races_are_put_together_with_it(folder: Path) -> None:
    """Where past races are asked as well, each rate is both's mean by precision, and as precise as both together."""
    text = case(folder).text
    asked = '[prior]\nsource = "archive"\nlevel = "national"\ncontest = "open"\n'
    alone, both = build(case(folder)), build(runoff.loads(text + asked, folder))
    nobody = RUN_FILE.partition("[rates.own]")[0] + asked + "[new_voters]\npeople = 5000\n"
    past = build(runoff.loads(nobody, folder))
    for one, other, mine in zip(alone.pools, past.pools, both.pools, strict=True):
        for kind in ("turnout", "preference"):
            of = [getattr(pool, kind) for pool in (one, other, mine)]
            precision = [1.0 / rate.scale[0][0] ** 2 for rate in of]
            assert math.isclose(precision[2], precision[0] + precision[1])
            told = sum(w * rate.location[0] for w, rate in zip(precision[:2], of, strict=False))
            assert math.isclose(of[2].location[0], told / precision[2])
            assert of[2].said.endswith("and past races")
    gain = [
        m.turnout.scale[0][0] ** 2 / p.turnout.scale[0][0] ** 2 for p, m in zip(alone.pools, both.pools, strict=True)
    ]
    joint = _drawn(alone)[1][:4, :4] * np.outer(gain, gain)
    np.testing.assert_allclose(_drawn(both)[1][:4, :4], joint, atol=1e-5)


def test_who_stands_for_whom_only_because_he_is_left_is_told(folder: Path) -> None:
    """A finalist of a bloc that the estimate has not gets the other destination, and a note; not if it is said."""
    text = case(folder).text
    (folder / "strange.csv").write_text(LATER.replace("right", "centre"), encoding="utf-8")
    (note,) = build(runoff.loads(text.replace("later.csv", "strange.csv"), folder)).warnings
    assert "Bob stands for Eve" in note
    fix = note[note.index("destinations") :]
    said = text.replace("later.csv", "strange.csv").replace('"earlier"', f'"earlier", {fix}')
    assert not build(runoff.loads(said, folder)).warnings
    assert not build(case(folder)).warnings


def test_factors_of_an_estimate_are_named(folder: Path) -> None:
    """A trial's factors say of which estimate they are, as many as there are."""
    of = build(case(folder))
    named = factors.named(of, to_inputs(of, 1).factor_stream)
    assert [(one.level, one.name) for one in named if not one.rate] == [("estimate", run) for run in of.joint]
    assert all(one.level for one in named)


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
        ({"green": 'origin = "Zed"'}, "no origin Zed in the estimate"),
        ({"green": 'origin = "An"'}, "did you mean Ann?"),
        ({"green": 'destinations = { Dee = "Zed", Eve = "Zod" }'}, "no finalist Zed in the estimate"),
        ({"green": 'destinations = { Dee = "Ann", Eve = "Ann" }'}, "Ann stands for two finalists"),
        ({"green": 'destinations = { Zed = "Ann" }'}, "not a finalist"),
        ({"green": "mean = 0.5"}, "a rate is said in one way"),
        ({"green": 'to = "Dee"'}, "to beside estimate"),
    ],
)
def test_what_is_wrong_is_told(folder: Path, more: dict[str, str], said: str) -> None:
    """What the estimate has not is refused with what it has, and half forms are refused."""
    with pytest.raises(InputError, match=said):
        build(case(folder, **more))


def test_an_estimate_without_a_roll_says_no_turnout(tmp_path: Path) -> None:
    """Who came neither time is not in it: its turnouts are refused with a way out, its preferences are taken."""
    made(tmp_path)
    for number in ("1", "2"):
        rows = (tmp_path / f"{number}.csv").read_text("utf-8").splitlines()
        (tmp_path / f"{number}.csv").write_text(
            "\n".join(row for row in rows if "_registered" not in row) + "\n", "utf-8"
        )
    shutil.rmtree(tmp_path / "earlier")
    found = flows(Asked(tmp_path / "1.csv", tmp_path / "2.csv", settings=Settings(draws=50)))
    found.save(tmp_path).rename(tmp_path / "earlier")
    with pytest.raises(InputError, match="without a roll") as caught:
        build(case(tmp_path))
    assert "its preferences may be taken" in str(caught.value)
    text = case(tmp_path).text
    said = text.replace('turnout = { estimate = "earlier" }', "turnout = { mean = 0.6, sd = 0.1 }")
    assert all(pool.preference.joint for pool in build(runoff.loads(said, tmp_path)).pools)


def test_three_finalists_need_an_estimate_of_three(folder: Path) -> None:
    """With fewer in the estimate nothing that could be said beside it would do, and that is the message."""
    (folder / "three.csv").write_text(LATER.replace("green", "centre"), encoding="utf-8")
    text = (
        case(folder)
        .text.replace("later.csv", "three.csv")
        .replace("[rates.own]", "[finalists]\nadvance = 3\n[rates.own]")
    )
    text = text[: text.index("[rates.blocs")] + text[text.index("[new_voters]") :]
    with pytest.raises(InputError, match="2 finalists in the estimate, 3 here"):
        build(runoff.loads(text, folder))


def test_the_race_itself_is_told(folder: Path) -> None:
    """An estimate with the race's own candidates may be of this very runoff: a note says what that would be."""
    (folder / "same.csv").write_text(LATER.replace("Dee", "Ann").replace("Eve", "Bob").replace("Fay", "Cy"), "utf-8")
    (note,) = build(runoff.loads(case(folder).text.replace("later.csv", "same.csv"), folder)).warnings
    assert "the forecast has seen what came" in note


def test_a_missing_or_foreign_folder_is_told(folder: Path) -> None:
    """An estimate that is not there is a missing file; another table in its place is no estimate."""
    text = RUN_FILE.format(own='estimate = "nowhere"', green='estimate = "earlier"', new='estimate = "earlier"')
    with pytest.raises(MissingFileError, match=r"nowhere(.|\n)*is a folder that `runoff estimate --out` wrote"):
        runoff.loads(text, folder)
    (folder / "foreign").mkdir(exist_ok=True)
    for name in ("matrix.parquet", "matrix_draws.parquet"):
        (folder / "foreign" / name).write_bytes((folder / "earlier" / "estimate.parquet").read_bytes())
    with pytest.raises(InputError, match="no column"):
        runoff.loads(text.replace("nowhere", "foreign"), folder)
