"""Tables of others read as ours: columns, rows, candidates side by side; and what is said of those that do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import runoff as package
from runoff.data.tables.shape import said_by
from runoff.data.votes.results import Results, read_results
from runoff.data.votes.words import Wanted
from runoff.errors import InputError
from runoff.runfile.load import load

LONG = """county,precinct,office,district,party,candidate,votes,mode
Cobb,A1,U.S. House,6,DEM,Ann,120,mail
Cobb,A1,U.S. House,6,REP,Bob,100,mail
Cobb,A1,U.S. House,11,REP,Cy,75,mail
Cobb,A2,U.S. House,6,DEM,Ann,90,mail
Cobb,A2,U.S. House,6,REP,Bob,95,mail
Cobb,A2,Sheriff,,REP,Bob,300,mail
"""
WIDE = "place;inscrits;Kast;Jara;Parisi\nArica;5000;1000;1100;300\nIquique;6000;1300;1200;\nTacna;4000;900;950;200\n"
NUMBERED = """Commune;Inscrits;Nuance 1;Nom 1;Prénom 1;Voix 1;% Voix/Ins 1;Nuance 2;Nom 2;Prénom 2;Voix 2;% Voix/Ins 2
Évry;900;REM;DUPONT;Anne;300;33,3;RN;MARTIN;Luc;200;22,2
Orly;800;RN;MARTIN;Luc;250;31,2;REM;DUPONT;Anne;270;33,7
Ris;100;RN;MARTIN;Luc;40;40,0;;;;;
"""
RUN = """[race]
id = "x"
name = "X"
first_round = 2025-03-02
runoff = 2025-03-30
as_of = 2025-03-05
[results]
table = "t.csv"
"""


def _read(folder: Path, text: str, encoding: str = "utf-8", **keys: Any) -> Results:
    (folder / "t.csv").write_bytes(text.encode(encoding))
    roll = folder / keys.pop("registered") if "registered" in keys else None
    return read_results(folder / "t.csv", roll, "unit", "x", Wanted(shape=said_by(keys)))


def _votes(found: Results) -> dict[tuple[str, str], int]:
    return {
        (unit.name, name): int(found.votes.votes[u, :, c].sum())
        for u, unit in enumerate(found.units)
        for c, name in enumerate(found.votes.candidates)
    }


KEYS: dict[str, Any] = {
    "columns": {"unit": "precinct", "region": "county"},
    "where": {"office": "U.S. House", "district": "6"},
}


def test_columns_and_rows_are_chosen(tmp_path: Path) -> None:
    """Their names for our columns and one race of three: its votes alone, and how many rows is said."""
    found = _read(tmp_path, LONG, **KEYS)
    assert _votes(found) == {("A1", "Ann"): 120, ("A1", "Bob"): 100, ("A2", "Ann"): 90, ("A2", "Bob"): 95}
    assert [unit.region for unit in found.units] == ["Cobb", "Cobb"]
    said = " ".join(found.notes)
    assert "4 of 6 rows are read: office = U.S. House, district = 6" in said
    assert "unit is precinct, region is county" in said


def test_values_are_held_to_the_letter(tmp_path: Path) -> None:
    """District 6 is not 06, nor 16: no row is refused, with the values that are there."""
    keys = {**KEYS, "where": {"office": "U.S. House", "district": "06"}}
    with pytest.raises(InputError, match="no row has district = 06") as told:
        _read(tmp_path, LONG, **keys)
    assert "6, 11" in str(told.value) or "did you mean 6?" in str(told.value)


def test_a_message_says_what_would_make_it_fit(tmp_path: Path) -> None:
    """Columns that are called otherwise, and rows of several races: the line of the run file is in the message."""
    text = LONG.replace("county,", "area,")
    with pytest.raises(InputError, match=r'columns = \{ unit = "precinct" \}'):
        _read(tmp_path, text)
    with pytest.raises(InputError, match=r'where = \{ office = "U.S. House" \}'):
        _read(tmp_path, text, columns={"unit": "precinct"})
    with pytest.raises(InputError, match="runoff import openelections"):
        _read(tmp_path, LONG)
    with pytest.raises(InputError, match=r'wide = \["Kast", "Jara", "Parisi"\];'):
        _read(tmp_path, WIDE.replace("place", "unit"))
    with pytest.raises(InputError, match=r'wide = "Voix \{n\}", name = "Nom \{n\}"'):
        _read(tmp_path, NUMBERED, columns={"unit": "Commune"})


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A slip in each key is refused with the name that is near."""
    keys = {"columns": {"unit": "precint"}, "where": {"offices": "x"}}
    with pytest.raises(InputError) as told:
        _read(tmp_path, LONG, **keys)
    assert {problem.fix for problem in told.value.problems} == {"did you mean precinct?", "did you mean office?"}


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    """Two columns Kast: which of them is meant nobody can tell."""
    with pytest.raises(InputError, match="2 columns Kast"):
        _read(tmp_path, WIDE.replace("Parisi", "Kast"), columns={"unit": "place"}, wide=["Kast", "Jara"])


