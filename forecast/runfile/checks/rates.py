"""Rates in a run file, held against its first round: whom they reach, whom they speak of, whether there are people."""

from __future__ import annotations

from typing import Any

from runoff import names
from runoff.runfile.checks.finalists import settle_finalists
from runoff.runfile.checks.judge import Judge
from runoff.runfile.positions import Path
from runoff.runfile.sections.fields import DEFAULT_NEW_VOTERS
from runoff.runfile.sections.rates import RateSpec, RatesSection
from runoff.runfile.sections.run_file import RunFile

_ROLL_TIMES = 10  # new voters that many times the votes: nobody has such an electorate


class RateJudge(Judge):
    """The checks of `Judge`, and those of rates."""

    def rates_fit(self, run_file: RunFile) -> None:
        """Preferences speak of the finalists, in a form that fits their number."""
        finalists = tuple(self.candidates) if self.open else settle_finalists(run_file, self.first)
        rates = run_file.rates
        self.finalists = frozenset(finalists)
        self._rates_reach(run_file, finalists)
        layers: list[tuple[Path, Any, bool]] = [(("rates", "own"), rates.own, True)]
        layers += [(("rates", "blocs", bloc), pool, False) for bloc, pool in rates.blocs.items()]
        layers += [
            (("rates", "candidates", name), pool, name in self.finalists) for name, pool in rates.candidates.items()
        ]
        if run_file.new_voters is not None:
            layers.append((("new_voters",), run_file.new_voters, False))
        for path, layer, own in layers:
            if layer.turnout is not None:
                self._turnout(layer.turnout, (*path, "turnout"))
            if layer.preference is not None and path == ("rates", "own") and not self._own(layer.preference, finalists):
                continue
            if layer.preference is not None:
                self._preference(layer.preference, (*path, "preference"), finalists, own)

    def _own(self, spec: RateSpec, path_finalists: tuple[str, ...]) -> bool:
        """Whether an own preference is to the finalist himself, whoever he is."""
        said = [key for key in ("to", "counts", "means") if getattr(spec, key) is not None]
        if not said:
            return True
        tables = [f'[rates.candidates."{name}"]' for name in path_finalists[:4]]
        tables = tables[:2] if self.open else tables
        what = f"{' and '.join(said)} in an own preference, which holds for every finalist's voters"
        rule = "an own preference is to the finalist himself: {low, high}, {mean, sd} or {count, of}, naming nobody"
        first, last = "say how many stay: low and high", ""
        if said == ["to"]:
            first, last = "take to out", ", with to, low and high"
        fix = f"{first}; what holds for one of them stands in {' or '.join(tables)}{last}"
        self.say(("rates", "own", "preference"), what, rule, "", fix)
        return False

    def _rates_reach(self, run_file: RunFile, finalists: tuple[str, ...]) -> None:
        """Rates that are said reach somebody's voters."""
        votes = {c.name: int(v) for c, v in zip(self.first.candidates, self.first.totals, strict=True)}
        bloc = {c.name: c.bloc for c in self.first.candidates}
        bloc |= {name: key for key, members in run_file.blocs.items() for name in members}
        if self.open:
            return
        reached = {
            bloc[name]
            for name in bloc
            if name not in self.finalists and votes.get(name) and _heeds(run_file.rates, name, bloc[name])
        }
        members: dict[str, list[str]] = {}
        for name, key in bloc.items():
            members.setdefault(key, []).append(name)
        for key, pool in run_file.rates.blocs.items():
            if key in reached:
                continue
            among = [name for name in members.get(key, ()) if name in self.finalists]
            fix = "remove the section"
            if among:
                fix = "write [rates.own] for all finalists' voters"
                fix += f', or [rates.candidates."{among[0]}"] for those of {among[0]}'
                fix += "; an own preference has no to" if pool.preference is not None else ""
            what = f"rates that reach nobody: {' and '.join(among)} advanced" if among else "rates that reach nobody"
            own = [name for name in members.get(key, ()) if name not in self.finalists and votes.get(name)]
            if own:
                what = f"rates that reach nobody: {own[0]} has rates of its own" if not among else what
            rule = "a bloc's rates are for its eliminated candidates; finalists' voters have [rates.own]"
            self.say(("rates", "blocs", key), what, rule, key, fix)
        for name in run_file.rates.candidates:
            if not votes.get(name):
                rule = "rates are for voters of the first round"
                self.say(("rates", "candidates", name), "rates of a candidate without votes", rule, name, "remove them")
        for key, listed in run_file.blocs.items():
            if not listed:
                self.say(("blocs", key), "a bloc of nobody", "a bloc has candidates", key, "name them, or remove it")

    def _turnout(self, spec: RateSpec, path: Path) -> None:
        self._settled(spec, path)
        if spec.to is not None or spec.counts is not None or spec.means is not None:
            rule = "a turnout is {mean, sd}, {low, high, probability} or {count, of}"
            fix = "take `to`, counts or means away: they belong to the preference"
            self.say(path, "a turnout has no finalists", rule, "", fix)

    def _preference(self, spec: RateSpec, path: Path, finalists: tuple[str, ...], own: bool) -> None:
        self._settled(spec, path)
        shares = spec.counts if spec.counts is not None else spec.means
        if spec.estimate is not None:
            for name in spec.destinations or {}:
                if name not in self.finalists:
                    fix = self._meant(name, finalists) or "name a finalist"
                    self.say(path, "not a finalist", f"finalists are {', '.join(finalists)}", name, fix)
        elif shares is not None and self.open:
            rule = "while the first round is open a preference is {to, low, high}, {to, mean, sd} or {to, count, of}"
            self.say(path, "numbers for finalists who are not known", rule)
        elif shares is not None:
            self._all_finalists(shares, path, finalists)
            if spec.to is not None:
                rule = "counts and means name every finalist"
                self.say((*path, "to"), "to is said twice", rule, spec.to, "remove to")
        elif spec.to is not None and spec.to not in self.finalists:
            fix = self._meant(spec.to, finalists) or "name a finalist"
            rule = "a candidate" if self.open else f"finalists are {' and '.join(finalists)}"
            self.say((*path, "to"), "not a finalist", rule, spec.to, fix, value=True)
        elif spec.to is None and not own:
            rule, fix = 'a preference says to = "a finalist"', f'add to = "{finalists[0]}"'
            self.say(path, "a preference for whom?", rule, "", fix)

    def _settled(self, spec: RateSpec, path: Path) -> None:
        """Rates of an estimate are of known finalists."""
        if spec.estimate is not None and self.open:
            rule = "while the first round is open a rate is {low, high}, {mean, sd} or {count, of}"
            self.say(path, "an estimate's rates for finalists who are not known", rule, "", "say the rate itself")

    def _all_finalists(self, shares: dict[str, Any], path: Path, finalists: tuple[str, ...]) -> None:
        for name in shares:
            if name not in self.finalists:
                fix = self._meant(name, finalists) or "name a finalist"
                self.say(path, "not a finalist", f"finalists are {', '.join(finalists)}", name, fix)
        for name in finalists:
            if name not in shares:
                rule, fix = "counts and means name every finalist", f'add "{name}" = ...'
                self.say(path, f"no number for {name}", rule, ", ".join(shares), fix)

    def new_voters_can_be_counted(self, run_file: RunFile) -> None:
        """The pool of new voters has a size, and a name of its own."""
        new = run_file.new_voters
        if new is None:
            return
        if new.people is None and self.first.registered is None:
            fix = "name a table of registered voters in [results], or give people"
            self.say(("new_voters",), "how many new voters?", "people, or registered voters by unit", "neither", fix)
        elif new.people is None and self.first.without_vote is not None and not self.first.without_vote.sum():
            rule = "registered voters minus valid votes"
            self.say(("new_voters",), "nobody is left to come", rule, "0", "give people, or remove [new_voters]")
        other = new.name if new.name in self.known else self.near.get(names.near(new.name))
        if other is not None:
            what = "a candidate has this name" if other == new.name else f"a name like that of {other}"
            rule, fix = "pools have different names", f'try "{DEFAULT_NEW_VOTERS}"'
            self.say(("new_voters", "name"), what, rule, new.name, fix, value=True)
        self._enough_people(new.people)
        if int(self.first.votes.sum()) + (new.people or 0) > 2**31 - 1:
            rule = f"all pools together at most {2**31 - 1:,}"
            self.say(("new_voters", "people"), "too many people", rule, new.people, value=True)

    def _enough_people(self, people: int | None) -> None:
        """New voters are on the roll, or, where nobody names one, not many times the voters."""
        if people is None or self.open:
            return
        votes, without = int(self.first.votes.sum()), self.first.without_vote
        most = int(without.sum()) if without is not None else _ROLL_TIMES * votes
        if people > most:
            rule = f"registered voters less valid votes are {most:,}"
            if without is None:
                rule = f"at most {_ROLL_TIMES} times the first round's {votes:,} votes, {most:,}"
            fix = f"write people = {most} or less" + (", or remove people" if without is not None and most else "")
            what = "more new voters than there are people"
            self.say(("new_voters", "people"), what, rule, f"{people:,}", fix, value=True)


def _heeds(rates: RatesSection, name: str, bloc: str) -> bool:
    """Whether a candidate's voters take any of the bloc's rates: their own come first."""
    said, own = rates.blocs.get(bloc), rates.candidates.get(name)
    return (
        said is None
        or own is None
        or any(getattr(said, kind) is not None and getattr(own, kind) is None for kind in ("turnout", "preference"))
    )
