"""What the output's numbers mean: sums, edges, ranges, ties, recounts; and what of a file reaches the terminal."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runoff import errors
from runoff.app.template import RESULTS, RUN_FILE, example_results, template
from runoff.phases.runoff_ahead.page import render
from runoff.phases.runoff_ahead.summary import Beside, Provenance, summarize
from runoff.phases.runoff_night import page as report_runoff_night
from runoff.report import numbers as figures
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests.builders import Group, model, two_way
from tests.forecast import example
from tests.forecast.report import test_layout
from tests.installed import ROOT

Tables = dict[str, list[dict[str, Any]]]
PROVENANCE = Provenance("0" * 64, 1)


def drawn(of: Any, trials: int = 2_000) -> Tables:
    """The tables of a model after a few trials."""
    return summarize(of, draw(to_inputs(of, 1), trials, threads=1), PROVENANCE, [0.5], Beside())


def test_plain_sums_count_once() -> None:
    """The people and votes of `transfers` add up to those of the race; a bloc's rows are sums of its pools'."""
    tables = drawn(two_way())
    transfers, run = tables["transfers"], tables["run"][0]
    assert {row["kind"] for row in transfers + tables["rates"]} == {"finalist", "eliminated", "new"}
    assert sum(row["votes_mean"] for row in transfers) == pytest.approx(run["people"])
    blocs = tables["transfers_blocs"]
    assert {row["bloc"] for row in blocs} == {row["bloc"] for row in tables["rates_blocs"]} == {"R"}
    for row in blocs:
        parts = [
            r for r in transfers if (r["bloc"], r["kind"], r["destination"]) == ("R", "eliminated", row["destination"])
        ]
        assert len(parts) == 2
        assert row["people"] == sum(part["people"] for part in parts)
        assert row["votes_mean"] == pytest.approx(sum(part["votes_mean"] for part in parts), rel=1e-3)


def test_a_race_without_blocs_has_the_tables_all_the_same() -> None:
    """The tables of blocs are there and empty where no bloc has two eliminated pools."""
    of = model([Group("Ada", [900], (1.0, 0.3), (2.0, 0.3)), Group("Bo", [800], (1.0, 0.3), (-2.0, 0.3))])
    tables = drawn(of)
    assert tables["rates_blocs"] == tables["transfers_blocs"] == []
    assert "decisive: " in render(tables)


def test_edges_are_the_decimals() -> None:
    """Each bin's ends are the doubles nearest to a whole number of per mille, and bins meet."""
    rows = example.tables()["margin_histogram"]
    ends = [float(str(row["bin_low"])) for row in rows]
    assert all(end == float(Decimal(round(end * 1_000)) / 1_000) for end in ends)
    assert [row["bin_high"] for row in rows[:-1]] == ends[1:]
    assert min(ends) < -0.02 < max(ends)
    assert -0.02 in ends


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.030, 0.067, "Lind +3.0 to Quist +6.7"),
        (0.037, 0.067, "Quist +3.7 to +6.7"),
        (-0.067, -0.037, "Lind +3.7 to +6.7"),
        (0.0001, 0.02, "even to Quist +2.0"),
        (-0.02, -0.0001, "even to Lind +2.0"),
        (-0.02, 0.0001, "even to Lind +2.0"),
        (-0.0001, 0.0001, "even"),
        (0.0301, 0.0302, "Quist +3.0"),
    ],
)
def test_ranges_of_margins(low: float, high: float, expected: str) -> None:
    """Across from the second's lead to the first's; on one side from the smaller lead to the larger."""
    assert figures.lead_range(low, high, "Quist", "Lind") == expected


def as_before(tables: Tables) -> Tables:
    """The tables as version 0.2 wrote them: blocs among the pools, no short names, edges with dust."""
    old = copy.deepcopy(tables)
    for name in ("rates", "transfers"):
        old[name] += old.pop(f"{name}_blocs")
    for row in old["candidates"]:
        del row["short"]
    for row in old["margin_histogram"]:
        for end in ("bin_low", "bin_high"):
            row[end] = (row[end] + 1) * 1_000 / 1_000 - 1
    return old


