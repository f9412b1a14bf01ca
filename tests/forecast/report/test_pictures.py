"""Pictures are geometry: places are those of the numbers, whole drawings lie on their canvas, and nothing overlaps."""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runoff.report.numbers import histogram_quantile, nearest_whole
from runoff.report.pictures import axis, curve, density, dots, flow, heat, ranges, strip
from runoff.report.pictures.shapes import Box, Dot, Drawing, Line, Shape, Words, room_for

_HEIGHTS = {m: math.exp(-0.5 * ((m - 18) / 38) ** 2) for m in range(-120, 160)}
BINS = [(m / 1000, (m + 1) / 1000, height / sum(_HEIGHTS.values())) for m, height in _HEIGHTS.items()]


def say(number: float) -> str:
    """A number on an axis."""
    return f"{number:g}"


def on_canvas(drawing: Drawing) -> bool:
    """Whether every mark begins and ends on the canvas (of texts: where they are anchored)."""
    wide, tall = drawing.width + 0.01, drawing.height + 0.01
    points: list[tuple[float, float]] = []
    for mark in drawing.marks:
        match mark:
            case Box():
                points += [(mark.x, mark.y), (mark.x + mark.width, mark.y + mark.height)]
            case Dot():
                points += [(mark.x - mark.r, mark.y - mark.r), (mark.x + mark.r, mark.y + mark.r)]
            case Line():
                points += [(mark.x, mark.y), (mark.to_x, mark.to_y)]
            case Shape():
                points += [tuple(numbers[-2:]) for _, numbers in mark.steps if numbers]  # type: ignore[misc]  # pairs
            case Words():
                points.append((mark.x, mark.y))
    return all(-0.01 <= x <= wide and -0.01 <= y <= tall for x, y in points)


@settings(max_examples=300, deadline=None)
@given(st.floats(-100.0, 100.0), st.floats(1e-3, 1e6), st.integers(2, 12))
def test_round_numbers_are_round_and_few(low: float, width: float, most: int) -> None:
    """At most so many numbers, equally far apart, each within the axis and a multiple of 1, 2 or 5 powers of 10."""
    high = low + width
    found = axis.round_numbers(low, high, most)
    assert len(found) <= most
    slack = 1e-6 * width
    assert all(low - slack <= number <= high + slack for number in found)
    if len(found) > 1:
        step = found[1] - found[0]
        lead = step / 10 ** math.floor(math.log10(step) + 1e-9)
        assert min(abs(lead - nice) for nice in (1.0, 2.0, 5.0, 10.0)) < 1e-3 * max(1.0, abs(low) / width)


def test_a_scale_goes_both_ways() -> None:
    """Ends stand at the ends, a number's place gives the number back, and one outside stands at the nearer end."""
    scale = axis.Scale(-0.2, 0.4, 14.0, 366.0)
    assert (scale(-0.2), scale(0.4)) == (14.0, 366.0)
    assert scale.back(scale(0.123)) == pytest.approx(0.123)
    assert scale.within(7.0) == 366.0


def test_a_side_that_is_not_there_has_no_words() -> None:
    """Under an axis that does not reach beyond 0 stands one side alone."""
    both, one = (axis.ends(axis.Scale(-0.1, high, 0, 300), 10, "Bo", "Ada") for high in (0.1, -0.01))
    assert [mark.said for mark in both if isinstance(mark, Words)] == ["\u2190 Bo", "Ada \u2192"]
    assert [mark.said for mark in one if isinstance(mark, Words)] == ["\u2190 Bo"]


@pytest.mark.parametrize("level", [0.005, 0.3, 0.5, 0.995])
def test_quantiles_of_bins_are_those_of_their_line(level: float) -> None:
    """A quantile equals numpy's interpolation of the cumulated shares."""
    upto = np.concatenate([[0.0], np.cumsum([share for *_, share in BINS])])
    ends = [BINS[0][0], *(high for _, high, _ in BINS)]
    assert histogram_quantile(BINS, level) == pytest.approx(float(np.interp(level * upto[-1], upto, ends)), abs=1e-12)


def test_dots_are_the_quantiles_and_keep_their_side() -> None:
    """As many dots as values, each within a dot's width of its value and on its value's side of the line at 0."""
    values = tuple(histogram_quantile(BINS, (i + 0.5) / 100) for i in range(100))
    drawing = dots.stacked(dots.Stacked(values, "Bo", "Ada", say), "title", "told")
    assert on_canvas(drawing)
    marks = [mark for mark in drawing.marks if isinstance(mark, Dot)]
    scale, step = dots._scale(values)
    places = sorted(scale.back(mark.x) for mark in marks)
    assert len(places) == 100
    assert all(abs(place - value) <= step for place, value in zip(places, values, strict=True))
    assert sum(mark.role == "a" for mark in marks) == sum(place > 0 for place in places) == sum(v >= 0 for v in values)
    spots = {(round(mark.x, 3), round(mark.y, 3)) for mark in marks}
    assert len(spots) == 100


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=8).filter(lambda shares: sum(shares) > 1e-3), st.integers(1, 100)
)
def test_dots_of_outcomes_add_up(shares: list[float], total: int) -> None:
    """Whole numbers add up, and each is within one of its part."""
    found = nearest_whole(shares, total)
    assert sum(found) == total
    assert all(abs(n - total * share / sum(shares)) < 1 + 1e-6 for n, share in zip(found, shares, strict=True))


