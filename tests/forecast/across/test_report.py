"""`runoff report` as a whole: every number on a page is one of the run's Parquet tables, to the digits that it has."""

from __future__ import annotations

import html
import itertools
import math
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import runoff
from runoff.app.template import write_template
from runoff.phases.registry import phase_named
from runoff.report.numbers import shorts
from tests import night, runoff_night, three_finalists
from tests.builders import three_way
from tests.command import runoff as command
from tests.forecast.phases.runoff_ahead.test_summary import drawn
from tests.forecast.report.test_html import Reader
from tests.installed import ROOT

Rows = list[dict[str, Any]]
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w])")
SMALLEST = {10.0**-digits for digits in range(5)}  # a standard error is never said to be less than a last digit
PHASES = ("runoff_ahead", "three", "first_round_open", "runoff_night", "night_of_three")


@cache
def run(phase: str) -> Path:
    """The folder of a small run of a phase, on disk; with three finalists where `three` is asked for."""
    folder = Path(mkdtemp())
    if phase in ("runoff_night", "night_of_three"):
        of = runoff_night if phase == "runoff_night" else three_finalists
        case = of.of_folder(folder)
        votes = runoff_night.draw_truth(case, np.random.default_rng(3))
        complete = np.arange(votes[..., 0].size).reshape(votes.shape[:2]) % 3 > 0
        rows = runoff_night.rows_of(case, runoff_night.reported(votes, complete))
        table = runoff_night.results(folder / "votes.csv", rows)
        return runoff.run(case, trials=2_000, results=table).save(folder)
    if phase == "first_round_open":
        return runoff.run(runoff.load(night.folder(folder)), trials=4_000).save(folder)
    case = runoff.load(next(path for path in write_template(folder) if path.suffix == ".toml"))
    return runoff.run(case, trials=20_000).save(folder)


@cache
def tables(phase: str) -> dict[str, Rows]:
    """The run's tables, read from its Parquet files; of three finalists those of a model that is drawn."""
    if phase == "three":
        keys = {"run_id": "three-1", "race_id": "three"}
        return {name: [{**keys, **row} for row in rows] for name, rows in drawn(three_way(), 4_000).items()}
    return {path.stem: pq.read_table(path).to_pylist() for path in run(phase).glob("*.parquet")}


@cache
def page(phase: str) -> str:
    """The run's page."""
    if phase == "three":
        return phase_named("runoff_ahead").report(tables("three"), []).html()
    return runoff.read(run(phase)).report()


def texts(document: str) -> list[str]:
    """What is read on a page, but for the numbers along its axes and the style sheet."""
    plain = re.sub(r'<text [^>]*class="tick"[^>]*>.*?</text>', "", document)
    return [text.replace("\u00a0", " ") for tag, text in Reader(plain).texts if tag != "style"]


def _pool(found: dict[str, Rows]) -> list[float]:
    """Every number of the tables without its sign: as it is, and in per cent where it may be a share."""
    values = {float(v) for rows in found.values() for row in rows for v in row.values() if isinstance(v, (int, float))}
    near = [v for v in values if abs(v) <= 1.0]
    return [*map(abs, values), *(100 * abs(v) for v in near)]


