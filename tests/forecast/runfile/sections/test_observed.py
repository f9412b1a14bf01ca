"""The default sizes of polls' errors against the archive of runoff polls."""

from __future__ import annotations

import re

import numpy as np
import pytest

from runoff.runfile.sections.observed import EvidenceSection
from tests.data import poll_errors
from tests.data.poll_errors import DESIGN_EFFECT, fit, log_likelihood, rows
from tests.installed import ROOT

DOCUMENT = ROOT / "docs" / "evidence.md"


def test_georgia_is_not_in_the_archive() -> None:
    """No poll of the race that is forecast stands in the table that defaults come from."""
    assert "ga_hd6" not in poll_errors.ARCHIVE.read_text("utf-8")


@pytest.mark.parametrize("before", ["9999", "2017-06-01"])
def test_defaults_are_likely(before: str) -> None:
    """The archive's likelihood of the defaults is inside its 95 % region for three sizes, then and now."""
    defaults = EvidenceSection()
    assert defaults.design_effect == DESIGN_EFFECT
    polls = rows(before=before)
    sizes, best = fit(polls, DESIGN_EFFECT)
    mine = [defaults.shared_error_sd, defaults.house_sd, defaults.drift_sd_per_day]
    assert best - 0.5 * 7.815 < log_likelihood(polls, mine, DESIGN_EFFECT) <= best
    name = "all races" if before == "9999" else "runoffs before June 2017"
    row = re.search(rf"\| {name} \| \d+ \| {len(polls)} \| ([\d.]+) .*?\| ([\d.]+) ", DOCUMENT.read_text("utf-8"))
    assert row is not None
    assert np.allclose([float(cell) for cell in row.groups()], 100 * sizes[:2], atol=0.051)