def test_outcomes_are_in_rows_of_ten() -> None:
    """A hundred dots, each outcome's as many as it says, none on another."""
    of = [dots.Outcome("A", 0.523, "a"), dots.Outcome("B", 0.47, "b"), dots.Outcome("C", 0.007, "none")]
    drawing = dots.in_rows(of, "title", "told")
    assert on_canvas(drawing)
    grid = [mark for mark in drawing.marks if isinstance(mark, Dot)][:100]  # those of the legend come after them
    assert Counter(mark.role for mark in grid) == {"a": 52, "b": 47, "none": 1}
    assert len({(mark.x, mark.y) for mark in grid}) == 100


def test_the_hill_holds_every_trial() -> None:
    """Bars are of one width, meet at 0, and hold all of the bins; both sides are drawn, the winner's strong."""
    bars = density.merged(BINS)
    assert sum(share for *_, share in bars) == pytest.approx(sum(share for *_, share in BINS))
    assert len({round(high - low, 9) for low, high, _ in bars}) == 1
    assert any(abs(low) < 1e-12 for low, *_ in bars)
    of = density.Density(tuple(BINS), (0.018, "median"), (-0.03, 0.067), "a", "Bo", "Ada", say)
    drawing = density.drawing(of, "title", "told")
    assert on_canvas(drawing)
    assert [mark.role for mark in drawing.marks if isinstance(mark, Shape)] == ["area b", "area a winner"]


def test_the_hills_outline_is_the_histogram() -> None:
    """The height of each step is its share of the highest, read back from the outline's points."""
    of = density.Density(tuple(BINS), (0.018, "median"), (-0.03, 0.067), "a", "Bo", "Ada", say)
    drawing = density.drawing(of, "title", "told")
    points = [n for mark in drawing.marks if isinstance(mark, Shape) for _, n in mark.steps if n]
    floor, top = max(y for _, y in points), min(y for _, y in points)
    kept = density.merged(density._kept(BINS))
    highest = max(share for *_, share in kept)
    steps = [n for mark in drawing.marks if isinstance(mark, Shape) for _, n in mark.steps[1:-2:2]]
    heights = [(floor - y) / (floor - top) for _, y in steps]
    assert heights == pytest.approx([share / highest for *_, share in kept], abs=1e-9)


def test_bands_are_as_high_as_their_amounts() -> None:
    """A band's height is its amount at both ends, on one scale; bands of a box lie one under another within it."""
    amounts = ((90.0, 5.0, 5.0), (3.0, 40.0, 7.0), (10.0, 15.0, 75.0))
    names = (("Ada", "100"), ("Bo", "50"), ("new", "100"))
    drawing = flow.drawing(flow.Flow(names, names, ("a", "b", "none"), amounts), "title", "told")
    assert on_canvas(drawing)
    bands = [mark for mark in drawing.marks if isinstance(mark, Shape)]
    left = [band.steps[3][1][5] - band.steps[0][1][1] for band in bands]
    right = [band.steps[2][1][1] - band.steps[1][1][5] for band in bands]
    unit = flow._TALL / 250.0
    flat = [unit * amount for row in amounts for amount in row]
    assert left == pytest.approx(flat)
    assert right == pytest.approx(flat)
    boxes = [mark for mark in drawing.marks if isinstance(mark, Box)]
    assert [box.height for box in boxes] == pytest.approx([unit * s for s in (100, 50, 100, 103, 60, 87)])


@pytest.mark.parametrize("seed", range(5))
def test_names_beside_a_flow_do_not_cover_one_another(seed: int) -> None:
    """With many small pools every name has a line of its own, on the canvas."""
    dice = random.Random(seed)
    sources = tuple((f"pool {i}", "1") for i in range(9))
    amounts = tuple((dice.expovariate(1.0) ** 3, dice.random(), dice.random()) for _ in sources)
    drawing = flow.drawing(flow.Flow(sources, sources[:3], ("a", "b", "none"), amounts), "title", "told")
    assert on_canvas(drawing)
    places = sorted(mark.y for mark in drawing.marks if isinstance(mark, Words) and mark.anchor == "end")
    assert len(places) == 18
    assert min(b - a for a, b in itertools.pairwise(places)) >= 12.99


def test_ranges_stand_at_their_numbers() -> None:
    """Ends and middle of each row, read back from the picture; no two rows on one line."""
    rows = tuple(ranges.Range(f"row {i}", "said", 0.1 * i, 0.1 * i + 0.2, 0.1 * i + 0.05) for i in range(6))
    drawing = ranges.drawing(ranges.Ranges(rows, (0.0, 1.0), 0.5, say, "below", "marked"), "title", "told")
    assert on_canvas(drawing)
    scale = axis.Scale(0.0, 1.0, ranges._EDGE, drawing.width - ranges._EDGE)
    bars = [mark for mark in drawing.marks if isinstance(mark, Line) and mark.role.startswith("bar")]
    assert [(scale.back(bar.x), scale.back(bar.to_x)) for bar in bars] == [
        (pytest.approx(row.low), pytest.approx(row.high)) for row in rows
    ]
    middles = [mark for mark in drawing.marks if isinstance(mark, Dot)]
    assert [scale.back(mark.x) for mark in middles] == pytest.approx([row.middle for row in rows])
    assert len({bar.y for bar in bars}) == 6


