"""Words that name no candidate, unit or mode: totals, blank and spoiled ballots, abstentions, those registered.

Compared without capitals, accents and punctuation.  A law may count some of them (blank votes in Peru until 2000,
"none of these candidates" in Nevada): [results] keep says so, [results] drop leaves their rows out.
"""

from __future__ import annotations

from forecast import names

_TOTALS = """
total, totals, grand total, total general, sum, sum total, overall, all, all units, all precincts, all counties,
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
undervote, undervotes, under vote, under votes, overvote, overvotes, over vote, over votes, under and over votes,
over and under votes, residual votes, residual, blank, blanks, blank votes, blank ballots, spoiled, spoilt,
spoiled ballots, spoilt ballots, spoilt votes, rejected, rejected ballots, rejected votes, invalid, invalid votes,
invalid ballots, void, void votes, null, null votes, nulls, informal, informal votes, exhausted, exhausted ballots,
scattering, unassigned, unprocessed, blanc, blancs, votes blancs, vote blanc, bulletins blancs, nul, nuls, votes nuls,
bulletins nuls, blancs et nuls, blancs ou nuls, nulles, abstention, abstentions, abstenciones, abstención, abstencion,
abstenção, abstenções, astenuti, astensione, nichtwähler, did not vote, non voters, nonvoters, not voted, absent,
en blanco, blanco, blancos, voto en blanco, votos en blanco, votos blancos, votos blanco, nulo, nulos, voto nulo,
votos nulos, viciados, votos viciados, impugnados, votos impugnados, votos nulos y en blanco, nulos y blancos,
blancos y nulos, branco, brancos, voto em branco, votos em branco, em branco, votos brancos, brancos e nulos,
bianche, schede bianche, nulle, schede nulle, bianche e nulle, contestate, ungültig, ungültige, ungültige stimmen,
leere stimmen, leer, geçersiz, boş, nieważne, głosy nieważne, недействительные, недійсні, neplatné, érvénytelen,
ugyldige, blanke, ogiltiga, blanka, ongeldig, hylätyt
"""
_PEOPLE = """
registered, registered voters, registration, total registered, electors, electorate, eligible voters, voters,
number of voters, roll, voter roll, inscrits, électeurs inscrits, empadronados, padrón, padron, padrón electoral,
inscritos, habilitados, electores, electores hábiles, electores habiles, ausentes, aptos, eleitores, eleitorado,
elettori, wahlberechtigte, kay\u0131tl\u0131 seçmen, uprawnieni, избиратели, stemberechtigte, röstberättigade
"""


def _all(text: str) -> frozenset[str]:
    return frozenset(names.near(part) for part in text.replace("\n", " ").split(",") if part.strip())


_KINDS = {"a total": _all(_TOTALS), "votes that are for nobody": _all(_NOT_VOTES), "people on the roll": _all(_PEOPLE)}
_OF_A_UNIT = _KINDS["a total"] | _KINDS["people on the roll"]


def meaning(name: str, column: str) -> str:
    """What a name says that is no candidate, unit or mode: 'a total', ...; '' for any other name.

    column : candidate, unit or mode.  A place may be called Void or Blank; a unit is only held against totals.
    """
    plain = names.near(name.strip().strip("_*-# ").replace("_", " ").replace("-", " ").replace("/", " "))
    if column != "candidate" and plain not in _OF_A_UNIT:
        return ""
    return next((kind for kind, words in _KINDS.items() if plain in words), "")
