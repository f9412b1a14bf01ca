"""The house rules that tools can hold: lint, types, import contracts, docstrings of tests."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests import documents

ROOT = Path(__file__).parents[1]
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def _tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_ruff_finds_nothing() -> None:
    """Lint and format are clean."""
    for arguments in (("check",), ("format", "--check")):
        answer = _tool("ruff", *arguments, *documents.FOLDERS)  # and no environment that lies beside them
        assert answer.returncode == 0, answer.stdout


def test_mypy_finds_nothing() -> None:
    """Types are complete and right, strictly."""
    answer = _tool("mypy")
    assert answer.returncode == 0, answer.stdout


def test_import_contracts_hold() -> None:
    """Kernels never see names or files, and imports run one way."""
    code = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert "3 kept, 0 broken" in answer.stdout, answer.stdout + answer.stderr


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
    """`runoff --help` imports neither numba, numpy, scipy, pyarrow, pydantic nor rich."""
    code = (
        "import sys\nfrom forecast.cli import parser\nparser().format_help()\n"
        "print([m for m in ('numba', 'numpy', 'scipy', 'pyarrow', 'pydantic', 'rich') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_reading_a_run_file_loads_neither_numba_nor_pyarrow() -> None:
    """A run file with CSV tables is checked without the libraries that cost half a second to import."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom forecast.runfile import load\n"
        "load(Path('configs/ga06-2017/april.toml'))\n"
        "print([m for m in ('numba', 'scipy', 'pyarrow', 'rich') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