def test_older_runs_are_shown_as_newer_ones() -> None:
    """The report of tables as 0.2 wrote them is that of today's."""
    tables: Tables = example.tables()
    old = as_before(tables)
    assert old["margin_histogram"] != tables["margin_histogram"]
    assert render(old) == render(tables)


def with_ties(share: float) -> Tables:
    """The example with so many ties, taken from the leader's wins."""
    tables: Tables = copy.deepcopy(example.tables())
    tables["run"][0].update(p_tie=share, p_tie_mcse=(share * (1 - share) / 20_000) ** 0.5)
    first, second = tables["candidates"]
    second["p_win"] = min(second["p_win"], 1 - share)
    first["p_win"] = max(1 - share - second["p_win"], 0.0)
    return tables


def test_the_headline_tells_a_tie() -> None:
    """A tie that is likelier than either win leads; one of a hundred is told beside; one of a million is not."""
    assert render(with_ties(1.0)).split("\n", 1)[0] == "a tie in all of 20,000 trials: more than 99.98 %"
    assert render(with_ties(0.9)).startswith("a tie in about 9 of 10 trials: 90.0 % ± 0.2; ")
    assert "; a tie: 5.0 % ± 0.2\n" in render(with_ties(0.05))
    assert "tie" not in render(with_ties(1e-6)).split("\n", 1)[0]


def test_a_recount_has_a_line_where_there_is_one(tmp_path: Path) -> None:
    """A run file without recount_margin has no recount in its text, neither in a night's; the columns stay."""
    tables: Tables = copy.deepcopy(example.tables())
    assert "\nrecount  " in render(tables)
    tables["run"][0]["recount_margin"] = 0.0
    assert "recount" not in render(tables)
    assert "\ntie      0." in render(tables)
    night = test_layout.runoff_night(["Ada Quist", "Bo Lind"], 1)
    for margin, lines in ((0.01, 1), (0.0, 0), (None, 1)):  # None: a run before 0.3
        night["runoff_night"][0]["recount_margin"] = margin
        assert report_runoff_night.render_runoff_night(night).count("\nrecount  ") == lines
    of = model([Group("Ada", [900], (1.0, 0.3), (2.0, 0.3)), Group("Bo", [800], (1.0, 0.3), (-2.0, 0.3))], recount=0.0)
    run = drawn(of)["run"][0]
    assert (run["recount_margin"], run["p_recount"]) == (0.0, run["p_tie"])


def test_many_pools_are_told_in_linear_time() -> None:
    """The table of pools looks at each row of `rates` and `transfers` a fixed number of times."""
    tables: Tables = copy.deepcopy(example.tables())

    def looks(n: int) -> int:
        seen = 0

        class Row(dict[str, Any]):
            def __getitem__(self, key: str) -> Any:
                nonlocal seen
                seen += 1
                return super().__getitem__(key)

        def many(name: str) -> list[Any]:
            return [Row({**row, "pool": f"{row['pool']} {i}"}) for i in range(n) for row in tables[name]]

        from runoff.phases.runoff_ahead.page import pools_table

        pools_table(
            {**tables, "rates": many("rates"), "transfers": many("transfers")}, {"Ada Quist": "Q", "Bo Lind": "L"}, 80
        )
        return seen

    assert looks(400) < 4.5 * looks(100)


EVIL = "\x1b[31m\x07\x9b2J\u202eevil\u200b\u2066"


