"""The page shows the recorded run, and records come back as they went."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import page
from benchmarks.figures import Figure
from benchmarks.record import RECORDED, about, figures_page, read, said, write
from benchmarks.rounds import Row


@pytest.mark.parametrize("name", ["notes", "figures", "rows"])
def test_the_page_shows_the_recorded_run(name: str) -> None:
    """Each block of benchmarks/README.md is that of benchmarks/recorded; `python -m benchmarks.page` writes it."""
    assert page.shown(page.PAGE.read_text("utf-8"), name).group(0) == page.blocks()[name]


def test_the_record_names_its_machine() -> None:
    """A recorded run says its date, CPU, cores and versions, and has figures and rows of ours and rivals."""
    rows, figures, notes = read(RECORDED)
    assert {"date", "cpu", "cores", "python", "numpy", "numba"} <= set(notes)
    assert any(row.name.startswith("ours") for row in rows)
    assert len({row.name for row in rows}) > 5
    assert len(figures) > 10


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Rows, figures and notes come back equal."""
    rows = [Row("a", "job", 1, 2, 10.5, 10.0, 11.0, 3, 1_000, 0.5, 0.0, 0.1, 0.01, 0.2)]
    figures = [Figure("a over b", 2.5, "x", 2.0, True), Figure("time", 3.0, "s", 1.0, False)]
    write(tmp_path, rows, figures, about())
    assert read(tmp_path) == (rows, figures, about())


def test_a_missed_figure_is_said() -> None:
    """A figure on the wrong side of its bound is marked, one on the right side is not."""
    text = figures_page([Figure("fast", 2.5, "x", 2.0, True), Figure("slow", 3.0, "s", 1.0, False)])
    assert "| fast | 2.50x | at least 2 |  |" in text
    assert "| slow | 3.00 s | at most 1 | missed |" in text


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [(0, "votes", "0 votes"), (1e-7, "", "1.0e-07"), (2.345, "x", "2.35x"), (1234.5, "MB", "1,234.5 MB")],
)
def test_values_have_digits_that_make_sense(value: float, unit: str, expected: str) -> None:
    """Small ones in powers of ten, ratios with two digits, large ones with separators."""
    assert said(value, unit) == expected
