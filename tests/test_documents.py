"""The documents say what the program does: every shown output is made anew, every example is read."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest
from pydantic import TypeAdapter

from runoff.app.cli import parser
from runoff.output.schema_doc import markdown
from runoff.runfile.sections.chamber import ChamberFile
from runoff.runfile.sections.rates import RateSpec
from runoff.runfile.sections.run_file import RunFile
from tests import documents

ROOT = documents.ROOT
PAGES = documents.pages()
RUN_FILE_PAGE = (ROOT / "docs" / "run-file.md").read_text("utf-8")
SNIPPETS = re.findall(r"```toml\n(.*?)```", RUN_FILE_PAGE, re.DOTALL)


@pytest.mark.parametrize("name", documents.BLOCKS)
def test_shown_output_is_the_real_one(name: str) -> None:
    """What a document shows is what the program says now; `python -m tests.documents` writes it anew."""
    document, make = documents.BLOCKS[name]
    assert documents.block(document, name) == make()


@pytest.mark.parametrize("name", documents.FILES)
def test_example_pages_are_the_real_ones(name: str) -> None:
    """The pages in examples/ are what the program writes now, and small (`python -m tests.documents` makes them)."""
    page = (ROOT / name).read_text("utf-8")
    assert page == documents.FILES[name]()
    assert len(page.encode()) <= 150_000


def test_the_columns_of_the_output_are_those_of_the_code() -> None:
    """docs/output.md describes each table and column as `runoff.output.schemas.runoff_ahead` does."""
    assert documents.columns() == markdown()


def test_the_python_of_the_archive_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """docs/archive.md: its example, line by line, on the shipped archive."""
    monkeypatch.chdir(ROOT)
    (example,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "archive.md").read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["race"].winner == "Jacques Chirac"
    assert "fr_pres_2002" not in names["known"].by_id
    assert names["arrays"].start[-1] == sum(len(race.candidates) for race in names["known"].races)


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_lead_to_files(page: Path) -> None:
    """Every relative link of every page leads to a file of this project."""
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
        if "://" not in target:
            assert (ROOT / page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_lines_are_at_most_120_wide(page: Path) -> None:
    """Pages read well in a terminal: prose in lines of at most 120 characters (tables may be wider)."""
    lines = (ROOT / page).read_text("utf-8").split("\n")
    assert not [line for line in lines if len(line) > 120 and not line.startswith("|")]


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_pages_name_no_place_of_a_machine(page: Path) -> None:
    """What is shown is made by relative paths: no page says where this checkout, or a folder of its runs, lies."""
    text = (ROOT / page).read_text("utf-8")
    assert not [place for place in (str(ROOT), str(Path.home()), gettempdir()) if f"{place}/" in text]


def test_readme_commands_are_ones_that_the_command_line_knows() -> None:
    """Each indented `runoff ...` line of a page is accepted by the parser."""
    found = 0
    for page in PAGES:
        for line in re.findall(r"^    runoff ([^\n#]+)", (ROOT / page).read_text("utf-8"), re.MULTILINE):
            parser().parse_args(shlex.split(line))
            found += 1
    assert found >= 3


@pytest.mark.parametrize("number", range(len(SNIPPETS)))
def test_examples_of_the_run_file_are_valid(number: int) -> None:
    """Every TOML example of docs/run-file.md passes the checks that a run file passes."""
    snippet = SNIPPETS[number]
    if snippet.startswith(("turnout", "preference")):  # ways to say a rate, one a line
        for line in snippet.strip().split("\n"):
            (spec,) = tomllib.loads(line).values()
            RateSpec.model_validate(spec)
        return
    for key, value in tomllib.loads(snippet).items():
        if key == "factors":  # an example may leave one of its two halves out
            value.setdefault("turnout", {"shared": 1.0, "bloc": 0.0, "pool": 0.0})
        fields = (ChamberFile if key == "chamber" else RunFile).model_fields
        annotation: Any = fields[key].annotation
        TypeAdapter(annotation).validate_python(value, strict=True)


def test_every_key_of_the_run_file_is_explained() -> None:
    """docs/run-file.md names each section and each key that a run file may have."""
    missing = []
    definitions = [file.model_json_schema()["$defs"] for file in (RunFile, ChamberFile)]
    for definition in (one for file in definitions for one in file.values()):
        missing += [key for key in definition["properties"] if not re.search(rf"\b{key}\b", RUN_FILE_PAGE)]
    missing += [key for key in RunFile.model_fields if f"[{key}" not in RUN_FILE_PAGE]
    assert not missing
