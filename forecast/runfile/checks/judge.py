"""Names, totals and the state of the race in a run file, held against its first round.

Works on the plain document, so that a misspelt candidate is told together with a misspelt key.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runoff import names
from runoff.errors import Problem, shown, suggestion
from runoff.names import problem, said, same
from runoff.race import FirstRound
from runoff.runfile.checks.finalists import finalists_open, tied
from runoff.runfile.positions import Path, Positions
from runoff.runfile.sections.fields import between_rounds
from runoff.runfile.sections.run_file import RunFile

_TOLD = 50  # problems that are printed: beyond them nobody reads a suggestion


class Judge:
    """Collects problems in `problems`; each check says in its docstring what it holds."""

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
            what, rule = (
                "no such candidate in the results",
                "candidates are those of the results table, written as there",
            )
            fix = self._meant(name, self.candidates, self.near) or "name a candidate of the results table"
            self.say(path, what, rule, name, fix, value=value)

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
                    what, rule = "a candidate in two blocs", "a candidate is in one bloc"
                    self.say(path, what, rule, name, f"it is in {placed[name]}", value=True)
        self._blocs_are_known()

    def preferences_are_known(self) -> None:
        """Whom preferences speak of; asked where other mistakes keep the rates from being judged (`RateJudge`)."""
        sections = [("rates", kind, name) for kind in ("blocs", "candidates") for name in self._section("rates", kind)]
        for path in (*sections, ("new_voters",)):
            to = self._section(*path, "preference").get("to")
            self._must_be_candidate((*path, "preference", "to"), to, value=True)

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
                what = f"{what} the short name" if short.strip() else "no short name"
                self.say(path, what, rule, short, fix, value=True)
            elif other != name:
                rule = "each candidate has a short name of its own"
                self.say(path, f"{other} has this short name too", rule, short, "choose another", value=True)
            elif said(whole_names.get(same(short), name)) != said(name):
                rule = "a short name is no other candidate's name"
                self.say(path, "another candidate's name", rule, short, "choose another", value=True)

    def totals_match(self) -> None:
        """Stated totals are those of the table."""
        results = self._section("results")
        stated: list[tuple[Path, str, Any, int]] = [
            (("results", "total_votes"), "", results.get("total_votes"), int(self.first.totals.sum()))
        ]
        totals = dict(zip(self.candidates, self.first.totals.tolist(), strict=True))
        for name, votes in self._section("results", "totals").items():
            if name in self.known:
                stated.append((("results", "totals", name), f" of {name}", votes, totals[name]))
        for path, of, votes, counted in stated:
            if type(votes) is int and votes != counted:
                what, rule = f"the stated total{of} does not match", f"the table's votes add up to {counted:,}"
                self.say(path, what, rule, f"{votes:,}", "mend the table or the total", value=True)

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
        if finalists_open(run_file):
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
        finalists, totals = run_file.finalists, self.first.totals
        with_votes = [name for name, votes in zip(self.candidates, totals, strict=True) if votes > 0]
        if len(with_votes) < finalists.advance:
            rule = f"at least {finalists.advance} with votes"
            self.say(("finalists", "advance"), "too few candidates", rule, f"{len(with_votes)}")
        share = int(totals[0]) / int(totals.sum())
        if share > run_file.race.threshold and finalists.names is None:
            rule, leader = (
                f"a share above {run_file.race.threshold:g} wins",
                f"{self.candidates[0]} {100 * share:.2f} %",
            )
            fix = "there is no runoff; or raise threshold, or name the finalists if there is one all the same"
            self.say(("race", "threshold"), "won outright in the first round", rule, leader, fix)
        level = tied(self.first, finalists.advance) if finalists.names is None else ()
        if level and len(with_votes) > finalists.advance:
            votes = int(totals[self.candidates.index(level[0])])
            places = finalists.advance - int((totals > votes).sum())
            what = f"a tie: {' and '.join(level[:4])} have {votes:,} votes each"
            rule = f"{places} of {len(level)} advance{'s' * (places == 1)}, and votes do not say who"
            some = ", ".join(f'"{name}"' for name in self.candidates[: finalists.advance])
            fix = f"name the finalists: [finalists] names = [{some}] or others"
            self.say(("finalists",) if "finalists" in self.document else ("results", "table"), what, rule, "", fix)
        for name in finalists.names or []:
            if name not in with_votes:
                rule = "finalists had votes in the first round"
                self.say(("finalists", "names"), "a finalist without votes", rule, name)
