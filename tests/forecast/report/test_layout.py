"""What fits a terminal: lines, names, every table of every report, whatever a file's texts are."""

from __future__ import annotations

import copy
import datetime as dt
import json
import random
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from runoff.app import rehearsal_page
from runoff.output.columns import Table
from runoff.output.schemas.first_round_open import NIGHT_TABLES
from runoff.output.schemas.rehearsal import REHEARSAL_TABLES
from runoff.output.schemas.runoff_night import RUNOFF_NIGHT_TABLES
from runoff.phases.registry import PHASES
from runoff.phases.runoff_ahead.margin_bars import histogram
from runoff.phases.runoff_ahead.page import document
from runoff.report import layout
from runoff.report.page import Column, Grid, Page, notes
from tests.forecast import example
from tests.pages import render

Tables = dict[str, list[dict[str, Any]]]

NAMES = [
    "Ada Quist",
    "Bartholomew Featherstonehaugh-Cholmondeley the Younger of Little Snoring",
    "X" * 90,
    "王小明欧阳司马上官诸葛东方皇甫尉迟公孙慕容",
    "e\u0301" * 60,
    "\u05de\u05e8\u05d9\u05dd \u05db\u05d4\u05df",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 Family List \u2764\ufe0f",
    "q" + "\u0300\u0301\u0302" * 20,
    "Ma\x1b[31mra \x07Voss\u202e",
    "",
    " ",
    "\uac00\ub098\ub2e4 \ub77c\ub9c8\ubc14\uc0ac",
]
text = st.one_of(st.sampled_from(NAMES), st.text(max_size=40), st.text("ab \u4e00\u0301", min_size=30, max_size=120))


@settings(max_examples=300, deadline=None)
@given(text, st.integers(-5, 120))
def test_lines_break_and_nothing_is_lost(words: str, width: int) -> None:
    """Every line has at most so many cells, 20 at least; but for blanks the text is all there, marks with letters."""
    words = layout.visible(words)
    broken = layout.fitted(words, width)
    lines = broken.split("\n")
    assert max(cell_len(line) for line in lines) <= max(width, layout.NARROWEST)
    assert "".join(broken.split()) == "".join(words.split())
    if words and not unicodedata.combining(words[0]):
        starts = [lines[0], *(line.removeprefix("  ") for line in lines[1:])]
        assert not any(unicodedata.combining(start[0]) for start in starts if start)


