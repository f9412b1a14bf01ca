"""Words of tables: states of a count, and those that name no candidate, unit or mode (totals, blank ballots, the roll).

Compared without capitals, accents and punctuation.  A law may count some of them (blank votes in Peru until 2000,
"none of these candidates" in Nevada): [results] keep says so, [results] drop leaves their rows out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runoff import names
from runoff.data.tables.shape import AS_OURS, Shape

OUT, PARTIAL, COMPLETE = 0, 1, 2
STATES = {"out": OUT, "partial": PARTIAL, "complete": COMPLETE}
STATE_WORDS = {
    **STATES,
    **dict.fromkeys(("pending", "waiting", "not reported", "no results", "not counted"), OUT),
    **dict.fromkeys(("part", "incomplete", "in progress", "counting", "partially reported", "preliminary"), PARTIAL),
    **dict.fromkeys(("counted", "final", "finished", "done", "fully reported", "official"), COMPLETE),
}  # as feeds have them

_TOTALS = """
total, totals, grand total, total general, sum, sum total, overall, all, all units, all modes, all ballots, combined,
all votes, both, whole city, city wide, citywide, whole county, county wide, countywide, whole district,
all precincts, all counties,
county total, precinct total, district total, state total, statewide, statewide total, district wide, nationwide,
national total, total votes, total votes cast, votes cast, total ballots, total ballots cast, ballots cast, cast votes,
ballots, ballots counted, votes counted, total valid votes, valid votes, valid, valid ballots, turnout, voter turnout,
totaux, exprimés, suffrages exprimés, votants, total votants, participation,
total votos, votos totales, total de votos, votos emitidos, total votos emitidos, emitidos, votos válidos, válidos,
validamente emitidos, votos validamente emitidos, participación, total nacional, nacional, comparecimento, votantes,
totale, votanti, voti validi, totale voti, affluenza, summe, gesamt, gesamtsumme, insgesamt, gültige, gültige stimmen,
abgegebene stimmen, wähler, wählende, wahlbeteiligung, toplam, geçerli, suma, ogółem, głosy ważne, frekwencja,
total votos validos, итого, всего, усього, разом, celkem, spolu, összesen, yhteensä, totalt, i alt, totaal, in totaal,
total votes, sous total, subtotal, sub total, zwischensumme
"""
_NOT_VOTES = """
under vote, under votes, over vote, over votes, under and over votes, over and under votes, unassigned, unprocessed,
abstenciones, abstención, abstenção, abstenções, astenuti, astensione, nichtwähler, did not vote, did not turn out,
not voting, no vote, non voters, nonvoters, not voted, absent, voto em branco, votos em branco, em branco, contestate,
недействительные, недійсні
"""
_PEOPLE = """
registered, registered voters, registration, total registered, electors, electorate, eligible voters, voters,
number of voters, roll, voter roll, inscrits, électeurs inscrits, empadronados, padrón, padron, padrón electoral,
inscritos, habilitados, electores, electores hábiles, electores habiles, ausentes, aptos, eleitores, eleitorado,
elettori, wahlberechtigte, kay\u0131tl\u0131 seçmen, uprawnieni, избиратели, stemberechtigte, röstberättigade
"""


# Parts of such names, one word each: a name of nothing but these and of at least one that is no mere filler is one.
_FILLERS = """
vote votes voter voters voting ballot ballots paper papers bulletin bulletins voto votos voti scheda schede stimme
stimmen stimmzettel zettel oy oylar hlas hlasy listić listići głos głosy and or et ou y e i und oder o en of the de des
di dei cast grand number total
"""
_NOT_VOTES_PARTS = """
blank blanks blanc blancs blanche blanches blanco blancos branco brancos bianca bianche bianco bianchi null nulls nul
nuls nulle nulles nulo nulos nula nulas nulli invalid invalids invalidated ungültig ungültige ungültigen spoiled spoilt
rejected disqualified unmarked informal void voided exhausted undervote undervotes overvote overvotes undervoted
overvoted abstention abstentions abstained anulado anulados viciados impugnados geçersiz boş neplatné neplatne nevažeći
nevazeci érvénytelen ugyldige blanke ogiltiga blanka ongeldig ongeldige hylätyt leer leere scattering residual nieważne
"""
_TOTALS_PARTS = """
total totals totaux sum valid valids valide valides valido validos válidos exprimé exprimés gültig gültige gültigen
geçerli ważne counted subtotal insgesamt gesamt toplam
"""
_PEOPLE_PARTS = """
registered electors electorate eligible inscrits electeurs électeurs habilitados empadronados padrón eleitores
wahlberechtigte wahlberechtigten stimmberechtigte seçmen uprawnieni insgesamt
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names that the run file drops from its tables, or keeps although they look like no candidate, unit or mode.

    shape : how the tables are read as ours.
    """

    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    shape: Shape = AS_OURS

    def dropped(self, name: str) -> bool:
        """Whether rows of this name are left out."""
        return names.same(name) in {names.same(word) for word in self.drop}

    def kept(self, name: str) -> bool:
        """Whether the user has said that the name is meant."""
        return names.same(name) in {names.same(word) for word in self.keep}


def _all(text: str) -> frozenset[str]:
    return frozenset(names.near(part) for part in text.replace("\n", " ").split(",") if part.strip())


_KINDS = {"a total": _all(_TOTALS), "votes that are for nobody": _all(_NOT_VOTES), "people on the roll": _all(_PEOPLE)}
_PARTS = {
    kind: frozenset(names.near(word) for word in text.split())
    for kind, text in (
        ("votes that are for nobody", _NOT_VOTES_PARTS),
        ("people on the roll", _PEOPLE_PARTS),
        ("a total", _TOTALS_PARTS),
    )
}
_FILLER = frozenset(names.near(word) for word in _FILLERS.split())
_OF_A_UNIT = _KINDS["a total"] | _KINDS["people on the roll"]


def meaning(name: str, column: str) -> str:
    """What a name says that is no candidate, unit or mode: 'a total', ...; '' for any other name.

    column : candidate, unit or mode.  A place may be called Void or Blank; a unit is only held against totals.
    """
    plain = names.near(name.strip().strip("_*-# ").replace("_", " ").replace("-", " ").replace("/", " "))
    if column != "candidate":
        return next((kind for kind, words in _KINDS.items() if plain in words), "") if plain in _OF_A_UNIT else ""
    found = next((kind for kind, words in _KINDS.items() if plain in words), "")
    return found or _by_parts(plain.split())


def _by_parts(parts: Sequence[str]) -> str:
    """The kind of a name that is made of known parts alone: 'blank and null votes'."""
    for kind, known in _PARTS.items():
        if all(part in known or part in _FILLER for part in parts) and any(part in known for part in parts):
            return kind
    return ""
