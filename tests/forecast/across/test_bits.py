"""Equal input, equal bits, whatever the CPU can do: nights, what evidence makes of a race, what past races say."""

from __future__ import annotations

import ast
import platform
from functools import cache
from pathlib import Path

import pytest

from tests import bits
from tests.installed import ROOT

FORBIDDEN = {  # functions whose last bit hangs on the CPU, by who has them
    "np": {"exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "logaddexp", "sin", "cos", "tan", "sinh", "cosh",
           "tanh", "arcsin", "arccos", "arctan", "arctan2", "arctanh", "arcsinh", "hypot", "power", "float_power",
           "cbrt", "einsum", "dot", "matmul", "inner", "tensordot", "vdot", "linalg"},
    "math": {"exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin",
             "acos", "atan", "hypot", "pow", "erf", "erfc", "gamma", "lgamma"},
    "optimize": {"minimize"}, "stats": {"norm", "t"},
}  # fmt: skip
ON_THE_WAY = (
    "estimate/*.py", "estimate/ratios", "model/*.py", "model/prior/fitted", "simulate", "phases/runoff_night/*.py",
    "phases/runoff_night/model", "phases/runoff_night/classes", "phases/first_round_open", "phases/*.py",
)  # fmt: skip
NOT = {  # what is on no run's way from data to trials
    "phases/first_round_open/page.py": "text",
    "phases/first_round_open/pictures.py": "pictures",
    "phases/runoff_night/page.py": "text",
    "phases/pipeline.py": "a message's rounded figure",
    "estimate/scores.py": "forecasts scored after the race",
}


@cache
def _here() -> dict[str, str]:
    return bits.digests(list(bits.NIGHTS)) | bits.of_arrays() | bits.of_fits()


@pytest.mark.long
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the CPU's names are those of x86-64")
@pytest.mark.parametrize("kinds", [("of 2008", "kernels for any CPU"), ("of 2013", "kernels for x86-64-v3")])
def test_nights_and_evidence_have_the_same_bits_on_lesser_cpus(kinds: tuple[str, ...]) -> None:
    """Nights of both rounds, arrays after evidence and fits of past races, of CPUs of 2008 and 2013, are this one's."""
    seen = {name: value for kind in kinds for name, value in bits.KINDS[kind].items()}
    assert bits.elsewhere(list(bits.NIGHTS), **seen) == _here()


def _files() -> list[Path]:
    folder = ROOT / "forecast"
    found = [
        path
        for place in ON_THE_WAY
        for path in (folder.glob(place) if "*" in place else (folder / place).rglob("*.py"))
    ]
    return sorted(path for path in set(found) if path.relative_to(folder).as_posix() not in NOT)


def _calls(path: Path) -> list[str]:
    """Uses of what a library computes as its CPU likes: functions of FORBIDDEN, `@`, and powers other than a square."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in FORBIDDEN.get(node.value.id, ()):
                found.append(f"{node.value.id}.{node.attr}")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            found.append("@")
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            whole = isinstance(node.right, ast.Constant) and isinstance(node.right.value, int)
            constants = isinstance(node.left, (ast.Constant, ast.UnaryOp))
            if not (constants or (whole and node.right.value == 2)):  # type: ignore[attr-defined]  # a constant
                found.append("**")
        elif isinstance(node, ast.alias) and node.name == "NormalDist":
            found.append("NormalDist")
    return found


def test_nothing_on_the_way_to_trials_asks_a_library_for_what_hangs_on_the_cpu() -> None:
    """Rooms between data and trials take log, exp, products of matrices and the rest from `runoff.arithmetic`."""
    folder = ROOT / "forecast"
    found = {path.relative_to(folder).as_posix(): _calls(path) for path in _files()}
    assert {name: calls for name, calls in found.items() if calls} == {}
    assert len(found) > 80
    assert _calls(folder / "estimate" / "scores.py") != []  # as the test would see them
