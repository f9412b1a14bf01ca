"""The ministry's tables in both styles: names of one group and rows that go on, and numbered groups."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.formats.france import read
from runoff.data.formats.imported import Asked
from runoff.errors import InputError
from tests.forecast.data.formats import ga06

PLACE = (
    "Code du département;Libellé du département;Code de la circonscription;Libellé de la circonscription;"
    "Code de la commune;Libellé de la commune;Code du b.vote;Inscrits;Abstentions;% Abs/Ins;Votants;% Vot/Ins;"
    "Blancs;% Blancs/Ins;% Blancs/Vot;Nuls;% Nuls/Ins;% Nuls/Vot;Exprimés;% Exp/Ins;% Exp/Vot;"
)
GROUP = "N°Panneau;Sexe;Nom;Prénom;Voix;% Voix/Ins;% Voix/Exp"
OLD = (
    PLACE + GROUP + "\n"
    "01;Ain;04;4ème circonscription;001;L'Abergement-Clémenciat;0001;645;108;16,74;537;83,26;16;2,48;2,98;1;0,16;0,19;"
    "520;80,62;96,83;1;M;ARTHAUD;Émile;5;0,78;0,96;2;F;MARTIN;Zoë;300;46,51;57,69;3;M;ROY;Luc;215;33,33;41,35\n"
    "01;Ain;05;5ème circonscription;002;L'Abergement-de-Varey;0001;213;38,;17,8;175;82,2;4;1,9;2,3;1;0,5;0,6;"
    "170;79,8;97,1;1;M;ARTHAUD;Émile;3;1,41;1,76;2;F;MARTIN;Zoë;67;31,5;39,4;3;M;ROY;Luc;100;46,9;58,8\n"
)
NEW = (
    "Code département;Libellé département;Code circonscription législative;Libellé circonscription législative;"
    "Inscrits;Votants;% Votants;Abstentions;% Abstentions;Exprimés;% Exprimés/inscrits;% Exprimés/votants;Blancs;"
    "% Blancs/inscrits;% Blancs/votants;Nuls;% Nuls/inscrits;% Nuls/votants;"
    + ";".join(
        f"Numéro de panneau {n};Nuance candidat {n};Nom candidat {n};Prénom candidat {n};Sexe candidat {n};Voix {n};"
        f"% Voix/inscrits {n};% Voix/exprimés {n};Elu {n}"
        for n in (1, 2, 3)
    )
    + "\n"
    "01;Ain;0101;1ère circonscription;1000;700;70,00%;300;30,00%;680;68,00%;97,14%;16;0,60%;0,86%;4;0,40%;0,57%;"
    "1;UG;PIROUX;Éric;MASCULIN;200;20,00%;28,99%;;2;RN;MAÎTRE;Anne;FEMININ;290;29,00%;42,03%;;"
    "3;LR;BRETON;Xavier;MASCULIN;190;19,00%;27,94%;\n"
    "01;Ain;0102;2ème circonscription;900;600;66,67%;300;33,33%;580;64,44%;96,67%;15;1,67%;2,50%;5;0,56%;0,83%;"
    "1;RN;MENDES;Andréa;FEMININ;300;33,33%;51,72%;;2;ENS;DAUBIÉ;Romain;MASCULIN;280;31,11%;48,28%;;;;;;;;;;\n"
)


def test_names_of_one_group_and_rows_that_go_on(tmp_path: Path) -> None:
    """In Latin-1, by polling place, one race over two constituencies with the same candidates; and the roll."""
    path = tmp_path / "2017-04-23-t1.txt"
    path.write_bytes(OLD.encode("latin-1"))
    found = read([path], Asked())
    first = ("Ain", "001 L'Abergement-Clémenciat, 0001")
    assert ga06.found_cells(found)[*first, "Zoë MARTIN", ""] == 300
    assert (found.total, found.roll[first], str(found.day)) == (690, (645, 537), "2017-04-23")
    assert found.left_out == {"blancs (ballots)": 20, "nuls (ballots)": 2}
    assert "Windows-1252" in " ".join(found.notes)


@pytest.mark.parametrize("district", ["01-1", "0101", "1-1", "01-01"])
def test_numbered_groups(tmp_path: Path, district: str) -> None:
    """By constituency, each with its own candidates and their parties; the district in any usual spelling."""
    found = read([ga06.written(tmp_path, "a.csv", NEW)], Asked(district=district))
    assert ga06.found_cells(found) == {
        ("Ain", "01-1", "Éric PIROUX", ""): 200,
        ("Ain", "01-1", "Anne MAÎTRE", ""): 290,
        ("Ain", "01-1", "Xavier BRETON", ""): 190,
    }
    assert {row.candidate: row.party for row in found.rows}["Anne MAÎTRE"] == "RN"
    assert found.left_out["rows of other constituencies"] == 1


def test_groups_that_are_named_each_time(tmp_path: Path) -> None:
    """A header that says the names of each group without numbers is the first style."""
    text = OLD.replace(GROUP, ";".join([GROUP] * 3))
    assert read([ga06.written(tmp_path, "a.csv", text)], Asked()).total == 690


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        (NEW, Asked(), "2 constituencies"),
        (NEW, Asked(district="01-9"), "no such constituency"),
        (NEW.replace(";290;29,00%", ";299;29,00%"), Asked(district="01-1"), "add up to 689"),
        (OLD.replace(";3;M;ROY;Luc;215;33,33;41,35", ""), Asked(district="01-4"), "add up to 305"),
        (OLD.replace("Voix;", "Stimmen;"), Asked(), "not a table of the ministry's"),
        (OLD.replace("Zoë;300", "Zoë;3OO"), Asked(), "Voix of Zoë MARTIN is not a whole number"),
    ],
)
def test_what_is_not_one_race_is_refused(tmp_path: Path, text: str, asked: Asked, words: str) -> None:
    """Several races, rows cut off or shifted (Exprimés is not their sum), cells that are no numbers, other tables."""
    with pytest.raises(InputError, match=words):
        read([ga06.written(tmp_path, "a.csv", text)], asked)
