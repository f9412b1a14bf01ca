"""What the first round says of the names and totals in a run file.

Works on the plain document, so that a misspelt candidate is told together with a misspelt key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np

from runoff import names
from runoff.errors import Problem, shown, suggestion
from runoff.names import problem, said, same
from runoff.race import FirstRound
from runoff.runfile.positions import Path, Positions
from runoff.runfile.sections import DEFAULT_NEW_VOTERS, RateSpec, RatesSection, RunFile, between_rounds


def settle_finalists(run_file: RunFile, first: FirstRound) -> tuple[str, ...]:
    """The finalists in order of votes: those named, else the first."""
    return finalists_of([c.name for c in first.candidates], run_file.finalists.names, run_file.finalists.advance)


def finalists_of(candidates: list[str], named: Iterable[str] | None, advance: int) -> tuple[str, ...]:
    """The finalists among candidates in order of votes: those named, else the first `advance`."""
    if named is not None:
        chosen = set(named)
        return tuple(name for name in candidates if name in chosen)
    return tuple(candidates[:advance])


def tied(first: FirstRound, advance: int) -> tuple[str, ...]:
    """Candidates with equally many votes of whom not all can advance; none where the votes decide."""
    totals = first.totals
    if not 0 < advance < totals.size or totals[advance - 1] != totals[advance]:
        return ()
    return tuple(c.name for c, votes in zip(first.candidates, totals, strict=True) if votes == totals[advance])


def cross_check(
    document: dict[str, Any],
    run_file: RunFile | None,
    first: FirstRound,
    positions: Positions,
    name: str,
    warnings: list[str],
) -> list[Problem]:
    """Every problem between run file and tables; remarks that are no problems go to `warnings`."""
    check = _Check(document, first, positions, name)
    check.names_are_known()
    check.short_names_tell_apart()
    check.totals_match()
    if run_file is not None:
        check.state_is_clear(run_file)
    if run_file is not None and not check.problems:
        if not _finalists_open(run_file):
            check.race_is_open(run_file)
        if not check.problems:
            check.rates_fit(run_file)
            check.new_voters_can_be_counted(run_file)
        if not check.problems:
            warnings += _remarks(run_file, first)
    return check.problems


def _finalists_open(run_file: RunFile) -> bool:
    """Whether the finalists differ from trial to trial: a first round being counted, or not yet held."""
    return run_file.counting is not None or run_file.first_round_polls is not None


_TOLD = 50  # problems that are printed: beyond them nobody reads a suggestion
_LONG = dt.timedelta(183)  # between the rounds: longer is no runoff that anybody knows
_ROLL_TIMES = 10  # new voters that many times the votes: nobody has such an electorate
_SOME_SIZE = 0.01  # share of the votes from which a candidate without a word said of him is named


class _Check:
    def __init__(self, document: dict[str, Any], first: FirstRound, positions: Positions, name: str) -> None:
        self.document, self.first, self.positions, self.name = document, first, positions, name
        self.candidates = [candidate.name for candidate in first.candidates]
        self.known = set(self.candidates)
        self.near: dict[str, str] = {}
        for candidate in self.candidates:
            self.near.setdefault(names.near(candidate), candidate)
        self.open = bool({"counting", "first_round_polls"} & set(document))
        self.problems: list[Problem] = []

    def say(self, path: Path, what: str, rule: str, got: object = "", fix: str = "", *, value: bool = False) -> None:
        """Add a problem at a path."""
        span = self.positions.find(path, value=value)
        line, column, text = self.positions.line_column(span.start) if span else (0, 0, "")
        length = span.length if span else 1
        self.problems.append(Problem(self.name, line, column, what, rule, shown(got), fix, text, length))

    def _section(self, *path: str) -> dict[str, Any]:
        found: Any = self.document
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def _meant(self, word: str, known: Iterable[str], near: dict[str, str] | None = None) -> str:
        """`did you mean ...?`, '' where nothing is near or more is wrong than is shown."""
        if len(self.problems) >= _TOLD:
            return ""
        known = list(known)
        near = {names.near(name): name for name in known} if near is None else near
        other = near.get(names.near(word))
        if other is None:
            return suggestion(word, known)
        alike = names.said(word) == other
        return f"did you mean {other}?" + (" its blanks or its Unicode form differ: copy it from there" * alike)

    def _must_be_candidate(self, path: Path, name: object, *, value: bool) -> None:
        if isinstance(name, str) and name not in self.known:
            self.say(
                path,
                "no such candidate in the results",
                "candidates are those of the results table, written as there",
                name,
                self._meant(name, self.candidates, self.near) or "name a candidate of the results table",
                value=value,
            )

    def names_are_known(self) -> None:
        """Candidates and blocs that the run file names are in the results."""
        named = self._section("finalists").get("names")
        for place, name in enumerate(named if isinstance(named, list) else []):
            self._must_be_candidate(("finalists", "names", place), name, value=True)
        for section in (("rates", "candidates"), ("results", "totals")):
            for name in self._section(*section):
                self._must_be_candidate((*section, name), name, value=False)
        placed: dict[str, str] = {}
        for bloc, members in self._section("blocs").items():
            for place, name in enumerate(members if isinstance(members, list) else []):
                path = ("blocs", bloc, place)
                self._must_be_candidate(path, name, value=True)
                if isinstance(name, str) and placed.setdefault(name, bloc) != bloc:
                    self.say(
                        path,
                        "a candidate in two blocs",
                        "a candidate is in one bloc",
                        name,
                        f"it is in {placed[name]}",
                        value=True,
                    )
        self._blocs_are_known()

    def _blocs_are_known(self) -> None:
        """Blocs are those of the table or of the run file; two of them differ in more than capitals and blanks."""
        tables = {candidate.bloc for candidate in self.first.candidates}
        alike = {names.same(bloc): bloc for bloc in sorted(tables)}
        for bloc in self._section("blocs"):
            other = alike.setdefault(names.same(bloc), bloc)
            if other != bloc:
                rule = "blocs differ in more than capitals and blanks"
                fix = f'write "{other}" here too, or give the bloc another name'
                self.say(("blocs", bloc), f"one bloc, spelt two ways: {bloc} and {other}", rule, bloc, fix)
        known = tables | set(self._section("blocs"))
        near = {names.near(bloc): bloc for bloc in sorted(known)}
        for bloc in self._section("rates", "blocs"):
            if bloc not in known:
                other_bloc = alike.get(names.same(bloc))
                fix = f"did you mean {other_bloc}?" if other_bloc else self._meant(bloc, known, near)
                rule = f"blocs are {', '.join(shown(b) for b in sorted(known)[:20])}"
                fix = fix or "name a bloc of the results or of [blocs]"
                self.say(("rates", "blocs", bloc), "no such bloc", rule, bloc, fix)

    def short_names_tell_apart(self) -> None:
        """[short] names candidates of the results, each by a word of its own that can be printed."""
        whole_names = {same(name): name for name in self.candidates}
        taken: dict[str, str] = {}
        for name, short in self._section("short").items():
            path = ("short", name)
            self._must_be_candidate(path, said(name), value=False)
            if not isinstance(short, str):
                continue
            wrong, other = problem(short), taken.setdefault(same(short), name)
            if wrong is not None:
                what, rule, fix = wrong
                self.say(
                    path, f"{what} the short name" if short.strip() else "no short name", rule, short, fix, value=True
                )
            elif other != name:
                rule = "each candidate has a short name of its own"
                self.say(path, f"{other} has this short name too", rule, short, "choose another", value=True)
            elif said(whole_names.get(same(short), name)) != said(name):
                rule = "a short name is no other candidate's name"
                self.say(path, "another candidate's name", rule, short, "choose another", value=True)

    def totals_match(self) -> None:
        """Stated totals are those of the table."""
        stated = self._section("results").get("total_votes")
        total = int(self.first.totals.sum())
        if type(stated) is int and stated != total:
            self.say(
                ("results", "total_votes"),
                "the stated total does not match",
                f"the table's votes add up to {total:,}",
                f"{stated:,}",
                "mend the table or the total",
                value=True,
            )
        totals = {name: int(votes) for name, votes in zip(self.candidates, self.first.totals, strict=True)}
        for name, votes in self._section("results", "totals").items():
            if type(votes) is int and name in self.known:
                counted = totals[name]
                if votes != counted:
                    self.say(
                        ("results", "totals", name),
                        f"the stated total of {name} does not match",
                        f"the table's votes add up to {counted:,}",
                        f"{votes:,}",
                        "mend the table or the total",
                        value=True,
                    )

    def state_is_clear(self, run_file: RunFile) -> None:
        """The first round is final, being counted or ahead, and `as_of` fits."""
        race = run_file.race
        if race.as_of < race.first_round and run_file.first_round_polls is None:
            what, rule, fix = between_rounds(race.as_of)
            fix += "; before the first round polls may stand in, with [first_round_polls]"
            self.say(("race",), what, rule, "", fix)
        if race.as_of >= race.first_round and run_file.first_round_polls is not None:
            rule = "with [first_round_polls] as_of is before the first round"
            self.say(("first_round_polls",), "the first round has been held", rule, race.as_of, "remove the section")
        if run_file.counting is not None and run_file.first_round_polls is not None:
            rule = "one of [counting] and [first_round_polls]"
            self.say(("first_round_polls",), "is the first round being counted, or ahead?", rule)
        if _finalists_open(run_file):
            if run_file.finalists.advance != 2 or run_file.finalists.names is not None:
                rule = "two advance, whoever they are, while the first round is open"
                self.say(("finalists",), "finalists are named before they are known", rule, "", "remove [finalists]")
            if run_file.evidence.polls or run_file.evidence.crosstabs:
                rule = "polls of the runoff count once it is known who is in it"
                self.say(("evidence",), "evidence of a runoff that is not settled", rule, "", "remove [evidence]")
            if run_file.results.registered is None:
                rule = "registered voters by unit are needed while the first round is open"
                self.say(("results",), "no table of registered voters", rule, "", "add registered = ...")

    def race_is_open(self, run_file: RunFile) -> None:
        """There are finalists, and nobody has won outright."""
        with_votes = [name for name, votes in zip(self.candidates, self.first.totals, strict=True) if votes > 0]
        if len(with_votes) < run_file.finalists.advance:
            self.say(
                ("finalists", "advance"),
                "too few candidates",
                f"at least {run_file.finalists.advance} with votes",
                f"{len(with_votes)}",
            )
        share = int(self.first.totals[0]) / int(self.first.totals.sum())
        if share > run_file.race.threshold and run_file.finalists.names is None:
            leader = f"{self.candidates[0]} {100 * share:.2f} %"
            fix = "there is no runoff; or raise threshold, or name the finalists if there is one all the same"
            self.say(
                ("race", "threshold"),
                "won outright in the first round",
                f"a share above {run_file.race.threshold:g} wins",
                leader,
                fix,
            )
        settled = {name for name, votes in zip(self.candidates, self.first.totals, strict=True) if votes > 0}
        level = tied(self.first, run_file.finalists.advance) if run_file.finalists.names is None else ()
        if level and len(with_votes) > run_file.finalists.advance:
            places = run_file.finalists.advance - int(
                (self.first.totals > self.first.totals[self.candidates.index(level[0])]).sum()
            )
            votes = int(self.first.totals[self.candidates.index(level[0])])
            self.say(
                ("finalists",) if "finalists" in self.document else ("results", "table"),
                f"a tie: {' and '.join(level[:4])} have {votes:,} votes each",
                f"{places} of {len(level)} advances, and votes do not say who"
                if places == 1
                else f"{places} of {len(level)} advance, and votes do not say who",
                "",
                "name the finalists: [finalists] names = ["
                + ", ".join(f'"{name}"' for name in self.candidates[: run_file.finalists.advance])
                + "] or others",
            )
        for name in run_file.finalists.names or []:
            if name not in settled:
                self.say(
                    ("finalists", "names"),
                    "a finalist without votes",
                    "finalists had votes in the first round",
                    name,
                )

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
        self.say(
            ("rates", "own", "preference"),
            f"{' and '.join(said)} in an own preference, which holds for every finalist's voters",
            "an own preference is to the finalist himself: {low, high}, {mean, sd} or {count, of}, naming nobody",
            "",
            ("take to out" if said == ["to"] else "say how many stay: low and high")
            + f"; what holds for one of them stands in {' or '.join(tables)}"
            + (", with to, low and high" if said == ["to"] else ""),
        )
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
        if spec.to is not None or spec.counts is not None or spec.means is not None:
            self.say(
                path,
                "a turnout has no finalists",
                "a turnout is {mean, sd}, {low, high, probability} or {count, of}",
                "",
                "take `to`, counts or means away: they belong to the preference",
            )

    def _preference(self, spec: RateSpec, path: Path, finalists: tuple[str, ...], own: bool) -> None:
        shares = spec.counts if spec.counts is not None else spec.means
        if shares is not None and self.open:
            rule = "while the first round is open a preference is {to, low, high}, {to, mean, sd} or {to, count, of}"
            self.say(path, "numbers for finalists who are not known", rule)
        elif shares is not None:
            self._all_finalists(shares, path, finalists)
            if spec.to is not None:
                self.say(
                    (*path, "to"),
                    "to is said twice",
                    "counts and means name every finalist",
                    spec.to,
                    "remove to",
                )
        elif spec.to is not None and spec.to not in self.finalists:
            fix = self._meant(spec.to, finalists) or "name a finalist"
            self.say(
                (*path, "to"),
                "not a finalist",
                "a candidate" if self.open else f"finalists are {' and '.join(finalists)}",
                spec.to,
                fix,
                value=True,
            )
        elif spec.to is None and not own:
            self.say(
                path,
                "a preference for whom?",
                'a preference says to = "a finalist"',
                "",
                f'add to = "{finalists[0]}"',
            )

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
            self.say(
                ("new_voters",),
                "how many new voters?",
                "people, or registered voters by unit",
                "neither",
                fix,
            )
        elif new.people is None and self.first.without_vote is not None and not self.first.without_vote.sum():
            rule = "registered voters minus valid votes"
            self.say(("new_voters",), "nobody is left to come", rule, "0", "remove [new_voters]")
        other = new.name if new.name in self.known else self.near.get(names.near(new.name))
        if other is not None:
            self.say(
                ("new_voters", "name"),
                "a candidate has this name" if other == new.name else f"a name like that of {other}",
                "pools have different names",
                new.name,
                f'try "{DEFAULT_NEW_VOTERS}"',
                value=True,
            )
        self._enough_people(new.people)
        if int(self.first.votes.sum()) + (new.people or 0) > 2**31 - 1:
            self.say(
                ("new_voters", "people"),
                "too many people",
                f"all pools together at most {2**31 - 1:,}",
                new.people,
                value=True,
            )

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
            self.say(
                ("new_voters", "people"), "more new voters than there are people", rule, f"{people:,}", fix, value=True
            )


def _remarks(run_file: RunFile, first: FirstRound) -> list[str]:
    """What a reader should know, though nothing is wrong."""
    remarks = []
    candidates = [candidate.name for candidate in first.candidates]
    finalists = settle_finalists(run_file, first)
    top = tuple(candidates[: run_file.finalists.advance])
    still_open = _finalists_open(run_file)
    if set(finalists) != set(top):
        remarks.append(f"the finalists are not those with the most votes ({', '.join(top)})")
    if run_file.new_voters is None:
        remarks.append("no pool of new voters: nobody enters who did not vote in the first round")
        without = first.without_vote
        if without is not None and not still_open and without.sum() > 0:
            remarks[-1] += (
                f"; the {int(without.sum()):,} registered voters without a vote stay at home unless [new_voters] says"
                " their turnout and preference"
            )
    remarks += _days(run_file)
    remarks += [] if still_open else _unsaid(run_file, first, finalists)
    remarks += [] if still_open else _against(run_file, finalists)
    folded: dict[str, str] = {}
    for name in candidates:
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            remarks.append(f"{other} and {name} differ in capitals only: are they two candidates?")
    empty = [first.units[u] for u in np.flatnonzero(first.votes.sum(axis=1) == 0).tolist()]
    if empty and not _finalists_open(run_file):
        more = f" and {len(empty) - 3:,} more units" if len(empty) > 3 else ""
        remarks.append(f"no votes in {', '.join(empty[:3])}{more}")
    return remarks + _without_effect(run_file, first)


def _heeds(rates: RatesSection, name: str, bloc: str) -> bool:
    """Whether a candidate's voters take any of the bloc's rates: their own come first."""
    said, own = rates.blocs.get(bloc), rates.candidates.get(name)
    return (
        said is None
        or own is None
        or any(getattr(said, kind) is not None and getattr(own, kind) is None for kind in ("turnout", "preference"))
    )


def _without_effect(run_file: RunFile, first: FirstRound) -> list[str]:
    """What is written and has no part while the first round is open."""
    if run_file.counting is None and run_file.first_round_polls is None:
        return []
    found = []
    factors = (run_file.factors.turnout, run_file.factors.preference)
    if any("region" in size.model_fields_set or "unit" in size.model_fields_set for size in factors):
        found.append("region and unit of [factors]")
    if run_file.night.model_fields_set:
        found.append("[night]")
    if run_file.first_round_polls is not None:
        found += ["[results] by"] if run_file.results.by != "unit" else []
        found += ["votes of the results table"] if first.totals.any() else []
    return [f"{', '.join(found)}: no part while the first round is open"] if found else []


def _days(run_file: RunFile) -> list[str]:
    """Dates that can be, and that look like a mistake in a year."""
    race, remarks = run_file.race, []
    if race.runoff - race.first_round > _LONG:
        days = (race.runoff - race.first_round).days
        remarks.append(f"the runoff is {days:,} days after the first round: is the year right?")
    if race.first_round - race.as_of > 2 * _LONG:
        days = (race.first_round - race.as_of).days
        remarks.append(f"as_of is {days:,} days before the first round: is the year right?")
    return remarks


def _unsaid(run_file: RunFile, first: FirstRound, finalists: tuple[str, ...]) -> list[str]:
    """Candidates of some size that fall to a default although rates are said for blocs."""
    rates, votes = run_file.rates, first.totals
    if not rates.blocs:
        return []
    bloc = {c.name: c.bloc for c in first.candidates}
    bloc |= {name: key for key, members in run_file.blocs.items() for name in members}
    least, out = _SOME_SIZE * int(votes.sum()), set(finalists)
    missed = [
        f"{c.name} ({bloc[c.name]}, {100 * int(v) / int(votes.sum()):.1f} %)"
        for c, v in zip(first.candidates, votes, strict=True)
        if v > least and c.name not in out and c.name not in rates.candidates and bloc[c.name] not in rates.blocs
    ]
    if not missed:
        return []
    more = f" and {len(missed) - 5} more" if len(missed) > 5 else ""
    return [f"no rates reach {', '.join(missed[:5])}{more}: wide defaults stand in, nobody's estimate"]


def _against(run_file: RunFile, finalists: tuple[str, ...]) -> list[str]:
    """Finalists' own voters who are said to go to another finalist, mostly."""
    remarks = []
    for name in finalists:
        pool = run_file.rates.candidates.get(name)
        spec = pool.preference if pool is not None else None
        if spec is None:
            continue
        shares = spec.means or {k: v / sum(spec.counts.values()) for k, v in (spec.counts or {}).items()}  # type: ignore[union-attr]
        middle = spec.mean if spec.mean is not None else None
        if spec.low is not None and spec.high is not None:
            middle = (spec.low + spec.high) / 2
        if spec.count is not None and spec.of is not None:
            middle = spec.count / spec.of
        own = shares.get(name) if shares else middle
        if not shares and middle is not None and spec.to not in (None, name):
            own = 1 - middle
        if own is not None and own < 0.5:
            remarks.append(f"{name}'s own voters mostly go to another finalist, as the run file says: is that meant?")
    return remarks
