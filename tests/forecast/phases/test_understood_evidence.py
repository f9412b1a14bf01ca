"""What `runoff check` says of polls, and `--as-of`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from runoff.errors import UsageError
from runoff.model.pools import build
from runoff.phases.runoff_ahead.fit import arrays
from runoff.phases.settings import name_of_run
from runoff.phases.understood import understood
from runoff.simulate.driver import digest, draw
from tests.drawn import opened, settled
from tests.forecast import example


def test_each_poll_says_what_it_counts_for() -> None:
    """A poll that counts has its share, error and weight; one from after `as_of` the reason why it does not."""
    text = str(understood(build(example.loaded(strange=True))))
    assert "polls and crosstabs by 2025-03-05: 1 of 2 rows count" in text
    assert "Ask & Tell, 2025-03-03: Ωμέγα 007 51.6 ±" in text
    assert "Late, 2025-03-20: left out, field work ended on 2025-03-20, after 2025-03-05" in " ".join(text.split())


def test_without_polls_nothing_is_said_of_them() -> None:
    """A run file without a table of polls has no such lines."""
    assert "polls" not in str(understood(build(example.loaded())))


def test_as_of_lies_between_the_rounds() -> None:
    """`--as-of` before the first round, or on the day of the runoff, is refused with the days that will do."""
    loaded = example.loaded(strange=True)
    for day in ("2025-03-01", "2025-03-30"):
        with pytest.raises(UsageError, match="from the first round, 2025-03-02, to the day before the runoff, 2025-03"):
            opened(loaded, as_of=dt.date.fromisoformat(day))


def test_a_later_day_lets_more_polls_count_and_an_earlier_fewer() -> None:
    """The same file as of other days: none, one and two polls count; the bits are those of their polls alone."""
    loaded = example.loaded(strange=True)
    model = build(loaded)
    settings = settled(loaded, seed=1)
    counted, digests = [], []
    for day in ("2025-03-02", "2025-03-05", "2025-03-25"):
        asked = replace(model, race=replace(model.race, as_of=dt.date.fromisoformat(day)))
        found = arrays(asked, settings)
        assert found.evidence is not None
        counted.append(sum(row.used for row in found.evidence.rows))
        digests.append(digest(draw(found.detail, 3_000, threads=1)))
    assert counted == [0, 1, 2]
    assert len(set(digests)) == 3
    without = arrays(replace(model, polls=()), settings)
    assert digest(draw(without.detail, 3_000, threads=1)) == digests[0]


def test_rest_and_detail_agree_after_evidence() -> None:
    """Like pools put together after evidence draw the same posterior: win probabilities within five standard
    errors of each other (false alarm rate 6e-7).
    """
    loaded = example.loaded(strange=True)
    settings = settled(loaded, seed=1, units=False)
    found = arrays(build(loaded), settings)
    assert found.rest is not None
    assert found.rest.watched_ratio.size == found.detail.watched_ratio.size == 1
    drawn = [draw(a, 400_000, threads=2, units=False, detail_trials=0) for a in (found.detail, found.rest)]
    p = [d.tallies.wins[0] / d.total for d in drawn]
    error = sum(q * (1 - q) / d.effective for q, d in zip(p, drawn, strict=True)) ** 0.5
    assert abs(p[0] - p[1]) < 5 * error + 1e-4


def test_many_that_came_too_late_are_one_note() -> None:
    """Two late polls have a note each; many are counted in one line that says where the reasons are."""
    from runoff.model.evidence import evidence_as_of
    from runoff.simulate.conditioning import shortened

    model = build(example.loaded(strange=True))
    evidence = evidence_as_of(model, dt.date(2025, 3, 5))
    late = [f"poll {i}: left out, too late" for i in range(5)]
    assert shortened(late[:2], evidence) == late[:2]
    (one,) = shortened(late, evidence)
    assert one.startswith("5 polls and crosstabs are left out by 2025-03-05, 1 rows count")
    assert shortened([*late, "another"], evidence)[1] == "another"


def test_a_runs_name_hangs_on_its_polls() -> None:
    """Two polls tables, all else equal: two names of runs; the footer has the table's sha256."""
    loaded = example.loaded(strange=True)
    settings = settled(loaded, seed=1)
    other = replace(loaded, survey_sources=(("polls.csv", "0" * 64),))
    assert loaded.survey_sources[0][0] == "polls.csv"
    assert name_of_run(loaded, loaded.sources, settings) != name_of_run(other, other.sources, settings)


def test_totals_only_runs_to_its_tables() -> None:
    """Three counties with two like pools of a bloc, without their units: rates and transfers have their blocs' rows."""
    from runoff.phases.pipeline import stamped
    from runoff.phases.runoff_ahead.summary import Provenance, summarize
    from runoff.simulate.driver import draw as drawn

    loaded = example.loaded()
    model = build(loaded)
    settings = settled(loaded, seed=1, units=False)
    found = arrays(model, settings)
    assert found.rest is not None
    result = drawn(found.detail, 3_000, threads=1, units=False, detail_trials=2_000, rest=found.rest)
    tables = stamped(summarize(model, result, Provenance("0" * 64, 1), [0.5]), "x", model.race.id)
    assert {row["pool"] for row in tables["rates_blocs"]} == set(model.bloc_rows) != set()
    assert "units" not in tables
