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
