"""The grammar of questions, by recursive descent: text in, a tree out; nothing of it is ever run as a program.

    event       either of:  event or event · event and event · not event · ( event )
                a comparison · tie · advances[NAME] · outright[NAME] · majority[NAMES] · leads[NAME] · wins[NAME]
    comparison  side (> >= < <= == !=) side, or three sides in a row: 0 < margin < 0.05
    side        a number, a name, or a quantity
    quantity    turnout · votes · votes[NAME] · share[NAME] · margin · margin[NAME] · winner · seats[NAMES];
                then `in PLACE` or not
    place       unit(s), region(s), pool(s), bloc(s), district(s) and NAME, NAME ...; or first round

`not` binds closest, then `and`, then `or`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from runoff.app.ask.tokens import Token, mistake, tokens
from runoff.errors import suggestion

OF_SEATS = ("seats", "majority", "leads", "wins")  # of a whole chamber
QUANTITIES = ("turnout", "votes", "share", "margin", "winner", "seats")
FLAGS = ("tie", "advances", "outright", "majority", "leads", "wins")
_OF_WHOM = ("share", "advances", "outright", *OF_SEATS)
_TOGETHER = ("seats", "majority")  # of several names as one
_PLACES = {"unit": "units", "region": "regions", "pool": "pools", "bloc": "blocs", "district": "districts"}
_KEYWORDS = ("and", "or", "not", "in")
_DEPTH = 50  # brackets and nots within one another
_KNOWN = (*QUANTITIES, *FLAGS, "not")
_RULE = (
    "quantities are turnout, votes, share, margin and winner; events are also tie, advances and outright; "
    "of a chamber seats, and majority, leads and wins"
)


@dataclass(frozen=True, slots=True)
class Name:
    """Words that name a candidate or a place."""

    text: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Quantity:
    """what : one of QUANTITIES or FLAGS.  who : whose, or None.  kind, names : the place, '' for the race.

    others : who are put together with `who`.
    """

    what: str
    who: Name | None
    kind: str
    names: tuple[Name, ...]
    start: int
    stop: int
    others: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number, exactly; percent : whether it was said in per cent."""

    value: Fraction
    start: int
    stop: int
    percent: bool = False


Side = Quantity | Number | Name


