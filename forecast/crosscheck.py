"""What the first round says of the names and totals in a run file.

Works on the plain document, so that a misspelt candidate is told together with a misspelt key.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np

from forecast.config import DEFAULT_NEW_VOTERS, RateSpec, RunFile, between_rounds
from forecast.errors import Problem, shown, suggestion
from forecast.names import problem, said, same
from forecast.positions import Path, Positions
from forecast.race import FirstRound


def settle_finalists(run_file: RunFile, first: FirstRound) -> tuple[str, ...]:
    """The finalists in order of votes: those named, else the first."""
    names = [candidate.name for candidate in first.candidates]
    if run_file.finalists.names is not None:
        chosen = {_normal(name) for name in run_file.finalists.names}
        return tuple(name for name in names if name in chosen)
    return tuple(names[: run_file.finalists.advance])


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


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


class _Check:
    def __init__(self, document: dict[str, Any], first: FirstRound, positions: Positions, name: str) -> None:
        self.document, self.first, self.positions, self.name = document, first, positions, name
        self.candidates = [candidate.name for candidate in first.candidates]
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

    def _must_be_candidate(self, path: Path, name: object, *, value: bool) -> None:
        if isinstance(name, str) and _normal(name) not in self.candidates:
            fix = suggestion(name, self.candidates) or "name a candidate of the results table"
            self.say(
                path,
                "no such candidate in the results",
                "candidates are those of the results table",
                name,
                fix,
                value=value,
            )

    def names_are_known(self) -> None:
        """Candidates and blocs that the run file names are in the results."""
        names = self._section("finalists").get("names")
        for place, name in enumerate(names if isinstance(names, list) else []):
            self._must_be_candidate(("finalists", "names", place), name, value=True)
        for section in (("rates", "candidates"), ("results", "totals")):
            for name in self._section(*section):
                self._must_be_candidate((*section, name), name, value=False)
        placed: dict[str, str] = {}
        for bloc, members in self._section("blocs").items():
            for place, name in enumerate(members if isinstance(members, list) else []):
                path = ("blocs", bloc, place)
                self._must_be_candidate(path, name, value=True)
                if isinstance(name, str) and placed.setdefault(_normal(name), bloc) != bloc:
                    self.say(
                        path,
                        "a candidate in two blocs",
                        "a candidate is in one bloc",
                        name,
                        f"it is in {placed[_normal(name)]}",
                        value=True,
                    )
        known = {candidate.bloc for candidate in self.first.candidates} | set(self._section("blocs"))
        for bloc in self._section("rates", "blocs"):
            if bloc not in known:
                fix = suggestion(bloc, known) or "name a bloc of the results or of [blocs]"
                rule = f"blocs are {', '.join(shown(b) for b in sorted(known)[:20])}"
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
        for name, votes in self._section("results", "totals").items():
            if type(votes) is int and _normal(name) in self.candidates:
                counted = int(self.first.totals[self.candidates.index(_normal(name))])
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
        for name in run_file.finalists.names or []:
            if _normal(name) not in with_votes:
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
        layers: list[tuple[Path, Any, bool]] = [(("rates", "own"), rates.own, True)]
        layers += [(("rates", "blocs", bloc), pool, False) for bloc, pool in rates.blocs.items()]
        layers += [
            (("rates", "candidates", name), pool, _normal(name) in finalists) for name, pool in rates.candidates.items()
        ]
        if run_file.new_voters is not None:
            layers.append((("new_voters",), run_file.new_voters, False))
        for path, layer, own in layers:
            if layer.turnout is not None:
                self._turnout(layer.turnout, (*path, "turnout"))
            if layer.preference is not None:
                self._preference(layer.preference, (*path, "preference"), finalists, own)

    def _turnout(self, spec: RateSpec, path: Path) -> None:
        if spec.to is not None or spec.counts is not None or spec.means is not None:
            self.say(
                path,
                "a turnout has no finalists",
                "a turnout is {mean, sd}, {low, high, probability} or {count, of}",
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
        elif len(finalists) > 2 and not self.open:
            rule = "of three or four finalists a preference is {counts} or {means, worth}, naming each"
            self.say(path, "one number for three or more finalists", rule)
        elif spec.to is not None and _normal(spec.to) not in finalists:
            fix = suggestion(spec.to, finalists) or "name a finalist"
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
            if _normal(name) not in finalists:
                fix = suggestion(name, finalists) or "name a finalist"
                self.say(path, "not a finalist", f"finalists are {', '.join(finalists)}", name, fix)
        for name in finalists:
            if name not in {_normal(given) for given in shares}:
                self.say(path, f"no number for {name}", "counts and means name every finalist", ", ".join(shares))

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
        if new.name in self.candidates:
            self.say(
                ("new_voters", "name"),
                "a candidate has this name",
                "pools have different names",
                new.name,
                f'try "{DEFAULT_NEW_VOTERS}"',
                value=True,
            )
        if int(self.first.votes.sum()) + (new.people or 0) > 2**31 - 1:
            self.say(
                ("new_voters", "people"),
                "too many people",
                f"all pools together at most {2**31 - 1:,}",
                new.people,
                value=True,
            )


def _remarks(run_file: RunFile, first: FirstRound) -> list[str]:
    """What a reader should know, though nothing is wrong."""
    remarks = []
    names = [candidate.name for candidate in first.candidates]
    finalists = settle_finalists(run_file, first)
    top = tuple(names[: run_file.finalists.advance])
    if set(finalists) != set(top):
        remarks.append(f"the finalists are not those with the most votes ({', '.join(top)})")
    elif _finalists_open(run_file):
        pass  # whoever they are
    elif len(names) > len(top) and first.totals[len(top) - 1] == first.totals[len(top)]:
        remarks.append(f"{names[len(top) - 1]} and {names[len(top)]} had equally many votes; name the finalists")
    if run_file.new_voters is None:
        remarks.append("no pool of new voters: nobody enters who did not vote in the first round")
    folded: dict[str, str] = {}
    for name in names:
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            remarks.append(f"{other} and {name} differ in capitals only: are they two candidates?")
    if np.any(first.votes.sum(axis=1) == 0) and not _finalists_open(run_file):
        remarks.append(f"{int((first.votes.sum(axis=1) == 0).sum()):,} units have no votes")
    return remarks
