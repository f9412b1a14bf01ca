"""Draws what lies between two kept runs, each forecast once, and takes the change apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from runoff import __version__
from runoff.app.after.worlds import PARTS, Side, World, world
from runoff.errors import InputError, MissingFileError, RunoffError
from runoff.phases import pipeline
from runoff.phases.registry import phase_named
from runoff.phases.settings import settle

if TYPE_CHECKING:
    from runoff.output.kept import Kept
    from runoff.race import Tables
    from runoff.simulate.driver import Progress

Row = dict[str, Any]
QUANTITIES = ("p_win", "share_mean")
Answer = tuple[Fraction, Fraction]  # of the first candidate: QUANTITIES


@dataclass(frozen=True, slots=True)
class _Way:
    """How a forecast is drawn."""

    seed: int
    trials: int
    units: bool


def head_of(kept: Kept) -> Row:
    """The row of a run that has its digest."""
    return kept.tables[phase_named(kept.phase).head][0]


def chances_of(phase: str, tables: Tables) -> list[Row]:
    """A row a candidate, with p_win."""
    return list(tables[phase_named(phase).chances])


def answer_of(phase: str, tables: Tables, candidate: str) -> Answer:
    """A candidate's chance and mean share.

    Raises
    ------
    InputError : no such candidate.
    """
    for row in chances_of(phase, tables):
        if row["candidate"] == candidate:
            return Fraction(row["p_win"]), Fraction(row["share_mean"])
    raise InputError.single(phase, f"{candidate} is no candidate of this forecast")


class Studio:
    """Draws what lies between two runs, each world once."""

    def __init__(
        self, first: Kept, a: Side, b: Side, trials: int | None, threads: int | None, progress: Progress | None
    ) -> None:
        head = head_of(first)
        self.a, self.b, self.threads, self.progress = a, b, threads, progress
        self.files = {**a.files, **b.files}
        self.race_id, self.phase = str(head["race_id"]), first.phase
        self.candidate = str(chances_of(first.phase, first.tables)[0]["candidate"])
        self.own = self._way(first, a)
        self.common = _Way(self.own.seed, trials or self.own.trials, self.own.units)
        self.answers: dict[tuple[World, _Way], Answer] = {}
        self.waiting: set[tuple[World, _Way]] = set()

    def _way(self, kept: Kept, own: Side) -> _Way:
        head = head_of(kept)
        case = world(own, own, ()).case(own.files)
        return _Way(int(head["seed"]), int(head["trials"]), settle(case, own.options).units)

    def rows(self, first: Kept, second: Kept) -> tuple[tuple[Row, ...], tuple[str, ...]]:
        """A row a part and one for the whole, and notes."""
        changed = {part: self.a.changed(self.b, part) for part in PARTS}
        groups, notes = self._groups([part for part in PARTS if changed[part]])
        ends = world(self.a, self.b, ()), world(self.a, self.b, PARTS)
        other = self._way(second, self.b)
        here = [
            self._repeated(kept, end, way)
            for kept, end, way in zip((first, second), ends, (self.own, other), strict=True)
        ]
        paths = self._paths(groups)
        wanted = [(one, self.common) for path in paths for one in path] + [key for key in here if key is not None]
        self.waiting = set(wanted)
        forward, back = ([self._drawn(one, self.common) for one in path] for path in paths)
        stored = [answer_of(kept.phase, kept.tables, self.candidate) for kept in (first, second)]
        now = [saved if key is None else self._drawn(*key) for saved, key in zip(stored, here, strict=True)]
        steps: dict[str, tuple[list[Fraction], list[Fraction], tuple[str, ...]]] = {}
        for i, group in enumerate(groups):
            j = len(groups) - 1 - i
            steps[" and ".join(group)] = (
                _less(forward[i + 1], forward[i]),
                _less(back[j + 1], back[j]),
                tuple(key for part in group for key in changed[part]),
            )
        told = {part for group in groups for part in group}
        order = [" and ".join(group) for group in groups] + [part for part in PARTS if part not in told]
        order.sort(key=lambda name: PARTS.index(name.split(" and ")[0]))
        nothing = [Fraction(0)] * len(QUANTITIES)
        version = _plus(_less(now[0], stored[0]), _less(stored[1], now[1]))
        noise = _plus(_less(forward[0], now[0]), _less(now[1], forward[-1]))
        whole = _less(stored[1], stored[0])
        rows = [_row(name, *steps.get(name, (nothing, nothing, ()))) for name in order]
        versions = [str(head_of(kept)["version"]) for kept in (first, second)]
        differ = tuple(dict.fromkeys(v for v in (*versions, __version__) if v != __version__))
        rows += [
            _row("version", version, version, differ),
            _row("noise", noise, noise, ()),
            _row("whole", whole, whole, ()),
        ]
        return tuple(rows), tuple(notes)

    def _repeated(self, kept: Kept, end: World, way: _Way) -> tuple[World, _Way] | None:
        """How the present program repeats a run; None where it is its own version, and drawing it is not needed."""
        return (end, way) if way == self.common or head_of(kept)["version"] != __version__ else None

    def _groups(self, parts: Sequence[str]) -> tuple[list[tuple[str, ...]], list[str]]:
        """Parts that can be exchanged alone; those that do not fit the other run's are told together."""
        notes = list[str]()
        groups: list[tuple[str, ...]] = [(part,) for part in parts]
        self._opened(world(self.a, self.b, ()))
        self._opened(world(self.a, self.b, PARTS))
        while True:
            found = self._unfit(groups)
            if found is None:
                return groups, notes
            place, problem = found
            groups[place : place + 2] = [groups[place] + groups[place + 1]]
            reason = str(problem).split("\n", 1)[0]
            notes.append(
                f"{' and '.join(groups[place])} are told together: one run's do not fit the other's ({reason})"
            )

    def _unfit(self, groups: Sequence[tuple[str, ...]]) -> tuple[int, RunoffError] | None:
        """The first of two neighbours between which the runs cannot be cut."""
        for place in range(len(groups) - 1):
            ends = groups[: place + 1], groups[place + 1 :]
            for exchanged in ends:
                try:
                    self._opened(world(self.a, self.b, [part for group in exchanged for part in group]))
                except (InputError, MissingFileError) as problem:
                    return place, problem
        return None

    def _paths(self, groups: Sequence[tuple[str, ...]]) -> tuple[list[World], list[World]]:
        """The worlds from the first run to the second, in order and in reverse."""
        flat = [[part for group in some for part in group] for some in [groups[:i] for i in range(len(groups) + 1)]]
        turned = [[part for group in groups[len(groups) - i :] for part in group] for i in range(len(groups) + 1)]
        forward, back = ([world(self.a, self.b, parts) for parts in path] for path in (flat, turned))
        last = world(self.a, self.b, PARTS)
        return [*forward[:-1], last], [*back[:-1], last]

    def _opened(self, of: World, way: _Way | None = None) -> pipeline.Opened:
        way = way or self.common
        draws = of.options(trials=way.trials, seed=way.seed, units=way.units, threads=self.threads)
        run = pipeline.opened(of.case(self.files), draws)
        if run.phase.name != self.phase:
            raise InputError.single(of.name, "another phase of the race", rule=self.phase, got=run.phase.name)
        return run

    def _drawn(self, of: World, way: _Way) -> Answer:
        key = of, way
        if key not in self.answers:
            done = len(self.answers)

            def on_progress(trials: int, _: int) -> None:
                if self.progress is not None:
                    total = way.trials * max(len(self.waiting), done + 1)
                    self.progress(way.trials * done + trials, total)

            tables = pipeline.draw(self._opened(of, way), on_progress).tables
            self.answers[key] = answer_of(self.phase, tables, self.candidate)
        return self.answers[key]


def _less(one: Sequence[Fraction], two: Sequence[Fraction]) -> list[Fraction]:
    return [x - y for x, y in zip(one, two, strict=True)]


def _plus(one: Sequence[Fraction], two: Sequence[Fraction]) -> list[Fraction]:
    return [x + y for x, y in zip(one, two, strict=True)]


def _row(part: str, forward: Sequence[Fraction], back: Sequence[Fraction], changed: tuple[str, ...]) -> Row:
    row: Row = {"part": part}
    for name, one, other in zip(QUANTITIES, forward, back, strict=True):
        row |= {name: float((one + other) / 2), f"{name}_forward": float(one), f"{name}_reverse": float(other)}
    return {**row, "changed": list(changed)}