def test_a_strip_has_at_most_300_marks() -> None:
    """Of 5,000 units 300 are shown, the first and the last among them, equally far apart in rank."""
    items: list[strip.Item] = [(f"u{i}", i / 6000, i / 6000 + 0.01, i / 6000 + 0.03, "a") for i in range(5000)]
    places = strip.evenly(items)
    assert (len(places), places[0], places[-1]) == (300, 0, 4999)
    assert {b - a for a, b in itertools.pairwise(places)} <= {16, 17}
    assert strip.evenly(items[:300]) == list(range(300))
    of = strip.Strip(tuple(items[i] for i in places), 0.5, say, "units")
    drawing = strip.drawing(of, "title", "told")
    assert on_canvas(drawing)
    assert sum(isinstance(mark, Dot) for mark in drawing.marks) == 300


@pytest.mark.parametrize("runs", [1, 2, 40])
def test_curves_lie_on_the_canvas(runs: int) -> None:
    """One run, or many, or all of one time: a point each, and times that do not cover one another."""
    for times in (tuple(60.0 * i for i in range(runs)), (7.0,) * runs):
        values = tuple(0.5 + 0.01 * (i % 7) for i in range(runs))
        around = tuple((value - 0.1, value + 0.1) for value in values)
        curves = (
            curve.Curve("chance", times, values, None, (0.0, 1.0), 0.5, say),
            curve.Curve("margin", times, values, around, (0.3, 0.8), None, say),
        )
        when = tuple((at, "20:00") for at in times)
        drawing = curve.drawing(curves, when, "title", "told")
        assert on_canvas(drawing)
        assert sum(isinstance(mark, Dot) for mark in drawing.marks) == 2 * runs
        said = [mark.x for mark in drawing.marks if isinstance(mark, Words) and mark.said == "20:00"]
        assert all(b - a > 40.0 for a, b in itertools.pairwise(said))


def test_texts_are_cut_to_their_room() -> None:
    """A text that is too long ends in an ellipsis; one that fits is left alone."""
    assert room_for("Ada", 60.0) == "Ada"
    assert room_for("Bartholomew Featherstonehaugh", 60.0).endswith("\u2026")


def _field(n: int, line: tuple[tuple[float, float], ...] = ()) -> heat.Heat:
    """A field of n x n cells, surer to the upper right, the first cell without a share."""
    edges = tuple(0.2 + 0.6 * k / n for k in range(n + 1))
    cells = tuple(tuple(None if i + j == 0 else (i + j) / (2 * n - 2) for j in range(n)) for i in range(n))
    return heat.Heat(edges, edges, cells, line, ("a", "b"), ("Ann", "Bo"), say, "to the right", "up")


def test_a_field_has_a_cell_for_each_share() -> None:
    """Cells with a share have a box at their edges, in the role of whose side they are; the others have none."""
    found = heat.drawing(_field(8), "title", "told")
    boxes = [mark for mark in found.marks if isinstance(mark, Box) and mark.y > 20.0]
    assert len(boxes) == 8 * 8 - 1
    assert on_canvas(found)
    assert {mark.role.split()[1] for mark in boxes} == {"a", "b"}
    right, top = max(box.x + box.width for box in boxes), min(box.y for box in boxes)
    sure = next(box for box in boxes if box.x + box.width == right and box.y == top)
    assert sure.role == f"cell a s{heat.STRENGTHS}"
    assert sum(box.width * box.height for box in boxes) == pytest.approx(
        (63 / 64) * (right - min(box.x for box in boxes)) * (max(box.y + box.height for box in boxes) - top)
    )


@pytest.mark.parametrize(("share", "strength"), [(0.5, 1), (0.59, 1), (0.61, 2), (0.0, 5), (1.0, 5), (0.2, 4)])
def test_strength_is_the_distance_from_even(share: float, strength: int) -> None:
    """In five equal steps to either side."""
    assert heat.strength(share) == strength


def test_the_even_line_stays_in_the_field() -> None:
    """Points beyond it are left out; a line of fewer than two points is none."""
    line = ((0.1, 0.5), (0.3, 0.7), (0.5, 0.5), (0.7, 0.3), (0.9, 0.1))
    found = heat.drawing(_field(4, line), "title", "told")
    lines = [mark for mark in found.marks if isinstance(mark, Shape)]
    assert [len(shape.steps) for shape in lines] == [3, 3]  # a halo, and the line
    assert on_canvas(found)
    alone = heat.drawing(_field(4, line[:2]), "title", "told")
    assert not [mark for mark in alone.marks if isinstance(mark, Shape)]
