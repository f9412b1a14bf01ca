"""Runs the suite: `python -m benchmarks [--quick] [--only NAME ...] [--record FOLDER]`.

Ours and each rival run in turn, several rounds, warm-up outside the clock; the same model with the same
parameters, and a check that all give the same answer within Monte Carlo error.  Then come the figures: ratios
within this run, the roofline, threads, precision, whole processes.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks import ours, roofline
from benchmarks.answers import disagreements
from benchmarks.field import CONFIGS, field_of
from benchmarks.figures import Figure, measured, ratios
from benchmarks.record import about, notes_page, said, write
from benchmarks.rounds import Row, run
from runoff.model.pools import build
from runoff.runfile.load import load

WRITTEN = Path(".benchmarks")


def main() -> int:
    """Print and write the tables; 1 where answers disagree."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds, smaller figures: two minutes")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="ours and rivals with such names")
    parser.add_argument("--record", type=Path, default=WRITTEN, metavar="FOLDER", help="where the Parquet files go")
    options = parser.parse_args()
    begun = time.perf_counter()
    rounds, seconds = (3, 0.2) if options.quick else (9, 1.0)
    notes = about()
    print(notes_page(notes), end="")
    with field_of(options.only) as (contestants, skipped):
        for line in skipped:
            print(line)
        rows = run(contestants, rounds=rounds, seconds=seconds)
    print_rows(rows, f"{rounds} rounds of {seconds} s")
    print_roofline()
    figures = []
    print(f"\n{'figure':<92} {'value':>12}  wanted")
    for figure in [*ratios(rows), *measured(rows, quick=options.quick)]:
        figures.append(figure)
        print_figure(figure)
    write(options.record, rows, figures, notes)
    print(f"\n{time.perf_counter() - begun:.0f} s; written to {options.record}")
    wrong = disagreements(rows, ours.NAME)
    for line in wrong:
        print(f"answers disagree: {line}")
    return 1 if wrong else 0


def print_rows(rows: list[Row], title: str) -> None:
    """The contestants, job by job."""
    print(title)
    for job in dict.fromkeys(row.job for row in rows):
        print(f"\n{job:<36} {'threads':>8} {'processes':>9} {'ns/trial':>12} {'min-max':>23} {'P(first)':>9}")
        for row in (row for row in rows if row.job == job):
            spread = f"{row.ns_min:,.1f}-{row.ns_max:,.1f}"
            workers = f"{row.threads:>8} {row.processes:>9}"
            print(f"{row.name:<36} {workers} {row.ns_per_trial:>12,.1f} {spread:>23} {row.p_first:>9.4f}")


def print_roofline() -> None:
    """What a trial is made of at least."""
    parts = roofline.parts(ours.arrays(build(load(CONFIGS / "april.toml")), ours.DIRECT))
    print(f"\n{'the least that a trial takes':<36} {'ns each':>8} {'a trial':>9} {'ns':>7}")
    for part in parts:
        beside = "  (beside the others)" if part.memory else ""
        print(f"{part.name:<36} {part.nanoseconds:>8.3f} {part.count:>9.1f} {part.total:>7.1f}{beside}")
    print(f"{'at least':<36} {'':>8} {'':>9} {roofline.least(parts):>7.1f}")


def print_figure(figure: Figure) -> None:
    """A figure and whether it is what it should be."""
    side = "at least" if figure.at_least else "at most"
    missed = "" if figure.kept else "  MISSED"
    print(f"{figure.name:<92} {said(figure.value, figure.unit):>12}  {side} {figure.bound:g}{missed}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
