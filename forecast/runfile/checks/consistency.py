"""Every problem between a run file and its tables, and remarks that are no problems."""

from __future__ import annotations

from typing import Any

from runoff.errors import Problem
from runoff.race import FirstRound
from runoff.runfile.checks.finalists import finalists_open
from runoff.runfile.checks.prior import PriorJudge
from runoff.runfile.checks.remarks import remarks
from runoff.runfile.positions import Positions
from runoff.runfile.sections.run_file import RunFile


def cross_check(
    document: dict[str, Any],
    run_file: RunFile | None,
    first: FirstRound,
    positions: Positions,
    name: str,
    warnings: list[str],
) -> list[Problem]:
    """Every problem between run file and tables; remarks that are no problems go to `warnings`."""
    check = PriorJudge(document, first, positions, name)
    check.names_are_known()
    check.short_names_tell_apart()
    check.totals_match()
    if run_file is not None:
        check.state_is_clear(run_file)
    if run_file is not None and not check.problems:
        if not finalists_open(run_file):
            check.race_is_open(run_file)
        if not check.problems:
            check.rates_fit(run_file)
            check.new_voters_can_be_counted(run_file)
            check.prior_fits(run_file)
        if not check.problems:
            warnings += remarks(run_file, first)
    if run_file is None:
        check.preferences_are_known()
    return check.problems
