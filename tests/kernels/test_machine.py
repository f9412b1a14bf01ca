"""Machine code that is kept is called without the compiler, and gives the bits that the compiler's gave."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from runoff.kernels._cache import path_of
from runoff.kernels._machine import _ALIGNED as ALIGNED
from runoff.kernels._machine import _C as C
from runoff.kernels._machine import _F as F
from runoff.kernels._machine import _WRITEABLE as WRITEABLE
from runoff.kernels._machine import told
from runoff.kernels.transfer import run_plain
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests.builders import two_way
from tests.installed import ROOT

_DRAW = """
import sys
import numpy as np
from runoff.kernels._jit import when_compiling
from runoff.simulate.normals import GROUP, normals
heard = []
stop = when_compiling(heard.append)
out = normals(7, np.array([3, 2**63 + 5], np.uint64), GROUP, 2 * GROUP)
stop()
print(len(heard), "numba" in sys.modules, out.tobytes().hex())
"""


class _Both(NamedTuple):
    """Two arrays and a number."""

    first: np.ndarray
    number: int
    second: np.ndarray


def _draw(cache: Path, **environment: str) -> list[str]:
    answer = subprocess.run(
        [sys.executable, "-c", _DRAW],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RUNOFF_CACHE_DIR": str(cache), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return answer.stdout.split()


def test_the_second_process_needs_no_compiler(tmp_path: Path) -> None:
    """The first compiles, and says so beforehand; the second imports no numba, hears nothing, draws the same bits."""
    first, second = _draw(tmp_path), _draw(tmp_path)
    assert first[:2] == ["1", "True"]
    assert second[:2] == ["0", "False"]
    assert first[2] == second[2]


def test_another_cpu_or_setting_gets_code_of_its_own(tmp_path: Path) -> None:
    """What is kept for one target of the compiler is not run where another is asked for; a thing amiss is made anew."""
    first = _draw(tmp_path)
    other = _draw(tmp_path, NUMBA_CPU_NAME="generic", NUMBA_CPU_FEATURES="")
    assert other[0] == "1"
    assert other[2] == first[2]
    assert len(list(tmp_path.iterdir())) == 2
    for file in tmp_path.iterdir():
        file.write_bytes(file.read_bytes()[:-1])
    assert _draw(tmp_path) == first


def test_words_are_those_of_the_arrays() -> None:
    """No owner, no parent, elements, bytes, address, shape, strides; negative strides and large seeds as they are."""
    array = np.zeros((3, 5), np.float32)[::-1]
    types, words = told((np.uint64(2**64 - 1), _Both(array, -2, np.zeros(0, np.int64))))
    address = array.__array_interface__["data"][0]
    minus = 2**64 - 20
    assert words.tolist()[:11] == [2**64 - 1, 0, 0, 15, 4, address, 3, 5, minus, 4, 2**64 - 2]
    assert types[0] == "<u8"
    in_any_order, in_c_order = ALIGNED | WRITEABLE, C | ALIGNED | WRITEABLE
    assert types[1] == ("_Both", (("<f4", 2, in_any_order), "int", ("<i8", 1, in_c_order)))


def test_flags_are_numpys() -> None:
    """The numbers by which arrays' flags are told are those of numpy's C interface."""
    plain, turned = np.zeros((2, 3)), np.zeros((2, 3)).T
    assert plain.flags.num & (C | F) == C
    assert turned.flags.num & (C | F) == F
    for flag, name in ((ALIGNED, "ALIGNED"), (WRITEABLE, "WRITEABLE")):
        assert bool(plain.flags.num & flag) == plain.flags[name]
        frozen = np.frombuffer(b"x" * 9, np.uint8)[1:].view(np.float64)
        assert bool(frozen.flags.num & flag) == frozen.flags[name]


def test_types_tell_apart_what_machine_code_may_not_mix() -> None:
    """Another type, dimension, order or right to write is another kernel; other shapes are not."""
    plain = np.zeros((4, 4), np.float32)
    frozen = plain.copy()
    frozen.setflags(write=False)
    others = [plain.astype(np.float64), plain[0], plain.T, plain[:, ::2], frozen]
    types = [told((one,))[0] for one in (plain, *others)]
    assert len(set(types)) == 6
    for shape in ((2, 9), (1, 9), (9, 1), (0, 3)):
        assert told((np.zeros(shape, np.float32),))[0] == types[0]


def test_what_no_kernel_takes_is_refused() -> None:
    """A float32, a bool, a list or text is no argument of a kernel: a TypeError, not a wrong number."""
    for wrong in (np.float32(1.5), True, [1], None, "x"):
        with pytest.raises(TypeError, match="a kernel takes"):
            told((wrong,))


def test_the_trial_kernel_is_kept() -> None:
    """It calls nothing but the system's: what numba alone could load would be compiled anew in every process."""
    draw(to_inputs(two_way(), 1), 512, threads=1)
    types = getattr(run_plain, "signatures", [])
    paths = [path_of("runoff.kernels.transfer.run_plain", one) for one in types]
    assert [path for path in paths if path is None or not path.exists()] == []


def _half(x: np.ndarray, by: float) -> float:
    x[0] = by
    return by / 2.0


def _below(x: np.ndarray, least: float) -> int:
    return -1 if x[0] < least else x.size


def _is_below(x: np.ndarray, least: float) -> bool:
    return bool(x[0] < least)


@pytest.mark.parametrize(
    ("function", "by", "wanted"),
    [(_half, -3.5e-300, -1.75e-300), (_below, 2.0, -1), (_below, 0.5, 2), (_is_below, 2.0, 1), (_is_below, 0.5, 0)],
)
def test_numbers_go_in_and_come_back(function: object, by: float, wanted: float, tmp_path: Path) -> None:
    """A float64 argument, and a float, whole number with its sign, or truth returned: made anew and loaded again."""
    from runoff.kernels._jit import _FLAGS, Kernel
    from runoff.kernels._machine import loaded
    from runoff.kernels._target import built

    x = np.array([1.0, 7.0])
    kernel = Kernel(function, 1)  # type: ignore[arg-type]  # a function
    assert kernel(x.copy(), by) == wanted
    assert kernel(x.copy(), np.float64(by)) == wanted
    _, kept = built(function, (x, by), _FLAGS)
    assert kept is not None
    assert loaded(kept)(told((x.copy(), by))[1]) == wanted