def command(*words: str, folder: Path, columns: str = "80") -> subprocess.CompletedProcess[str]:
    """What the command does in a folder."""
    root = str(ROOT)
    environment = {**os.environ, "PYTHONPATH": root, "COLUMNS": columns, "PYTHONIOENCODING": "utf-8"}
    code = [sys.executable, "-m", "runoff.app.cli", *words]
    return subprocess.run(code, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def raw(text: str) -> list[str]:
    """Characters of a text that nobody sees, but line ends."""
    return [repr(c) for c in text if c != "\n" and errors.unseen(c)]


def test_texts_of_files_are_made_visible(tmp_path: Path) -> None:
    """Escapes in race name, sources, pool names and paths reach neither `run`, `show`, `check` nor `--json` raw."""
    told = EVIL.encode("unicode_escape").decode().replace("\\x", "\\u00").replace("\\u009b", "\\u009b")
    text = re.sub(r'name = "An example[^"]*"', lambda _: f'name = "{told}"', template())
    text = re.sub(r'name = "did not vote[^"]*"', lambda _: f'name = "did {told}"', text)
    text = re.sub(r"(turnout = \{[^}]*)\}", lambda m: f'{m.group(1)}, source = "{told}\\nand more" }}', text, count=1)
    text += '\n[output]\ndirectory = "r\\u001b[2Ju\\u202ens"\n' if "[output]" not in text else ""
    (tmp_path / RUN_FILE).write_text(text, "utf-8")
    (tmp_path / RESULTS).write_text(example_results(), "utf-8")
    folder = None
    for words in (("run", "--trials", "2000"), ("run", "--trials", "2000", "--json"), ("check",)):
        answer = command(words[0], RUN_FILE, *words[1:], folder=tmp_path)
        assert answer.returncode == 0, answer.stderr
        assert "evil" in answer.stdout
        assert not raw(answer.stdout + answer.stderr)
        folder = folder or next(tmp_path.glob("r*ns/*"), None)
    assert folder is not None
    assert not raw(command("show", str(folder), folder=tmp_path).stdout)
    missing = command("show", f"nothing{EVIL}", folder=tmp_path)
    assert (missing.returncode, raw(missing.stderr)) == (66, [])
    assert "\\x1b[31m" in missing.stderr


@pytest.mark.parametrize("columns", ["12", "20", "47"])
def test_narrow_terminals(tmp_path: Path, columns: str) -> None:
    """A terminal of 12 columns gets its answer as one of 20 does."""
    (tmp_path / RUN_FILE).write_text(template(), "utf-8")
    (tmp_path / RESULTS).write_text(example_results(), "utf-8")
    answer = command("run", RUN_FILE, "--trials", "2000", folder=tmp_path, columns=columns)
    assert answer.returncode == 0, answer.stderr
    lines = answer.stdout.split("\ntables: ")[0].split("\n")
    assert max(map(len, lines)) <= max(int(columns), 20)


def test_visible_leaves_what_is_legitimate() -> None:
    """Marks, right-to-left letters, joined Persian and Hindi words and wide characters stay as they are."""
    for text in (
        "Jose\u0301",
        "\u05de\u05e8\u05d9\u05dd",
        "\u0645\u06cc\u200c\u062e",
        "\u0915\u094d\u200d\u0937",
        "王\u3000小",
        "❤\ufe0f",
    ):
        assert errors.visible(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb", "a\\u200bb"),
        ("a\u200db", "a\\u200db"),
        ("\x9b", "\\x9b"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("a\tb", "a b"),
        ("\udc80", "\\udc80"),
    ],
)
def test_visible_shows_what_nobody_sees(text: str, expected: str) -> None:
    """Controls, overrides, separators, tags, zero-width characters and half a pair become escapes."""
    assert errors.visible(text) == expected


def test_every_error_is_fit_to_be_printed() -> None:
    """Whatever kind of error, its text has lines and nothing that moves the cursor."""
    for kind in (
        errors.RunoffError,
        errors.UsageError,
        errors.MissingFileError,
        errors.RunExistsError,
        errors.OutputError,
    ):
        assert str(kind(f"{EVIL}\n  fix:  another")) == f"{errors.visible(EVIL)}\n  fix:  another"
    assert not raw(str(errors.InputError.single(EVIL, EVIL, rule=EVIL, got=EVIL, fix=EVIL)))
