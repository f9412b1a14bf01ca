"""What is counted and what is out, from the tables of a first round that is still being counted.

Counted votes stand in the results table by unit and mode; the status table names what is out.  Every
cell (a unit's votes of one mode) that it does not name is complete.  A status row may name a region: it
then speaks of those units of the region of which nothing of that mode is counted.  A column status of the
results says it too, and without a status table what has no row is out (`status.cells`).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from runoff.data.counts.baseline import read_baseline, whose_note
from runoff.data.counts.count import Count, Out
from runoff.data.counts.count_checks import below, sizes_fit, turnouts
from runoff.data.counts.stated import stated
from runoff.data.counts.status.table import RANGE, StatusReader
from runoff.data.counts.ways import with_modes
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.data.votes.counted_at import COLUMN, counted_at
from runoff.data.votes.votes import read_votes
from runoff.errors import InputError, Problem, shown, suggestion
from runoff.race import FirstRound

if TYPE_CHECKING:
    from runoff.runfile.load import Case
    from runoff.runfile.sections.observed import CountingSection


__all__ = ["Count", "Out", "read_count"]


def read_count(loaded: Case, counting: CountingSection) -> Count:
    """The state of the count of a checked run file with [counting].

    Raises
    ------
    InputError : with every problem of the tables.
    MissingFileError : a table is not there.
    """
    file, results = loaded.run_file, loaded.results
    if file.results.by != "unit":
        rule, got = 'a count is read unit by unit: [results] by = "unit"', f'by = "{file.results.by}"'
        raise InputError.single(loaded.path, "units are put together", rule=rule, got=got, fix="take `by` away")
    folder = loaded.folder
    sources, status = [*loaded.first_round.sources], None
    if counting.status is not None:
        status = read_table(folder / counting.status, ("unit", "state"), ("mode", "region", *RANGE), empty=True)
        sources.append((Path(status.name).name, status.sha256))
    reader = StatusReader(loaded.first_round, results, status, counting.modes)
    baseline = None
    if counting.baseline is not None:
        columns = ("unit", "first", "second"), ("region", "ballots", "registered")
        earlier = read_table(folder / counting.baseline, *columns)
        sources.append((Path(earlier.name).name, earlier.sha256))
        baseline, problems, notes = read_baseline(earlier, results)
        reader.problems += problems
        reader.notes += notes
        reader.problems += _whose(earlier, counting.baseline_candidates, reader.first, loaded.path)
    count = Count(
        first_round=reader.first,
        registered=reader.registered,
        modes=reader.modes,
        votes=reader.votes,
        complete=reader.complete,
        out=tuple(reader.out),
        baseline=baseline,
        sources=tuple(sources),
        notes=(*(status.notes if status is not None else ()), *reader.notes),
        time=counted_at(results.votes.table, reader.problems),
    )
    if reader.problems and (status is None or not count.votes.any()):  # what is out is not known
        raise InputError(reader.problems[:MOST_PROBLEMS])
    problems, notes = sizes_fit(count, counting.modes, loaded.path)
    reader.problems += problems
    problems, said = stated(count, results.votes.table.name if status is None else status.name)
    reader.problems += problems
    notes += said
    if counting.previous is not None:
        wanted = file.results.wanted(own=False)
        earlier_hour = read_votes(folder / counting.previous, wanted, empty=True, also=(COLUMN,))
        reader.problems += below(count, reader.places, earlier_hour)
    if reader.problems:
        raise InputError(reader.problems[:MOST_PROBLEMS])
    if baseline is not None and counting.baseline_candidates is not None:
        whose = counting.baseline_candidates
        at = [[candidate.name for candidate in count.first_round.candidates].index(name) for name in whose]
        notes += whose_note(baseline, count.votes.sum(axis=1)[:, at], whose, counting.baseline or "")
    return with_modes(replace(count, notes=(*count.notes, *notes, *turnouts(count, reader.places))))


def _whose(table: Table, said: list[str] | None, first: FirstRound, path: str) -> list[Problem]:
    """Those whose votes the baseline has are candidates of the race, and the baseline has all ballots."""
    if said is None:
        return []
    known, where = [candidate.name for candidate in first.candidates], "[counting] baseline_candidates"
    found = [
        Problem(
            path,
            0,
            0,
            f"no such candidate in {where}",
            "two candidates of the results",
            shown(name),
            suggestion(name, known) or "name one as in the results",
        )
        for name in said
        if name not in known
    ]
    if len(set(said)) < len(said):
        rule, fix = (
            "two candidates, whose votes the columns first and second are",
            "name each of them once, in this order",
        )
        found.append(Problem(path, 0, 0, f"one candidate twice in {where}", rule, ", ".join(map(shown, said)), fix))
    if "ballots" not in table.columns:
        rule, fix = "their shares are of all ballots", "add a column ballots, or take baseline_candidates away"
        found.append(Problem(table.name, table.first_line, 1, f"no column ballots for {where}", rule, "", fix))
    return found
