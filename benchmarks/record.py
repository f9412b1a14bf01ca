"""A run of the suite as a Parquet file, and as the tables that a page shows of it."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import textwrap
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.field import CORES
from benchmarks.figures import Figure
from benchmarks.rounds import Row

RECORDED = Path(__file__).parent / "recorded"
_VERSIONED = ("numpy", "numba", "jax", "torch", "numpyro", "votekit", "pref_voting")


def about() -> dict[str, str]:
    """Date, CPU, cores and versions of this run."""
    found = {
        "date": dt.date.today().isoformat(),
        "cpu": _cpu(),
        "cores": str(CORES),
        "python": platform.python_version(),
    }
    for name in _VERSIONED:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name = next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
        wide = next(line for line in lines if line.startswith("flags"))
        return name + (", AVX-512" if "avx512f" in wide.split() else "")
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def write(folder: Path, rows: list[Row], figures: list[Figure], notes: dict[str, str]) -> None:
    """Overwrite rows.parquet and figures.parquet in a folder, with the notes in their footers."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in (("rows", rows), ("figures", figures)):
        arrow = pa.Table.from_pylist([asdict(row) for row in table]).replace_schema_metadata(notes)
        pq.write_table(arrow, folder / f"{name}.parquet")


def read(folder: Path) -> tuple[list[Row], list[Figure], dict[str, str]]:
    """What `write` wrote."""
    tables = [pq.read_table(folder / f"{name}.parquet") for name in ("rows", "figures")]
    kinds: list[Any] = [Row, Figure]
    found = [
        [kind(**{f.name: row[f.name] for f in fields(kind)}) for row in table.to_pylist()]
        for kind, table in zip(kinds, tables, strict=True)
    ]
    metadata = tables[0].schema.metadata or {}
    notes = {key.decode(): value.decode() for key, value in metadata.items() if not key.startswith(b"ARROW")}
    return found[0], found[1], notes


def figures_page(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = ["| figure | value | wanted | |", "|---|---|---|---|"]
    for figure in figures:
        side = "at least" if figure.at_least else "at most"
        kept = "" if figure.kept else "missed"
        lines.append(f"| {figure.name} | {said(figure.value, figure.unit)} | {side} {figure.bound:g} | {kept} |")
    return "\n".join(lines) + "\n"


def rows_page(rows: list[Row]) -> str:
    """The contestants as a Markdown table, job by job."""
    lines = [
        "| job | contestant | threads | processes | ns/trial | min-max | P(first) |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        spread = f"{_digits(row.ns_min)}-{_digits(row.ns_max)}"
        lines.append(
            f"| {row.job} | {row.name} | {row.threads} | {row.processes} | {_digits(row.ns_per_trial)} | {spread} "
            f"| {row.p_first:.4f} |"
        )
    return "\n".join(lines) + "\n"


def notes_page(notes: dict[str, str]) -> str:
    """Date, machine and versions in a line."""
    versions = ", ".join(f"{name} {notes[name]}" for name in ("python", *_VERSIONED) if name in notes)
    line = f"{notes['date']}, {notes['cpu']}, {notes['cores']} cores; {versions}"
    return "\n".join(textwrap.wrap(line, 118, break_on_hyphens=False)) + "\n"


def said(value: float, unit: str) -> str:
    """A value with as many digits as make sense."""
    if value == 0:
        return f"0 {unit}".strip()
    text = f"{value:.1e}" if abs(value) < 0.01 else f"{value:.2f}" if abs(value) < 10 else f"{value:,.1f}"
    return f"{text}{'' if unit in ('x', '') else ' '}{unit}"


def _digits(nanoseconds: float) -> str:
    return f"{nanoseconds:,.1f}" if nanoseconds < 1_000 else f"{nanoseconds:,.0f}"
