"""What is said of an archive: how many races of which kind, or each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from runoff.errors import visible
from runoff.report.numbers import percent, whole
from runoff.report.page import Caption, Column, Facts, Grid, Page

if TYPE_CHECKING:
    from pathlib import Path

    from runoff.data.archive.archive import Archive
    from runoff.data.archive.races import PastRace

_LEADER = "leader: how often the first round's leader of the finalists won"
_TURNOUT = "turnout: runoff votes over first-round votes, the middle race"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as text and as a document."""

    page: Page
    document: dict[str, Any]


def checked(archive: Archive, folder: Path | None) -> Answer:
    """An archive in which nothing is wrong: what there is."""
    polls = sum(len(race.polls) for race in archive.races)
    found = {
        "races": len(archive.races),
        "elections": len(archive.elections),
        "candidates": sum(len(race.candidates) for race in archive.races),
        "polls": polls,
        "outright": len(archive.outright),
        "partial": sum(race.verified != "yes" for race in archive.races),
    }
    said = (
        ("archive", "the shipped one" if folder is None else visible(str(folder))),
        ("races", f"{whole(found['races'])} of {whole(found['elections'])} elections, {_years(archive.races)}"),
        ("people", f"{whole(found['candidates'])} candidates"),
        ("polls", f"{whole(polls)} of {whole(sum(bool(race.polls) for race in archive.races))} runoffs"),
        ("outright", f"{whole(found['outright'])} districts that the first round decided"),
        ("partial", f"{whole(found['partial'])} races whose figures are not verified throughout"),
        ("sha256", archive.sha256),
    )
    document = {**found, "sha256": archive.sha256, "notes": list(archive.notes)}
    return Answer(Page("nothing is wrong", (Facts(said),), archive.notes), document)


def level_rows(archive: Archive) -> list[dict[str, Any]]:
    """A row a nation and level: races, elections, years, duels, how often the leader won, middle turnout ratio."""
    groups: dict[tuple[str, str], list[PastRace]] = {}
    for race in archive.races:
        groups.setdefault((race.nation, race.level), []).append(race)
    return [
        {
            "country": nation,
            "level": level,
            "races": len(races),
            "elections": len({race.election for race in races}),
            "first": min(race.date_runoff.year for race in races),
            "last": max(race.date_runoff.year for race in races),
            "duels": sum(len(race.finalists) == 2 for race in races),
            "leader_won": sum(race.leader_won for race in races) / len(races),
            "turnout_ratio": _middle([race.turnout_ratio for race in races]),
        }
        for (nation, level), races in sorted(groups.items())
    ]


def levels(archive: Archive) -> Answer:
    """An archive's races, counted."""
    rows = level_rows(archive)
    columns = (
        _column("country", [row["country"] for row in rows], words=True),
        _column("level", [row["level"] for row in rows], words=True),
        _column("races", [whole(row["races"]) for row in rows]),
        _column("elections", [whole(row["elections"]) for row in rows], leaves=5),
        _column("years", [_span(row["first"], row["last"]) for row in rows], leaves=4),
        _column("duels", [whole(row["duels"]) for row in rows], leaves=1),
        _column("leader", [f"{percent(row['leader_won'], 0)} %" for row in rows], leaves=2, note=_LEADER),
        _column("turnout", [f"{row['turnout_ratio']:.2f}" for row in rows], leaves=3, note=_TURNOUT),
    )
    below = Caption("", "", "")
    return Answer(
        Page(_headline(archive), (Grid(columns, below=below),) if rows else ()),
        {"races": len(archive.races), "elections": list(archive.elections), "levels": rows, "sha256": archive.sha256},
    )


def races(archive: Archive) -> Answer:
    """An archive's races, each."""
    rows = [_race(race) for race in sorted(archive.races, key=lambda race: (race.date_runoff, race.id))]
    columns = (
        _column("id", [row["race_id"] for row in rows], words=True),
        _column("runoff", [row["date_runoff"] for row in rows], leaves=3),
        _column("winner", [row["winner"] for row in rows], words=True),
        _column("share", [f"{percent(row['winner_share'])} %" for row in rows]),
        _column("first round", [f"{percent(row['winner_first_share'])} %" for row in rows], leaves=2),
        _column("office", [row["office"] for row in rows], words=True, leaves=1),
    )
    page = Page(_headline(archive), (Grid(columns),) if rows else ())
    return Answer(page, {"races": rows, "sha256": archive.sha256})


def _race(race: PastRace) -> dict[str, Any]:
    won = next(candidate for candidate in race.finalists if candidate.name == race.winner)
    return {
        "race_id": race.id,
        "country": race.country,
        "office": race.office,
        "level": race.level,
        "contest_type": race.contest,
        "date_first": race.date_first.isoformat(),
        "date_runoff": race.date_runoff.isoformat(),
        "election": race.election,
        "finalists": [candidate.name for candidate in race.finalists],
        "winner": race.winner,
        "winner_share": (won.runoff_votes or 0) / race.runoff_votes,
        "winner_first_share": won.first_round_votes / race.first_round_votes,
        "turnout_ratio": race.turnout_ratio,
        "verified": race.verified,
    }


def _headline(archive: Archive) -> str:
    if not archive.races:
        return "no such race"
    one, elections = len(archive.races) == 1, len(archive.elections)
    races = "1 race" if one else f"{whole(len(archive.races))} races"
    return f"{races} of {whole(elections)} election{'s' * (elections != 1)}, {_years(archive.races)}"


def _years(races: Sequence[PastRace]) -> str:
    years = [race.date_runoff.year for race in races]
    return _span(min(years), max(years), " to ") if years else "no year"


def _span(first: int, last: int, to: str = "-") -> str:
    return f"{first}{to}{last}" if first != last else str(first)


def _middle(values: list[float]) -> float:
    ordered = sorted(values)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def _column(name: str, cells: list[str], leaves: int = 0, *, words: bool = False, note: str = "") -> Column:
    left = words or name == "runoff"
    return Column(name, tuple(cells), left=left, words=words, leaves=leaves, most=32 * words, note=note)