@dataclass(frozen=True, slots=True)
class Comparison:
    """sides[i] signs[i] sides[i + 1], all of them."""

    sides: tuple[Side, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Event


@dataclass(frozen=True, slots=True)
class Joined:
    """All of the parts (`and`), or one at least (`or`)."""

    word: str
    parts: tuple[Event, ...]


Event = Comparison | Not | Joined | Quantity


def parse(text: str) -> Event:
    """The tree of a question.

    Raises
    ------
    UsageError : the text is no question; it says where, and the nearest word.
    """
    return _Parser(text).whole()


class _Parser:
    """One question being read; `at` is the next token."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.at, self.depth = text, tokens(text), 0, 0

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        token = self.next
        self.at += token.kind != "end"
        return token

    def says(self, *words: str) -> bool:
        return self.next.kind == "word" and self.next.text.casefold() in words

    def wrong(self, token: Token, what: str, rule: str = "", fix: str = "") -> Exception:
        return mistake(self.text, token.start, token.stop, what, rule, fix)

    def whole(self) -> Event:
        if self.next.kind == "end":
            raise self.wrong(self.next, "an empty question", fix="say an event: turnout > 0.5")
        event = self.either()
        token = self.next
        if token.kind != "end":
            if token.kind == ",":
                raise self.wrong(token, "a comma here", "a comma stands between names", "a number has a point: 0.55")
            near = suggestion(token.text, ("and", "or")) if token.kind == "word" else ""
            fix = near or "join events with and, or"
            raise self.wrong(token, f"{token.text} after a whole event", fix=fix)
        return event

    def either(self) -> Event:
        return self.joined("or", lambda: self.joined("and", self.opposite))

    def joined(self, word: str, part: object) -> Event:
        assert callable(part)
        parts = [part()]
        while self.says(word):
            self.take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(word, tuple(parts))

    def opposite(self) -> Event:
        token = self.next
        if token.kind != "(" and not self.says("not"):
            return self.comparison()
        self.depth += 1
        if self.depth > _DEPTH:
            raise self.wrong(token, f"more than {_DEPTH} brackets and nots within one another")
        self.take()
        if token.kind == "(":
            event = self.either()
            if self.next.kind != ")":
                raise self.wrong(self.next, "a bracket is open", fix="close it with )")
            self.take()
        else:
            event = Not(self.opposite())
        self.depth -= 1
        return event

    def comparison(self) -> Event:
        sides, signs = [self.side()], list[str]()
        while self.next.kind == "sign":
            signs.append(self.take().text)
            sides.append(self.side())
        first = sides[0]
        if not signs:
            if isinstance(first, Quantity) and first.what in FLAGS:
                return first
            token = self.next
            fix = "compare it: turnout > 0.5" if isinstance(first, Quantity) else f"{_RULE}"
            raise mistake(
                self.text,
                first.start,
                first.stop,
                "no event yet",
                "an event compares two sides",
                "a number has a point: 0.55" if token.kind == "," else fix,
            )
        for side in sides:
            if isinstance(side, Quantity) and side.what in FLAGS:
                raise mistake(
                    self.text,
                    side.start,
                    side.stop,
                    f"{side.what} is an event by itself",
                    fix=f"say {side.what}, or not {side.what}",
                )
        return Comparison(tuple(sides), tuple(signs))

    def side(self) -> Side:
        token = self.next
        if token.kind == "number":
            self.take()
            if self.next.kind == "," and self.tokens[self.at + 1].kind == "number":
                after = self.tokens[self.at + 1].text
                ways = [f"{token.text}.{after}", *([f"{token.text}_{after}"] if thousands(token.text, after) else [])]
                fix = f"say {' or '.join(ways)}"
                raise self.wrong(self.next, "a comma in a number", "numbers have a decimal point", fix)
            return Number(token.number, token.start, token.stop, self.text[token.stop - 1] == "%")
        if token.kind == "name":
            return self.name()
        if token.kind == "word" and token.text.casefold() in (*QUANTITIES, *FLAGS):
            return self.quantity()
        if (
            token.kind == "word"
            and token.text.casefold() not in _KEYWORDS
            and self.at
            and (self.tokens[self.at - 1].kind == "sign")
        ):
            return self.name()  # winner == Handel
        what = "the question ends here" if token.kind == "end" else f"{token.text} is no quantity"
        near = suggestion(token.text, _KNOWN) if token.kind == "word" else ""
        raise self.wrong(token, what, _RULE, near)

    def quantity(self) -> Quantity:
        token = self.take()
        what, who, kind, names = token.text.casefold(), None, "", tuple[Name, ...]()
        others = tuple[Name, ...]()
        if self.next.kind == "[":
            who, *rest = self.bracketed(several=what in _TOGETHER)
            others = tuple(rest)
            if what in ("turnout", "winner", "tie"):
                raise mistake(self.text, who.start, who.stop, f"{what} is of nobody", fix=f"say {what} alone")
        elif what in _OF_WHOM:
            raise self.wrong(token, f"{what} of whom?", fix=f'say {what}["NAME"]')
        if self.says("in"):
            self.take()
            kind, names = self.place()
        return Quantity(what, who, kind, names, token.start, self.tokens[self.at - 1].stop, others)

    def bracketed(self, several: bool) -> list[Name]:
        """A name in brackets, in quotes or as it stands up to the closing one; or several in quotes."""
        opening = self.take()
        if self.next.kind == "name":
            names = [self.name()]
            while several and self.next.kind == ",":
                self.take()
                names.append(self.name())
        else:
            stop = self.text.find("]", opening.stop)
            if stop < 0 or not self.text[opening.stop : stop].strip():
                raise self.wrong(opening, "a bracket without a name", fix='name a candidate: share["NAME"]')
            if several and "," in self.text[opening.stop : stop]:
                fix = 'put each in quotes: seats["left", "centre"]'
                raise self.wrong(opening, "one name, or several?", "several names stand in quotes", fix)
            names = [Name(self.text[opening.stop : stop].strip(), opening.stop, stop)]
            while self.next.start < stop:
                self.take()
        if self.next.kind != "]":
            raise self.wrong(self.next, "a bracket is open", fix="close it with ]")
        self.take()
        return names

    def place(self) -> tuple[str, tuple[Name, ...]]:
        if self.says("the"):
            self.take()
        token = self.take()
        word = token.text.casefold() if token.kind == "word" else ""
        if word == "first" and self.says("round"):
            self.take()
            return "first round", ()
        kind = _PLACES.get(word.removesuffix("s"))
        if kind is None:
            rule = "places are units, regions, pools, blocs, districts, each with names, and first round"
            fix = (
                f'say which: in units "{token.text}"'
                if token.kind == "name"
                else suggestion(word, [*_PLACES, *_PLACES.values(), "first round"])
            )
            raise self.wrong(
                token, "in which place?" if token.kind == "end" else f"{token.text} is no kind of place", rule, fix
            )
        names = [self.name()]
        while self.next.kind == ",":
            self.take()
            names.append(self.name())
        return kind, tuple(names)

    def name(self) -> Name:
        """A name in quotes, or words up to what cannot be one."""
        token = self.take()
        if token.kind == "name":
            return Name(token.text, token.start, token.stop)
        if token.kind not in ("word", "number") or token.text.casefold() in _KEYWORDS:
            raise self.wrong(token, "a name is missing", "names stand in quotes", 'as in units "Cobb"')
        last = token
        while self.next.kind in ("word", "number") and self.next.text.casefold() not in _KEYWORDS:
            last = self.take()
        return Name(self.text[token.start : last.stop], token.start, last.stop)


def thousands(before: str, after: str) -> bool:
    """Whether a comma or a point between two numbers may be one of thousands."""
    return before.isdecimal() and len(before) <= 3 and before[0] != "0" and after.isdecimal() and len(after) == 3