def _sums(found: dict[str, Rows]) -> list[float]:
    """What a page adds up or derives from the tables, found anew here."""
    sums: list[float] = [100.0, 10.0, 80.0, 90.0, 5.0, 50.0, 95.0, 1.28]  # dots, and levels of quantiles
    for row in found.get("evidence", []):
        if row["total_sd"] is not None:
            sums.append(100 * row["total_sd"] * row["share"] * (1 - row["share"]))
    sums.append(100 * _explained(found))
    factors = sorted(found.get("factors", []), key=lambda row: -max(row["share"], row["shapley"]))
    for name in ("share", "shapley"):
        for many in range(len(factors)):
            sums.append(100 * math.fsum(row[name] for row in factors[many:] if row["level"] != "rest"))
    flow: dict[str, float] = {}
    for row in found.get("transfers", []):
        flow[row["destination"]] = flow.get(row["destination"], 0.0) + row["votes_mean"]
    sums += flow.values()
    for row in found.get("runoff_units", []):
        sums.append(100 * row["out_first_mean"] / max(row["out_mean"], 1e-9))
    out = {(row["region"], row["unit"]): row["out_mean"] for row in found.get("runoff_units", [])}
    for row in found.get("runoff_unit_shares", []):
        sums.append(100 * row["out_mean"] / max(out[row["region"], row["unit"]], 1e-9))
    for row in found.get("pairings", []):
        sums += [100 * row[f"{end}_wins"] / found["night"][0]["trials"] for end in ("first", "second")]
    for count in (row["out_q50"] + row["counted_votes"] for row in found.get("runoff_night", [])):
        sums.append(100 * found["runoff_night"][0]["counted_votes"] / count)
    bins = found.get("margin_histogram", [])
    total = sum(row["trials"] for row in bins)
    for step in (1, 2, 5, 10, 20, 50, 100):
        bars: dict[int, float] = {}
        for row in bins:
            place = round(1_000 * row["bin_low"]) // step
            bars[place] = bars.get(place, 0.0) + 100 * row["trials"] / total
        sums += bars.values()
    return sums


def _explained(found: dict[str, Rows]) -> float:
    """What the rates of pools explain one by one, of a pool's preferences the one that explains most."""
    best: dict[tuple[str, str, str], float] = {}
    for row in found.get("rates", []):
        key = row["pool"], row["kind"], row["rate"]
        best[key] = max(best.get(key, 0.0), row["explained"] or 0.0)
    return math.fsum(best.values())


def _counts(phase: str) -> set[float]:
    """Small whole numbers that count rows, dots, and units."""
    return {float(len(rows)) for rows in tables(phase).values()} | set(map(float, range(101)))


def _stands(token: str, pool: list[float]) -> bool:
    """Whether a number is one of the pool to the digits that it has."""
    digits = len(token.partition(".")[2])
    value = float(token.replace(",", ""))
    return any(abs(round(one, digits) - value) < 10.0 ** -(digits + 3) * max(1.0, value) for one in pool)


def odd(document: str, phase: str) -> tuple[list[str], list[str]]:
    """The numbers of a page that are no table's, and all that have digits after the point."""
    found = tables(phase)
    pool = _pool(found) + _sums(found)
    cells = [value for rows in found.values() for row in rows for value in row.values()]
    said = {str(value) for value in cells if not isinstance(value, (int, float)) and re.search(r"\d", str(value))}
    plain = "\n".join(texts(document))
    for text in sorted(said, key=len, reverse=True):
        plain = plain.replace(text, " ")
    plain = re.sub(r"schema version \d+|runoff \d+\.\d+\.\d+|sha256", " ", plain)
    plain = re.sub(r"(more|less) than [\d.]+ %|[<>][\d.]+", " ", plain)  # bounds by the rule of three, tested elsewhere
    tokens = [token for token in NUMBER.findall(plain) if float(token.replace(",", "")) not in SMALLEST]
    counts = _counts(phase)
    tokens = [token for token in tokens if "." in token or float(token.replace(",", "")) not in counts]
    return [token for token in tokens if not _stands(token, pool)], [token for token in tokens if "." in token]


@pytest.mark.parametrize("phase", PHASES)
def test_every_number_is_one_of_the_tables(phase: str) -> None:
    """Each number that is read, but for small counts and what texts of the tables say, is a table's to its digits."""
    others, all_of_them = odd(page(phase), phase)
    assert others == []
    assert len(all_of_them) >= 20


@pytest.mark.parametrize("phase", PHASES)
def test_a_number_that_is_wrong_is_found(phase: str) -> None:
    """Numbers with two digits before the point and one after, made wrong by 0.3: a quarter at least are no table's.

    Tables with many rates have a good part of such numbers; the tables below are compared cell by cell.
    """
    wrong = re.sub(r"(?<![\d.,])\d\d\.\d(?!\d)(?=[ \u00a0<-])", lambda m: f"{float(m[0]) + 0.3:.1f}", page(phase))
    changed = sum(a != b for a, b in zip(odd(page(phase), phase)[1], odd(wrong, phase)[1], strict=True))
    assert changed >= 8
    assert len(odd(wrong, phase)[0]) >= 0.25 * changed


