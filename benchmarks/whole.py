"""What a user feels: whole processes of `runoff`, their time and their memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def seconds(arguments: list[str], *, runs: int, fresh_cache: bool = False) -> float:
    """Median wall time of `runoff ARGUMENTS`, each run into a folder of its own; with or without compiled kernels."""
    times = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            environment = {**os.environ, **({"RUNOFF_CACHE_DIR": folder + "/cache"} if fresh_cache else {})}
            begun = time.perf_counter()
            _run(arguments, folder, environment)
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


def peak_megabytes(arguments: list[str]) -> float:
    """Peak resident memory of `runoff ARGUMENTS`, as the operating system counts it."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, sys.executable, "-m", "runoff.app.cli", *_into(arguments, folder)]
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(answer.stdout.split()[-1]) / 1024


def _run(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "runoff.app.cli", *_into(arguments, folder)]
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)


def _into(arguments: list[str], folder: str) -> list[str]:
    """The words of a run with its output folder and nothing printed; other commands as they are."""
    return [*arguments, "--quiet", "--out", str(Path(folder) / "runs")] if arguments[0] == "run" else arguments
