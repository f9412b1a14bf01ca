"""What becomes of a folder with a run file: an answer, with a note or without, a refusal, or a failure.

The commands themselves are called, as the command line calls them: `check`, `run` of 512 trials, `show --json`.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import re
import shutil
import signal
import time
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from runoff.app import cli, commands
from runoff.errors import InputError, MissingFileError, Problem, UsageError
from runoff.output import store

SLOWEST = 2.0  # seconds of the processor that one case may take
ENDLESS = 30.0  # seconds of the processor after which a case is stopped
TRIALS = 512
ANSWERED, NOTED, REFUSED, NO_WAY_OUT, FAILED = "answered", "answered with a note", "refused", "no way out", "FAILED"
_VOLATILE = {"run_id", "warnings", "config_sha256", "place", "seconds", "results", "results_sha256"}
_HEADS = ("candidates", "first_round", "runoff_finalists")  # tables that say who wins
_PROJECT = ("/forecast/", "/kernels/")


class EndlessError(BaseException):
    """A case that does not end; no handler of the product takes it for something else."""


@dataclass(frozen=True)
class Verdict:
    """What became of a case.

    notes : remarks, with numbers left out.  answer : a hash of all tables.  digest : the run's own, over all votes
    drawn.  wins : probability by candidate.
    kind : of a failure, its class; of a refusal without a way out, the problem's first words.
    """

    outcome: str
    message: str = ""
    notes: frozenset[str] = frozenset()
    answer: str = ""
    digest: str = ""
    wins: tuple[tuple[str, float], ...] = ()
    kind: str = ""
    seconds: float = 0.0


def judged(folder: Path, run: str, *, draw: bool = True, slowest: float = SLOWEST) -> Verdict:
    """Read a run file and its tables, draw if wanted, tell; never raises but for an interrupt."""
    begun = time.process_time()
    try:
        with warnings.catch_warnings(), _ends():
            warnings.simplefilter("error")
            verdict = _told(folder, run, draw)
    except (InputError, UsageError, MissingFileError) as refusal:
        verdict = _refusal(refusal)
    except (Exception, SystemExit, EndlessError) as bug:
        verdict = Verdict(FAILED, "".join(traceback.format_exception(bug)), kind=_class(bug))
    taken = time.process_time() - begun
    if taken > slowest and verdict.outcome != FAILED:
        verdict = Verdict(FAILED, f"{taken:.1f} s, then: {verdict.outcome}\n{verdict.message}", kind="slow")
    return Verdict(**{**vars(verdict), "seconds": taken})


def new_notes(found: Verdict, plain: Verdict) -> frozenset[str]:
    """Notes that the undamaged files do not get."""
    return found.notes - plain.notes


@contextmanager
def _ends() -> Iterator[None]:
    """A block that is stopped after ENDLESS seconds of the processor."""

    def stop(_: int, __: FrameType | None) -> None:
        raise EndlessError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, ENDLESS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@cache
def _parser() -> argparse.ArgumentParser:
    """Of all commands; made once, as making it takes longer than most cases."""
    return cli.parser()


def _called(*words: object) -> tuple[str, str]:
    """What a command prints to its two streams."""
    out, error = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(error):
        commands.execute(_parser().parse_args([str(word) for word in words]))
    return out.getvalue(), error.getvalue()


def _told(folder: Path, run: str, draw: bool) -> Verdict:
    """The answer's words, numbers and notes."""
    understood, said = _called("check", folder / run)
    notes = _notes(understood) | _notes(said)
    if not draw:
        return Verdict(NOTED if notes else ANSWERED, understood, notes)
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    text, said = _called("run", folder / run, "--trials", TRIALS, "--threads", 1, "--out", out)
    (directory,) = out.iterdir()
    document = json.loads(_called("show", "--json", directory)[0])
    tables = store.read(directory)
    shutil.rmtree(out)
    notes |= _notes(text) | _notes(said) | {_bare(note) for note in _warnings(document)}
    digest = next(str(row["digest"]) for rows in tables.values() for row in rows if "digest" in row)
    return Verdict(NOTED if notes else ANSWERED, text, notes, _hash(tables), digest, _wins(document))


def _notes(text: str) -> frozenset[str]:
    """Paragraphs that begin with `note:`, in one line each."""
    joined = re.sub(r"\n {2,}(?=\S)", " ", text)
    return frozenset(_bare(line.removeprefix("note: ")) for line in joined.split("\n") if line.startswith("note: "))


def _bare(note: str) -> str:
    """A note without its numbers."""
    return re.sub(r"\d[\d,._]*", "#", " ".join(note.split()))


def _warnings(document: dict[str, Any]) -> list[str]:
    heads = [part for part in document.values() if isinstance(part, dict)]
    return [line for head in heads for line in str(head.get("warnings", "")).split("\n") if line]


def _wins(document: dict[str, Any]) -> tuple[tuple[str, float], ...]:
    rows = [row for name in _HEADS for row in document.get(name, [])]
    found = {str(row["candidate"]): float(row["p_win"] or 0.0) for row in rows}
    return tuple(sorted(found.items()))


def _hash(tables: dict[str, list[dict[str, object]]]) -> str:
    """A hash of every table, apart from names of runs and places in files."""
    kept = {
        name: sorted(repr(sorted((k, v) for k, v in row.items() if k not in _VOLATILE)) for row in rows)
        for name, rows in tables.items()
    }
    return hashlib.sha256(repr(sorted(kept.items())).encode("utf-8", "surrogatepass")).hexdigest()


def _refusal(refusal: InputError | UsageError | MissingFileError) -> Verdict:
    """A refusal: text that a terminal can show, with a rule and a way out for every problem."""
    message = str(refusal)
    bad = [c for c in message if (ord(c) < 32 and c != "\n") or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) < 0xE000]
    if bad or not message.strip():
        return Verdict(FAILED, message, kind=f"a message with {bad[:1]!r}" if bad else "an empty message")
    if isinstance(refusal, InputError):
        lacking = [problem for problem in refusal.problems if not (problem.rule and problem.fix)]
        return Verdict(NO_WAY_OUT, message, kind=_words(lacking[0])) if lacking else Verdict(REFUSED, message)
    return Verdict(REFUSED if "fix:" in message or ": the day is" in message else NO_WAY_OUT, message, kind="one line")


def _words(problem: Problem) -> str:
    """What a problem says, without its names and numbers."""
    lacks = " and ".join(word for word, said in (("rule", problem.rule), ("fix", problem.fix)) if not said)
    said = problem.rule or problem.what
    return f"no {lacks}: {re.sub(r'[0-9][0-9,._]*', '#', said.split(' are ')[0])[:60]}"


def _class(bug: BaseException) -> str:
    """The exception and where in the project it came from."""
    frames = [f for f in traceback.extract_tb(bug.__traceback__) if any(part in f.filename for part in _PROJECT)]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else "?"
    return f"{where}: {type(bug).__name__}"
