"""Blocs as people write them, as the archive's: 'Democrat', 'Dem.', 'UMP', 'extreme droite'."""

from __future__ import annotations

from collections.abc import Mapping

from runoff import names

OTHER = "other"
_WORDS = {
    "D": ("D", "Dem", "Dems", "Democrat", "Democrats", "Democratic", "Democratic Party"),
    "R": ("R", "Rep", "Reps", "Republican", "Republicans", "GOP", "Republican Party"),
    "L": ("L", "Lib", "Libertarian", "Libertarians", "Libertarian Party"),
    "I": ("I", "Ind", "Independent", "Independents", "NPA", "No party", "Nonpartisan", "Non-partisan"),
    "far-left": ("far-left", "far left", "farleft", "extreme left", "extrême gauche", "gauche radicale"),
    "left": ("left", "centre-left", "center-left", "gauche", "izquierda", "esquerda"),
    "centre": ("centre", "center", "centrist", "centro"),
    "right": ("right", "centre-right", "center-right", "droite", "derecha", "direita"),
    "far-right": ("far-right", "far right", "farright", "extreme right", "extrême droite"),
    "other": ("other", "others", "autre", "autres", "divers"),
}
_BLOC_OF = {names.alike(word): bloc for bloc, words in _WORDS.items() for word in words}


def bloc_of(word: str, said: Mapping[str, str]) -> str | None:
    """The archive's bloc of a bloc or party, by the user's own table first; None for a word that is none of ours."""
    if word in said:
        return said[word]
    return _BLOC_OF.get(names.alike(word))
