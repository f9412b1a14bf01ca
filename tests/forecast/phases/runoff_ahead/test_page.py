"""The report of a run: it says what its tables hold, ties and certain winners as such, and fits."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from rich.cells import cell_len

from runoff.phases.runoff_ahead import page as report
from runoff.report import numbers as figures
from tests.forecast import example
from tests.pages import render

Tables = dict[str, list[dict[str, Any]]]


@pytest.mark.parametrize("strange", [False, True])
@pytest.mark.parametrize("width", [80, 100])
def test_the_report_fits(strange: bool, width: int) -> None:
    """No line is wider than the terminal, in any script; the answer comes first; no control characters."""
    text = render(example.tables(strange), width=width)
    assert max(cell_len(line) for line in text.split("\n")) <= width
    assert " wins in " in text.split("\n", 1)[0]
    assert "\x1b" not in text
    assert not any(line != line.rstrip() for line in text.split("\n"))


def test_the_report_says_what_the_tables_hold() -> None:
    """Names, mean votes, median margin, turnout and break-even stand as in the tables."""
    tables = example.tables()
    text = render(tables)
    run = tables["run"][0]
    for row in tables["candidates"]:
        assert str(row["candidate"]) in text
        assert figures.whole(float(str(row["votes_mean"]))) in text
    assert f"{100 * float(str(run['turnout_q50'])):.1f} %" in text
    assert figures.lead(float(str(run["margin_q50"])), "Quist", "Lind") in text
    assert "decisive: " in text


def test_the_histogram_holds_every_trial() -> None:
    """The rows' percentages add up to 100, but for rounding."""
    text = render(example.tables())
    rows = text.split("share of trials\n")[1].split("\n\n")[0].split("\n")
    shares = [float(row[row.index("-") :].split()[1]) for row in rows]
    assert sum(shares) == pytest.approx(100, abs=0.05 * len(shares))
    assert sum("median" in row for row in rows) == 1


def test_a_certain_race_is_not_called_certain() -> None:
    """Where every trial is won, the report bounds the chance."""
    tables = copy.deepcopy(example.tables())
    rows = tables["candidates"]
    rows[0].update(wins=20_000, p_win=1.0, p_win_mcse=0.0)
    rows[1].update(wins=0, p_win=0.0, p_win_mcse=0.0)
    text = render(tables)
    assert text.startswith("Quist wins in all of 20,000 trials: more than 99.98 %")
    assert "100.0 %" not in text.split("where the votes")[0]


def test_json_is_the_tables() -> None:
    """The document holds run, candidates, quantiles, rates, transfers (blocs too) and evidence, with plain values."""
    document = report.document(example.tables())
    assert document["run"]["runoff"] == "2025-03-30"
    assert [row["candidate"] for row in document["candidates"]] == ["Ada Quist", "Bo Lind"]
    tables = {"run", "candidates", "quantiles", "rates", "rates_blocs", "transfers", "transfers_blocs", "sensitivity"}
    assert set(document) == tables | {"factors", "evidence"}
    assert document["evidence"] == []
    assert len(report.document(example.tables(strange=True))["evidence"]) == 2


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

        report.pools_table(
            {**tables, "rates": many("rates"), "transfers": many("transfers")}, {"Ada Quist": "Q", "Bo Lind": "L"}
        )
        return seen

    assert looks(400) < 4.5 * looks(100)
