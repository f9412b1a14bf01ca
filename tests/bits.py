"""Prints digests of runs through the product, all their tables with them: started in processes of many kinds.

    python -m tests.bits [NAME ...]         digests of these runs, by default of all, as JSON
    python -m tests.bits --grid [NAME ...]  the same in each kind of process below; says where they differ

A kind of process is one that sees a CPU with less: NumPy without its wide instructions, BLAS of another CPU, a C
library without fused products, kernels compiled for another target.  A minute of CPU for each kind.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from runoff.data.archive.archive import Archive
from runoff.model.pools import build
from runoff.model.prior.fitted import table
from runoff.phases.runoff_ahead.fit import arrays
from runoff.runfile.load import Case, load
from tests import night, runoff_night, three_finalists
from tests.drawn import run_night, settled
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"
OF_THE_RUN = {"run_id", "seconds", "version", "config_sha256", "results_sha256", "place"}  # of files' bytes or a clock
NO_WIDE = "X86_V4 AVX512_ICL AVX512_SPR"  # NumPy names what it was built with; others it does not know are a warning
NO_FUSED = "glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-FMA,-FMA_Usable,-FMA4"
KINDS = {
    "as it is": {},
    "NumPy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": NO_WIDE},
    "of 2008": {
        "NPY_DISABLE_CPU_FEATURES": f"X86_V3 {NO_WIDE}", "OPENBLAS_CORETYPE": "Prescott", "GLIBC_TUNABLES": NO_FUSED,
    },
    "of 2013": {"NPY_DISABLE_CPU_FEATURES": NO_WIDE, "OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "2"},
    "kernels for any CPU": {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""},
    "kernels for x86-64-v3": {"NUMBA_CPU_NAME": "x86-64-v3", "NUMBA_CPU_FEATURES": ""},
    "kernels for x86-64-v4": {"NUMBA_CPU_NAME": "x86-64-v4", "NUMBA_CPU_FEATURES": ""},
}  # fmt: skip


def digests(names: list[str]) -> dict[str, str]:
    """Digest of each run's tables, as Python writes their numbers: to the last bit."""
    found = {}
    for name in names or CASES:
        with tempfile.TemporaryDirectory() as folder:
            case, results = CASES[name](Path(folder))
            tables = run_night(case, results, trials=TRIALS.get(name, 1_024), seed=20170620)
        rows = {
            table: [{key: value for key, value in row.items() if key not in OF_THE_RUN} for row in of]
            for table, of in tables.items()
        }
        found[name] = hashlib.sha256(repr(rows).encode()).hexdigest()
    return found


def _ga06(name: str, results: str = "") -> Callable[[Path], tuple[Case, Path | None]]:
    return lambda _: (load(GA06 / name), GA06 / results if results else None)


def _race(folder: str, name: str) -> Callable[[Path], tuple[Case, Path | None]]:
    return lambda _: (load(ROOT / "configs" / folder / name), None)


def _counted(names: tuple[str, ...], mode: str = "") -> list[str]:
    """Rows of a runoff's table: every third unit, each a little otherwise than the last."""
    return [
        f"{unit},{name},{mode}{210 + 40 * k + 7 * ((u + 3 * k) % 11)}"
        for u, unit in enumerate(runoff_night.UNITS[::3])
        for k, name in enumerate(names)
    ]


def _plain(folder: Path) -> tuple[Case, Path | None]:
    case = load(runoff_night.folder(folder, by_mode=False))
    rows = _counted(("Ada", "Bo"))
    return case, runoff_night.results(folder / "in.csv", rows, "unit,candidate,votes")


def _three(folder: Path) -> tuple[Case, Path | None]:
    case = load(three_finalists.folder(folder))
    return case, runoff_night.results(folder / "in.csv", _counted(("Ada", "Bo", "Cy"), "early,"))


def _with_baseline(folder: Path) -> tuple[Case, Path | None]:
    rows = [f"{unit},{300 + 31 * i},{420 - 17 * i},{800 + 13 * i}" for i, unit in enumerate(night.UNITS)]
    run = night.folder(folder, more='baseline = "base.csv"')
    (folder / "base.csv").write_text("\n".join(["unit,first,second,ballots", *rows]) + "\n", "utf-8")
    return load(run), None


NIGHTS: dict[str, Callable[[Path], tuple[Case, Path | None]]] = {
    "night": _ga06("runoff-night.toml", "runoff-counted-2055.csv"),
    "night_without_modes": _plain,
    "night_of_three": _three,
    "first_round": lambda folder: (night.loaded(folder), None),
    "first_round_with_baseline": _with_baseline,
}
AHEAD = ("eve.toml", "archive-eve.toml", "precincts.toml")  # whose arrays `of_arrays` looks at
OTHERS: dict[str, Callable[[Path], tuple[Case, Path | None]]] = {
    "first_round_of_ga06": _ga06("first-round-night-2240.toml"),
    "first_round_ahead": _ga06("first-round-eve.toml"),
    "april": _ga06("april.toml"),
    "eve": _ga06("eve.toml"),
    "archive": _ga06("archive.toml"),
    "archive_eve": _ga06("archive-eve.toml"),
    "precincts": _ga06("precincts.toml"),
    "france": _race("fr-president-2017", "polls.toml"),
    "chile": _race("cl-president-2017", "prior.toml"),
    "three_of_saone_et_loire": _race("fr-saone-et-loire-5-2024", "prior.toml"),
}
CASES = NIGHTS | OTHERS
TRIALS = {"night": 512}


def of_arrays() -> dict[str, str]:
    """Digests of what kernels are handed by runs with evidence, past races and precincts, before anything is drawn."""
    found = {}
    for name in AHEAD:
        case = load(GA06 / name)
        made = arrays(build(case), settled(case, seed=1))
        parts = [part for of in (made.detail, made.rest) if of is not None for part in of]
        whole = b"".join(np.asarray(part).tobytes() for part in parts)
        found[name] = hashlib.sha256(whole + repr((made.votes_bound, made.variance_left_out)).encode()).hexdigest()
    return found


def of_fits() -> dict[str, str]:
    """The digest of the table of fits of nine past races, rounded as it ships."""
    made = table.written(table.made(Archive.load().where(level="regional")), {})
    return {"fits": hashlib.sha256(made).hexdigest()}


def elsewhere(names: list[str], **environment: str) -> dict[str, str]:
    """The digests as another process sees them, the arrays' with them."""
    command, environment = [sys.executable, "-m", "tests.bits", *names], {**os.environ, **environment}
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if "--grid" in sys.argv:
        usual: dict[str, str] = {}
        for kind, environment in KINDS.items():
            found = elsewhere(words, **environment)
            usual = usual or found
            wrong = [name for name, digest in found.items() if digest != usual[name]]
            print(f"{kind}: {'the same' if not wrong else 'differs in ' + ', '.join(wrong)}", flush=True)
    else:
        print(json.dumps(digests(words) | of_arrays() | of_fits()))
