"""No answer hangs on a place in a file: rows, columns and keys in any order give the same bits in every phase."""

from __future__ import annotations

import csv
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runoff.model.evidence import table_rows
from runoff.model.pools import build
from runoff.names import key
from runoff.phases import order
from runoff.phases.runoff_ahead import summary
from runoff.phases.runoff_ahead.fit import arrays
from runoff.race import Candidate, FirstRound
from runoff.runfile.load import load
from runoff.simulate.driver import digest, draw
from tests import night, runoff_night
from tests.drawn import run_night, settled

TIMES = int(os.environ.get("RUNOFF_ORDERS", "16"))  # of each phase; more by hand
OF_THE_RUN = {"run_id", "seconds", "config_sha256", "results_sha256", "place"}  # of a file's bytes, or of the clock
EVIDENCE = """
[blocs]
East = ["Cy"]
West = ["Di"]

[rates.blocs.East]
turnout = { low = 0.6, high = 0.85 }
preference = { to = "Bo", low = 0.6, high = 0.9 }

[rates.blocs.West]
turnout = { low = 0.5, high = 0.85 }
preference = { to = "Bo", low = 0.5, high = 0.9 }

[evidence]
polls = ["polls-a.csv", "polls-b.csv"]
crosstabs = "crosstabs.csv"
"""
NIGHT = """
[night]
modes = ["early", "day", "post"]

[night.sizes.post]
low = 900
high = 2_000

[night.sizes.day]
low = 12_000
high = 20_000
"""
POLLS_A = """pollster,end,sample_size,published,Ada,Bo,undecided,side
Ask,2021-03-08,612,2021-03-09,48,45,7,
Ask,2021-03-15,590,2021-03-16,49,46,5,
Side,2021-03-15,400,2021-03-16,52,41,7,L
"""
POLLS_B = """pollster,end,sample_size,published,Bo,Ada
Tell,2021-03-12,903,2021-03-13,47,44
Late,2021-03-25,500,2021-03-26,30,60
"""
CROSSTABS = """pollster,end,kind,group,sample_size,published,Ada,Bo
Ask,2021-03-08,pool,Cy,80,2021-03-09,20,70
Ask,2021-03-08,new,did not vote in the first round,60,2021-03-09,50,41
Tell,2021-03-12,pool,Cy,120,2021-03-13,25,66
"""


