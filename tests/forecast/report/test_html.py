"""A report as HTML: no script, nothing from elsewhere, every text escaped, colours that can be told apart and read."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runoff.phases.registry import phase_named
from runoff.report.html import _FOLDER, MARK, as_html, fit_to_read, number
from runoff.report.illustrated import Figure, Report, Section
from runoff.report.page import Bar, Bars, Lines, Page
from runoff.report.pictures.shapes import Drawing, Shape, Words
from tests.builders import Group, model
from tests.forecast import example
from tests.forecast.phases.runoff_ahead.test_summary import drawn
from tests.forecast.report import test_layout
from tests.forecast.report.test_page import EVERY_KIND

STRANGE = [
    "<script>alert(1)</script>",
    "\u0645\u062d\u0645\u062f \u0639\u0644\u064a",
    "\U0001f469\u200d\U0001f467 Emoji \u2764\ufe0f",
    "\"quoted\" & 'single' {{ 7 * 7 }} {% raw %}",
    "]]></style></svg><!-- -->",
    "Ma\x1b[31mra \x07Voss\u202e",
    "X" * 90,
    "q" + "\u0300\u0301\u0302" * 20,
    "a=\"b\" onload='x'",
    "http://example.org/ url(//example.org)",
]
STYLE = (_FOLDER / "report.css").read_text("utf-8")
ALLOWED = (
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "h1", "h2", "p", "ul", "li"),
    *(
        "dl",
        "div",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "details",
        "summary",
    ),
    *("svg", "desc", "text", "rect", "circle", "line", "path"),
)
SIDES = ("a", "b", "c", "d", "none")
MARGINS: list[dict[str, Any]] = [
    {"bin_low": m / 1000, "bin_high": (m + 1) / 1000, "share": 1 / 40} for m in range(-10, 30)
]


class Reader(HTMLParser):
    """Tags with their attributes, and the texts, of a document that is well formed."""

    VOID = ("meta", "rect", "circle", "line", "path")

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []  # (the tag that holds it, text)
        self._open: list[str] = []
        self.feed(document)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what was read."""
        self.tags.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in self.VOID or self._holds(tag):
            self._open.append(tag)

    def _holds(self, tag: str) -> bool:
        return tag != "meta" and not (self.get_starttag_text() or "").endswith("/>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what was read."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Keep what was read."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep what was read."""
        if data.strip():
            self.texts.append((self._open[-1], data))


def strange() -> dict[str, dict[str, list[dict[str, Any]]]]:
    """The tables of each phase with names that a page must show and never run."""
    return {
        "runoff_ahead": test_layout.ordinary(STRANGE, 1),
        "first_round_open": test_layout.night(STRANGE, 3),
        "runoff_night": {**test_layout.runoff_night(STRANGE, 3), "runoff_margins": MARGINS},
    }


@pytest.mark.parametrize("phase", strange())
def test_names_are_text_and_nothing_else(phase: str) -> None:
    """Markup, templates, Arabic and emoji in names come out as text; tags and attributes are ours alone."""
    page = phase_named(phase).report(strange()[phase], []).html()
    read = Reader(page)
    assert {tag for tag, _ in read.tags} <= set(ALLOWED)
    assert not [
        key for _, attributes in read.tags for key in attributes if key.startswith("on") or key in ("src", "href")
    ]
    shown = "".join(text for _, text in read.texts)
    for name in STRANGE[:2]:
        assert name in shown
    assert "Emoji \u2764\ufe0f" in shown
    assert "\\x1b" in shown if phase == "runoff_ahead" else "\x1b" not in page
    assert not any(c in page for c in "\x1b\x07\u202e")
    assert len(page.encode()) <= 400_000


@pytest.mark.parametrize("phase", strange())
def test_equal_tables_make_equal_bytes(phase: str) -> None:
    """Twice the same tables, twice the same document; a report is a value."""
    one, other = (phase_named(phase).report(strange()[phase], []) for _ in range(2))
    assert one == other or phase != "first_round_open"  # others hold the functions that say an axis' numbers
    assert one.html() == other.html()


@pytest.mark.parametrize("phase", strange())
def test_nothing_comes_from_elsewhere(phase: str) -> None:
    """No script, no address but in texts, a policy that forbids both, and the mark by which our pages are known."""
    page = phase_named(phase).report(strange()[phase], []).html()
    read = Reader(page)
    metas = [attributes for tag, attributes in read.tags if tag == "meta"]
    assert {
        "http-equiv": "Content-Security-Policy",
        "content": "default-src 'none'; style-src 'unsafe-inline'",
    } in metas
    assert not re.search(r"url\(|@import|https?:", STYLE)
    attributes = [
        value for _, found in read.tags for key, value in found.items() if key not in ("aria-label", "content")
    ]
    assert not any("//" in value for value in attributes)
    assert MARK in page[:600]
    assert page.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("phase", strange())
def test_the_page_of_text_is_all_there(phase: str) -> None:
    """Headline, every line, fact, cell and note of the page that the command prints stand in the document."""
    tables = strange()[phase]
    page = phase_named(phase).page(tables)
    plain = " ".join(
        "".join(f" {text} " for _, text in Reader(phase_named(phase).report(tables, []).html()).texts).split()
    )
    plain = plain.translate({0xA0: " ", 0x2068: "", 0x2069: ""})

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for key, item in value.items() if key not in ("kind", "note") for text in texts(item)]
        return [text for item in value for text in texts(item)] if isinstance(value, list) else [value]

    missing = [text for text in texts(page.document()) if " ".join(text.split()) not in plain]
    assert missing == []


