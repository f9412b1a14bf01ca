"""Sums of a poll's shares that look like a slip."""

from __future__ import annotations

import datetime as dt

import pytest

from runoff.data.polls.poll_notes import Asked, slips

DAY = dt.date(2025, 3, 5)


@pytest.mark.parametrize(
    ("total", "whole", "told"),
    [(0.58, True, True), (0.94, True, True), (0.98, True, False), (0.58, False, False), (0.49, False, True)],
)
def test_a_sum_far_from_all_is_told(total: float, whole: bool, told: bool) -> None:
    """Where the undecided are told all shares are near 100; where they are not, half may be missing."""
    poll = Asked("Acme", "Acme", ("race", ""), DAY, DAY, DAY, 600, (("A", 0.3), ("B", total - 0.3)), total, whole)
    assert bool(slips([poll], None, True)) == told
