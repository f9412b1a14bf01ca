"""The races that are damaged: run files with tables of every kind, small but for those of GA-06.

`small()` and `ga06()` give races by name; each says which of its files is a table of which kind.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

GA06 = Path(__file__).parents[2] / "configs" / "ga06-2017"
TABLES = (
    "results", "roll", "polls", "crosstabs", "first_round_polls", "counted", "status", "baseline", "previous", "night",
)  # fmt: skip


@dataclass(frozen=True)
class Race:
    """Files by name, the run file's name, and the file of each kind of table."""

    name: str
    run: str
    files: dict[str, str]
    tables: dict[str, str]


CANDIDATES = (
    ("Mara Voss", "Red", 0.33), ("Tom Iver", "Blue", 0.27), ("Zo\u00eb Lindqvist", "Red", 0.16),
    ("Jos\u00e9 Pe\u00f1a", "Green", 0.12), ("Ann-Marie O'Neil", "Blue", 0.08), ("Wu Ming", "Centre", 0.04),
)  # fmt: skip
UNITS = ("Aldham", "Birke St. Ann", "Castel", "Dorn", "Elmet-on-Sea", "Ferrow", "Galt", "H\u00f8je")
MODES = ("early", "day")
RACE = """\
[race]
id = "fuzz"
name = "A race"
first_round = 2021-03-01
runoff = 2021-04-01
as_of = {as_of}

[results]
table = "{results}"
registered = "roll.csv"
{more}
"""
TWO = """
[rates.own]
turnout = { low = 0.8, high = 0.92 }
preference = { low = 0.9, high = 0.98 }

[rates.blocs.Red]
preference = { to = "Mara Voss", low = 0.7, high = 0.9 }

[rates.candidates."Jos\u00e9 Pe\u00f1a"]
preference = { to = "Mara Voss", low = 0.4, high = 0.6 }
"""
THREE = """
[finalists]
advance = 3

[rates.blocs.Blue]
preference = { means = { "Mara Voss" = 0.1, "Tom Iver" = 0.8, "Zo\u00eb Lindqvist" = 0.1 }, worth = 40 }
"""
REST = """
[new_voters]
turnout = { low = 0.1, high = 0.2 }
preference = { PREFERENCE }

[factors.turnout]
shared = 0.4
bloc = 0.3
pool = 0.3
region = 0.05
unit = 0.1

[simulation]
trials = 2000
seed = 7
"""
NEW_OF_TWO = 'to = "Mara Voss", low = 0.4, high = 0.6'
NEW_OF_THREE = 'counts = { "Mara Voss" = 20, "Tom Iver" = 20, "Zo\u00eb Lindqvist" = 10 }'
EVIDENCE = '\n[evidence]\npolls = "polls.csv"\ncrosstabs = "crosstabs.csv"\n'
COUNTING = """
[counting]
status = "status.csv"
baseline = "baseline.csv"
previous = "previous.csv"

[counting.modes.post]
low = 0.01
high = 0.02
"""
NIGHT = '\n[night]\nresults = "night.csv"\nprevious = "previous.csv"\n'
POLLED = '\n[first_round_polls]\ntable = "polled.csv"\nturnout = { low = 0.5, high = 0.7 }\n'


def _csv(header: str, rows: Sequence[str]) -> str:
    return "\n".join([header, *rows]) + "\n"


def _region(place: int, units: int) -> str:
    return "North" if 2 * place < units else "South"


def _counts(units: Sequence[str], modes: Sequence[str], smallest: int = 900) -> dict[tuple[str, str, str], int]:
    """Votes by unit, mode and candidate: units differ in size and lean, modes in lean."""
    dice = random.Random("/".join(units[:8]))
    counts = {}
    for unit in units:
        size, lean = smallest * 6 ** dice.random(), dice.gauss(0, 0.15)
        for (name, party, share), mode in product(CANDIDATES, modes):
            red = party in ("Red", "Green")
            tilt = 1 + (lean + (0.1 if mode == "early" else -0.05)) * (1 if red else -1)
            part = 1.0 if len(modes) == 1 else 0.4 if mode == "early" else 0.6
            counts[unit, mode, name] = round(size * share * part * tilt * dice.uniform(0.93, 1.07))
    return counts


def _results(counts: dict[tuple[str, str, str], int], units: Sequence[str], by_mode: bool = True) -> str:
    party = {name: party for name, party, _ in CANDIDATES}
    rows = []
    for (unit, mode, name), votes in counts.items():
        region = _region(units.index(unit), len(units))
        rows.append(",".join([region, unit, name, party[name], *([mode] if by_mode else []), str(votes)]))
    return _csv("region,unit,candidate,party," + ("mode," if by_mode else "") + "votes", rows)


def _roll(counts: dict[tuple[str, str, str], int], units: Sequence[str], ballots: bool = True) -> str:
    rows = []
    for place, unit in enumerate(units):
        votes = sum(number for (where, _, _), number in counts.items() if where == unit)
        cells = [_region(place, len(units)), unit, str(round(votes * (1.55 + 0.04 * (place % 5))))]
        rows.append(",".join([*cells, *([str(round(votes * 1.012))] if ballots else [])]))
    return _csv("region,unit,registered" + (",ballots" if ballots else ""), rows)


