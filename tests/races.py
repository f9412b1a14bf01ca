"""What past races said of the races in configs/, and what came.

`python -m tests.races` writes it into docs/races.md.
"""

from __future__ import annotations

import csv
from pathlib import Path

import runoff

CONFIGS = Path(__file__).parents[1] / "configs"
RUNS = (
    ("ga-senate-2020", "prior"),
    ("ga-senate-2020", "polls"),
    ("la-senate-2002", "prior"),
    ("la-senate-2002", "polls"),
    ("fr-president-2017", "prior"),
    ("fr-president-2017", "polls"),
    ("cl-president-2017", "prior"),
    ("fr-saone-et-loire-5-2024", "prior"),
)
_COLUMNS = "race: first of the finalists, as of, P(wins), lead: mean and 80 %, came, inside, votes: 80 %, came, inside"


def table() -> str:
    """The table of docs/races.md: a row a run file."""
    columns = _COLUMNS.split(", ")
    header = f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|"
    return "\n".join([header, *(row(folder, name) for folder, name in RUNS)]) + "\n"


def row(folder: str, name: str) -> str:
    """The first finalist's lead over the best other, in points, and the votes in thousands: forecast, and what came."""
    result = runoff.run(runoff.load(CONFIGS / folder / f"{name}.toml"))
    (run,) = result.table("run").to_pylist()
    first = result.table("candidates").to_pylist()[0]
    low, high = 100 * run["margin_q10"], 100 * run["margin_q90"]
    few, many = (run["people"] * run[f"turnout_q{level}"] / 1000 for level in (10, 90))
    votes = runoff_votes(folder)
    lead, came = 100 * (votes[0] - max(votes[1:])) / sum(votes), sum(votes) / 1000
    chance = "> 99.9 %" if first["p_win"] > 0.999 else f"{100 * first['p_win']:.1f} %"
    known = "with polls" if name == "polls" else "no polls"
    return (
        f"| {run['race_name']}: {first['short']} | {run['as_of']}, {known} | {chance} "
        f"| {100 * run['margin_mean']:+.1f} ({low:+.1f} to {high:+.1f}) | {lead:+.1f} | {_inside(low, lead, high)} "
        f"| {few:,.0f} to {many:,.0f} | {came:,.0f} | {_inside(few, came, many)} |"
    )


def _inside(low: float, came: float, high: float) -> str:
    return "yes" if low <= came <= high else "no"


def runoff_votes(folder: str) -> list[int]:
    """What each finalist got in the runoff, in the order of the first round."""
    with (CONFIGS / folder / "result.csv").open(encoding="utf-8") as rows:
        return [int(found["votes"]) for found in csv.DictReader(rows)]


if __name__ == "__main__":
    from tests import documents

    documents.rewrite(["races"])
