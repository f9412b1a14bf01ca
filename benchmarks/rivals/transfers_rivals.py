"""Others' estimates of transfers, run by an interpreter that has their libraries: NAME GIVEN.npz ANSWER.npz.

Imports nothing of ours.  elex-solver as its README has it, shares weighed by people; PyEI's multinomial-Dirichlet with
its defaults and 4 chains.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np


def elex_solver(first: Any, second: Any) -> dict[str, Any]:
    """Constrained least squares of shares, units weighed by their people."""
    from elexsolver.TransitionMatrixSolver import TransitionMatrixSolver

    people = first.sum(axis=1)
    kept = people > 0
    x, y, n = first[kept], second[kept], people[kept]
    solver = TransitionMatrixSolver().fit(x / n[:, None], y / n[:, None], sample_weight=n)
    return {"matrix": solver.coefficients * first.sum(axis=0)[:, None]}


def pyei(first: Any, second: Any) -> dict[str, Any]:
    """Posterior mean and 90 % interval of the multinomial-Dirichlet model."""
    from pyei.r_by_c import RowByColumnEI

    people = first.sum(axis=1)
    kept = people > 0
    x, y, n = first[kept], second[kept], people[kept]
    model = RowByColumnEI(model_name="multinomial-dirichlet")
    names = [str(j) for j in range(x.shape[1])], [str(k) for k in range(y.shape[1])]
    model.fit((x / n[:, None]).T, (y / n[:, None]).T, n.astype(int), *names, progressbar=False, random_seed=1)
    origins = first.sum(axis=0)[:, None]
    draws = np.asarray(model.sampled_voting_prefs)
    low, high = np.quantile(draws, [0.05, 0.95], axis=0)
    return {"matrix": draws.mean(axis=0) * origins, "low90_": low * origins, "high90_": high * origins}


def main() -> None:
    """Fit each election in turn; the first is fitted once more before the clock."""
    name, given, answer = sys.argv[1:]
    fit = {"elex-solver": elex_solver, "pyei": pyei}[name]
    with np.load(given) as file:
        parts = [(file[f"first{i}"], file[f"second{i}"]) for i in range(len(file.files) // 2)]
    if name == "elex-solver":
        fit(*parts[0])
    out: dict[str, Any] = {}
    seconds = []
    for i, (first, second) in enumerate(parts):
        begun = time.process_time()
        found = fit(first, second)
        seconds.append(time.process_time() - begun)
        out |= {f"{key}{i}": value for key, value in found.items()}
    np.savez(answer, seconds=np.array(seconds), **out)


if __name__ == "__main__":
    main()
