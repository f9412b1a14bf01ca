"""A table none of whose names fits is probably of another race: told once, instead of row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runoff import names
from runoff.errors import Problem, suggestion

_FEW = 3  # names from which on a table can be of another race
_TIMES = 9  # strange names to one that fits
_SHOWN = 3  # names of each kind that are shown


@dataclass(frozen=True, slots=True)
class Strangers:
    """Names of one kind in a table, those that the race has not, and how many it has; known : the race's own."""

    noun: str
    strange: Sequence[str]
    fitting: int
    known: Sequence[str]

    @property
    def foreign(self) -> bool:
        """Whether nearly all of them are strange."""
        return len(self.strange) >= max(_FEW - (len(self.known) < _FEW), _TIMES * self.fitting)

    @property
    def counted(self) -> str:
        """How few of how many fit."""
        few = f"only {self.fitting:,}" if self.fitting else "none"
        return f"{few} of its {len(self.strange) + self.fitting:,} {self.noun}"


def of_another_race(file: str, *kinds: Strangers, beside: str = "") -> Problem | None:
    """One problem with a table that is of another race, instead of one a row; None where its names fit.

    beside : a second table, which may be the one that is.
    """
    found = [kind for kind in kinds if kind.foreign]
    if not found:
        return None
    parts = [kind.counted for kind in found]
    near = [(name, suggestion(name, kind.known[:2_000])) for kind in found for name in kind.strange[:_SHOWN]]
    fixes = [f"is it{f', or {beside},' * bool(beside)} the table of another race? then name this race's"]
    fixes += [f"{name}: {said}" for name, said in near if said]
    return Problem(
        file,
        0,
        0,
        f"{' and '.join(parts)} are of this race",
        "; ".join(f"{kind.noun} are {names.listed(kind.known, _SHOWN)}" for kind in found),
        "; ".join(names.listed(kind.strange, _SHOWN) for kind in found),
        "; or ".join(fixes),
    )
