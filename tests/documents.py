"""What the documents show, made anew from real runs: `python -m tests.documents` writes it into them.

A block of a document is what stands in the fence (or table) after its marker, `<!-- shown: NAME -->`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from runoff.data.archive.columns import TABLES
from runoff.output.schema_doc import BEGIN, END, markdown
from tests import archive_doc, races

ROOT = Path(__file__).parents[1]
CONFIGS = ROOT / "configs" / "ga06-2017"
FOLDERS = ("benchmarks", "configs", "docs", "examples", "forecast", "kernels", "tests")  # the project's own
PAGES_AT_THE_TOP = ("CHANGELOG.md", "CONTRIBUTING.md", "README.md")
COMMAND = [sys.executable, "-m", "runoff.app.cli"]


def pages(root: Path = ROOT) -> list[Path]:
    """The project's pages, relative to `root`: whatever else lies in a checkout (environments, runs) is not read."""
    found = {Path(name) for name in PAGES_AT_THE_TOP}
    for folder in FOLDERS:
        found |= {path.relative_to(root) for path in (root / folder).rglob("*.md")}
    return sorted(path for path in found if "runs" not in path.parts)


def told(*words: str, folder: Path, code: int = 0) -> str:
    """What the command says in a terminal of 80 columns, stdout or, of a failure, stderr."""
    answer = subprocess.run(
        [*COMMAND, *words], cwd=folder, capture_output=True, text=True, check=False, env=_environment()
    )
    assert answer.returncode == code, answer.stderr
    return answer.stdout if code == 0 else answer.stderr


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"}


@cache
def _eve() -> tuple[str, str]:
    """What the run of eve.toml prints, and its HTML page."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "configs", Path(folder) / "configs")
        text = told("run", "configs/ga06-2017/eve.toml", folder=Path(folder))
        return text, told("report", "runs", "-o", "-", folder=Path(folder))


def eve() -> str:
    """README's first command: the run of eve.toml."""
    return _eve()[0]


def eve_page() -> str:
    """The page of that run, as it stands in examples/."""
    return _eve()[1]


@cache
def night() -> str:
    """A first round that is being counted: the run of first-round-night-2240.toml."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "configs", Path(folder) / "configs")
        return told("run", "configs/ga06-2017/first-round-night-2240.toml", folder=Path(folder))


@cache
def runoff_night() -> str:
    """A runoff that is being counted: runoff-night.toml with the votes of 20:55."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "configs", Path(folder) / "configs")
        table = "configs/ga06-2017/runoff-counted-2055.csv"
        return told("run", "configs/ga06-2017/runoff-night.toml", "--results", table, folder=Path(folder))


@cache
def _assembly() -> tuple[str, str]:
    """The Assembly of 2024: what its run prints, and a question to it."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "configs" / "fr-assembly-2024", Path(folder) / "configs" / "fr-assembly-2024")
        text = told("run", "configs/fr-assembly-2024/chamber.toml", folder=Path(folder))
        words = ('majority["far-right", "right"]', "leads[left]", "--given", "seats[centre] < 100")
        return text, told("ask", "runs", *words, folder=Path(folder))


def chamber() -> str:
    """docs/chamber.md's example."""
    return _assembly()[0]


def asked_of_chamber() -> str:
    """docs/ask.md's question to it."""
    return _assembly()[1]


@cache
def score() -> str:
    """docs/score.md's example: the run of eve.toml, scored."""
    with tempfile.TemporaryDirectory() as folder:
        told("run", str(CONFIGS / "eve.toml"), "--quiet", folder=Path(folder))
        run = next((Path(folder) / "runs").iterdir())
        return told("score", str(run), str(CONFIGS / "runoff-result-by-county.csv"), folder=Path(folder))


