"""Clarity's detail XML of an election night: a contest's choices by mode and precinct or county, and what has reported.

Parsed by expat as it comes, without a tree; a document type, entities and whatever else would read beyond the file are
refused.  What is out or partial is written as a status, so that a night can be fed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from runoff import names
from runoff.data.formats.imported import Asked, Imported, Row, is_total, mode_of, name_and_party, nobody, one_party
from runoff.errors import InputError, shown, suggestion
from runoff.files import read_bytes

LARGEST = 1_000_000_000  # bytes
_DEEP = 16
_WHOLE_CODE = 4.0  # of percentReporting, where it is a code: the precinct has reported
_AMERICAN = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_PLACES = ("Precinct", "County")


@dataclass(slots=True)
class _Contest:
    """A contest: its attributes, and (choice, party, mode, place, votes, line) of each cell; choice '' for none."""

    text: str
    said: Mapping[str, str]
    cells: list[tuple[str, str, str, str, str, int]] = field(default_factory=list)
    totals: dict[str, str] = field(default_factory=dict)
    counties: dict[str, Mapping[str, str]] = field(default_factory=dict)
    by_county: bool = False


@dataclass(slots=True)
class _Document:
    """What the handlers gather."""

    file: str
    text: dict[str, str] = field(default_factory=dict)
    places: dict[str, Mapping[str, str]] = field(default_factory=dict)
    contests: list[_Contest] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    choice: tuple[str, str] = ("", "")
    mode: str = ""


def read(paths: Sequence[Path], asked: Asked) -> Imported:
    """The contest of one or several files (a file a county, or one of the state).

    Raises
    ------
    MissingFileError : a file is not there.
    InputError : with every problem.
    """
    found = Imported()
    documents = [_document(path) for path in paths]
    for document in documents:
        _contest(document, _chosen(document, asked), found)
    days = {_day(document.text.get("ElectionDate", "")) for document in documents}
    found.day = days.pop() if len(days) == 1 else None
    seen = {(row.region, row.unit, row.mode, row.candidate) for row in found.rows}
    if len(seen) < len(found.rows) and not found.problems:
        fix = "name each county's newest file once"
        found.say("the files", 0, "two files have the same places", "each place once", "", fix)
    one_party(found)
    return found.checked()


def _document(path: Path) -> _Document:
    """A file's contests.

    Raises
    ------
    InputError : no XML, with a document type, or no results of Clarity's.
    """
    document = _Document(str(path))
    content = read_bytes(path, LARGEST, "the file")
    parser = expat.ParserCreate(namespace_separator=None)

    def refuse(*_: object) -> int:
        what, rule = "a document type or an entity in the file", "results are plain XML, without DOCTYPE"
        raise InputError.single(str(path), what, rule=rule, fix="take the file from the site of results again")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, said: _begin(document, tag, said, parser.CurrentLineNumber)
    parser.EndElementHandler = lambda tag: _end(document, tag)
    parser.CharacterDataHandler = lambda text: _text(document, text)
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as cause:
        what, fix = "not XML that can be read", "unpack it first, or take it from the site of results again"
        raise InputError.single(str(path), what, rule="Clarity's detail.xml", got=shown(str(cause)), fix=fix) from None
    if not document.contests:
        fix = "detail.xml is in detailxml.zip of the site of results"
        raise InputError.single(str(path), "no contest in the file", rule="Clarity's detail.xml", fix=fix)
    return document


def _begin(document: _Document, tag: str, said: dict[str, str], line: int) -> None:
    """An element begins."""
    document.path.append(tag)
    if (len(document.path) == 1 and tag != "ElectionResult") or len(document.path) > _DEEP:
        fix = "detail.xml is in detailxml.zip of the site of results"
        raise InputError.single(
            document.file, f"not results of Clarity's: {shown(tag)}", rule="ElectionResult", fix=fix
        )
    if tag == "Contest":
        document.contests.append(_Contest(names.said(said.get("text", "")), said))
    elif tag == "Choice":
        document.choice = (said.get("text", ""), said.get("party", ""))
        if document.contests:
            document.contests[-1].totals[document.choice[0]] = said.get("totalVotes", "")
    elif tag == "VoteType":
        document.mode = said.get("name", "")
        if document.contests and document.choice == ("", ""):
            document.contests[-1].cells.append(("", "", document.mode, "", said.get("votes", ""), line))
    elif tag in _PLACES:
        above = document.path[-2] if len(document.path) > 1 else ""
        if above == "VoteType" and document.contests and document.choice != ("", ""):
            cell = (*document.choice, document.mode, said.get("name", ""), said.get("votes", ""), line)
            document.contests[-1].cells.append(cell)
            document.contests[-1].by_county = tag == "County"
        elif above == "ParticipatingCounties" and document.contests:
            document.contests[-1].counties[said.get("name", "")] = said
        elif above in ("Precincts", "Counties"):
            document.places[said.get("name", "")] = said


def _end(document: _Document, tag: str) -> None:
    """An element ends."""
    document.path.pop()
    if tag == "Choice":
        document.choice = ("", "")


def _text(document: _Document, text: str) -> None:
    """Text of the few elements that have any."""
    if len(document.path) == 2 and document.path[-1] in ("Timestamp", "ElectionName", "ElectionDate", "Region"):
        document.text[document.path[-1]] = names.said(document.text.get(document.path[-1], "") + text)


def _chosen(document: _Document, asked: Asked) -> _Contest:
    """The contest that is asked for: by its whole text, or by words that its text alone has."""
    said = names.alike(f"{asked.office} {asked.district}")
    whole = [contest for contest in document.contests if names.alike(contest.text) == said]
    parts = [c for c in document.contests if set(said.split()) <= set(names.alike(c.text).split())]
    fits = whole or parts
    if len(fits) == 1:
        return fits[0]
    told = names.listed([contest.text for contest in fits or document.contests], 12)
    near = suggestion(asked.office, [contest.text for contest in document.contests]) if said and not fits else ""
    what = f"{len(fits):,} contests fit" if fits else "no contest fits"
    fix = near or f"choose one with --office: {told}"
    raise InputError.single(document.file, what, rule="one contest is imported", got=said, fix=fix)


def _contest(document: _Document, contest: _Contest, found: Imported) -> None:
    """The contest's cells, as rows; the region of precincts is the file's, counties have none."""
    found.race = contest.text
    region = "" if contest.by_county else document.text.get("Region", "")
    found.leave("contests of other races", len(document.contests) - 1)
    if (contest.said.get("voteFor") or "1") != "1":
        fix = "a race in which people have several votes is not forecast"
        found.say(document.file, 0, "more than one vote a person", "voteFor is 1", contest.said["voteFor"], fix)
    modes = {mode for choice, _, mode, _, _, _ in contest.cells if choice}
    summed = {mode for mode in modes if is_total(mode) and len(modes) > 1}
    sums: dict[str, int] = {}
    rows = []
    for choice, side, mode, place, votes, line in contest.cells:
        if not choice:
            found.leave(f"{mode}: {nobody(mode) or 'votes for nobody'}")
            continue
        number = found.whole(votes, document.file, line, "votes")
        if mode in summed:
            found.leave(f"votes of mode {mode} beside modes")
            continue
        sums[choice] = sums.get(choice, 0) + number
        name, party = name_and_party(choice, side)
        if nobody(name):
            found.leave(f"{name}: {nobody(name)}")
        elif is_total(place) or not place:
            found.say(
                document.file, line, "a total among the places", "votes by precinct or county", place, "remove it"
            )
        else:
            how = "" if modes == {mode} and is_total(mode) else mode_of(mode)
            rows.append(Row(region, place, name, party, how, number, line=line))
    for choice, total in contest.totals.items():
        if total.isdigit() and choice in sums and int(total) != sums[choice]:
            found.notes.append(f"the file says {int(total):,} votes of {choice}, its places add up to {sums[choice]:,}")
    found.rows += _with_status(document, contest, rows, found)
    _roll(document, region, {row.unit for row in rows}, found)


def _with_status(document: _Document, contest: _Contest, rows: list[Row], found: Imported) -> list[Row]:
    """The rows, with out or partial where a place has not reported in full; where it has, a mode may still be out."""
    states = {} if _all_in(contest) else _states(document, contest, {row.unit for row in rows}, found)
    if not any(states.values()):
        return rows
    held: dict[tuple[str, str], int] = {}
    for row in rows:
        held[row.unit, row.mode] = held.get((row.unit, row.mode), 0) + (row.votes or 0)
    told = []
    for row in rows:
        state = states.get(row.unit, "")
        empty = bool(state) and not held[row.unit, row.mode]
        status = "out" if empty else "partial" if state else ""
        told.append(
            Row(
                row.region, row.unit, row.candidate, row.party, row.mode, None if empty else row.votes, status, row.line
            )
        )
    counted = sum(1 for state in states.values() if not state)
    when = f" ({document.text['Timestamp']})" if document.text.get("Timestamp") else ""
    found.notes.append(f"{counted:,} of {len(states):,} places have reported in full{when}; others are partial or out")
    return told


def _all_in(contest: _Contest) -> bool:
    """Whether the contest says that all of its precincts have reported."""
    share, of = contest.said.get("precinctsReportingPercent", ""), contest.said.get("precinctsReporting", "")
    if share:
        return _number(share) >= 100
    return of.isdigit() and int(of) > 0 and contest.said.get("precinctsReported") == of


def _states(document: _Document, contest: _Contest, units: set[str], found: Imported) -> dict[str, str]:
    """What each place is: '' reported in full, 'partial', 'out'."""
    said = {unit: contest.counties.get(unit) or document.places.get(unit) or {} for unit in sorted(units)}
    codes = {unit: _number(of["percentReporting"]) for unit, of in said.items() if of.get("percentReporting")}
    whole = 100.0 if any(code == 100.0 for code in codes.values()) else _WHOLE_CODE
    states, unknown = {}, []
    for unit, of in said.items():
        if of.get("precinctsParticipating") and of.get("precinctsReported"):
            done, all_of = _number(of["precinctsReported"]), _number(of["precinctsParticipating"])
            states[unit] = "" if done >= all_of else "partial" if done > 0 else "out"
        elif unit in codes:
            states[unit] = "" if codes[unit] == whole else "partial" if codes[unit] > 0 else "out"
            unknown += [unit] if codes[unit] not in (0.0, whole) else []
        else:
            states[unit] = "partial"
            unknown.append(unit)
    if unknown:
        found.notes.append(f"{len(unknown):,} places do not say that they are whole, as {unknown[0]}: taken as partial")
    return states


def _roll(document: _Document, region: str, units: set[str], found: Imported) -> None:
    """Registered voters and ballots of places, where they are told: a nought beside ballots is none."""
    for place, said in document.places.items():
        if place in units and said.get("totalVoters", "").isdigit():
            registered = int(said["totalVoters"])
            cast = said.get("ballotsCast", "")
            ballots = int(cast) if cast.isdigit() else None
            found.roll[region, place] = (registered or None, ballots)


def _number(text: str) -> float:
    try:
        return float(text.strip("% "))
    except ValueError:
        return -1.0


def _day(text: str) -> dt.date | None:
    """An American date: month, day, year."""
    match = _AMERICAN.match(text)
    try:
        return dt.date(int(match.group(3)), int(match.group(1)), int(match.group(2))) if match else None
    except ValueError:
        return None