def test_districts_of_an_office_are_races(tmp_path: Path) -> None:
    """Office chosen and district forgotten: refused with the line that chooses; a district alone is a place."""
    with pytest.raises(InputError, match=r'where = \{ district = "6" \}'):
        _read(tmp_path, LONG, columns={"unit": "precinct"}, where={"office": "U.S. House"})
    text = "unit,district,candidate,party,votes\nA,1,Ann,D,5\nA,1,Bob,R,6\nB,2,Ann,D,7\nB,2,Bob,R,8\n"
    assert sum(_votes(_read(tmp_path, text)).values()) == 26


def test_columns_of_the_roll_are_not_asked_of_votes(tmp_path: Path) -> None:
    """Two files: what the roll calls registered need not stand among votes; each takes the names that it has."""
    (tmp_path / "roll.csv").write_text("precinct,office,inscrits\nA1,U.S. House,900\nA2,U.S. House,800\nA1,Sheriff,1\n")
    columns = {**KEYS["columns"], "registered": "inscrits"}
    found = _read(tmp_path, LONG, columns=columns, where=KEYS["where"], registered="roll.csv")
    assert found.roll is not None
    assert found.roll.registered.tolist() == [900, 800]


def test_a_parquet_row_is_the_files(tmp_path: Path) -> None:
    """Rows that `where` leaves out are counted where a problem says its row."""
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"unit": ["A", "B", "B"], "candidate": ["x", "Ann", "Bob"], "party": ["", "D", "R"],
                             "votes": ["1", "2", "3x"], "office": ["a", "b", "b"]}), path)  # fmt: skip
    with pytest.raises(InputError, match="row 3, votes"):
        read_results(path, None, "unit", "x", Wanted(shape=said_by({"where": {"office": "b"}})))


def test_candidates_side_by_side(tmp_path: Path) -> None:
    """A row a unit: each cell is a row, an empty one is none; the same file is the roll."""
    names = ["Kast", "Jara", "Parisi"]
    columns = {"unit": "place", "registered": "inscrits"}
    with pytest.raises(InputError, match="no row for Parisi in Iquique"):
        _read(tmp_path, WIDE, columns=columns, wide=names, party={"Kast": "REP"})
    text = WIDE.replace("1200;", "1200;0")
    found = _read(tmp_path, text, columns=columns, wide=names, party={"Kast": "REP"}, registered="t.csv")
    assert _votes(found)["Iquique", "Kast"] == 1300
    assert found.votes.party == ("", "REP", "")
    assert found.roll is not None
    assert found.roll.registered.tolist() == [5000, 6000, 4000]


def test_numbered_columns(tmp_path: Path) -> None:
    """Groups of columns whose candidates stand in another order in each row: names and votes go together."""
    keys = {
        "columns": {"unit": "Commune"},
        "wide": "Voix {n}",
        "name": ["Prénom {n}", "Nom {n}"],
        "party": "Nuance {n}",
    }
    with pytest.raises(InputError, match="no row for Anne DUPONT in Ris"):
        _read(tmp_path, NUMBERED, "latin-1", **keys)
    found = _read(tmp_path, NUMBERED.replace(";;;;;", ";REM;DUPONT;Anne;30;30,0"),
                  "latin-1", **keys)  # fmt: skip
    assert _votes(found)["Évry", "Anne DUPONT"] == 300
    assert _votes(found)["Orly", "Anne DUPONT"] == 270
    assert dict(zip(found.votes.candidates, found.votes.party, strict=True))["Luc MARTIN"] == "RN"