@cache
def compared() -> str:
    """docs/compare.md's example: april.toml and eve.toml."""
    with tempfile.TemporaryDirectory() as folder:
        runs = []
        for name in ("april.toml", "eve.toml"):
            told("run", str(CONFIGS / name), "--quiet", "--out", name[:5], folder=Path(folder))
            runs.append(str(next((Path(folder) / name[:5]).iterdir())))
        return told("compare", *runs, "--trials", "1_000_000", folder=Path(folder))


@cache
def _asked() -> tuple[str, ...]:
    """docs/ask.md's question to the run of eve.toml, and one of its trials."""
    with tempfile.TemporaryDirectory() as folder:
        told("run", str(CONFIGS / "eve.toml"), "--quiet", "--trials", "1_000_000", folder=Path(folder))
        words = ("turnout > 55%", 'winner == "Handel"', "--given", "margin < 2%", "--brackets", "0,2.5,5,7.5")
        return tuple(
            told(*said, folder=Path(folder)) for said in (("ask", "runs", *words), ("trial", "runs", "123456"))
        )


def asked() -> str:
    """docs/ask.md's first example."""
    return _asked()[0]


def one_trial() -> str:
    """docs/ask.md's trial."""
    return _asked()[1]


def asked_by_region() -> str:
    """docs/ask.md's question of a region: precincts.toml with few trials."""
    with tempfile.TemporaryDirectory() as folder:
        told("run", str(CONFIGS / "precincts.toml"), "--quiet", "--trials", "20_000", folder=Path(folder))
        given = 'share["Karen Handel"] in region "Cobb" > 0.55'
        return told("ask", "runs", "turnout > 0.5", "--given", given, folder=Path(folder))


@cache
def transfers() -> str:
    """docs/transfers.md's example: Georgia's 6th district by precinct."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "configs", Path(folder) / "configs")
        place = "configs/ga06-2017"
        words = ("estimate", f"{place}/precincts.toml", "--second", f"{place}/runoff-result-by-precinct.csv")
        return told(*words, folder=Path(folder))


@cache
def mistake() -> str:
    """README's example of mistakes: eve.toml with two words misspelt."""
    with tempfile.TemporaryDirectory() as folder:
        for table in CONFIGS.glob("*.csv"):
            shutil.copy(table, folder)
        text = (CONFIGS / "eve.toml").read_text("utf-8")
        text = text.replace("threshold = 0.5", "treshold = 0.5").replace("rates.blocs.R", "rates.blocs.r")
        (Path(folder) / "mistake.toml").write_text(text, "utf-8")
        return told("run", "mistake.toml", folder=Path(folder), code=65)


