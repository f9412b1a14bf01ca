"""How kernels are compiled: as wide as the CPU allows, and without a trace in anybody else's code."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.installed import ROOT

_STRANGER = """
import sys
import numba, numpy as np
if "kernels" in sys.argv:
    from runoff.kernels._jit import standalone
    from runoff.kernels.normals import normals
    from runoff.kernels.philox import GROUP, LANES
    words, out = np.empty(2 * LANES, np.uint64), np.empty(GROUP, np.float32)
    standalone(normals)(np.uint64(1), np.uint64(2), np.uint64(3), words, out)
@numba.njit
def stranger(x, y):
    for i in range(x.size):
        y[i] = x.view(np.float32)[i] * 3.0 + 1.0
stranger(np.ones(100, np.int32), np.ones(100, np.float32))
code = next(iter(stranger.inspect_asm().values()))
print(code.count("zmm"), code.count("ymm"), len(code.splitlines()))
"""


def _stranger(*arguments: str) -> str:
    answer = subprocess.run(
        [sys.executable, "-c", _STRANGER, *arguments],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return answer.stdout


def test_other_users_of_numba_get_the_code_they_always_got() -> None:
    """A function of somebody else's, compiled after kernels were, has the vectors it has without them."""
    assert _stranger("kernels") == _stranger()


def test_kernels_use_the_widest_vectors_of_the_cpu(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Where the CPU has AVX-512 its preference for half of it is taken off, unless RUNOFF_WIDE=0 says not to."""
    from runoff.kernels import _target

    monkeypatch.setattr(_target.config, "CPU_FEATURES", None)
    monkeypatch.setattr(_target.codegen, "get_host_cpu_features", lambda: "+avx2,+avx512f")
    assert _target.features() == "+avx2,+avx512f,-prefer-256-bit"
    monkeypatch.setenv("RUNOFF_WIDE", "0")
    assert _target.features() == "+avx2,+avx512f"
    monkeypatch.delenv("RUNOFF_WIDE")
    monkeypatch.setattr(_target.codegen, "get_host_cpu_features", lambda: "+avx2,-avx512f")
    assert _target.features() == "+avx2,-avx512f"
    monkeypatch.setattr(_target.config, "CPU_FEATURES", "+sse2")
    assert _target.features() == "+sse2"


def test_a_piece_is_compiled_once_within_its_kernel() -> None:
    """A piece of a kernel has no machine code of its own; the kernel that it is melted into gives what Python gives."""
    import numpy as np
    from numba.core import types

    from runoff.kernels import _machine, _target
    from runoff.kernels._jit import _FLAGS, part

    @part
    def twice(x: float) -> float:
        return 2.0 * x

    def kernel(values: object, out: object) -> None:
        for i in range(values.size):  # type: ignore[attr-defined]
            out[i] = twice(values[i]) + 1.0  # type: ignore[index]

    dispatcher = _target._ByWords(kernel, targetoptions={"nopython": True, "no_cfunc_wrapper": True, **_FLAGS})
    given = types.float64[::1]
    dispatcher.compile((given, given))
    inner = twice.dispatcher  # type: ignore[attr-defined]
    (piece,), (whole,) = inner.overloads.values(), dispatcher.overloads.values()
    assert piece.library.get_pointer_to_function(piece.fndesc.llvm_func_name) == 0
    assert whole.library.get_pointer_to_function(whole.fndesc.llvm_cpython_wrapper_name) != 0
    assert not whole.library._codegen.piece

    values, out = np.array([1.5, -2.0, 1e300]), np.empty(3)
    code, kept = _target.built(kernel, (values, out), _FLAGS)
    code(_machine.told((values, out))[1])
    assert out.tolist() == [4.0, -3.0, 2e300]
    assert kept is not None
