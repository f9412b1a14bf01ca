"""[night.classes] held against the race and the count: which cells each class is of, and what cannot be.

A class names modes, units or regions; what it does not name it has all of.  Its size is of ballots still out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.counts.runoff_count import COMPLETE, NO_MODE, Reported
from runoff.data.votes.places import Places
from runoff.errors import Problem, shown, suggestion
from runoff.phases.runoff_night.classes.ballots import BallotClass, ballot_class
from runoff.race import BoolArray, FloatArray
from runoff.runfile.positions import locate

if TYPE_CHECKING:
    from runoff.runfile.load import Case
    from runoff.runfile.sections.observed import NightClass

_MOST = 5  # names of what there is in a rule


def stated(case: Case, reported: Reported, people: FloatArray) -> tuple[tuple[BallotClass, ...], list[Problem]]:
    """The classes in order of name, and every problem of theirs; people : float64[U], all who may vote in a unit."""
    if not case.run_file.night.classes:
        return (), []
    reader = _Reader(case, reported, people)
    found = [reader.read(name, case.run_file.night.classes[name]) for name in _sorted(case)]
    reader.among(found)
    return tuple(found), reader.problems


def notes(classes: Iterable[BallotClass], reported: Reported) -> list[str]:
    """What a reader should know of how classes stand to one another."""
    parts = [one for one in classes if one.kind == "part"]
    out = reported.state != COMPLETE
    return [
        f"{a.name} and {b.name} are parts of the same cells: no ballot may be in both"
        for a, b in combinations(parts, 2)
        if (a.cells & b.cells & out).any()
    ]


def _sorted(case: Case) -> list[str]:
    return sorted(case.run_file.night.classes, key=names.key)


class _Reader:
    """Classes over the cells of a night; collects what is wrong."""

    def __init__(self, case: Case, reported: Reported, people: FloatArray) -> None:
        self.case, self.reported = case, reported
        self.places, self.positions = Places(case.results.units), locate(case.text)
        self.out = reported.state != COMPLETE
        self.left: FloatArray = np.maximum(people - reported.votes.sum(axis=(1, 2)), 0.0)
        self.problems: list[Problem] = []

    def read(self, name: str, said: NightClass) -> BallotClass:
        """One class; where a name is not found it has the cells of the others."""
        modes = [m for m in self._modes(name, said) if m is not None]
        units = np.array([u for u in self._units(name, said) if u is not None], np.int64)
        cells = np.zeros(self.out.shape, bool)
        cells[np.ix_(units, np.array(modes, np.int64))] = True
        of = ballot_class(
            name,
            said,
            cells,
            tuple(self.reported.modes[m] for m in modes) if said.modes else (),
            self._finalist(name, said),
        )
        if cells.any():
            self._still_out(of, said)
            self._people(of, said)
            self._said_twice(of, said)
        return of

    def among(self, found: list[BallotClass]) -> None:
        """Refuse classes that have the same ballots, or more of them together than there are people."""
        for a, b in combinations(found, 2):
            both = a.cells & b.cells & self.out
            kinds = {a.kind, b.kind}
            if names.same(a.name) == names.same(b.name):
                what, rule = f"{a.name} and {b.name} differ in capitals only", "each class has a name of its own"
                self._say((b.name,), what, rule, "", f'name one of them otherwise, as in "{b.name} 2"')
            if not both.any() or "extra" in kinds or kinds == {"part"}:
                continue
            rule = 'kind = "all" is all that is out of its cells: no other class has a part of it'
            fix = (
                'kind = "part" in both'
                if a.size is not None and b.size is not None
                else f"take [night.classes.{b.name}] away"
            )
            what = f"{a.name} and {b.name} are both of {self._cell(both)}"
            self._say((b.name, "kind"), what, rule, "", f"{fix}, or name other modes or units")
        sized = [one for one in found if one.size is not None]
        low = sum(int(self.case.run_file.night.classes[one.name].low or 0) for one in sized)
        union = np.any([one.units for one in sized], axis=0) if sized else np.zeros(len(self.left), bool)
        left = int(self.left[union].sum())
        if len(sized) > 1 and low > left and not self.problems:
            what = f"all classes together have {low:,} ballots at least, and {left:,} people are left there"
            fix = f"lower them until their low ends add up to {left:,}" if left else "take them away"
            self._say(("",), what, "a ballot is somebody's who is not counted yet", f"{low:,}", fix)

    def _modes(self, name: str, said: NightClass) -> Iterator[int | None]:
        place = {names.same(mode): m for m, mode in enumerate(self.reported.modes)}
        if said.modes is None:
            yield from place.values()
            return
        known = [mode for mode in self.reported.modes if mode != NO_MODE]
        for i, mode in enumerate(said.modes):
            if names.same(mode) not in place:
                rule = f"modes are {names.listed(known, _MOST)}" if known else "votes are not told by mode here"
                fix = suggestion(mode, known) or (
                    "name one of them, or take modes away" if known else "take modes away"
                )
                self._say((name, "modes", i), f"no such mode in [night.classes.{name}]", rule, mode, fix)
            yield place.get(names.same(mode))

    def _units(self, name: str, said: NightClass) -> Iterator[int | None]:
        regions = [self._region(name, i, region) for i, region in enumerate(said.regions or ())]
        if said.units is None:
            for u, place in enumerate(self.places.units):
                if said.regions is None or place.region in regions:
                    yield u
            return
        inside: list[str | None] = [region for region in regions if region is not None]
        for i, unit in enumerate(said.units):
            found = [u for u in (self.places.find(region, unit) for region in inside or [None]) if u is not None]
            if not found:
                what, rule, fix = self.places.why(inside[0] if inside else None, unit)
                if what == "which of them?":
                    what, fix = (
                        f"{unit}: {what}",
                        f'say which, as in regions = ["{rule.split(" in ")[-1].split(",")[0]}"]',
                    )
                elif what == "no such unit":
                    fix = fix if fix.startswith("did you") else "take it away, or name one of the first round's"
                self._say((name, "units", i), f"[night.classes.{name}]: {what}", rule, unit, fix)
                yield None
            yield from found

    def _region(self, name: str, place: int, region: str) -> str | None:
        found = self.places.region(region)
        if found is None:
            known = [one for one in self.places.regions if one]
            rule = f"regions are {names.listed(known, _MOST)}" if known else "the tables have no regions"
            fix = suggestion(region, known) or ("name one of them, or take regions away" if known else "name units")
            self._say((name, "regions", place), f"no such region in [night.classes.{name}]", rule, region, fix)
        return found

    def _finalist(self, name: str, said: NightClass) -> int:
        if said.split is None:
            return 0
        finalists = self.case.finalists
        near = [k for k, one in enumerate(finalists) if names.near(one) == names.near(said.split.to)]
        if said.split.to in finalists:
            return finalists.index(said.split.to)
        rule, fix = f"finalists are {', '.join(finalists)}", suggestion(said.split.to, finalists) or "name one of them"
        fix = f"did you mean {finalists[near[0]]}?" if near else fix
        what = f"[night.classes.{name}] splits to somebody who is no finalist"
        self._say((name, "split", "to"), what, rule, said.split.to, fix)
        return 0

    def _still_out(self, of: BallotClass, said: NightClass) -> None:
        if of.kind == "extra" or (of.cells & self.out).any():
            return
        fix = "take the class away"
        if said.low is not None:
            fix = f'if these ballots come on top of what is counted: kind = "extra"; else {fix}'
        what = f"[night.classes.{of.name}]: its cells are complete, nothing of them is out"
        self._say((of.name, "kind"), what, f"{of.kind} is of what is out", said.kind, fix)

    def _people(self, of: BallotClass, said: NightClass) -> None:
        left = int(self.left[of.units].sum())
        if said.low is None or said.high is None or said.high <= left:
            return
        what = f"[night.classes.{of.name}]: high is {said.high:,}, and {left:,} people are left in its units"
        rule = "a ballot is somebody's: voters of the first round and [new_voters], less what is counted there"
        ends = f"high = {left}" if left >= said.low else f"low = {left}, high = {left}"
        fix = ends if left else "take the class away"
        fix += "" if self.case.run_file.new_voters else "; or add [new_voters], if others may vote"
        self._say((of.name, "high"), what, rule, f"{said.high:,}", fix)

    def _said_twice(self, of: BallotClass, said: NightClass) -> None:
        """A size of all that is out of a mode that [night.sizes] speaks of."""
        if of.kind != "all" or of.size is None:
            return
        sizes = names.by_same(dict.fromkeys(self.case.run_file.night.sizes, True))
        whole = self.out.any(axis=0) & (of.cells | ~self.out).all(axis=0)  # modes of which it is all that is out
        for m in np.flatnonzero(whole).tolist():
            mode = self.reported.modes[m]
            if names.same(mode) in sizes:
                what = f"[night.classes.{of.name}] and [night.sizes.{mode}] both say how many are out"
                rule = "what is out of a cell is said once"
                fix = f"take low and high of the class away, or [night.sizes.{mode}]"
                self._say((of.name, "low"), what, rule, f"{said.low:,} to {said.high:,}", fix)

    def _cell(self, cells: BoolArray) -> str:
        """The first of some cells by name, and how many more there are."""
        labels = self.places.labels()
        found = [", ".join(filter(None, (labels[u], self.reported.modes[m]))) for u, m in np.argwhere(cells).tolist()]
        return names.listed(found, 1)

    def _say(self, at: tuple[str | int, ...], what: str, rule: str, got: str, fix: str) -> None:
        span = self.positions.find(("night", "classes", *at), value=True)
        line, column, text = self.positions.line_column(span.start) if span else (0, 0, "")
        length = span.length if span else 1
        self.problems.append(Problem(self.case.path, line, column, what, rule, shown(got), fix, text, length))
