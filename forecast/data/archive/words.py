"""The words of an archive: blocs and where they stand, levels, kinds of contest; and the id of an election.

The axis runs from far-left (-2) to far-right (2); a bloc that stands nowhere on it has NaN.  A camp joins far-left
and left, and puts D with the left, R with the right.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from functools import lru_cache

from runoff import names

OFF = math.nan
AXIS = {
    "far-left": -2.0,
    "left": -1.0,
    "D": -1.0,
    "centre": 0.0,
    "L": 0.6,
    "right": 1.0,
    "R": 1.0,
    "far-right": 2.0,
    "other": OFF,
    "I": OFF,
}
BLOCS = tuple(AXIS)
CAMPS = ("left", "centre", "L", "right", "far-right", "other")
_CAMP = {"far-left": "left", "D": "left", "R": "right", "I": "other"}
LEVELS = {
    "national": "a president, chosen by the whole country",
    "national_district": "a seat of a national assembly, chosen by a district",
    "regional": "a governor or council of a region",
    "departmental": "a seat of a département's council, chosen by a canton",
    "municipal": "a mayor",
    "statewide": "an office that a whole state of the United States votes for, its senators among them",
    "us_house": "a seat of the U.S. House",
    "state_legislative": "a seat of a state's legislature",
}
CONTESTS = {
    "open": "candidates of all parties on one ballot",
    "primary_D": "the Democrats' primary and its runoff",
    "primary_R": "the Republicans' primary and its runoff",
    "nonpartisan": "no parties on the ballot",
}
VERIFIED = ("yes", "partial", "no")
UNITED_STATES = "United States"
NATIONS = (
    "Brazil",
    "Bulgaria",
    "Chile",
    "Croatia",
    "Czechia",
    "Ecuador",
    "France",
    "Guatemala",
    "Lithuania",
    "Poland",
    "Portugal",
    "Romania",
    "Slovakia",
    UNITED_STATES,
)  # that the shipped archive has races of
_UNITED = frozenset(("united states", "united states of america", "usa", "us"))


def camp_of(bloc: str) -> str:
    """The camp of a bloc."""
    return _CAMP.get(bloc, bloc)


def axis_of(bloc: str) -> float:
    """Where a bloc, or a camp, stands; NaN for one that stands nowhere."""
    return AXIS.get(bloc, OFF)


def nation_of(country: str) -> str:
    """The country without the part of it in brackets: 'Chile (Coquimbo)' is in 'Chile'."""
    nation = names.said(country.partition("(")[0])
    return UNITED_STATES if names.alike(nation) in _UNITED else nation


def area_of(country: str) -> str:
    """What stands in brackets behind a country, up to a comma: a state or region; '' where nothing does."""
    return names.said(country.partition("(")[2].rpartition(")")[0].partition(",")[0])


@lru_cache(maxsize=16_384)
def election_of(country: str, level: str, runoff: dt.date) -> str:
    """The id of the election that a race is part of.

    Elsewhere: all races of one country, level and runoff date.  In the United States: all of one state and runoff
    date, whatever their level.
    """
    nation = nation_of(country)
    part = area_of(country) if nation == UNITED_STATES else level.replace("_", " ")
    words = names.alike(f"{nation} {part}").split()
    return "-".join((*words, runoff.isoformat()))


OTHER = "other"
_SPOKEN = {  # blocs and parties as people write them
    "D": ("D", "Dem", "Dems", "Democrat", "Democrats", "Democratic", "Democratic Party"),
    "R": ("R", "Rep", "Reps", "Republican", "Republicans", "GOP", "Republican Party"),
    "L": ("L", "Lib", "Libertarian", "Libertarians", "Libertarian Party"),
    "I": ("I", "Ind", "Independent", "Independents", "NPA", "No party", "Nonpartisan", "Non-partisan"),
    "far-left": ("far-left", "far left", "farleft", "extreme left", "extrême gauche", "gauche radicale"),
    "left": (
        "left",
        "centre-left",
        "center-left",
        "centre gauche",
        "gauche",
        "izquierda",
        "esquerda",
        "PS",
        "SOC",
        "EELV",
    ),
    "centre": ("centre", "center", "centrist", "centro", "MoDem", "LREM", "REM"),
    "right": (
        "right",
        "centre-right",
        "center-right",
        "centre droit",
        "droite",
        "derecha",
        "direita",
        "LR",
        "UMP",
        "RPR",
        "UDF",
        "Les Républicains",
    ),
    "far-right": ("far-right", "far right", "farright", "extreme right", "extrême droite", "RN", "FN"),
    "other": ("other", "others", "autre", "autres", "divers"),
}
_BLOC_OF = {names.alike(word): bloc for bloc, spoken in _SPOKEN.items() for word in spoken}


def bloc_of(word: str, said: Mapping[str, str]) -> str | None:
    """The archive's bloc of a bloc or party, by the user's own table first; None for a word that is none of ours."""
    if word in said:
        return said[word]
    return _BLOC_OF.get(names.alike(word))
