"""Compiled kernels on disk: kept for this user alone, and never trusted blindly.

The runs are of a night, whose only kernel is compiled in a second; it is kept and loaded as all are.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import night
from tests.command import process
from tests.installed import ROOT


@pytest.fixture
def run(tmp_path: Path) -> str:
    """A small night's run file."""
    return str(night.folder(tmp_path / "night"))


def test_without_a_place_for_compiled_kernels_it_still_runs(run: str, tmp_path: Path) -> None:
    """Where the cache folder cannot be made, kernels are compiled anew, and a note says so."""
    answer = process("run", run, "--trials", "100", "--out", str(tmp_path / "a"), RUNOFF_CACHE_DIR="/dev/null/cache")
    assert answer.returncode == 0, answer.stderr
    assert "compiled kernels cannot be kept in /dev/null/cache" in answer.stderr


def test_a_damaged_kernel_cache_means_a_recompile(run: str, tmp_path: Path) -> None:
    """Truncated and altered cache files are compiled anew, with the same digest; the folder is private."""
    cache = tmp_path / "cache"
    words = ("run", run, "--trials", "100", "--json", "--out")
    first = json.loads(process(*words, str(tmp_path / "a"), RUNOFF_CACHE_DIR=str(cache)).stdout)
    assert cache.stat().st_mode & 0o777 == 0o700
    assert list(cache.iterdir())
    for file in cache.iterdir():
        file.write_bytes(file.read_bytes()[:1000])
    again = json.loads(process(*words, str(tmp_path / "b"), RUNOFF_CACHE_DIR=str(cache)).stdout)
    assert again["night"]["digest"] == first["night"]["digest"]
    assert all(file.stat().st_size > 1000 for file in cache.iterdir())


def test_a_cache_that_others_can_write_to_is_not_used(tmp_path: Path) -> None:
    """A planted file is not run, the folder is left as it is, and the run compiles anew and says so."""
    cache, mark = tmp_path / "cache", tmp_path / "ran"
    cache.mkdir()
    cache.chmod(0o777)
    code = (
        "import hashlib, os, sys; from pathlib import Path\n"
        "import numpy as np\n"
        "import runoff.kernels._cache as c, runoff.kernels._machine as m\n"
        "m.loaded = lambda kept: Path(sys.argv[1]).touch()\n"
        "real, body = c.path_of, b'entry' + bytes(100)\n"
        "def plant(*a):\n"
        "    p = Path(os.environ['RUNOFF_CACHE_DIR']) / 'x.bin'\n"
        "    p.write_bytes(hashlib.sha256(body).digest() + body); p.chmod(0o666)\n"
        "    return real(*a) and p\n"
        "c.path_of = plant\n"
        "from runoff.simulate.normals import GROUP, normals\n"
        "normals(1, [2], 0, GROUP)\n"
    )
    environment = {**os.environ, "RUNOFF_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(mark)], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "others can write to it" in done.stderr
    assert not mark.exists()
    assert cache.stat().st_mode & 0o777 == 0o777