def _cells(document: str, heads: tuple[str, ...]) -> list[list[str]]:
    """The rows of the table that has these heads, as texts."""
    for table in re.findall(r"<table>.*?</table>", document, re.S):
        columns = tuple(_text(re.sub(r"<.*?>", "", cell)) for cell in re.findall(r"<th scope=\"col\".*?</th>", table))
        if columns[: len(heads)] == heads:
            body = table.split("<tbody>")[1]
            return [
                [_text(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)]
                for row in re.findall(r"<tr>(.*?)</tr>", body, re.S)
            ]
    raise AssertionError(f"no table {heads}")


def _text(cell: str) -> str:
    """A cell's text."""
    return html.unescape(cell).replace("\u00a0", " ")


@pytest.mark.parametrize("phase", ["runoff_ahead", "three"])
def test_the_flows_table_is_transfers(phase: str) -> None:
    """Each pool's people, mean votes and 80 % bands are those of `transfers`, cell by cell."""
    rows: dict[tuple[str, str], Rows] = {}
    for row in tables(phase)["transfers"]:
        rows.setdefault((row["pool"], row["kind"]), []).append(row)
    first = shorts(tables(phase)["candidates"])
    found = _cells(page(phase), ("pool", "people", next(iter(first.values())), "80 %"))
    order = sorted(rows, key=lambda pool: -rows[pool][0]["people"])
    assert [row[0] for row in found] == [pool for pool, _ in order]
    for pool, row in zip(order, found, strict=True):
        expected = [pool[0], f"{rows[pool][0]['people']:,}"]
        for one in rows[pool]:
            expected.append(f"{round(one['votes_mean']):,}")
            expected.append(f"{100 * one['rate_q10']:.0f}-{100 * one['rate_q90']:.0f} %")
        assert row == expected


@pytest.mark.parametrize("phase", ["runoff_ahead", "three"])
def test_what_decides_is_sensitivity(phase: str) -> None:
    """Each row of the picture's table has the ends and the chances of a row of `sensitivity`, most decisive first."""
    rows = tables(phase)["sensitivity"]
    found = _cells(page(phase), ("rate", "low"))
    swings = []
    for _, low, at_low, high, at_high in found:
        numbers = [float(text.split(" %")[0].split()[-1]) for text in (low, high)]
        fits = [
            row
            for row in rows
            if [round(100 * row["q10"], 1), round(100 * row["q90"], 1)] == numbers
            and all(
                "than" in said or abs(float(said.split(" %")[0]) - 100 * row[f"p_win_{end}"]) < 1.0
                for said, end in ((at_low, "q10"), (at_high, "q90"))
            )
        ]
        assert fits
        swings.append(max(abs(row["p_win_q90"] - row["p_win_q10"]) for row in fits))
    assert all(a >= b - 1e-9 for a, b in itertools.pairwise(swings))


@pytest.mark.parametrize("phase", ["runoff_ahead", "three"])
def test_the_field_is_response(phase: str) -> None:
    """Each cell of the two rates' table is a row's chance, where at least ten trials lie there; so are edges and line.

    The picture has a cell for each of them.
    """
    rows = tables(phase)["response"]
    columns = [list(group) for _, group in itertools.groupby(rows, key=lambda row: row["x_low"])]
    heads = ("%", "even at", f"{100 * rows[0]['y_low']:.1f}")
    found = _cells(page(phase), heads)
    assert len(found) == len(columns) == 20
    shown = 0
    for cells, column in zip(found, columns, strict=True):
        even = column[0]["y_even"]
        assert cells[0] == f"{100 * column[0]['x_low']:.1f}-{100 * column[0]['x_high']:.1f}"
        assert cells[1] == ("" if even is None else f"{100 * even:.1f} %")
        expected = ["" if row["trials"] < 10 else f"{100 * row['p_win']:.0f}" for row in column]
        assert cells[2:] == expected
        shown += sum(text != "" for text in expected)
    assert len(re.findall(r'<rect class="cell [^"]*"[^>]*><title>', page(phase))) == shown >= 40


