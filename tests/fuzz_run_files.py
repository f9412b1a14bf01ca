"""Mutates run files and tables and demands an answer or one clear refusal: never a traceback, never a wait.

    python -m tests.fuzz_run_files [COUNT] [SEED]

Each case damages the template's run file or one of its tables in one to four places, or the whole of it at
random, and loads it; what loads is built into a model and 512 trials are drawn.  One case in ten is a first round
that is being counted or ahead.  Prints the count of each
outcome and the slowest case; leaves a failing case's files beside it and exits 1.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

from forecast import arrow, driver, night_job
from forecast.check_night import understood
from forecast.electorate import electorate
from forecast.errors import InputError, RunoffError
from forecast.evidence import compared, evidence_as_of, far_from_prior, table_rows
from forecast.inputs import to_inputs
from forecast.model import Model, build
from forecast.night import run_night
from forecast.posterior import log_weights, update
from forecast.report_night import render_night
from forecast.runfile import LoadedRun, load
from forecast.schema_night import NIGHT_TABLES
from forecast.template import example_results, template
from kernels.arrays import Inputs
from tests import night

REGISTERED = "unit,registered,ballots\nNorth,150000,80000\nCoast,120000,60000\nHills,60000,30000\n"
RUN = template().replace('table = "first-round.csv" ', 'table = "first-round.csv"\nregistered = "registered.csv" ')
EVIDENCE = '\n[evidence]\npolls = "polls.csv"\ncrosstabs = ["crosstabs.csv"]\nhouse_sd = 0.02\nsponsor_shift = 0.02\n'
POLLS = (
    "pollster,side,start,end,published,sample_size,Ada Quist,Bo Lind,undecided\n"
    "Acme,,2025-03-02,2025-03-03,,600,48,47,5\nByte,Bo Lind,,2025-03-04,2025-03-05,900,44.5,51,4.5\n"
    "Acme,,2025-03-04,2025-03-05,2025-03-05,700,49,48,\n"
)
CROSSTABS = (
    "pollster,start,end,kind,group,sample_size,unit,Ada Quist,Bo Lind,undecided\n"
    "Acme,2025-03-02,2025-03-03,pool,Ada Quist,200,percent,90,4,6\nAcme,2025-03-02,2025-03-03,new,,50,people,20,24,6\n"
)
FILES = {
    "run.toml": RUN + EVIDENCE,
    "first-round.csv": example_results(),
    "registered.csv": REGISTERED,
    "polls.csv": POLLS,
    "crosstabs.csv": CROSSTABS,
}
GA06 = Path(__file__).parents[1] / "configs" / "ga06-2017"
POLLED = {
    "first-round-eve.toml": (GA06 / "first-round-eve.toml").read_text("utf-8"),
    **{name: (GA06 / name).read_text("utf-8") for name in ("candidates.csv", "roll.csv", "first-round-polls.csv")},
}
SLOWEST = 2.0  # seconds that one case may take

WORDS = [
    "", "nan", "-nan", "inf", "-inf", "1e400", "-1", "0", "1", "0.5", "1.5", "1e-320", "9223372036854775807",
    "9223372036854775808", "-0", "0x10", "0b1", "1_000", "true", "false", "null", "2017-06-20", "2017-02-30",
    "0001-01-01", "9999-12-31", "2017-06-20T01:02:03Z", '""', "''", '"""', "'''", "[", "]", "[[", "]]", "{", "}",
    "{}", "[]", ",", ",,", "=", ".", "#", "\\", "\\u0000", "\\ud800", "\x00", "\x1b[2J", "\u202e", "\ufeff", "\u0301",
    "\N{FULLWIDTH DIGIT ONE}", "a" * 300, "\n", "\r", "\r\n", "\t", ";", "|", '"', '"a""b"', "Ada Quist", "Bo Lind",
    "blocs", "rates", "race", "rates.own", "[rates]", "[race]", "[simulation]", "eliminated", "mean", "sd", "low",
    "high", "count", "of", "to", "votes", "unit", "candidate", "\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{KELVIN SIGN}",
]  # fmt: skip


