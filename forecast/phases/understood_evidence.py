"""What `runoff check` says of polls and crosstabs: each of them, and what it counts for or why it does not."""

from __future__ import annotations

from runoff.model.evidence import Row, evidence_as_of
from runoff.model.pools import Model


def evidence_lines(model: Model) -> tuple[list[str], list[str]]:
    """A line for each poll and crosstab by the race's `as_of`, and notes; none where the run file names no table."""
    evidence = evidence_as_of(model, model.race.as_of)
    if not evidence.rows:
        return [], []
    used = sum(row.used for row in evidence.rows)
    lines = [f"polls and crosstabs by {evidence.as_of}: {used} of {len(evidence.rows)} rows count"]
    lines += [f"  {row.poll.name}: {_said(row)}" for row in evidence.rows]
    return lines, [note for note in evidence.notes if "left out" not in note]


def _said(row: Row) -> str:
    if not row.used or row.share is None or row.total_sd is None or row.weight is None:
        return f"left out, {row.reason}"
    spread = 100 * row.total_sd * row.share * (1 - row.share)
    of_group = "" if row.poll.kind == "race" else " of its group"
    return f"{row.candidate} {100 * row.share:.1f} ± {spread:.1f} %, weighs {100 * row.weight:.0f} %{of_group}"
