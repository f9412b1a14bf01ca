"""Units of a race by region and name, as tables speak of them: the region is part of a unit's key.

A table without a region column means a unit by its name where only one has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from runoff import names
from runoff.errors import suggestion
from runoff.names import key


@dataclass(frozen=True, slots=True)
class Unit:
    """A place that counts votes: its region ('' where tables have none) and its name."""

    region: str
    name: str

    @property
    def order(self) -> tuple[tuple[object, ...], tuple[object, ...]]:
        """What units are sorted by: region, then name."""
        return key(self.region), key(self.name)


class Places:
    """Finds units by what a table says of them."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = tuple(units)
        self._exact = {(names.same(unit.region), unit.name): i for i, unit in enumerate(self.units)}
        self._named: dict[str, list[int]] = {}
        for i, unit in enumerate(self.units):
            self._named.setdefault(unit.name, []).append(i)
        self._region = {names.same(unit.region): unit.region for unit in self.units}
        self._near: dict[str, str] | None = None

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of regions, in order."""
        return tuple(dict.fromkeys(unit.region for unit in self.units))

    def region(self, said: str) -> str | None:
        """The region of this name, or None."""
        return self._region.get(names.same(said)) if said else None

    def find(self, region: str | None, name: str) -> int | None:
        """The unit, or None; `region` is None where the table has no such column."""
        if region is None or not region:
            found = self._named.get(name, [])
            return found[0] if len(found) == 1 else None
        exact = self._exact.get((names.same(region), name))
        if exact is None and ("", name) in self._exact and len(self._named[name]) == 1:
            return self._exact["", name]  # the race's units have no regions
        return exact

    def why(self, region: str | None, name: str) -> tuple[str, str, str]:
        """What is wrong, the rule, and the way out, where `find` finds nothing."""
        found = [self.units[i].region for i in self._named.get(name, [])]
        if len(found) > 1 and not region:
            said = ", ".join(found[:5])
            return "which of them?", f"units of this name are in {said}", "add a column region"
        if found:
            said = " and ".join(found[:5])
            fix = f"it is in {said}" if said else "leave the region out"
            return f"{name} is not in {region}", "a unit is in one region in all tables", fix
        if self._near is None:
            self._near = {names.alike(unit.name): unit.name for unit in self.units}
        near = self._near.get(names.alike(name))
        fix = f"did you mean {near}?" if near else suggestion(name, list(self._named)[:2_000])
        fix = fix or "join a new unit to its parent in both tables"
        return "no such unit", "units are those of the first round", fix

    def labels(self) -> tuple[str, ...]:
        """A name for each unit that no other has: with its region where two are called the same."""
        return tuple(
            unit.name if len(self._named[unit.name]) == 1 else f"{unit.name} ({unit.region})" for unit in self.units
        )
