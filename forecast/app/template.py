"""`runoff init`: a commented run file with a small made-up race, which runs as it is."""

from __future__ import annotations

from pathlib import Path

from runoff.errors import OutputError, RunExistsError

RUN_FILE = "runoff.toml"
RESULTS = "first-round.csv"

_RUN_FILE = """\
# A run file: one race, one day of knowledge.  Change the numbers, then: runoff run runoff.toml
# `runoff check runoff.toml` prints what was understood; docs/run-file.md explains every key.

[race]
id = "example-2025"              # names the race and its runs
name = "An example, three made-up counties"
first_round = 2025-03-02
runoff = 2025-03-30
as_of = 2025-03-05               # nothing later may be used
threshold = 0.5                  # share of valid votes that wins outright
recount_margin = 0.005           # a lead of half a point or less is counted again

[results]
table = "first-round.csv"        # unit, candidate, party, votes; relative to this file

# Rates: how many of a pool come (turnout), and whom those who come choose (preference).
# Say them as {mean, sd}, as an interval {low, high, probability = 0.8}, or as counts {count, of}.
[rates.own]                      # the finalists' own voters; a preference is to the finalist himself
turnout = { low = 0.85, high = 0.95 }
preference = { low = 0.94, high = 0.99 }

[rates.blocs.Green]              # eliminated candidates, by bloc (here: party)
turnout = { mean = 0.80, sd = 0.06 }
preference = { to = "Ada Quist", low = 0.60, high = 0.85 }

[rates.candidates."Di Marsh"]    # one candidate, over the bloc's rates
turnout = { mean = 0.70, sd = 0.08 }
preference = { to = "Bo Lind", count = 33, of = 52, source = "a poll's crosstab" }

[new_voters]                     # people without a vote in the first round
people = 90_000
turnout = { low = 0.05, high = 0.15 }
preference = { to = "Ada Quist", low = 0.42, high = 0.58 }

[factors.turnout]                # parts of each rate's variance that all pools, a bloc, the pool alone have
shared = 0.4
bloc = 0.3
pool = 0.3
unit = 0.1                       # spread between units, in log-odds

[factors.preference]
shared = 0.3
bloc = 0.5
pool = 0.2
unit = 0.1

[simulation]
trials = 1_000_000
seed = 1
"""

_VOTES = {
    "Ada Quist": ("Labour", (31_204, 22_871, 9_310)),
    "Bo Lind": ("Liberal", (27_650, 20_144, 12_902)),
    "Cy Holm": ("Green", (9_421, 4_350, 1_208)),
    "Di Marsh": ("Centre", (6_118, 7_003, 4_377)),
    "Ed Stone": ("Green", (2_240, 911, 402)),
}


def template() -> str:
    """The commented run file."""
    return _RUN_FILE


def example_results() -> str:
    """The results table that the run file names."""
    lines = ["unit,candidate,party,votes"]
    for place, unit in enumerate(("North", "Coast", "Hills")):
        lines += [f"{unit},{name},{party},{votes[place]}" for name, (party, votes) in _VOTES.items()]
    return "\n".join(lines) + "\n"


def write_template(directory: Path) -> list[Path]:
    """Write run file and table into a folder; both or neither.

    Raises
    ------
    RunExistsError : one of them stands there.
    OutputError : the folder cannot be written.
    """
    contents = {directory / RUN_FILE: template(), directory / RESULTS: example_results()}
    for path in contents:
        if path.exists():
            raise RunExistsError(f"{path}: stands there, and is left alone\n  fix:  name another folder")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for path, text in contents.items():
            path.write_text(text, "utf-8")
    except OSError as cause:
        raise OutputError(f"{cause.filename or directory}: cannot write: {cause.strerror}") from None
    return list(contents)
