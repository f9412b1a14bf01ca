"""What an option of a round is that is no candidate: who did not vote, blank ballots, the roll, sums."""

from __future__ import annotations

from typing import Literal

from runoff import names
from runoff.data.votes import words

Kind = Literal["candidate", "absent", "blank", "roll", "ballots", "sum", "label"]

ABSENT = "did not vote"
BLANK = "blank or null"
_ABSENT = """
abstention, abstentions, abstained, abst, abstenciones, abstención, abstenção, abstenções, astenuti, astensione,
nichtwähler, did not vote, did not turn out, not voting, no vote, non voters, nonvoters, not voted, absent, ausentes,
stayed home, stay home, stayed at home, non votants
"""
_BALLOTS = """
ballots, ballots cast, total ballots, total ballots cast, ballots counted, votants, total votants, votantes, votanti,
turnout, voter turnout, votos emitidos, emitidos, total votos emitidos, wähler, wählende, comparecimento, participation
"""
_LABELS = """
code, id, unit id, unit code, insee, fips, geoid, code insee, code commune, code departement, code du departement,
teryt, number, no, key, region code, region id, county fips, latitude, longitude, lat, lon, year
"""


def _all(text: str) -> frozenset[str]:
    return frozenset(names.near(part) for part in text.replace("\n", " ").split(",") if part.strip())


_SETS: tuple[tuple[Kind, frozenset[str]], ...] = (
    ("absent", _all(_ABSENT)),
    ("ballots", _all(_BALLOTS)),
    ("label", _all(_LABELS)),
)
_MEANINGS: dict[str, Kind] = {
    "people on the roll": "roll",
    "votes that are for nobody": "blank",
    "a total": "sum",
}


def kind(name: str) -> Kind:
    """What an option's name says; 'candidate' for any name that says nothing else."""
    for spelt in dict.fromkeys((name, unnumbered(name))):
        near = names.near(spelt.strip().strip("_*-# ").replace("_", " ").replace("-", " ").replace("/", " "))
        for found, known in _SETS:
            if near in known:
                return found
        meant = _MEANINGS.get(words.meaning(spelt, "candidate"))
        if meant is not None:
            return meant
    return "candidate"


def unnumbered(name: str) -> str:
    """A name without a digit at its end: the columns of one round in a table of both are often called so."""
    return name.rstrip("12").rstrip(" _") or name


def shown(name: str) -> str:
    """An option's name as it is shown: without the marks around what is no candidate."""
    return names.said(name.strip("_*# ").replace("_", " ")) if kind(name) != "candidate" else names.said(name)