@cache
def _json(name: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        result: dict[str, Any] = json.loads(told("run", str(CONFIGS / name), "--json", folder=Path(folder)))
        return result


def implied() -> str:
    """docs/ga06.md's table of what both run files imply, without hindsight."""
    april, june = _json("april.toml"), _json("eve.toml")

    def row(label: str, say: Callable[[dict[str, Any], dict[str, Any]], str]) -> str:
        cells = [say(found["run"], found["candidates"][1]) for found in (april, june)]
        return f"| {label} | {cells[0]} | {cells[1]} |"

    return "\n".join([
        "| | april.toml | eve.toml |",
        "|---|---|---|",
        row("P(Handel)", lambda r, c: f"{100 * c['p_win']:.2f} % ± {100 * c['p_win_mcse']:.2f}"),
        row("her share, median (80 %)", lambda r, c: f"{_range(c, 'share')}"),
        row("Ossoff's lead, median (80 %), points", lambda r, c: f"{_range(r, 'margin')}"),
        row("turnout of registered, median (80 %)", lambda r, c: f"{_range(r, 'turnout')}"),
        row("lead within 1 %", lambda r, c: f"{r['p_recount'] * 100:.2f} %"),
    ]) + "\n"  # fmt: skip


def _range(found: dict[str, Any], name: str) -> str:
    low, middle, high = (100 * found[f"{name}_q{level}"] for level in ("10", "50", "90"))
    sign = "+" if name == "margin" else ""
    return f"{middle:{sign}.1f} ({low:{sign}.1f} to {high:{sign}.1f})"


BLOCKS: dict[str, tuple[str, Callable[[], str]]] = {
    "eve": ("README.md", eve),
    "night": ("docs/first-round-night.md", night),
    "runoff_night": ("docs/runoff-night.md", runoff_night),
    "mistake": ("README.md", mistake),
    "chamber": ("docs/chamber.md", chamber),
    "score": ("docs/score.md", score),
    "compared": ("docs/compare.md", compared),
    "asked": ("docs/ask.md", asked),
    "asked by region": ("docs/ask.md", asked_by_region),
    "asked of a chamber": ("docs/ask.md", asked_of_chamber),
    "one trial": ("docs/ask.md", one_trial),
    "transfers": ("docs/transfers.md", transfers),
    "implied": ("docs/ga06.md", implied),
    "races": ("docs/races.md", races.table),
    "archive levels": ("docs/archive.md", archive_doc.levels),
    "archive contests": ("docs/archive.md", archive_doc.contests),
    "archive elections": ("docs/archive.md", archive_doc.elections),
    "archive known": ("docs/archive.md", archive_doc.known),
    "archive blocs": ("docs/archive.md", archive_doc.blocs),
    "archive level": ("docs/archive.md", archive_doc.meanings),
    **{f"archive {name}": ("docs/archive.md", archive_doc.columns(name)) for name in TABLES},
}


def margin_picture() -> str:
    """README's picture: the first of the page's, as a file of its own with the page's style."""
    page = eve_page()
    style = page[page.index("<style>") + len("<style>") : page.index("</style>")]
    drawn = re.search(r'<svg viewBox="0 0 ([0-9.]+) ([0-9.]+)" role="img">(.*?)</svg>', page, re.DOTALL)
    assert drawn
    width, height, marks = drawn.groups()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'width="{2 * float(width):g}" height="{2 * float(height):g}" font-family="system-ui, sans-serif">\n'
        f"<style>{style}svg {{ max-width: none; }}\n</style>\n{marks.strip()}\n</svg>\n"
    )


FILES: dict[str, Callable[[], str]] = {  # whole, as they are made
    "examples/eve.html": eve_page,
    "docs/pictures/margin.svg": margin_picture,
}


def block(document: str, name: str) -> str:
    """What stands in the fence, or in the table, after a marker of a document."""
    match = _block(name).search((ROOT / document).read_text("utf-8"))
    assert match, f"{document} has no block {name}"
    return match.group(2) or match.group(4)


def _block(name: str) -> re.Pattern[str]:
    fence, table = r"(```\n)((?:(?!```).*\n)*)", r"(\n)((?:\|.*\n)+)"
    return re.compile(rf"(?<=<!-- shown: {name} -->\n)(?:{fence}|{table})")


def columns() -> str:
    """The generated part of docs/output.md."""
    text = (ROOT / "docs" / "output.md").read_text("utf-8")
    return text[text.index(BEGIN) + len(BEGIN) : text.index(END)].strip() + "\n"


def rewrite(names: Iterable[str] = tuple(BLOCKS)) -> None:
    """Write blocks, by default all of them, into their documents."""
    for name in names:
        document, make = BLOCKS[name]
        path = ROOT / document
        text = path.read_text("utf-8")
        old = _block(name).search(text)
        assert old, f"{document} has no block {name}"
        path.write_text(text[: old.start()] + (old.group(1) or old.group(3)) + make() + text[old.end() :], "utf-8")


def rewrite_columns() -> None:
    """Write the generated part of docs/output.md."""
    path = ROOT / "docs" / "output.md"
    text = path.read_text("utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    path.write_text(f"{text[:start]}\n\n{markdown()}\n{text[end:]}", "utf-8")


def rewrite_files() -> None:
    """Write the pages that stand whole in examples/."""
    for name, whole in FILES.items():
        (ROOT / name).write_text(whole(), "utf-8")


if __name__ == "__main__":
    rewrite()
    rewrite_files()
    rewrite_columns()
