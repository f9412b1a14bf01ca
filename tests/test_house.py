"""The house rules that tools can hold: lint, types, import contracts, docstrings of tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests import documents, installed, mirror

ROOT = Path(__file__).parents[1]
LAID_OUT_BY_HAND = {  # tables of words or numbers, which the formatter would write one a line
    "forecast/arithmetic/chances.py",
    "forecast/data/formats/medsl.py",
    "forecast/data/formats/openelections.py",
    "forecast/report/numbers.py",
    "kernels/elementary.py",
}
MODULES = 10
LISTS = (  # rooms that are a list, flat on purpose: a file a command, a file a family of tables
    "forecast/app/commands",
    "forecast/output/schemas",
)
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def _tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_ruff_finds_nothing() -> None:
    """Lint and format are clean."""
    for arguments in (("check",), ("format", "--check")):
        answer = _tool("ruff", *arguments, *documents.FOLDERS)  # and no environment that lies beside them
        assert answer.returncode == 0, answer.stdout


@pytest.mark.long
def test_mypy_finds_nothing(tmp_path: Path) -> None:
    """Types are complete and right, strictly; what mypy keeps in the checkout is by each file's content."""
    laid = installed.lay_out(tmp_path / "laid")
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(ROOT / ".mypy_cache")]
    answer = subprocess.run(command, cwd=laid, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


def test_import_contracts_hold(tmp_path: Path) -> None:
    """Rooms stand on one another, and kernels never see names or files; each name in a contract exists."""
    laid = installed.lay_out(tmp_path / "laid")
    code = "from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    code = f"import sys; sys.path.insert(0, {str(laid)!r}); {code}"
    answer = subprocess.run([sys.executable, "-c", code], cwd=laid, capture_output=True, text=True, check=False)
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert f"{len(contracts)} kept, 0 broken" in answer.stdout, answer.stdout + answer.stderr
    named = [name for contract in contracts for name in _named(contract)]
    assert [name for name in named if not (_exists(laid, name) if name.startswith("runoff") else find_spec(name))] == []


def _named(contract: dict[str, Any]) -> list[str]:
    """The modules that a contract names."""
    names = [name for key in ("source_modules", "forbidden_modules", "modules") for name in contract.get(key, [])]
    for container in contract.get("containers", []):
        names += [f"{container}.{name}" for layer in contract["layers"] for name in layer.split(" | ")]
    return names


def _exists(laid: Path, name: str) -> bool:
    path = laid / name.replace(".", "/")
    return path.is_dir() or path.with_suffix(".py").is_file()


def test_nothing_imports_a_folder_by_its_name() -> None:
    """`forecast` and `kernels` are folders; what is imported is `runoff`, or each class would be there twice."""
    wrong = []
    for path in (path for folder in documents.FOLDERS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            wrong += [f"{path}: {name}" for name in names if name.split(".")[0] in ("forecast", "kernels")]
    assert wrong == []


def test_the_formatter_decides_and_types_say_what_is_there() -> None:
    """In forecast/ and kernels/ only long tables of words or numbers are laid out by hand, and nowhere is asserted that
    something is there: types say so.
    """
    texts = {path: path.read_text("utf-8") for top in ("forecast", "kernels") for path in (ROOT / top).rglob("*.py")}
    by_hand = {path.relative_to(ROOT).as_posix() for path, text in texts.items() if "# fmt:" in text}
    assert by_hand == LAID_OUT_BY_HAND
    asserting = [path for path, text in texts.items() if re.search(r"^\s*assert .* is not None", text, re.MULTILINE)]
    assert asserting == []


def test_rooms_say_what_they_are_for_and_are_small() -> None:
    """Each room has a docstring, and at most MODULES modules, unless it is a list (the kernels are no room)."""
    for folder in {path.parent for path in (ROOT / "forecast").rglob("*.py")}:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(modules) <= MODULES or folder.relative_to(ROOT).as_posix() in LISTS, folder
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8"))), folder


def test_each_test_file_names_its_module_and_each_module_has_its_tests() -> None:
    """tests/ROOM/test_MODULE.py holds ROOM/MODULE.py; what differs is told once in tests/mirror.py, and is still so."""
    files = [path.relative_to(ROOT / "tests").as_posix() for path in TESTS]
    others = {name for name in files for place in mirror.NO_MODULE if name == place or name.startswith(place + "/")}
    holds = {name: mirror.held(name) for name in files if name not in others}
    assert [name for name, module in holds.items() if module is None] == []
    assert len(set(holds.values())) == len(holds)
    assert [place for place in mirror.NO_MODULE if not (ROOT / "tests" / place).exists()] == []
    assert [name for name in mirror.THROUGH if name not in files] == []
    elsewhere = [module for words in (*mirror.THROUGH.values(), *mirror.BY_HAND) for module in mirror.named(words)]
    assert sorted(elsewhere) == sorted(mirror.modules() - set(holds.values()))


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_every_test_states_its_fact(path: Path) -> None:
    """Every test has a docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    bare = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert not bare


def test_help_loads_nothing_heavy() -> None:
    """`runoff --help` imports no library, nor what of Python's own takes as long as the help itself."""
    heavy = ("numba", "numpy", "scipy", "pyarrow", "pydantic", "rich", "typing", "pathlib", "shutil", "threading")
    code = (
        "import sys\nbefore = set(sys.modules)\nfrom runoff.app import cli\ncli.interrupts.heed()\n"
        f"cli.parser().format_help()\nprint([m for m in {heavy} if m in sys.modules and m not in before])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_help_reads_no_command() -> None:
    """`runoff --help` has each command's line without reading one of their files; `runoff run --help` reads one."""
    code = (
        "import sys\nfrom runoff.app import cli\n"
        "for said in ('--help', 'run'):\n    cli.parser(said).format_help()\n"
        "    print([m for m in sys.modules if m.startswith('runoff.app.commands.') and '._' not in m])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines() == ["[]", "['runoff.app.commands.run']"]


def test_reading_a_run_file_loads_neither_numba_nor_pyarrow() -> None:
    """A run file with CSV tables is checked without the libraries that cost half a second to import."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom runoff.runfile.load import load\n"
        "load(Path('configs/ga06-2017/april.toml'))\n"
        "print([m for m in ('numba', 'scipy', 'pyarrow', 'rich') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
