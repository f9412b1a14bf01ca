"""Runs the benchmarks and prints a table: `python -m benchmarks [--quick] [--only NAME ...]`.

Ours and each rival run in turn, several rounds, warm-up outside the clock; the same model with the same
parameters, and a check that all give the same answer within Monte Carlo error.
"""

from __future__ import annotations

import argparse
import platform
import sys
from pathlib import Path

from benchmarks import ours
from benchmarks.answers import disagreements
from benchmarks.field import field_of
from benchmarks.rounds import Row, run


def main() -> int:
    """Print the table; 1 where answers disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="ours and rivals with such names")
    options = parser.parse_args()
    rounds, seconds = (3, 0.3) if options.quick else (7, 2.0)
    with field_of(options.only) as (contestants, skipped):
        for line in skipped:
            print(line)
        rows = run(contestants, rounds=rounds, seconds=seconds)
    print(f"{_cpu()}, Python {platform.python_version()}; {rounds} rounds of {seconds} s")
    _table(rows)
    wrong = disagreements(rows, ours.NAME)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


def _table(rows: list[Row]) -> None:
    for job in dict.fromkeys(row.job for row in rows):
        print(f"\n{job:<36} {'threads':>8} {'processes':>9} {'ns/trial':>12} {'min-max':>23} {'P(first)':>9}")
        for row in (row for row in rows if row.job == job):
            spread = f"{row.ns_min:,.1f}-{row.ns_max:,.1f}"
            workers = f"{row.threads:>8} {row.processes:>9}"
            print(f"{row.name:<36} {workers} {row.ns_per_trial:>12,.1f} {spread:>23} {row.p_first:>9.4f}")


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