def _text(results: str, body: str, *, as_of: str = "2021-03-20", more: str = "", three: bool = False) -> str:
    rest = REST.replace("PREFERENCE", NEW_OF_THREE if three else NEW_OF_TWO)
    return RACE.format(results=results, as_of=as_of, more=more) + (THREE if three else TWO) + rest + body


POLLS = _csv(
    "pollster,sponsor,side,start,end,published,population,sample_size,Mara Voss,Tom Iver,undecided,other",
    [
        "Acme,,,2021-03-03,2021-03-05,2021-03-06,likely voters,812,49,44,7,0",
        "Byte Research,Iver campaign,Tom Iver,2021-03-05,2021-03-08,2021-03-09,likely voters,604,46.5,47.5,4,2",
        "Acme,,,2021-03-09,2021-03-11,2021-03-12,likely voters,790,50,43,7,0",
        "Cube,City Post,,2021-03-12,2021-03-12,2021-03-14,voters,1010,47,43,10,",
        "Dial,,,2021-03-12,2021-03-15,,likely voters,,51,45,4,",
        "Byte Research,Voss campaign,Red,2021-03-14,2021-03-16,2021-03-17,likely voters,655,52,42,5,1",
    ],
)
CROSSTABS = _csv(
    "pollster,start,end,kind,group,sample_size,unit,Mara Voss,Tom Iver,undecided",
    [
        "Acme,2021-03-09,2021-03-11,pool,Mara Voss,260,percent,93,3,4",
        "Acme,2021-03-09,2021-03-11,pool,Jos\u00e9 Pe\u00f1a,90,percent,48,40,12",
        "Acme,2021-03-09,2021-03-11,bloc,Blue,66,percent,10,85,5",
        "Cube,2021-03-12,2021-03-12,new,,80,people,36,33,11",
        "Cube,2021-03-12,2021-03-12,party,Red,420,percent,89,6,5",
    ],
)


def _plain() -> Race:
    counts = _counts(UNITS, MODES)
    files = {
        "run.toml": _text("first.csv", EVIDENCE),
        "first.csv": _results(counts, UNITS),
        "roll.csv": _roll(counts, UNITS),
        "polls.csv": POLLS,
        "crosstabs.csv": CROSSTABS,
    }
    tables = {"results": "first.csv", "roll": "roll.csv", "polls": "polls.csv", "crosstabs": "crosstabs.csv"}
    return Race("eight units", "run.toml", files, tables)


def _few(name: str, units: Sequence[str], three: bool = False) -> Race:
    counts = _counts(units, ("",), 4_000)
    files = {
        "run.toml": _text("first.csv", "", three=three),
        "first.csv": _results(counts, units, by_mode=False),
        "roll.csv": _roll(counts, units),
    }
    return Race(name, "run.toml", files, {"results": "first.csv", "roll": "roll.csv"})


