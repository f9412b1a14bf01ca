"""What was understood of a chamber's run file, before anything is drawn."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from runoff.phases.chamber.read import Data
from runoff.report.page import Column, Grid, Lines, Page
from runoff.runfile.sections.chamber import ChamberSection

_NUMBERS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def _polls(section: ChamberSection, as_of: dt.date) -> list[str]:
    """What polls of transfers and of seats there are, and what they are taken to get wrong together."""
    kinds = [("transfers", "question", [poll.field_end for poll in section.polls], section.poll_error_sd)]
    kinds += [("seats", "bloc", [poll.field_end for poll in section.seat_polls], section.seats_error_sd or 0.0)]
    found = []
    for of, each, ends, error in kinds:
        later = sum(end > as_of for end in ends)
        said = f"polls of {of}: {len(ends)}, error that those of one {each} share {error:g}"
        found += [said + (f"; {later} later than {as_of}, not used" if later else "")] if ends else []
    return found


def understood(data: Data) -> Page:
    """Districts, who stands, blocs and what they are taken for, results so far, remarks."""
    case = data.case
    race, districts = case.run_file.race, case.districts
    many = Counter(len(district.finalists) for district in districts)
    runoffs = ", ".join(f"{many[k]:,} of {_NUMBERS[k]}" for k in sorted(many) if k)
    candidates = sum(len(district.candidates) for district in districts)
    votes = sum(sum(district.votes) for district in districts)
    gone = sum(len(district.withdrawn) for district in districts)
    lines = [
        f"first round {race.first_round}, runoff {race.runoff}, as of {race.as_of}",
        f"{len(districts):,} districts, {candidates:,} candidates, {votes:,} votes; {case.majority:,} seats are a "
        "majority",
        f"runoffs: {runoffs or 'none'}; {many[0]:,} districts decided without one",
        f"{gone:,} withdrew",
    ]
    lines += _polls(case.run_file.chamber, race.as_of)
    if data.night is not None:
        complete = sum(one.complete for one in data.counted.values())
        lines.append(f"counted: {complete:,} runoffs complete, {len(data.counted) - complete:,} in part")
    standing = Counter(candidate.bloc for district in districts for candidate in district.standing)
    first: Counter[str] = Counter()
    for district in districts:
        for candidate, count in zip(district.candidates, district.votes, strict=True):
            first[candidate.bloc] += count
    words = sorted(first, key=lambda word: (-first[word], word))
    grid = Grid(
        (
            Column("bloc", tuple(words), left=True, words=True, most=30, least=10),
            Column("taken for", tuple(case.blocs[word] for word in words), left=True),
            Column("first round, %", tuple(f"{100 * first[word] / max(votes, 1):.1f}" for word in words)),
            Column("in runoffs", tuple(f"{standing[word]:,}" for word in words)),
        )
    )
    notes = (*case.warnings, *(data.night.notes if data.night is not None else ()))
    return Page.of(race.name, [Lines(tuple(lines)), grid], "\n".join(notes))