def test_every_picture_has_title_description_and_table() -> None:
    """Each SVG begins with a title and a description that are not empty, and its figure has a table and a caption."""
    for phase, tables in strange().items():
        page = phase_named(phase).report(tables, []).html()
        figures = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
        assert len(figures) == page.count("<svg") >= 3
        for figure in figures:
            assert re.search(r"<svg[^>]* role=\"img\">\s*<title>[^<]{5,}</title>\s*<desc>[^<]{5,}</desc>", figure)
            assert "<details" in figure
            assert "<table>" in figure
            assert re.search(r"<figcaption>[^<]{5,}</figcaption>", figure)


def test_every_kind_of_part_is_rendered() -> None:
    """Lines, facts, grids with what stands around them, bars, outlines and figures, in order; notes last."""
    bars = Bars("margins", ("Ada", "Bo"), (Bar("Ada", "0-2", 3, "75.0", "median"),))
    marks = (Words(1.0, 2.345, "a < b", "label", "end"), Shape((("M", (0.0, -0.001)), ("Z", ())), "band", "told"))
    figure = Figure(Drawing("a title", "what it shows", 10.0, marks), "under it", bars)
    report = Report("a race", EVERY_KIND, Lines(("opening",)), (Section.of("all", *EVERY_KIND.parts, None, figure),))
    page = as_html(report)
    read = Reader(page)
    said = [" ".join(text.split()) for tag, text in read.texts if tag != "style"]
    expected = (
        "Ada <b>wins</b>|a race|opening|all|a day|margin|Ada +1.0|names (mean votes)|1,000|9 more|a line below|75.0"
    )
    places = [said.index(text) for text in expected.split("|")]
    assert places[2:] == sorted(places[2:])
    assert said[-2:] == ["a note", "another"]
    assert '<text x="1" y="2.35" class="label" text-anchor="end">a &lt; b</text>' in page
    assert '<path class="band" d="M0 0Z"><title>told</title></path>' in page


def test_places_are_short_numbers() -> None:
    """A place has at most two digits after the point, no needless ones, and no negative nought."""
    assert [number(value) for value in (0.0, -0.001, 1.0, 100.1, -2.5)] == ["0", "0", "1", "100.1", "-2.5"]


def _schemes() -> dict[str, dict[str, str]]:
    """The colours of the style sheet: light, dark, and on paper."""
    found = [
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.S)
    ]
    return dict(zip(("light", "dark", "print"), found, strict=True))