def _many() -> Race:
    """300 units; small candidates have no row where they have no votes."""
    places = [f"{a}{b}{c}" for a, b, c in product(("Ash", "Bur", "Cor", "Den", "Els", "Fen"), ("in", "er", "o", "al", "u"),
                                                  ("ton", "ham", "ley", "by", "wick", "stead", "ford", "mere", "dale", "rop"))]  # fmt: skip
    counts = {key: votes // 60 for key, votes in _counts(places, ("",)).items()}
    kept = {key: votes for key, votes in counts.items() if votes > 1}
    files = {
        "run.toml": _text("first.csv", "", more='by = "unit"'),
        "first.csv": _results(kept, places, by_mode=False),
        "roll.csv": _roll(kept, places, ballots=False),
    }
    return Race("300 units", "run.toml", files, {"results": "first.csv", "roll": "roll.csv"})


def _counting() -> Race:
    """A first round being counted: two units out on the day, one in part, one by expectation, post not begun."""
    counts = _counts(UNITS, MODES)
    out = {("Dorn", "day"), ("Galt", "day"), ("H\u00f8je", "day")}
    held = {key: votes for key, votes in counts.items() if key[:2] not in out}
    earlier = {key: votes for key, votes in held.items() if key[1] == "early" or key[0] < "C"}
    status = ["Dorn,day,out,,,", "Galt,day,out,1400,,", "H\u00f8je,day,out,,900,2100", "Castel,day,part,60,,",
              "North,post,out,,,", "South,post,out,,,"]  # fmt: skip
    shares = random.Random(1)
    before = [f"{unit},{n},{round(n * shares.uniform(0.7, 1.2))},{round(n * 2.3)},{4 * n}"
              for unit in UNITS for n in [shares.randrange(800, 2000)]]  # fmt: skip
    files = {
        "run.toml": _text("counted.csv", COUNTING, as_of="2021-03-01"),
        "counted.csv": _results(held, UNITS),
        "roll.csv": _roll(counts, UNITS, ballots=False),
        "status.csv": _csv("unit,mode,state,expected,low,high", status),
        "baseline.csv": _csv("unit,first,second,ballots,registered", before),
        "previous.csv": _results(earlier, UNITS),
    }
    tables = {name: f"{name}.csv" for name in ("counted", "roll", "status", "baseline", "previous")}
    return Race("a count", "run.toml", files, tables)


def _polled() -> Race:
    """A first round ahead."""
    dice = random.Random(2)
    rows = []
    for place, pollster in enumerate(("Acme", "Byte Research", "Cube", "Acme", "Dial")):
        day, size, side = 8 + 3 * place, 500 + 90 * place, "Blue" if pollster == "Cube" else ""
        head = f"{pollster} {day},{pollster},2021-02-{day - 2:02},2021-02-{day:02},{size},{side}"
        shares = [round(100 * share * dice.uniform(0.82, 0.98), 1) for *_, share in CANDIDATES[:5]]
        rows += [f"{head},{name},{share}" for (name, *_), share in zip(CANDIDATES, shares, strict=False)]
        rows += [f"{head},other,2.5", f"{head},undecided,{97.5 - sum(shares):.1f}"]
    names = [f"district,{name},{party},0" for name, party, _ in CANDIDATES]
    files = {
        "run.toml": _text("names.csv", POLLED, as_of="2021-02-28"),
        "names.csv": _csv("unit,candidate,party,votes", names),
        "roll.csv": _csv("unit,registered", ["district,48211"]),
        "polled.csv": _csv("poll,pollster,field_start,field_end,sample_size,partisan,candidate,share", rows),
    }
    return Race("a first round ahead", "run.toml", files, {"first_round_polls": "polled.csv", "roll": "roll.csv"})


def _night() -> Race:
    """A runoff being counted, with and without a status of what is in."""
    counts = _counts(UNITS, MODES)
    dice = random.Random(3)
    rows, earlier = [], []
    for place, (unit, mode) in enumerate(product(UNITS, MODES)):
        votes = {name: counts[unit, mode, name] for name, *_ in CANDIDATES}
        first = votes["Mara Voss"] + 0.7 * votes["Zo\u00eb Lindqvist"] + 0.5 * votes["Jos\u00e9 Pe\u00f1a"]
        second = votes["Tom Iver"] + 0.7 * votes["Ann-Marie O'Neil"] + 0.4 * votes["Jos\u00e9 Pe\u00f1a"]
        in_part = (unit, mode) == ("Castel", "day")
        if mode == "early" or place < 8:
            for name, number in (("Mara Voss", first), ("Tom Iver", second)):
                said = round(number * dice.uniform(0.88, 0.96) * (0.4 if in_part else 1.0))
                row = f"{unit},{name},{mode},{'partial' if in_part else 'complete'},{said}"
                rows.append(row)
                earlier += [row] if mode == "early" else []
    rows += [f"Galt,{name},day,out,0" for name in ("Mara Voss", "Tom Iver")]
    files = {
        "run.toml": _text("first.csv", NIGHT),
        "first.csv": _results(counts, UNITS),
        "roll.csv": _roll(counts, UNITS),
        "night.csv": _csv("unit,candidate,mode,status,votes", rows),
        "previous.csv": _csv("unit,candidate,mode,status,votes", earlier),
    }
    tables = {"results": "first.csv", "roll": "roll.csv", "night": "night.csv", "previous": "previous.csv"}
    return Race("a runoff's night", "run.toml", files, tables)


@cache
def small() -> tuple[Race, ...]:
    """Races that are read and drawn in a moment."""
    return (
        _plain(), _few("two units", UNITS[:2]), _few("three finalists", UNITS[:5], three=True), _many(), _counting(),
        _polled(), _night(),
    )  # fmt: skip


@cache
def ga06() -> tuple[Race, ...]:
    """Georgia's 6th district in 2017, by its own run files."""
    county = {"results": "first-round-by-county.csv", "roll": "registered-by-county.csv"}
    polls = {"polls": "runoff-polls.csv", "crosstabs": "crosstabs.csv"}
    night = {"roll": "roll-by-precinct.csv", "baseline": "president-2016-by-precinct.csv"}
    runoff = {"results": "first-round-by-mode.csv", "roll": "registered-by-precinct.csv"}
    of = {
        "april": county,
        "eve": {**county, **polls},
        "first-round-eve": {"first_round_polls": "first-round-polls.csv", "roll": "roll.csv"},
        "first-round-night-0130": {
            **night, "counted": "counted-0130.csv", "status": "status-0130.csv", "previous": "counted-2240.csv",
        },
        "runoff-night": {**runoff, **polls, "night": "runoff-counted-2130.csv"},
    }  # fmt: skip
    more = {"first-round-eve": ("candidates.csv",)}
    found = []
    for name, tables in of.items():
        names = (f"{name}.toml", *tables.values(), *more.get(name, ()))
        found.append(Race(f"ga06 {name}", names[0], {n: (GA06 / n).read_text("utf-8") for n in names}, tables))
    return tuple(found)
