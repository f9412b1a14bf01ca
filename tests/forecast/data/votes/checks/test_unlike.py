"""Units that are unlike all others are found, and others are not."""

from __future__ import annotations

import numpy as np

from runoff.data.votes.checks.unlike import odd_shares, odd_turnouts, share_note, turnout_note

SHARES = np.array([0.42, 0.35, 0.15, 0.075, 0.005])


def _race(seed: int, units: int = 40) -> np.ndarray:
    """Votes int64[U, 5] of a race whose units differ by 0.3 in log-odds."""
    rng = np.random.default_rng(seed)
    odds = np.log(SHARES) + 0.3 * rng.standard_normal((units, 5))
    share = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    return np.array([rng.multinomial(int(n), p) for n, p in zip(rng.integers(300, 3_000, units), share, strict=True)])


def test_units_that_differ_as_units_do_are_not_named() -> None:
    """Of 100 races with 40 units of a normal spread none has a unit that is named (4,000 units, 20,000 shares)."""
    assert [odd_shares(_race(seed)) for seed in range(100)] == [[]] * 100


def test_a_swap_of_large_and_small_is_named() -> None:
    """The unit and both candidates, whichever unit it is."""
    for seed in range(20):
        votes = _race(seed)
        u = seed % len(votes)
        votes[u, [0, 4]] = votes[u, [4, 0]]
        assert {(u, 4), (u, 0)} & {(unit, c) for unit, c, _, _ in odd_shares(votes)}
        assert {unit for unit, *_ in odd_shares(votes)} == {u}


def test_a_swap_of_two_that_are_not_far_is_named() -> None:
    """15 and 0.5 per cent swapped: both are named, though neither is as far as a note on one alone asks."""
    found = 0
    for seed in range(20):
        votes = _race(seed)
        u = seed % len(votes)
        votes[u, [2, 4]] = votes[u, [4, 2]]
        odd = {(unit, c) for unit, c, _, _ in odd_shares(votes)}
        assert {unit for unit, _ in odd} <= {u}
        found += {(u, 2), (u, 4)} <= odd
    assert found >= 15


def test_a_digit_too_many_on_the_roll_is_named() -> None:
    """Ten times the registered voters of one unit, of forty, of three and of two."""
    rng = np.random.default_rng(1)
    for units in (40, 3, 2):
        registered = rng.integers(1_000, 5_000, units)
        votes = (registered * rng.uniform(0.5, 0.7, units)).astype(np.int64)
        assert odd_turnouts(votes, registered) == []
        registered[1] *= 10
        assert [u for u, _, _ in odd_turnouts(votes, registered)] == [1]


def test_the_notes_name_three_and_count_the_rest() -> None:
    """A note for shares and one for turnouts; none where nothing is odd; the order of units does not matter."""
    votes = _race(3)
    for u in (4, 9, 14, 19, 24):
        votes[u, [0, 4]] = votes[u, [4, 0]]
    names = [f"u{u}" for u in range(len(votes))]
    (note,) = share_note(names, ["A", "B", "C", "D", "E"], votes)
    assert note.startswith("a slip, or a place of its own? ")
    assert "more" in note
    back = share_note(names[::-1], ["A", "B", "C", "D", "E"], votes[::-1])
    assert back == [note]
    total = votes.sum(axis=1)
    assert share_note(names, ["A", "B", "C", "D", "E"], _race(5)) == []
    assert turnout_note(names, total, total * 2) == []