def _linear(colour: str) -> np.ndarray[Any, Any]:
    values = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2, relative luminance)."""
    light, dark = sorted((float(_linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_texts_and_marks_can_be_read(scheme: str) -> None:
    """Texts have a contrast of 4.5 on the page at least, marks of 3."""
    colours = _schemes()[scheme]
    assert all(_contrast(colours[name], colours["paper"]) >= 4.5 for name in ("ink", "quiet"))
    assert all(_contrast(colours[name], colours["paper"]) >= 3.0 for name in SIDES)


# What the three kinds of dichromats see, on linear RGB.  Source: Machado, Oliveira and Fernandes (2009), severity 1.
MACHADO = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def _lab(linear: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    scaled = matrix @ np.clip(linear, 0, 1) / [0.9505, 1.0, 1.089]
    root = np.where(scaled > 216 / 24389, np.cbrt(scaled), (24389 / 27 * scaled + 16) / 116)
    return np.array([116 * root[1] - 16, 500 * (root[0] - root[1]), 200 * (root[1] - root[2])])


@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
@pytest.mark.parametrize("eyes", ["usual", *MACHADO])
def test_sides_can_be_told_apart(scheme: str, eyes: str) -> None:
    """To usual and to colour-blind eyes any two sides differ by 24 in CIE 1976 Lab at least, the first two by 60."""
    colours = _schemes()[scheme]
    seen = {name: _lab(np.array(MACHADO.get(eyes, np.eye(3))) @ _linear(colours[name])) for name in SIDES}
    apart = {pair: float(np.linalg.norm(seen[pair[0]] - seen[pair[1]])) for pair in itertools.combinations(seen, 2)}
    assert min(apart.values()) >= 24, apart
    assert apart["a", "b"] >= 60, apart


def test_a_name_from_right_to_left_turns_nothing_else() -> None:
    """Its words stand in one isolate, with the blanks between them; all other text is as it was."""
    name = "\u0645\u062d\u0645\u062f \u0639\u0644\u064a"
    assert fit_to_read(f"{name} +3.4 to Bo +1.0") == f"\u2068{name}\u2069 +3.4 to Bo +1.0"
    assert fit_to_read("\u05db") == "\u2068\u05db\u2069"
    assert fit_to_read("12 % ± 3, \u738b") == "12\u00a0%\u00a0±\u00a03, \u738b"


def test_a_page_without_pictures_is_a_report_too() -> None:
    """Nothing but a headline makes a document that is whole."""
    page = as_html(Report("a race", Page("nobody knows"), Lines(()), ()))
    assert [tag for tag, _ in Reader(page).tags].count("h1") == 1


def test_the_example_has_all_of_its_pictures() -> None:
    """A runoff ahead: dots, hill, flow, what decides it and the two rates together, units; and the evidence."""
    page = phase_named("runoff_ahead").report(example.tables(strange=True), []).html()
    assert page.count("<svg") == 6
    assert re.findall(r"<h2>(.*?)</h2>", page)[:6] == [
        "Who wins", "By how much", "Where the votes come from", "Which assumption decides it", "Evidence", "Units",
    ]  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(test_layout.text, min_size=10, max_size=10), st.sampled_from([1, 1_000]), st.integers(0, 99))
def test_any_names_make_a_page(names: list[str], factor: int, seed: int) -> None:
    """Pages with any names are whole documents of our tags, and hold no character that nobody sees but isolates."""
    names = [f"{name}{i}" for i, name in enumerate(names)]
    for phase, tables in (
        ("runoff_ahead", test_layout.ordinary(names, factor)),
        ("first_round_open", test_layout.night(names, seed)),
        ("runoff_night", {**test_layout.runoff_night(names, seed), "runoff_margins": MARGINS}),
    ):
        page = phase_named(phase).report(tables, []).html()
        assert {tag for tag, _ in Reader(page).tags} <= set(ALLOWED)
        assert {c for c in page if test_layout.layout.unseen(c)} <= {"\n", "\u2068", "\u2069", "\u200d", "\u200c"}


def _extreme() -> dict[str, tuple[str, dict[str, list[dict[str, Any]]]]]:
    """Runs at the ends of what can be: nothing varies, one bin, nobody wins, nothing is out, one unit."""
    still = model([Group("Ada", [900], (1.0, 0.0), (2.0, 0.0)), Group("Bo", [800], (1.0, 0.0), (-2.0, 0.0))])
    ties = {name: list(rows) for name, rows in example.tables().items()}
    ties["margin_histogram"] = [{**ties["margin_histogram"][0], "bin_low": 0.0, "bin_high": 0.001, "trials": 7}]
    ties["run"] = [{**ties["run"][0], **{f"margin_q{q:02d}": 0.0 for q in (5, 10, 50, 90, 95)}, "p_tie": 1.0}]
    ties["units"] = []
    ties["candidates"] = [{**row, "p_win": 0.0, "wins": 0, "p_win_mcse": 0.0} for row in ties["candidates"]]
    night = test_layout.night(["Ada", "Bo", "Cy", "Di"], 1)
    outright = {**night, "pairings": [], "outstanding": []}
    counted = {**test_layout.runoff_night(["Ada", "Bo"], 1), "runoff_out": [], "runoff_units": []}
    counted["runoff_margins"] = [{"bin_low": -1.0, "bin_high": -0.999, "share": 1.0}]
    keys = {"run_id": "still-1", "race_id": "still"}
    certain = {name: [{**keys, **row} for row in rows] for name, rows in drawn(still, 500).items()}
    return {
        "certain": ("runoff_ahead", certain),
        "ties": ("runoff_ahead", ties),
        "outright": ("first_round_open", outright),
        "counted": ("runoff_night", counted),
    }


@pytest.mark.parametrize("name", _extreme())
def test_the_ends_of_what_can_be_have_a_page(name: str) -> None:
    """Where nothing varies, all trials are one, or nothing is out, the page is whole and its places are numbers."""
    phase, tables = _extreme()[name]
    page = phase_named(phase).report(tables, []).html()
    for tag, attributes in Reader(page).tags:
        if tag in ("rect", "circle", "line", "text", "path", "svg"):
            places = [value for key, value in attributes.items() if key not in ("class", "role", "text-anchor")]
            assert all(re.fullmatch(r"[-\d. MLCZ]+", value) for value in places), (tag, attributes)
    assert "<svg" in page
    assert "nan" not in page.lower()
