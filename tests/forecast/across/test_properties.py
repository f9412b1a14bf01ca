"""Properties of every run file: valid ones are understood, wrong values are refused, order says nothing."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runoff.app.template import RESULTS, RUN_FILE, example_results, template
from runoff.errors import InputError
from runoff.model.pools import build
from runoff.runfile.load import Case, load
from runoff.simulate.inputs import to_inputs


def _load(text: str, table: str = example_results()) -> Case:
    with TemporaryDirectory() as folder:
        (Path(folder) / RUN_FILE).write_text(text, "utf-8")
        (Path(folder) / RESULTS).write_text(table, "utf-8")
        return load(Path(folder) / RUN_FILE)


@settings(max_examples=60, deadline=None)
@given(
    trials=st.integers(1, 10**12),
    seed=st.integers(0, 2**63 - 1),
    threshold=st.floats(0.4, 1.0),
    people=st.integers(1, 1_600_000),
    ends=st.tuples(st.floats(0.001, 0.999), st.floats(0.001, 0.999)).filter(lambda e: e[1] - e[0] > 1e-6),
)
def test_valid_values_are_read_as_they_stand(
    trials: int, seed: int, threshold: float, people: int, ends: tuple[float, float]
) -> None:
    """Any values within the bounds are accepted, and are the ones that the run uses."""
    text = template().replace("trials = 1_000_000", f"trials = {trials}").replace("seed = 1\n", f"seed = {seed}\n")
    text = text.replace("threshold = 0.5 ", f"threshold = {threshold!r} ").replace("90_000", str(people))
    text = text.replace("low = 0.05, high = 0.15", f"low = {ends[0]!r}, high = {ends[1]!r}")
    run_file = _load(text).run_file
    assert (run_file.simulation.trials, run_file.simulation.seed) == (trials, seed)
    assert run_file.race.threshold == threshold
    assert run_file.new_voters is not None
    assert run_file.new_voters.people == people
    assert (run_file.new_voters.turnout.low, run_file.new_voters.turnout.high) == ends


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["trials = 1_000_000", "seed = 1", "threshold = 0.5", "recount_margin = 0.005", "people = 90_000"]),
    st.one_of(
        st.floats(max_value=-1e-9), st.floats(min_value=1e19), st.text("abcxyz", max_size=9), st.booleans(), st.dates()
    ),
)
def test_wrong_values_are_refused_at_their_key(old: str, wrong: object) -> None:
    """A value of a wrong type, or out of bounds, is refused; the message names its line and its key."""
    key = old.split(" = ")[0]
    said = {True: "true", False: "false"}.get(wrong, str(wrong)) if isinstance(wrong, bool) else str(wrong)
    text = template().replace(old, f"{key} = " + (f'"{said}"' if isinstance(wrong, str) else said), 1)
    with pytest.raises(InputError) as refusal:
        _load(text)
    line = next(n for n, row in enumerate(text.split("\n"), 1) if row.startswith(f"{key} = "))
    (problem,) = refusal.value.problems
    assert problem.line == line
    assert key in problem.what


@settings(max_examples=30, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_candidates_in_the_table_says_nothing(dice: random.Random) -> None:
    """A table whose rows are shuffled within each unit gives the kernel the same arrays, to the bit."""
    head, *rows = example_results().strip().split("\n")
    units = [rows[i : i + 5] for i in range(0, len(rows), 5)]
    for unit in units:
        dice.shuffle(unit)
    shuffled = "\n".join([head, *(row for unit in units for row in unit)]) + "\n"
    plain, other = (to_inputs(build(_load(template(), table)), 1) for table in (example_results(), shuffled))
    for name, values in plain._asdict().items():
        assert (values == getattr(other, name)).all() if hasattr(values, "all") else values == getattr(other, name), (
            name
        )
