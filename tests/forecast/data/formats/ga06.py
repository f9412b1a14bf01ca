"""Georgia's 6th district, first round of 2017, by precinct and mode, as each American format would have it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from runoff.data.formats.imported import Imported
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"
LETTERS = {"D": "DEMOCRAT", "R": "REPUBLICAN", "I": "INDEPENDENT"}
MODES = ("election_day", "advance_in_person", "absentee_by_mail", "provisional")
Cells = dict[tuple[str, str, str, str], int]  # region, unit, candidate, mode


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of a table of the folder of configs."""
    with (GA06 / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


ROWS = rows_of("first-round-by-mode.csv")
ROLL = rows_of("registered-by-precinct.csv")
PARTY = {row["candidate"]: row["party"] for row in ROWS}


def truth() -> Cells:
    """Votes above nought by region, unit, candidate and mode."""
    cells = {(r["region"], r["unit"], r["candidate"], r["mode"]): int(r["votes"]) for r in ROWS}
    return {key: votes for key, votes in cells.items() if votes}


def found_cells(found: Imported) -> Cells:
    """The same of what was read."""
    return {(r.region, r.unit, r.candidate, r.mode): r.votes for r in found.rows if r.votes}


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _by_candidate() -> dict[tuple[str, str, str], dict[str, int]]:
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for row in ROWS:
        found.setdefault((row["region"], row["unit"], row["candidate"]), {})[row["mode"]] = int(row["votes"])
    return found


def openelections(more: Iterable[Sequence[object]] = ()) -> str:
    """A row a precinct and candidate, a column a mode; registered voters and ballots as offices, as some files have."""
    header = ["county", "precinct", "office", "district", "party", "candidate", "votes", *MODES]
    rows = [
        [region, unit, "U.S. House", "6", PARTY[name], name, sum(of.values()), *(of.get(mode, 0) for mode in MODES)]
        for (region, unit, name), of in _by_candidate().items()
    ]
    for row in ROLL:
        place = [row["region"], row["unit"]]
        rows.append([*place, "Registered Voters", "", "", "", row["registered"], "", "", "", ""])
        rows.append([*place, "Ballots Cast", "", "", "", row["ballots"], "", "", "", ""])
    return _csv(header, [*rows, *more])


def medsl(more: Iterable[Sequence[object]] = ()) -> str:
    """A row a precinct, candidate and mode, all in capitals, the district padded."""
    header = [
        "precinct", "office", "party_detailed", "party_simplified", "mode", "votes", "county_name", "candidate",
        "district", "stage", "special", "writein", "date",
    ]  # fmt: skip
    rows = []
    for r in ROWS:
        side, mode = LETTERS[r["party"]], r["mode"].replace("_", " ").upper()
        rest = [r["region"], r["candidate"].upper(), "006", "GEN", "TRUE", "FALSE", "2017-04-18"]
        rows.append([r["unit"], "US HOUSE", side, side, mode, r["votes"], *rest])
    return _csv(header, [*rows, *more])


def clarity(region: str, reported: dict[str, int] | None = None, before: str = "", table: str = "") -> str:
    """A county's detail.xml; reported : percentReporting of precincts, by default 4, and then the contest is whole.

    table : of the folder of configs, by default the first round's.
    """
    rows = [row for row in (rows_of(table) if table else ROWS) if row["region"] == region]
    units = list(dict.fromkeys(row["unit"] for row in rows))
    codes = {unit: (reported or {}).get(unit, 4) for unit in units}
    roll = {row["unit"]: row for row in ROLL}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        before,
        "<ElectionResult><Timestamp>4/18/2017 10:40:00 PM EDT</Timestamp>",
        f"<ElectionDate>4/18/2017</ElectionDate><Region>{region}</Region>",
        '<VoterTurnout totalVoters="0" ballotsCast="0"><Precincts>',
    ]
    for unit in units:
        of = roll[unit]
        lines.append(
            f"<Precinct name={quoteattr(unit)} totalVoters={quoteattr(of['registered'] or '0')} "
            f'ballotsCast={quoteattr(of["ballots"])} percentReporting="{codes[unit]}"/>'
        )
    whole = sum(code == 4 for code in codes.values())
    lines += ["</Precincts></VoterTurnout>", '<Contest key="1" text="Sheriff" voteFor="1"/>']
    lines.append(
        f'<Contest key="2" text="U.S. House District 6" voteFor="1" precinctsReporting="{len(units)}" '
        f'precinctsReported="{whole}">'
    )
    lines.append('<VoteType name="Undervotes" votes="3"><Precinct name="x" votes="3"/></VoteType>')
    for name in dict.fromkeys(row["candidate"] for row in rows):
        mine = [row for row in rows if row["candidate"] == name and codes[row["unit"]] > 0]
        side = {"D": "Dem", "R": "Rep", "I": "Ind"}[PARTY[name]]
        total = sum(int(row["votes"]) for row in mine)
        lines.append(
            f'<Choice key="1" text={quoteattr(f"{name} ({side})")} party="{side.upper()}" totalVotes="{total}">'
        )
        for mode in MODES:
            votes = {row["unit"]: row["votes"] for row in mine if row["mode"] == mode}
            spelt = mode.replace("_", " ").title().replace("By", "by").replace("In", "in", 1)
            lines.append(f'<VoteType name="{spelt}" votes="{sum(map(int, votes.values()))}">')
            lines += [f'<Precinct name={quoteattr(unit)} votes="{votes.get(unit, 0)}"/>' for unit in units]
            lines.append("</VoteType>")
        lines.append("</Choice>")
    return "\n".join([*lines, "</Contest>", "</ElectionResult>"])


def written(folder: Path, name: str, text: str) -> Path:
    """A file with the text."""
    path = folder / name
    path.write_text(text, "utf-8")
    return path
