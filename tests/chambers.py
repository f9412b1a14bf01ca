"""Small chambers for tests: a table of districts, its run file, and the values behind them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from runoff.data.chamber.districts import District, Law, elected, qualified
from runoff.model.prior.fitted import table
from runoff.phases.chamber.fit import Fitted, fitted
from runoff.race import Candidate

BLOCS = ("left", "centre", "right", "far-right", "other")
RUN_FILE = """
[race]
id = "small-chamber"
name = "A small chamber"
first_round = 2024-06-30
runoff = 2024-07-07
as_of = 2024-07-01
[chamber]
table = "first-round.csv"
[prior]
country = "France"
level = "national_district"
[simulation]
trials = 3000
"""


def districts(many: int = 12, seed: int = 5) -> tuple[District, ...]:
    """Districts with a candidate of each bloc, whose names are the same everywhere; by the French law."""
    draw = np.random.default_rng(seed)
    found = []
    for d in range(many):
        strength = draw.dirichlet(np.array([6.0, 5.0, 4.0, 7.0, 1.0]) * 1.5)
        roll = int(draw.integers(50_000, 90_000))
        votes = np.maximum((strength * roll * 0.62).astype(int), 50)
        order = np.argsort(-votes, kind="stable")
        counts = tuple(int(votes[k]) for k in order)
        candidates = tuple(Candidate(f"Cand {BLOCS[k]}", BLOCS[k], BLOCS[k]) for k in order)
        won = elected(counts, roll, Law())
        stand = () if won is not None else qualified(counts, roll, Law())
        found.append(District(f"d{d:02}", f"r{d % 3}", candidates, counts, roll, stand, (), won))
    return tuple(found)


def csv_of(of: tuple[District, ...]) -> str:
    """The table of districts."""
    lines = ["district,region,candidate,votes,party,bloc,registered"]
    lines += [
        f"{d.id},{d.region},{c.name},{votes},{c.party},{c.bloc},{d.registered}"
        for d in of
        for c, votes in zip(d.candidates, d.votes, strict=True)
    ]
    return "\n".join(lines) + "\n"


def folder(path: Path, of: tuple[District, ...] | None = None, more: str = "") -> Path:
    """A folder with the run file and its table; returns the run file.  What stands before a section is [chamber]'s."""
    (path / "first-round.csv").write_text(csv_of(districts() if of is None else of), "utf-8")
    file = path / "chamber.toml"
    own = "" if more.startswith("[") else more.partition("[")[0]
    file.write_text(RUN_FILE.replace("[chamber]\n", f"[chamber]\n{own}") + more.removeprefix(own), "utf-8")
    return file


def ready(of: tuple[District, ...], seed: int = 0) -> Fitted:
    """The districts ready to be drawn, by the fit of the whole shipped archive."""
    return fitted(of, {bloc: bloc for bloc in BLOCS}, table.shipped().without[""], {}, election="small", seed=seed)
