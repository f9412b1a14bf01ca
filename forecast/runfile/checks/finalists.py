"""Who advances: those named, else the first by votes; and who is tied for the last place."""

from __future__ import annotations

from runoff.race import FirstRound
from runoff.runfile.sections.run_file import RunFile


def settle_finalists(run_file: RunFile, first: FirstRound) -> tuple[str, ...]:
    """The finalists in order of votes: those named, else the first."""
    candidates, named = [c.name for c in first.candidates], run_file.finalists.names
    return tuple(candidates[: run_file.finalists.advance] if named is None else [c for c in candidates if c in named])


def tied(first: FirstRound, advance: int) -> tuple[str, ...]:
    """Candidates with equally many votes of whom not all can advance; none where the votes decide."""
    totals = first.totals
    if not 0 < advance < totals.size or totals[advance - 1] != totals[advance]:
        return ()
    return tuple(c.name for c, votes in zip(first.candidates, totals, strict=True) if votes == totals[advance])


def finalists_open(run_file: RunFile) -> bool:
    """Whether the finalists differ from trial to trial: a first round being counted, or not yet held."""
    return run_file.counting is not None or run_file.first_round_polls is not None
