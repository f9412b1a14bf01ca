"""`runoff report` and `--report`: the same bytes by every way, only pages are replaced, a night has its curve."""

from __future__ import annotations

import csv
import html
from pathlib import Path

import pytest

import runoff
from runoff.app.commands import _report_file as report
from runoff.app.template import write_template
from runoff.errors import InputError, MissingFileError, OutputError, UsageError
from runoff.output.history import append_history, history_row, read_history
from runoff.output.schemas.first_round_open import FIRST_ROUND_HISTORY
from tests.command import process
from tests.command import runoff as command
from tests.forecast.across.test_report import page, run


def test_run_writes_the_page_that_report_writes(tmp_path: Path) -> None:
    """`run --report` and `report` make equal bytes, which Python's `report` gives too; `-o -` prints them."""
    write_template(tmp_path)
    answer = command("run", "runoff.toml", "--trials", "5_000", "--report", "one.html", cwd=tmp_path)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.endswith("report: one.html\n")
    answer = command("report", "runs", "-o", "two.html", cwd=tmp_path)
    assert answer.stdout == "report: two.html\n"
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    assert runoff.read(tmp_path / "runs").report() == (tmp_path / "one.html").read_text("utf-8")
    assert command("report", "runs", "-o", "-", cwd=tmp_path).stdout == (tmp_path / "one.html").read_text("utf-8")
    plain = process("report", "runs", "-o", "-", cwd=tmp_path, PYTHONIOENCODING="latin-1").stdout
    assert plain.isascii()
    assert html.unescape(plain) == html.unescape((tmp_path / "one.html").read_text("utf-8"))
    assert command("report", "runs", "--quiet", cwd=tmp_path).stdout == ""
    assert (tmp_path / "report.html").is_file()


def test_what_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    """A run file, a folder: neither is replaced, nothing is drawn first, and the message says the way out."""
    write_template(tmp_path)
    before = (tmp_path / "runoff.toml").read_bytes()
    for name in ("runoff.toml", "."):
        answer = command("run", "runoff.toml", "--trials", "5_000", "--report", name, cwd=tmp_path)
        assert answer.returncode == 74
        assert "is left alone" in answer.stderr
        assert "fix:" in answer.stderr
    assert not (tmp_path / "runs").exists()
    assert (tmp_path / "runoff.toml").read_bytes() == before
    with pytest.raises(OutputError, match="is left alone"):
        report.put(tmp_path / "runoff.toml", "page")
    with pytest.raises(OutputError, match="cannot write the page"):
        report.put(tmp_path / "no" / "page.html", "page")


def test_a_page_of_ours_is_replaced(tmp_path: Path) -> None:
    """A page that stands there gives way to another."""
    place = tmp_path / "page.html"
    report.put(place, page("first_round_open"))
    report.put(place, page("runoff_ahead"))
    assert place.read_text("utf-8") == page("runoff_ahead")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_one_page_is_of_one_run(tmp_path: Path) -> None:
    """Two run files have no page together."""
    write_template(tmp_path)
    answer = command("run", "runoff.toml", "runoff.toml", "--report", "a.html", cwd=tmp_path)
    assert answer.returncode == 2
    assert "--report goes with one run file, got 2" in answer.stderr


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_history_is_a_curve(suffix: str, tmp_path: Path) -> None:
    """Rows of a history come back as they were written, are drawn as curves and stand in a table, run by run."""
    tables = runoff.read(run("runoff_night")).tables
    path, rows = tmp_path / f"night.{suffix}", []
    for hour, name in ((20, "=Ada"), (21, "Ada")):
        row = {**history_row(tables), "time": f"2021-04-01T{hour}:05:00+00:00", "naive_margin": None, "first": name}
        append_history(path, row)
        rows.append(row)
    assert read_history(path) == rows
    text = report.page_of("runoff_night", tables, path)
    assert text == runoff.read(run("runoff_night")).report(path)
    assert "<h2>The night so far</h2>" in text
    assert text.count("2021-04-01 20:05") == text.count("2021-04-01 21:05") == 1
    assert text.count("<svg") == page("runoff_night").count("<svg") + 1


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_first_rounds_history_is_a_curve(suffix: str, tmp_path: Path) -> None:
    """The leader's final share and chances are drawn run by run, also where the leader was second before."""
    tables = runoff.read(run("first_round_open")).tables
    path = tmp_path / f"night.{suffix}"
    row = history_row(tables)
    other = {
        **row,
        **{name.replace("first", "second"): value for name, value in row.items() if "first" in name},
        **{name.replace("second", "first"): value for name, value in row.items() if "second" in name},
    }
    rows = [{**one, "time": f"2021-03-01T{hour}:05:00+00:00"} for hour, one in ((20, other), (21, row))]
    for one in rows:
        append_history(path, one)
    assert read_history(path, FIRST_ROUND_HISTORY) == rows
    text = report.page_of("first_round_open", tables, path)
    assert "<h2>The night so far</h2>" in text
    assert text.count("2021-03-01 20:05") == text.count("2021-03-01 21:05") == 1
    assert text.count("<svg") == page("first_round_open").count("<svg") + 1


def test_a_history_that_is_none_is_refused(tmp_path: Path) -> None:
    """Another race's history, a table of another kind, a cell that is no number, no file, another phase: told."""
    tables = runoff.read(run("runoff_night")).tables
    path = tmp_path / "h.csv"
    append_history(path, {**history_row(tables), "race_id": "another"})
    with pytest.raises(InputError, match="no row of this race"):
        report.page_of("runoff_night", tables, path)
    lines = list(csv.reader(path.read_text("utf-8").splitlines()))
    lines[1][3] = "many"
    path.write_text("\n".join(",".join(line) for line in lines), "utf-8")
    with pytest.raises(InputError, match="not a history table"):
        read_history(path)
    (tmp_path / "no.csv").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "no.parquet").write_text("a,b\n1,2\n", "utf-8")
    (tmp_path / "empty.csv").write_text("", "utf-8")
    for name in ("no.csv", "no.parquet", "empty.csv"):
        with pytest.raises(InputError, match="not a history table"):
            read_history(tmp_path / name)
    with pytest.raises(MissingFileError):
        read_history(tmp_path / "gone.csv")
    with pytest.raises(UsageError, match="--history goes with a night"):
        report.page_of("runoff_ahead", {}, path)
    with pytest.raises(InputError, match="not a history table"):
        report.page_of("first_round_open", runoff.read(run("first_round_open")).tables, tmp_path / "no.csv")
    with pytest.raises(UsageError, match="a rehearsal has no such page"):
        report.page_of("rehearsal", {})


def test_an_older_run_has_a_page() -> None:
    """Tables of a run without `sensitivity` and `runoff_margins` make a page without the pictures that need them."""
    for phase, table, gone in (("runoff_ahead", "sensitivity", 1), ("runoff_night", "runoff_margins", 2)):
        tables = dict(runoff.read(run(phase)).tables)
        del tables[table]
        text = report.page_of(phase, tables)
        assert text.count("<svg") == page(phase).count("<svg") - gone
