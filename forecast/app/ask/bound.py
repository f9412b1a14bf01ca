"""A question's names held against a run: which candidate, which places, what may be compared with what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runoff import names
from runoff.app.ask.events import All, Bound, Compared, Flag, Measure, Opposite, any_of
from runoff.app.ask.grammar import (
    OF_SEATS,
    Comparison,
    Event,
    Joined,
    Name,
    Not,
    Number,
    Quantity,
    Side,
    parse,
    thousands,
)
from runoff.app.ask.tokens import problem
from runoff.errors import Problem, UsageError, suggestion
from runoff.phases.asked import RACE, Askable, Place

_SHOWN = 8  # names in a message
_SEVERAL = {"bloc or party": "blocs and parties"}
_COUNTS = ("votes", "seats")
_RANGES = {"turnout": (0, 1), "share": (0, 1), "margin": (-1, 1)}


@dataclass(frozen=True, slots=True)
class Question:
    """A question: its text, its event, and the places of which it is."""

    text: str
    event: Bound
    places: frozenset[Place]
    whose_margin: bool


def kinds(text: str) -> set[str]:
    """The kinds of places of which a question is, '' for the race; known before any run is."""
    return _kinds(parse(text))


def _kinds(event: Event) -> set[str]:
    match event:
        case Joined():
            return {kind for part in event.parts for kind in _kinds(part)}
        case Not():
            return _kinds(event.part)
        case Comparison():
            return {side.kind for side in event.sides if isinstance(side, Quantity)}
        case Quantity():
            return {event.kind}


def question(text: str, about: Askable, short: Mapping[str, str]) -> Question:
    """The question with its names found in a run.

    Raises
    ------
    UsageError : it is no question; or every name that the run has not, and every comparison that can mean nothing.
    """
    tree, binder = parse(text), _Binder(text, about, short)
    event = binder.event(tree)
    if binder.problems or event is None:
        raise UsageError("\n".join(map(str, binder.problems)))
    return Question(text, event, frozenset(binder.places), binder.whose_margin)


class _Binder:
    """Finds names, and collects what is wrong with them; what is wrong is None, and nothing above it is judged."""

    def __init__(self, text: str, about: Askable, short: Mapping[str, str]) -> None:
        self.text, self.about, self.short = text, about, short
        self.problems, self.places, self.whose_margin = list[Problem](), set[Place](), False

    def wrong(self, start: int, stop: int, what: str, rule: str = "", fix: str = "") -> None:
        self.problems.append(problem(self.text, start, stop, what, rule, fix))

    def event(self, tree: Event) -> Bound | None:
        match tree:
            case Joined():
                found = [self.event(part) for part in tree.parts]
                parts = tuple(part for part in found if part is not None)
                return None if len(parts) < len(found) else All(parts) if tree.word == "and" else any_of(parts)
            case Not():
                part = self.event(tree.part)
                return None if part is None else Opposite(part)
            case Quantity():
                return self.flag(tree)
            case Comparison():
                pairs = zip(tree.sides, tree.signs, tree.sides[1:], strict=False)
                compared = [self.compared(*pair) for pair in pairs]
                whole = tuple(part for part in compared if part is not None)
                return None if len(whole) < len(compared) else whole[0] if len(whole) == 1 else All(whole)

    def flag(self, tree: Quantity) -> Bound | None:
        if not self.told(tree):
            return None
        if tree.what in OF_SEATS:
            return self.wins(tree) if tree.what == "wins" else self.of_all(tree)
        place, who = self.place(tree), self.who(tree)
        if tree.what != "tie" and tree.kind:
            self.wrong(tree.start, tree.stop, f"{tree.what} is of the race", fix=f'say {tree.what}["NAME"] alone')
            return None
        return None if place is None or (tree.who is not None and who is None) else Flag(tree.what, who, place)

    def told(self, tree: Quantity) -> bool:
        """Whether this run's trials tell such a thing."""
        what, said, fix = tree.what, "", ""
        if self.about.seats is not None and what not in OF_SEATS:
            said, fix = f"a chamber's trials keep seats, and no {what}", 'say seats["NAME"] > 100'
        elif self.about.seats is None and what in OF_SEATS:
            said, fix = f"{what} is of a whole chamber", "say winner, share or votes"
        elif what in ("advances", "outright") and what not in self.about.flags:
            said, fix = f"{what} is of an open first round", "say winner, share or votes"
        if said:
            self.wrong(tree.start, tree.stop, said, fix=fix)
        return not said

    def of_all(self, tree: Quantity) -> Bound | None:
        """A majority, or most seats of its kind, in the whole chamber."""
        whole = self.about.seats
        if whole is None:
            return None
        if tree.kind:
            fix = f'say {tree.what}["NAME"] alone, or seats["NAME"] in {tree.kind} ...'
            self.wrong(tree.start, tree.stop, f"{tree.what} is of the chamber", fix=fix)
            return None
        own = self.seats(tree)
        if own is None or tree.what == "leads":
            return None if own is None else Flag(tree.what, own.who, own.place)
        return Compared(own, ">=", float(whole.majority))

    def wins(self, tree: Quantity) -> Bound | None:
        """Whether a candidate has the seat of a district."""
        place = self.place(tree)
        if place is None or tree.who is None or self.about.seats is None:
            return None
        if place.kind != "districts" or len(place.names) != 1:
            self.wrong(tree.start, tree.stop, "in which district?", fix='say wins["NAME"] in district "..."')
            return None
        known = self.about.seats.standing[place.names[0]]
        found = find(tree.who.text, known, {})
        if found is None:
            bloc = find(tree.who.text, self.about.candidates, {})
            fix = "" if bloc is None else f'say seats["{bloc}"] in district "{place.names[0]}" == 1'
            self.unknown(tree.who, known, "candidate", fix=fix)
            return None
        return Flag("wins", known.index(found), place)

    def seats(self, tree: Quantity) -> Measure | None:
        """Seats of blocs, or of parties, together."""
        whole, who, place = self.about.seats, tree.who, self.place(tree)
        if whole is None or who is None:
            return None
        whose = [self.candidate(name) for name in (who, *tree.others)]
        found = list(dict.fromkeys(one for one in whose if one is not None))
        if place is None or None in whose:
            return None
        if len({one < whole.blocs for one in found}) > 1:
            rule = "a bloc's seats are its parties'"
            self.wrong(tree.start, tree.stop, "blocs and parties together", rule, "name blocs alone, or parties alone")
            return None
        return Measure("seats", found[0], place, tuple(found[1:]))

    def compared(self, left: Side, sign: str, right: Side) -> Compared | None:
        start, stop = left.start, right.stop
        measures = [side for side in (left, right) if isinstance(side, Quantity)]
        if not measures:
            self.wrong(start, stop, "no quantity is compared", "one side at least is a quantity of the run")
            return None
        winner = [side.what == "winner" for side in measures]
        if any(winner) or any(isinstance(side, Name) for side in (left, right)):
            return self.won(left, sign, right)
        told = [self.told(side) for side in measures]  # each, so that all problems are told
        if not all(told):
            return None
        counts = {side.what in _COUNTS for side in measures}
        if len(counts) > 1:
            fix = "compare votes with votes, shares with shares"
            self.wrong(start, stop, "votes are compared with a share", "votes are counted, shares are up to 1", fix)
            return None
        sides = [
            self.measure(side) if isinstance(side, Quantity) else self.number(side, measures[0].what)
            for side in (left, right)
            if not isinstance(side, Name)
        ]
        if sides[0] is None or sides[1] is None:
            return None
        return Compared(sides[0], sign, sides[1])

    def won(self, left: Side, sign: str, right: Side) -> Compared | None:
        """Comparisons of winners with names."""
        start, stop = left.start, right.stop
        sides = list[Measure | float | None]()
        for side in (left, right):
            if isinstance(side, Name):
                sides.append(self.candidate(side))
            elif isinstance(side, Quantity) and side.what == "winner":
                sides.append(self.measure(side))
            else:
                what = (
                    "winner is compared with no name"
                    if any(isinstance(one, Quantity) and one.what == "winner" for one in (left, right))
                    else "a name is compared with a number"
                )
                self.wrong(start, stop, what, "a name is compared with winner", 'say winner == "NAME"')
                return None
        if sign not in ("==", "!="):
            self.wrong(start, stop, f"winner {sign} says nothing", "winners are equal or not", "say == or !=")
            return None
        if sides[0] is None or sides[1] is None:
            return None
        return Compared(sides[0], sign, sides[1])

    def number(self, side: Number, what: str) -> float | None:
        value = side.value
        if what in _RANGES:
            low, high = _RANGES[what]
            if not low <= value <= high:
                percent = f"say {float(value):g} %" if low * 100 <= value <= high * 100 else ""
                fix = percent or f"say a number from {low} to {high}"
                self.wrong(side.start, side.stop, f"{what} is from {low} to {high}", f"a {what} is a part of 1", fix)
                return None
            if abs(value) == 1 and not side.percent:
                fix = f"say {100 * value} % or {value} %"
                self.wrong(side.start, side.stop, "all of it, or one per cent?", f"a {what} is a part of 1", fix)
                return None
        elif side.percent or value < 0 or 0 < value < 1:
            fix = 'for a part of 1 say share["NAME"]' if what == "votes" else 'say how many: seats["NAME"] > 100'
            self.wrong(side.start, side.stop, f"{what} are whole numbers from 0", fix=fix)
            return None
        elif thousands(*self.text[side.start : side.stop].partition(".")[::2]):
            said = self.text[side.start : side.stop].replace(".", "_")
            fix = f"say {said} or {float(value):g}"
            rule = "numbers have a decimal point, and no sign or _ between thousands"
            self.wrong(side.start, side.stop, "thousands, or a decimal point?", rule, fix)
            return None
        return float(value)

    def measure(self, tree: Quantity) -> Measure | None:
        if not self.told(tree):
            return None
        if tree.what == "seats":
            return self.seats(tree)
        place, who = self.place(tree), self.who(tree)
        if tree.what == "margin" and tree.who is None:
            if self.about.flags or tree.kind == "first round":
                self.wrong(tree.start, tree.stop, "margin of whom?", fix='say margin["NAME"], of the two who advance')
                return None
            who, self.whose_margin = 0, True
        if place is None or (tree.who is not None and who is None):
            return None
        return Measure(tree.what, who, place)

    def who(self, tree: Quantity) -> int | None:
        return None if tree.who is None else self.candidate(tree.who)

    def candidate(self, name: Name) -> int | None:
        known = self.about.candidates
        found = find(name.text, known, self.short)
        if found is None:
            what = "candidate" if self.about.seats is None else "bloc or party"
            self.unknown(name, known, what, list(self.short.values()))
            return None
        return known.index(found)

    def unknown(self, name: Name, known: Sequence[str], what: str, also: Sequence[str] = (), fix: str = "") -> None:
        near = fix or suggestion(name.text, [*known, *also])
        said = f"{_SEVERAL.get(what, what + 's')} are {names.listed(known, _SHOWN)}"
        self.wrong(name.start, name.stop, f"no {what} is called {name.text.strip()}", said, near)

    def place(self, tree: Quantity) -> Place | None:
        kind = tree.kind
        if not kind:
            self.places.add(RACE)
            return RACE
        known = self.about.names.get(kind)
        if known is None:
            why, fix = self.about.absent.get(kind, (f"this run has no {kind}", "ask of the race"))
            self.wrong(tree.start, tree.stop, why, f"the question is of {kind}", fix)
            return None
        found = list[str]()
        for name in tree.names:
            one = find(name.text, known, {})
            if one is None:
                self.unknown(name, known, kind.removesuffix("s"))
            else:
                found.append(one)
        if len(found) < len(tree.names):
            return None
        place = Place(kind, tuple(sorted(set(found), key=known.index)))
        self.places.add(place)
        return place


def find(text: str, known: Sequence[str], short: Mapping[str, str]) -> str | None:
    """The known name that is meant: as it is, with other capitals, in short, or in another order; None without one."""
    spoken = names.said(text)
    if spoken in known:
        return spoken
    for key in (names.same, names.near):
        for spelling in (known, [short.get(name, name) for name in known]):
            found = [name for name, said in zip(known, spelling, strict=True) if key(said) == key(text)]
            if len(found) == 1:
                return found[0]
    return None
