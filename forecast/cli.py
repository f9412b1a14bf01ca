"""The command `runoff`: stdout is the answer, stderr is for messages and progress.

Nothing heavy is imported until a command needs it: `--help` answers before numba could be loaded.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from forecast import __version__

EXIT_CODES = """exit codes:
  0 done, 2 usage, 65 bad run file or data, 66 missing file, 70 a bug of ours,
  73 the run exists already, 74 input or output failed, 130 interrupted"""


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(
        prog="runoff",
        description="Forecasts of two-round elections: where do the eliminated field's voters go?",
        epilog=EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"runoff {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    run = commands.add_parser("run", help="draw forecasts and write their tables", allow_abbrev=False)
    run.add_argument("files", nargs="+", metavar="FILE", help="run files (TOML); - for standard input")
    run.add_argument("--trials", type=_trials, metavar="N", help="trials to draw (over the run file)")
    run.add_argument("--seed", type=_seed, metavar="S", help="seed, a whole number from 0 (over the run file)")
    run.add_argument(
        "--target-se",
        type=_target_se,
        metavar="E",
        help="stop once each win probability's standard error is at most E; --trials is then the most drawn",
    )
    run.add_argument("--threads", type=_threads, metavar="T", help="threads (default: every core)")
    run.add_argument("--out", type=Path, metavar="DIR", help="folder for the run's tables (default: runs)")
    run.add_argument("--trials-table", action="store_true", default=None, help="write each trial's votes too")
    run.add_argument("--as-of", type=_day, metavar="DAY", help="last day whose polls count (over the run file)")
    run.add_argument("--totals-only", action="store_true", help="no units table: many units at the price of one")
    run.add_argument("--results", type=Path, metavar="TABLE", help="the runoff is being counted: its votes so far")
    run.add_argument("--watch", action="store_true", help="with --results: run again whenever the table changes")
    run.add_argument(
        "--history", type=Path, metavar="TABLE", help="with --results: add a row for each run (CSV, Parquet)"
    )
    run.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    run.add_argument("--quiet", action="store_true", help="print nothing but errors")

    check = commands.add_parser("check", help="print what was understood of a run file", allow_abbrev=False)
    check.add_argument("files", nargs="+", metavar="FILE", help="run files (TOML); - for standard input")

    show = commands.add_parser("show", help="print a run again from its tables", allow_abbrev=False)
    show.add_argument("path", type=Path, metavar="DIR|FILE", help="a run's folder, or one of its tables")
    show.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    commands.add_parser("schema", help="print the run file's JSON Schema, for editors", allow_abbrev=False)

    init = commands.add_parser("init", help="write a commented run file that runs", allow_abbrev=False)
    init.add_argument("directory", nargs="?", type=Path, default=Path(), metavar="DIR", help="where (default: .)")
    return top


def _whole(text: str, low: int, high: int, rule: str) -> int:
    try:
        value = int(text.replace("_", ""))
    except ValueError:
        value = low - 1
    if not low <= value <= high:
        raise argparse.ArgumentTypeError(f"{rule}, got {text!r}")
    return value


def _trials(text: str) -> int:
    return _whole(text, 1, 10**12, "must be a whole number from 1 to 1e12")


def _seed(text: str) -> int:
    return _whole(text, 0, 2**63 - 1, "must be a whole number from 0 to 2^63 - 1")


def _threads(text: str) -> int:
    return _whole(text, 1, 1024, "must be a whole number from 1 to 1024")


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a day, as in 2017-06-19, got {text!r}") from None


def _target_se(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value <= 0.1:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most 0.1, got {text!r}")
    return value


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code."""
    options = parser().parse_args(arguments)
    try:
        code = _guarded(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of stdout (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)


def _guarded(options: argparse.Namespace) -> int:
    """Carry the command out; every failure is one message and an exit code."""
    # matrices here are small: a library that shares them among threads waits more than it works
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from forecast import commands
    from forecast.errors import RunoffError, printable

    try:
        return commands.execute(options)
    except RunoffError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        print("interrupted: nothing was written", file=sys.stderr)
        return 130
    except BrokenPipeError:
        raise
    except Exception as bug:
        if os.environ.get("RUNOFF_DEBUG"):
            raise
        print(
            f"runoff: a bug of ours: {type(bug).__name__}: {printable(str(bug))}\n"
            "  please report it with the run file; RUNOFF_DEBUG=1 shows where it happened",
            file=sys.stderr,
        )
        return 70


if __name__ == "__main__":
    main()
