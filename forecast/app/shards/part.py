"""A range of a run's trials, and which runs are sums of such ranges."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from runoff import __version__
from runoff.app.shards.ranges import RANGED
from runoff.errors import InputError, UsageError
from runoff.phases.pipeline import Opened

GROUP = 1_024  # trials that are drawn together: shards begin at their multiples


@dataclass(frozen=True, slots=True)
class Part:
    """Which shard, from 1, of how many."""

    shard: int
    shards: int

    def range(self, trials: int) -> tuple[int, int]:
        """First trial and the one after the last; shards differ by a group of trials at most."""
        groups = -(-trials // GROUP)
        first, last = (min(groups * k // self.shards * GROUP, trials) for k in (self.shard - 1, self.shard))
        return first, last

    def name(self, run_id: str) -> str:
        """The name of its folder: the hash of all that decides the run's numbers, and the part."""
        return f"{run_id[-12:]}.shard-{self.shard}-of-{self.shards}"


def refuse(run: Opened) -> None:
    """Refuse a run that is no sum of ranges of trials: UsageError with the reason."""
    if run.phase.name not in RANGED:
        why = "its trials are kept together, and weighed against each other"
        raise UsageError(f"a {run.phase.name.replace('_', ' ')} has no shards: {why}\n  fix:  runoff run")
    if run.settings.target_se is not None:
        why = "where it stops hangs on all trials"
        raise UsageError(f"--target-se (or [simulation] target_se) has no shards: {why}\n  fix:  say --trials instead")
    if run.settings.trials_table:
        raise UsageError("a table of trials has no shards: they keep sums\n  fix:  leave --trials-table out")


def fit(run: Opened) -> Any:
    """What its trials need; InputError where the race is too large."""
    try:
        return run.phase.fit(run.data, run.settings)
    except ValueError as problem:
        raise InputError.single(run.data.case.path, str(problem)) from None


@cache
def source() -> str:
    """sha256 over the version, the code and the shipped tables of this program."""
    roots = [Path(import_module(name).__path__[0]) for name in ("runoff", "runoff.kernels")]
    found = hashlib.sha256(__version__.encode())
    for root in roots:
        for path in sorted(path for kind in ("*.py", "*.parquet") for path in root.rglob(kind)):
            name = path.relative_to(root)
            if name.parts[0] != "kernels":  # within the package where it is installed, beside it in a checkout
                found.update(f"\0{name.as_posix()}\0".encode() + path.read_bytes())
    return found.hexdigest()