def _write(path: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (path / name).write_text(text, "utf-8")


def _race(path: Path) -> Path:
    """The runoff night's race with blocs, polls of two tables, crosstabs and stated sizes."""
    run = runoff_night.folder(path, more=EVIDENCE + NIGHT)
    start, end = run.read_text().split("[rates.blocs.R]")
    run.write_text(start + end[end.index("[new_voters]") :])  # all of R but a finalist are in other blocs
    _write(path, {"polls-a.csv": POLLS_A, "polls-b.csv": POLLS_B, "crosstabs.csv": CROSSTABS})
    return run


def _with_count(path: Path) -> Path:
    run = _race(path)
    loaded = load(run)
    rng = np.random.default_rng(3)
    lines = ["unit,candidate,mode,votes,status"]
    for u, unit in enumerate(loaded.first_round.units):
        for mode in ("early", "day", "post"):
            if mode == "early" or (mode == "day" and u % 3 == 0):
                status = "partial" if u % 7 == 0 else "complete"
                size = rng.integers(150, 400)
                first = int(size * rng.uniform(0.4, 0.6))
                lines += [f"{unit},Ada,{mode},{first},{status}", f"{unit},Bo,{mode},{size - first},{status}"]
    _write(path, {"count.csv": "\n".join(lines) + "\n"})
    return run


def _counting(path: Path) -> Path:
    """A first round being counted, with a baseline, an earlier hour, and a region's row beside a unit's."""
    more = 'baseline = "base.csv"\nprevious = "before.csv"\n\n[counting.modes.late]\nlow = 0.01\nhigh = 0.03'
    out = (*night.OUT, "n,late,out", "n3,late,out", "s,late,out")
    run = night.folder(path, out, more=more)
    rows = [
        f"{unit},{300 + 31 * i},{420 - 17 * i},{800 + 13 * i},{2400 + 50 * i}" for i, unit in enumerate(night.UNITS)
    ]
    before = [row for row in night.rows(out) if ",early," in row]
    _write(
        path,
        {
            "base.csv": "\n".join(["unit,first,second,ballots,registered", *rows]) + "\n",
            "before.csv": "\n".join(["region,unit,candidate,party,mode,votes", *before]) + "\n",
        },
    )
    return run


def _polled(path: Path) -> Path:
    """A first round ahead, with polls of several pollsters, one of them without a size, one late."""
    run = night.folder(path)
    text = run.read_text().replace("as_of = 2021-03-01", "as_of = 2021-02-27")
    text = text.replace(
        '[counting]\nstatus = "status.csv"\n',
        '[first_round_polls]\ntable = "fp.csv"\nturnout = { low = 0.3, high = 0.5 }\n',
    )
    run.write_text(text)
    lines = ["poll,pollster,field_end,published,sample_size,partisan,candidate,share"]
    polls = (("a", "Ask", "2021-02-10", "", "500", ""), ("b", "Ask", "2021-02-20", "", "", ""),
             ("c", "Tell", "2021-02-21", "2021-02-22", "800", "L"),
             ("d", "Tell", "2021-02-28", "", "800", ""))  # fmt: skip
    for place, poll in enumerate(polls):
        for name, share in (("Ada", 42.5 + place), ("Bo", 21.3), ("Cy", 14.1), ("Di", 9.7), ("undecided", 8.0)):
            lines.append(",".join([*poll, name, f"{share}"]))
    zeros = [row.rsplit(",", 1)[0] + ",0" for row in night.rows(())]
    _write(path, {"fp.csv": "\n".join(lines) + "\n",
                  "counted.csv": "\n".join(["region,unit,candidate,party,mode,votes", *zeros]) + "\n"})  # fmt: skip
    return run


def _plain(tables: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    return {
        name: [{k: v for k, v in row.items() if k not in OF_THE_RUN} for row in rows] for name, rows in tables.items()
    }


def _ordinary(run: Path, *, units: bool) -> Any:
    loaded = load(run)
    model = build(loaded)
    found = arrays(model, settled(loaded, seed=1, units=units))
    drawn = draw(found.detail, 1_024, rest=found.rest, threads=1, units=units)
    rows = [] if found.evidence is None else table_rows(found.evidence)
    beside = summary.Beside(evidence=rows, moved={} if found.moved is None else dict(found.moved.columns()))
    tables = summary.summarize(model, drawn, summary.Provenance("0" * 64, 1), [0.05, 0.5, 0.95], beside)
    return digest(drawn), _plain(tables), loaded.warnings, found.notes


def _night(run: Path) -> Any:
    return _plain(run_night(load(run), trials=512, seed=3))


def _runoff_night(run: Path) -> Any:
    return _plain(run_night(load(run), run.parent / "count.csv", trials=1_024, seed=3))


PHASES: dict[str, tuple[Callable[[Path], Path], Callable[[Path], Any]]] = {
    "ordinary, its units": (_race, lambda run: _ordinary(run, units=True)),
    "ordinary, totals only": (_race, lambda run: _ordinary(run, units=False)),
    "a first round being counted": (_counting, _night),
    "a first round ahead": (_polled, _night),
    "a runoff being counted": (_with_count, _runoff_night),
}


def shuffled(path: Path, rng: random.Random) -> None:
    """Reorder rows and columns of each table in a folder, and sections, keys and lists of its run file."""
    for table in sorted(path.glob("*.csv")):
        head, *rows = csv.reader(table.read_text("utf-8").splitlines())
        rng.shuffle(rows)
        columns = rng.sample(range(len(head)), len(head))
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([row[c] for c in columns] for row in [head, *rows])
    run = path / "night.toml"
    sections: list[list[str]] = []
    for line in run.read_text("utf-8").splitlines():
        if line.startswith("["):
            sections.append([])
        if line.strip():
            sections[-1].append(line)
    rng.shuffle(sections)
    text = "\n".join("\n".join([head, *rng.sample(keys, len(keys))]) for head, *keys in sections) + "\n"
    for names in (["polls-a.csv", "polls-b.csv"], ["early", "day", "post"]):
        listed = ", ".join(f'"{name}"' for name in names)
        text = text.replace(listed, ", ".join(f'"{name}"' for name in rng.sample(names, len(names))))
    run.write_text(text, "utf-8")


@pytest.mark.parametrize("phase", PHASES)
def test_any_order_gives_the_same_bits(phase: str, tmp_path: Path) -> None:
    """Digests, all figures, notes and the order of the tables' rows, over random orders of everything."""
    write, answer = PHASES[phase]
    expected = answer(write(tmp_path))
    rng = random.Random(phase)
    for _ in range(TIMES):
        shuffled(tmp_path, rng)
        assert answer(tmp_path / "night.toml") == expected


def test_numbers_in_names_go_by_size() -> None:
    """Names stand by letters and numbers by size; equal but for noughts in front, they still have one order."""
    names = ["Ward 10", "Ward 2", "Ward 02", "", "9", "Ä 3/12", "Ä 3/4", "Ward 2b", "Ward"]
    right = ["", "9", "Ward", "Ward 02", "Ward 2", "Ward 2b", "Ward 10", "Ä 3/4", "Ä 3/12"]
    for seed in range(20):
        assert sorted(random.Random(seed).sample(names, len(names)), key=key) == right


def test_a_units_numbers_go_with_it() -> None:
    """Units in another order keep their region, votes, roll and ballots."""
    first = FirstRound(
        (Candidate("Ada", "L", "L"),), ("b", "a", "c"), ("y", "y", "x"), np.array([[1], [2], [3]]),
        np.array([10, 20, 30]), np.array([4, 5, 6]), (),
    )  # fmt: skip
    found = order.of_units(first, [2, 1, 0])
    assert (found.units, found.regions) == (("c", "a", "b"), ("x", "y", "y"))
    assert (found.votes[:, 0].tolist(), found.ballots.tolist()) == ([3, 2, 1], [6, 5, 4])
    assert found.registered is not None
    assert found.registered.tolist() == [30, 20, 10]