def test_long_lines_take_linear_time() -> None:
    """A line of 400,000 characters, with and without blanks, in scripts of both widths, is broken at once."""
    for unit in ("x", "word ", "\u4e00", "e\u0301 "):
        line = unit * (400_000 // len(unit))
        assert "".join(layout.fitted(line, 40).split()) == "".join(line.split())


@settings(max_examples=300, deadline=None)
@given(text, st.integers(1, 40))
def test_names_are_cut_to_cells(name: str, cells: int) -> None:
    """A cut name has at most so many cells, and one that fits is left alone."""
    name = layout.visible(name)
    for cut in (layout.clipped(name, cells), layout.apart([name, name + "!"], cells)[name]):
        assert cell_len(cut) <= max(cells, 1)
        assert cut == name or cell_len(name) > cells


def test_names_with_one_beginning_stay_apart() -> None:
    """Two names that would be cut to one text are cut in the middle."""
    cut = layout.apart(["Christopher Alder", "Christopher Birch"], 12)
    assert len(set(cut.values())) == 2
    assert cut["Christopher Alder"] == "Christ…Alder"


def columns(letters: str) -> list[Column]:
    """A table of a name and numbers that leave in the order of the letters."""
    numbers = [Column(head, ("10,000,000",), leaves=i + 1, note=head * 3) for i, head in enumerate(letters)]
    return [Column("name", ("A rather long name",), left=True, words=True, most=18, least=8), *numbers]


def test_columns_leave_in_order_with_their_caption() -> None:
    """Narrower and narrower: first the name is cut, then the columns go, first to last, and their notes with them."""
    seen = []
    for width in range(80, 8, -1):
        kept = layout.fit(columns("abc"), width)
        assert cell_len(layout.drawn(kept).split("\n")[1]) <= width
        heads = "".join(column.head for column in kept[1:])
        assert notes(kept) == [head * 3 for head in heads]
        if not seen or seen[-1] != heads:
            seen.append(heads)
    assert seen == ["abc", "bc", "c", ""]
    assert layout.fit(columns("abc"), 50)[0].cells == ("A rather long…",)


def strange(rows: list[dict[str, Any]], texts: dict[str, str]) -> list[dict[str, Any]]:
    """Rows with other texts, wherever these stood."""
    return [{k: texts.get(v, v) if isinstance(v, str) else v for k, v in row.items()} for row in rows]


def ordinary(names: list[str], factor: int) -> Tables:
    """The example's tables with other names, and people and votes so many times larger."""
    tables: Tables = copy.deepcopy(example.tables(strange=True))
    words = [
        "Ωμέγα 007",
        "王小明",
        "Cy Holm",
        "Di Marsh",
        "Ed Stone",
        "Labour",
        "Green",
        "An example, three made-up counties",
    ]
    texts = dict(zip([*words, "Ask & Tell", "did not vote in the first round"], names * 3, strict=False))
    for name, rows in tables.items():
        tables[name] = [{k: v for k, v in row.items() if k != "short"} for row in strange(rows, texts)]
        for row in tables[name]:
            row.update({k: v * factor for k, v in row.items() if k in ("people", "votes_mean", "sample_size")})
    return tables


def made(table: Table, n: int, names: list[str], seed: int) -> list[dict[str, Any]]:
    """Rows of a table with plausible numbers and texts of these names."""
    dice = random.Random(seed)
    rows = []
    for _ in range(n):
        row: dict[str, Any] = {}
        for column in table.columns:
            kind, p = (
                column.type,
                column.name.startswith(("p_", "share", "margin", "naive", "explains", "counted_share")),
            )
            if kind in ("int64", "int32"):
                row[column.name] = dice.choice([0, 7, 100_000, 98_765_432])
            elif kind == "double":
                row[column.name] = dice.random() if p or column.name == "p" else dice.random() * 10 ** dice.randrange(9)
            else:
                row[column.name] = dice.choice(names)
        rows.append({k: v for k, v in row.items() if k != "short"})
    return rows


def night(names: list[str], seed: int) -> Tables:
    """The tables of a first round's night, with four candidates and every region and mode."""
    names = list(dict.fromkeys(names))[:4]
    tables = {name: made(table, 4, names, seed) for name, table in NIGHT_TABLES.items()}
    when = dt.datetime(2017, 4, 18, 23, 55, tzinfo=dt.UTC)
    tables["night"] = [{**tables["night"][0], "trials": 100_000, "state": "counting", "count_time": when}]
    tables["first_round"] = [{**tables["first_round"][0], "candidate": name} for name in names]
    for row in tables["first_round"]:
        row.update(outright=7, advances=99_000, wins=40_000)
    for row in tables["pairings"]:
        row.update(first=names[0], second=names[-1], trials=50_000, first_wins=12_345)
    groups = [("", ""), *((region, mode) for region in names for mode in names)]
    tables["outstanding"] = [
        {**tables["outstanding"][0], "region": region, "mode": mode, "candidate": name}
        for region, mode in dict.fromkeys(groups)
        for name in names
    ]
    return tables


def runoff_night(names: list[str], seed: int) -> Tables:
    """The tables of a runoff's night, with two finalists."""
    two = list(dict.fromkeys(names))[:2]
    tables = {name: made(table, 14, names, seed) for name, table in RUNOFF_NIGHT_TABLES.items()}
    head: dict[str, object] = {
        "first": two[0],
        "second": two[-1],
        "effective_trials": 2_308.0,
        "p_recount": 0.01,
        "trials": 20_480,
    }
    head["count_time"] = dt.datetime(2017, 6, 21, 0, 55, tzinfo=dt.UTC)
    tables["runoff_night"] = [{**tables["runoff_night"][0], **head}]
    tables["runoff_finalists"] = [{**tables["runoff_finalists"][0], "candidate": name} for name in two]
    ways = [(origin, to) for origin in dict.fromkeys(names) for to in (*two, "did not vote")]
    tables["flows"] = [{**tables["flows"][0], "origin": origin, "destination": to} for origin, to in ways]
    return tables


@settings(max_examples=60, deadline=None)
@given(st.lists(text, min_size=10, max_size=10), st.integers(20, 200), st.sampled_from([1, 1_000]), st.integers(0, 99))
def test_every_report_fits(names: list[str], width: int, factor: int, seed: int) -> None:
    """Reports of runs and nights with any names end, are no wider than the terminal, and move no cursor."""
    names = [f"{name}{i}" for i, name in enumerate(names)]
    for said in (
        render(ordinary(names, factor), width=width),
        render(night(names, seed), width=width),
        render(runoff_night(names, seed), width=width),
    ):
        assert max(cell_len(line) for line in said.split("\n")) <= width
        assert said.replace("\n", "").isprintable() or not any(map(layout.unseen, said.replace("\n", "")))


@pytest.mark.parametrize("seed", range(4))
def test_rows_stay_rows_at_forty_columns(seed: int) -> None:
    """With long names and votes of eight digits and ten, tables have a line a row at 40 columns."""
    names = ["Alexander Hernandez", "Bartholomew Featherstone", "Christopher Holm-Smith", "Di Marsh", "Ed Stone-Wall"]
    names += ["Labour", "Green", "A race", "Ask & Tell", "Nobody of Them"]
    rehearsal = {name: made(table, 6, names, seed) for name, table in REHEARSAL_TABLES.items()}
    for row in rehearsal["rehearsal_nights"]:
        row.update(order="random", margin_median=-0.123, low80=-0.345, high80=0.456, truth=0.111, swing_margin=0.2)
    pages = [rehearsal_page.page(rehearsal)]
    races = [ordinary(names, factor) for factor in (1, 500, 50_000)]
    for tables in (*races, night(names, seed), runoff_night(names, seed)):
        pages.append(next(phase for phase in PHASES if phase.head in tables).page(tables))
    grids = [part for page in pages for part in page.parts if isinstance(part, Grid)]
    assert len(grids) >= 8
    for grid in grids:
        assert max(map(cell_len, layout.drawn(layout.fit(grid.columns, 40)).split("\n"))) <= 40


@pytest.mark.parametrize("width", range(60, 101, 4))
def test_rows_of_eight_digits_stay_rows(width: int) -> None:
    """Tables of a race with votes of eight digits have a line a row at any width from 60."""
    said = render(ordinary(["Ada Quist", "Bo Lind", "Cy Holm", "Di Marsh", "Ed Stone"], 500), width=width)
    finalists = said.split("\n\n")[2].split("\n")
    assert [line.split("  ")[0] for line in finalists] == ["finalist", "Ada Quist", "Bo Lind"]
    assert all(cell_len(line) <= width for line in finalists)
    pools = next(part for part in said.split("\n\n") if "\npool " in part)
    rows = pools[pools.index("\npool ") :].strip().split("\n")
    assert len({len(row) for row in rows}) <= 2
    assert len(rows) == 1 + len({row["pool"] for row in example.tables(strange=True)["rates"]})
    assert ("explains" in pools) == ("variance" in " ".join(pools.split()))


def test_narrower_than_20_is_20() -> None:
    """A terminal of 12 columns, or of none, is written to as one of 20."""
    tables = example.tables()
    assert render(tables, width=12) == render(tables, width=20) == render(tables, width=-1)


def test_bold_is_around_the_headline_alone() -> None:
    """With colour the lines are those without it, and the headline is bold from end to end."""
    tables = ordinary(NAMES[:10], 1)
    plain, bold = (render(tables, width=40, color=color) for color in (False, True))
    head, rest = plain.split("\n\n", 1)
    assert bold == f"\x1b[1m{head}\x1b[0m\n\n{rest}"


def test_the_histogram_has_room_or_no_bars() -> None:
    """At any width each row of the histogram has its share, and the median is marked once."""
    for width in range(20, 120):
        bars = histogram(example.tables(), NAMES[1], NAMES[3])
        lines = Page("", (bars,)).text(width).strip().split("\n")[1:]
        assert sum(line.endswith(" median") for line in lines) == 1
        assert width < 40 or max(cell_len(line) for line in lines) <= width


def test_json_has_no_character_that_nobody_sees() -> None:
    """Controls, bidirectional overrides, tags and lone surrogates are escapes; letters are letters."""
    value = "\x1b\x7f\x9b\u202e\u200b\ufeff\U000e0041\udc80 \u05db\u05d4\u05df 王 e\u0301\n"
    said = layout.json_text({"name": value})
    assert json.loads(said) == {"name": value}
    assert not any(layout.unseen(c) for c in said if c != "\n")
    assert "\u05db\u05d4\u05df 王 e\u0301" in said
    assert said.encode()
    found = document(ordinary(NAMES[:10], 1))
    assert json.loads(layout.json_text(found)) == json.loads(json.dumps(found))