def test_a_problem_of_a_wide_row_knows_its_cell(tmp_path: Path) -> None:
    """The caret stands below the cell of the line, though the line is several rows."""
    with pytest.raises(InputError) as told:
        _read(tmp_path, WIDE.replace("1100", "11x0"), columns={"unit": "place"}, wide=["Kast", "Jara", "Parisi"])
    problem = told.value.problems[0]
    assert (problem.line, problem.text[problem.column - 1 :][: problem.length]) == (2, "11x0")


def test_their_own_column_of_our_name_is_not_ours(tmp_path: Path) -> None:
    """`votes = "total"` beside a column votes: the one that is named, and the other is said to be unread."""
    text = "unit,candidate,party,votes,total\nA,Ann,D,1,100\nA,Bob,R,2,90\n"
    found = _read(tmp_path, text, columns={"votes": "total"})
    assert _votes(found) == {("A", "Ann"): 100, ("A", "Bob"): 90}
    assert "not read: column their own votes" in " ".join(found.notes)


def test_nobody_of_that_name_has_a_party(tmp_path: Path) -> None:
    """A slip in the map of parties is refused."""
    with pytest.raises(InputError, match="nobody is called Kastt"):
        _read(tmp_path, WIDE, columns={"unit": "place"}, wide=["Kast", "Jara", "Parisi"], party={"Kastt": "REP"})


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('wide = "Voix {n}"', "wide and name do not fit"),
        ('name = "Nom {n}"', "name or party without numbered columns"),
        ('wide = ["Kast"]\ncolumns = { votes = "Kast" }', "columns and wide both say"),
        ('columns = { units = "place" }', "columns"),
        ("where = { district = 6 }", "district"),
    ],
)
def test_keys_that_do_not_fit_are_refused(tmp_path: Path, lines: str, words: str) -> None:
    """A run file whose keys cannot mean a table is told at its line."""
    (tmp_path / "t.csv").write_text("unit,candidate,party,votes\nA,Ann,D,1\nA,Bob,R,2\n")
    (tmp_path / "r.toml").write_text(RUN + lines + "\n")
    with pytest.raises(InputError, match=words):
        load(tmp_path / "r.toml")


def test_a_run_file_reads_a_table_of_others(tmp_path: Path) -> None:
    """The keys as TOML, with a note for candidates without a party."""
    (tmp_path / "t.csv").write_text(WIDE.replace("1200;", "1200;0"))
    lines = 'columns = { unit = "place" }\nwide = ["Kast", "Jara", "Parisi"]\n'
    (tmp_path / "r.toml").write_text(RUN + lines)
    case = load(tmp_path / "r.toml")
    assert case.finalists == ("Jara", "Kast")
    assert "each candidate is a bloc of its own" in " ".join(case.warnings)


def test_a_table_of_an_office_is_answered_with_the_lines_that_read_it(tmp_path: Path) -> None:
    """Candidates are told from the roll, the sum and codes; units need their region; with the lines pasted it runs."""
    rows = ["Kod;Gmina;Powiat;Uprawnieni;Ważne;Ada Quist;Bo Lind;Cy Holm"]
    rows += [";Nowa;north;900;60;30;20;10", "2;Nowa;south;800;45;15;20;10", "3;Stara;south;700;42;12;20;10"]
    (tmp_path / "votes.csv").write_text("\n".join(rows) + "\n", "utf-8")
    race = '[race]\nid = "a"\nname = "A"\nfirst_round = 2025-03-02\nrunoff = 2025-03-30\nas_of = 2025-03-05\n'
    said = race + '[results]\ntable = "votes.csv"\n'
    with pytest.raises(InputError) as refused:
        package.loads(said, tmp_path)
    fix = refused.value.problems[0].fix
    wide = 'wide = ["Ada Quist", "Bo Lind", "Cy Holm"]'
    columns = 'columns = { unit = "Gmina", region = "Powiat" }'
    assert f"[results] {wide}, {columns};" in fix
    case = package.loads(f"{said}{wide}\n{columns}\n", tmp_path)
    assert case.first_round.votes.sum() == 147
    result = tmp_path / "second.csv"
    result.write_text(
        "Kod;Gmina;Powiat;Ada Quist;Bo Lind\n1;Nowa;north;40;20\n2;Nowa;south;20;25\n3;Stara;south;30;9\n"
    )
    kept = package.run(case, trials=512).save(tmp_path / "runs")
    assert {row["candidate"]: row["votes"] for row in package.score(kept, result).candidates} == {
        "Ada Quist": 90,
        "Bo Lind": 54,
    }
