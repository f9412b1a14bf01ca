"""Ranges of a chamber's trials add up to the chamber."""

from __future__ import annotations

from itertools import chain, pairwise

import numpy as np
import pytest

from runoff.kernels.philox import GROUP
from runoff.simulate.chamber.draw import BLOCK, draw_chamber
from runoff.simulate.chamber.parts import added, entries
from tests import chambers


def test_ranges_add_up_to_the_digest_of_one_run() -> None:
    """Ranges that begin at groups' edges, within blocks and at their ends, the last first: the same bits."""
    chamber, trials = chambers.ready(chambers.districts()).chamber, BLOCK + 700
    edges = [0, GROUP, 3 * GROUP, BLOCK, trials]
    parts = [(draw_chamber(chamber, b, seed=4, threads=2, first=a), a) for a, b in pairwise(edges)]
    heard = chain.from_iterable(entries(part, first, trials) for part, first in reversed(parts))
    assert added(chamber, trials, heard).digest() == draw_chamber(chamber, trials, seed=4, threads=1).digest()


def test_entries_that_fit_nowhere_are_refused() -> None:
    """A tally that a chamber has not, and a place beyond a tally's end."""
    chamber = chambers.ready(chambers.districts()).chamber
    one = np.ones(1, np.int64)
    with pytest.raises(ValueError, match="no tally 'votes'"):
        added(chamber, 10, [("votes", one, one)])
    with pytest.raises(ValueError, match="no place 1000000 in a tally 'seats'"):
        added(chamber, 10, [("seats", one * 1_000_000, one)])
