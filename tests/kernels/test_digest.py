"""The promise: equal config, seed and version give equal bits, whatever draws them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from tests import digest
from tests.installed import ROOT

GOLDEN = json.loads((ROOT / "tests" / "data" / "golden_digest.json").read_text())


def _elsewhere(*arguments: str, **environment: str) -> dict[str, str]:
    """The digests as another process sees them."""
    answer = subprocess.run(
        [sys.executable, "-m", "tests.digest", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    result: dict[str, str] = json.loads(answer.stdout)
    return result


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
@pytest.mark.parametrize("block_groups", [1, 5, 64])
def test_threads_and_blocks(threads: int, block_groups: int) -> None:
    """The golden digest, over threads and sizes of block."""
    assert digest.digests(threads, block_groups) == GOLDEN


def test_spawned_process() -> None:
    """The golden digest, drawn by a spawned child."""
    assert _elsewhere("2", "5", "spawn") == GOLDEN


def test_interpreted_as_plain_python() -> None:
    """Every kernel run as plain Python fills the same tallies as the compiled one, to the bit."""
    assert _elsewhere("1", "1", "700", NUMBA_DISABLE_JIT="1") == digest.digests(2, 1, 700)


@pytest.mark.long
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="the CPU names are those of x86-64")
@pytest.mark.parametrize("cpu", ["generic", "x86-64-v3", "x86-64-v4", "native"])
def test_cpu_targets(cpu: str) -> None:
    """The golden digest, compiled for each CPU target that this CPU can run."""
    if cpu == "x86-64-v4" and "avx512f" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this CPU has no AVX-512")
    named = {} if cpu == "native" else {"NUMBA_CPU_NAME": cpu, "NUMBA_CPU_FEATURES": ""}
    assert _elsewhere("3", "2", **named) == GOLDEN
