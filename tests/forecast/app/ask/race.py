"""A small race for tests of questions: names of every kind, three units in two regions."""

from __future__ import annotations

from pathlib import Path

import runoff

ADA, BO, CY = "<script>alert(1)</script>", "\u0645\u0631\u0634\u062d", "\U0001f3d4 Hills"
RUN = """
[race]
id = "asked"
name = "A race that is asked"
first_round = 2025-03-02
runoff = 2025-03-30
as_of = 2025-03-10

[results]
table = "results.csv"
registered = "roll.csv"

[rates.own]
turnout = { low = 0.7, high = 0.9 }
preference = { low = 0.85, high = 0.97 }

[rates.blocs.C]
turnout = { low = 0.5, high = 0.8 }
preference = { to = "%s", low = 0.3, high = 0.6 }

[new_voters]
turnout = { low = 0.1, high = 0.25 }
preference = { to = "%s", low = 0.4, high = 0.6 }
%s

[simulation]
trials = 20000
seed = 7
"""
POLLS = '\n[evidence]\npolls = "polls.csv"\n'
VOTES = {"north": (900, 500, 300), "east": (700, 800, 200), "south": (400, 700, 350)}


def folder(path: Path, more: str = "") -> Path:
    """The race's files; returns the run file."""
    path.mkdir(parents=True, exist_ok=True)
    rows = []
    for unit, own in VOTES.items():
        for name, party, votes in zip((ADA, BO, CY), "ABC", own, strict=True):
            rows.append(f"{'up' if unit != 'south' else 'down'},{unit},{name},{party},{votes}")
    (path / "results.csv").write_text("\n".join(["region,unit,candidate,party,votes", *rows]) + "\n", "utf-8")
    roll = [f"{'up' if unit != 'south' else 'down'},{unit},{2 * sum(own)}" for unit, own in VOTES.items()]
    (path / "roll.csv").write_text("\n".join(["region,unit,registered", *roll]) + "\n", "utf-8")
    polls = [f"pollster,end,sample_size,published,{ADA},{BO}", "Ask,2025-03-08,800,2025-03-09,46,47"]
    (path / "polls.csv").write_text("\n".join(polls) + "\n", "utf-8")
    run = path / "race.toml"
    run.write_text(RUN % (BO, BO, more), "utf-8")
    return run


def kept(path: Path, more: str = "", **words: object) -> Path:
    """A run of it on disk."""
    options = runoff.Options(threads=1, **words)  # type: ignore[arg-type]  # words of Options
    return runoff.run(runoff.load(folder(path, more)), options).save(path / "runs")


def without_table(run: Path, path: Path) -> Path:
    """The same run as one that kept no trials."""
    import json
    import shutil

    shutil.copytree(run, path)
    (path / "trials.parquet").unlink()
    manifest = json.loads((path / "manifest.json").read_text("utf-8"))
    del manifest["files"]["trials.parquet"]
    (path / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return path