@dataclass
class Tally:
    """What became of the cases."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_case: int = -1


def mutated(text: str, dice: random.Random) -> bytes:
    """The text with one to four pieces of damage, as bytes."""
    for _ in range(dice.randint(1, 4)):
        text = _damaged(text, dice)
    content = text.encode("utf-8", "surrogatepass")
    if dice.random() < 0.1 and content:  # now below the level of characters
        place = dice.randrange(len(content))
        content = content[:place] + bytes([dice.randrange(256)]) + content[place + dice.randint(0, 2) :]
    return content


def _damaged(text: str, dice: random.Random) -> str:
    """One piece of damage: a stretch, a line or a token is dropped, doubled, moved or replaced."""
    lines = text.split("\n")
    row, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    start = dice.randrange(len(text) + 1)
    end = min(len(text), start + dice.randint(0, 12))
    kind = dice.randrange(9)
    if kind == 0:
        return text[:start] + text[end:]
    if kind == 1:
        return text[:start] + dice.choice(WORDS) + text[end:]
    if kind == 2:
        return text[:start] + chr(dice.choice([dice.randrange(32, 127), dice.randrange(0x110000)])) + text[start:]
    if kind == 3:
        return text[:start]
    if kind == 4:
        del lines[row]
    elif kind == 5:
        lines.insert(other, lines[row])
    elif kind == 6:
        lines[row], lines[other] = lines[other], lines[row]
    elif kind == 7:  # a value of a run file, or a cell of a table
        mark = "=" if "=" in lines[row] else ","
        parts = lines[row].split(mark)
        parts[dice.randrange(len(parts))] = dice.choice(WORDS)
        lines[row] = mark.join(parts)
    else:
        lines[row] = lines[row].replace(dice.choice("0123456789"), dice.choice(WORDS), 1)
    return "\n".join(lines)


@cache
def counted() -> dict[str, str]:
    """The files of a small night with a baseline and an earlier hour, the run file first."""
    with tempfile.TemporaryDirectory() as folder:
        header = "unit,mode,state,expected,low,high"
        status = ["n4,day,out,,,", "n5,day,out,500,,", "s4,day,out,,400,700", "s5,day,out,,,", "s,post,out,,,",
                  "n,post,out,,,", "s1,day,part,40,,"]  # fmt: skip
        more = 'baseline = "earlier.csv"\nprevious = "counted.csv"\n[counting.modes.post]\nlow = 0.01\nhigh = 0.02'
        run = night.folder(Path(folder), more=more, status=status, status_header=header)
        files = {run.name: run.read_text()}
        files |= {path.name: path.read_text() for path in sorted(Path(folder).glob("*.csv"))}
    earlier = [f"{unit},{500 + 10 * i},{400 + 7 * i},1200,2500" for i, unit in enumerate(night.UNITS)]
    return {**files, "earlier.csv": "\n".join(["unit,first,second,ballots,registered", *earlier]) + "\n"}


def case(folder: Path, dice: random.Random) -> str:
    """Write one damaged set of files, load it, draw a little; the outcome in a word."""
    files = FILES if dice.random() < 0.9 else dice.choice([counted(), POLLED])
    run = next(iter(files))
    victim = dice.choice([run, run, run, *files])
    for name, text in files.items():
        (folder / name).write_bytes(mutated(text, dice) if name == victim else text.encode())
    if dice.random() < 0.01:
        (folder / victim).write_bytes(dice.randbytes(dice.randrange(2_000)))
    try:
        loaded = load(folder / run)
        if night_job.is_night(loaded):
            _night(loaded)
            return "ran"
        model = build(loaded)
        inputs = to_inputs(model, 1)
        driver.draw(inputs, 512, threads=1)
        _update(model, inputs)
    except InputError as error:
        _check_message(str(error))
        return "refused"
    except RunoffError as error:
        _check_message(str(error))
        return "missing file"
    return "ran"


def _night(loaded: LoadedRun) -> None:
    """A night that was read is checked, drawn, told, and has tables of finite numbers."""
    opened = night_job.opened(loaded)
    understood(loaded, opened.reading)
    tables = run_night(loaded, trials=512, seed=1, reading=opened.reading)
    render_night(tables)
    for name, rows in tables.items():
        arrow.arrow_table(NIGHT_TABLES[name], rows, {})


def _update(model: Model, inputs: Inputs) -> None:
    """What the evidence makes of the factors: finite numbers, whatever was polled."""
    pools = electorate(inputs)
    found = evidence_as_of(model, model.race.as_of)
    after = update(pools, found.observations, found.covariance)
    table_rows(compared(found, pools, after))
    far_from_prior(found, pools)
    xi = np.random.default_rng(0).standard_normal((16, pools.n_factors))
    weights = log_weights(pools, after, xi)
    if not (np.isfinite(after.mean).all() and np.isfinite(after.gain).all() and np.isfinite(weights).all()):
        raise AssertionError("a posterior that is not finite")


def _check_message(message: str) -> None:
    """A message is text that a terminal can show."""
    if not message.strip():
        raise AssertionError("an empty message")
    bad = [c for c in message if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000]
    if bad:
        raise AssertionError(f"the message has {bad[:3]!r}")


def fuzz(count: int, seed: int, keep: Path) -> Tally:
    """Run `count` cases; a failing case raises, its files left in `keep`."""
    tally = Tally()
    warnings.simplefilter("error")
    for number in range(count):
        dice = random.Random(f"{seed}/{number}")
        start = time.perf_counter()
        try:
            outcome = case(keep, dice)
        except Exception as bug:
            raise AssertionError(f"case {seed}/{number}, its files in {keep}: {bug!r}") from bug
        taken = time.perf_counter() - start
        if taken > tally.slowest and number > 0:  # the first case waits for the kernel
            tally.slowest, tally.slowest_case = taken, number
        if tally.slowest > SLOWEST:
            raise AssertionError(f"case {seed}/{number} took {taken:.1f} s, its files in {keep}")
        tally.outcomes[outcome] += 1
    return tally


if __name__ == "__main__":
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    first_seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    found = fuzz(many, first_seed, Path(tempfile.mkdtemp(prefix="runoff-fuzz-")))
    print(
        f"{many:,} cases of seed {first_seed}:", ", ".join(f"{n:,} {what}" for what, n in found.outcomes.most_common())
    )
    print(f"slowest: {found.slowest * 1000:.0f} ms (case {found.slowest_case})")