@pytest.mark.parametrize("phase", ["runoff_ahead", "three"])
def test_shares_are_factors(phase: str) -> None:
    """Rows in order of their shares, each a factor's numbers; with the others and the rest they add up to 100."""
    rows = tables(phase)["factors"]
    by = "shapley" if rows[0]["basis"] == "directions" else "share"
    found = _cells(page(phase), ("factor", "alone", "with others", "share"))
    ranked = sorted((row for row in rows if row["level"] != "rest"), key=lambda row: -row[by])
    named = [cells for cells in found if cells[1] != ""]
    for cells, row in zip(named[:-1], ranked, strict=False):
        assert row["name"] in cells[0]
        assert [float(cell) for cell in cells[1:4]] == [
            round(100 * row[name]) for name in ("first_order", "total", "share")
        ]
    assert sum(float(cells[3]) for cells in found) == pytest.approx(100, abs=len(found) / 2)
    total = _explained(tables(phase))
    assert total <= 1.0 or f"sums to {100 * total:.0f}" in page(phase)


def test_dots_say_the_headline() -> None:
    """The dots on the first finalist's side are the win probability, to a dot; as many are drawn as are said."""
    heads = {"runoff_ahead": "candidates", "runoff_night": "runoff_finalists", "night_of_three": "runoff_finalists"}
    for phase, head in heads.items():
        p = tables(phase)[head][0]["p_win"]
        svg = page(phase).split("<svg")[1].split("</svg>")[0]
        drawn_dots = len(re.findall(r'<circle class="a"', svg))
        assert abs(drawn_dots - 100 * p) <= 1.0
        assert f"{drawn_dots} dots are on the side of" in page(phase)
        assert len(re.findall("<circle", svg)) == 100


def test_units_are_the_tables() -> None:
    """Each unit's mean share and 80 % range, and how often the first finalist leads there, in order of the share."""
    rows = tables("runoff_ahead")["units"]
    first = rows[0]["candidate"]
    mine = sorted((row for row in rows if row["candidate"] == first), key=lambda row: row["share_mean"])
    expected = [
        [row["unit"], f"{100 * row['share_mean']:.1f}", f"{100 * row['share_q10']:.1f}-{100 * row['share_q90']:.1f}",
         f"{100 * row['p_carry']:.1f}"]
        for row in mine
    ]  # fmt: skip
    assert _cells(page("runoff_ahead"), ("unit",)) == expected


@pytest.mark.parametrize("phase", ["runoff_night", "night_of_three"])
def test_a_nights_margins_are_its_quantiles(phase: str) -> None:
    """The bins of a night's margin add up to 1, and the quantile of them is the night's, to a bin."""
    bins, row = tables(phase)["runoff_margins"], tables(phase)["runoff_night"][0]
    assert math.fsum(one["share"] for one in bins) == pytest.approx(1.0, abs=1e-12)
    assert all(a["bin_high"] == b["bin_low"] for a, b in itertools.pairwise(bins))
    for level in (5, 10, 50, 90, 95):
        upto = 0.0
        for one in bins:
            upto += one["share"]
            if upto >= level / 100 - 1e-12:
                break
        assert one["bin_low"] - 1e-9 <= row[f"margin_q{level:02d}"] <= one["bin_high"] + 1e-9


@pytest.mark.parametrize("phase", ["runoff_ahead", "first_round_open", "runoff_night"])
def test_pages_are_small_and_the_same_twice(phase: str, tmp_path: Path) -> None:
    """The command writes the bytes that Python gives, at most 400 kB, and again the same."""
    for name in ("a.html", "b.html"):
        answer = command("report", str(run(phase)), "-o", str(tmp_path / name))
        assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes() == page(phase).encode()
    assert len(page(phase).encode()) <= 400_000


def test_a_report_loads_no_numba() -> None:
    """Pages are made of tables: neither numba nor scipy is imported, nor the kernels."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom runoff.output import store\n"
        "from runoff.app.commands._report_file import page_of\n"
        f"kept = store.found(Path({str(run('runoff_night'))!r}))\nassert '<svg' in page_of(kept.phase, kept.tables)\n"
        "print([m for m in ('numba', 'scipy', 'runoff.kernels') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
