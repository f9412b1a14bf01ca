"""How long the first answer takes beside importing NumPy and pyarrow: `python -m benchmarks.first_answer [PAIRS]`.

Each round starts each command once, in turn, so that whatever else the machine does meets all of them; medians over
rounds.  CPU is user and system time of all threads, which a busy machine moves less than the clock.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
BASE = "import numpy, pyarrow"
EVE, APRIL = (str(ROOT / "configs" / "ga06-2017" / f"{name}.toml") for name in ("eve", "april"))


def commands(folder: Path) -> dict[str, list[str]]:
    """What is compared, the base first; runs write into folders of their own."""
    runoff = [sys.executable, "-m", "runoff.app.cli"]
    run = ["--trials", "1000", "--quiet", "--out"]
    return {
        BASE: [sys.executable, "-c", BASE],
        "run eve.toml": [*runoff, "run", EVE, *run, str(folder / "eve")],
        "run april.toml": [*runoff, "run", APRIL, *run, str(folder / "april")],
        "check eve.toml": [*runoff, "check", EVE],
    }


def once(command: Sequence[str]) -> tuple[float, float]:
    """Wall and CPU seconds of a command."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    # compiled Python files are kept, as an installation does
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, stdout=subprocess.DEVNULL, env=environment, check=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def told(found: Mapping[str, Sequence[tuple[float, float]]]) -> str:
    """A line a command: median wall and CPU seconds, and what they are of the base's, the first."""
    medians = {name: [statistics.median(side) for side in zip(*times, strict=True)] for name, times in found.items()}
    base = next(iter(medians.values()))
    lines = [f"{'median of ' + str(len(next(iter(found.values())))):<24}    wall   ratio     CPU   ratio"]
    for name, (wall, cpu) in medians.items():
        lines.append(f"{name:<24}{wall:7.3f}{wall / base[0]:8.2f}{cpu:8.3f}{cpu / base[1]:8.2f}")
    return "\n".join(lines)


def main(rounds: int) -> None:
    """Warm everything once, then print the medians of so many rounds."""
    found: dict[str, list[tuple[float, float]]] = {}
    for number in range(-1, rounds):
        with tempfile.TemporaryDirectory() as folder:
            for name, command in commands(Path(folder)).items():
                times = once(command)
                if number >= 0:
                    found.setdefault(name, []).append(times)
    print(told(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
