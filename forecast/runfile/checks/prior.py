"""[prior] in a run file, held against its first round: whom it names, and who says the rates that nobody says."""

from __future__ import annotations

from runoff import names
from runoff.data.archive.words import OTHER, bloc_of, camp_of
from runoff.runfile.checks.finalists import finalists_open, settle_finalists
from runoff.runfile.checks.rates import RateJudge
from runoff.runfile.sections.run_file import RunFile

_ENOUGH = 1.0 + 1e-9
_CHAMBERS = ("national_district", "departmental")


def archive_speaks(run_file: RunFile) -> bool:
    """Whether past races say rates: where they are asked to, or nothing is said of rates, once finalists are known."""
    if finalists_open(run_file):
        return False
    if run_file.prior.source is not None:
        return run_file.prior.source == "archive"
    rates = run_file.rates
    return not (rates.own.model_fields_set or rates.blocs or rates.candidates)


class PriorJudge(RateJudge):
    """The checks of `RateJudge`, and those of the prior."""

    def prior_fits(self, run_file: RunFile) -> None:
        """[prior] names blocs and candidates of the race, and somebody says the rates of new voters."""
        section = run_file.prior
        said = section.model_fields_set - {"source"}
        if finalists_open(run_file) and (said or section.source == "archive"):
            rule = "past races speak of finalists who are known, of their votes and of whom they beat"
            self.say(("prior",), "a prior while the first round is open", rule, "", "remove [prior]")
            return
        if said and not archive_speaks(run_file) and not finalists_open(run_file):
            fix = 'add source = "archive", or remove the section'
            rule = "where [rates] says something, past races speak only if they are asked to"
            self.say(("prior",), f"{', '.join(sorted(said))} of a prior that has no part", rule, "", fix)
        self._names(run_file)
        self._new_voters(run_file)
        self._turnout_fits(run_file)

    def _names(self, run_file: RunFile) -> None:
        blocs = {candidate.bloc for candidate in self.first.candidates} | set(run_file.blocs)
        for bloc in run_file.prior.blocs:
            if bloc not in blocs:
                fix = self._meant(bloc, blocs) or "name a bloc of the results or of [blocs]"
                rule = f"blocs are {names.listed(sorted(blocs), 12)}"
                self.say(("prior", "blocs", bloc), "no such bloc", rule, bloc, fix)
        finalists = () if finalists_open(run_file) else settle_finalists(run_file, self.first)
        for place, name in enumerate(run_file.prior.stood_down):
            self._must_be_candidate(("prior", "stood_down", place), name, value=True)
            if name in finalists:
                rule = "who stood down is not in the runoff"
                self.say(("prior", "stood_down", place), "a finalist who stood down", rule, name, "take the name out")
        camps = run_file.prior.camps
        if camps and sum(camps.values()) > _ENOUGH:
            rule = "camps are shares of all valid votes of the election"
            self.say(("prior", "camps"), f"camps add up to {sum(camps.values()):g}", rule, "", "mend the shares")
        if camps:
            self._camps(run_file, finalists)

    def _camps(self, run_file: RunFile, finalists: tuple[str, ...]) -> None:
        """Camps are a chamber's, and those of the two finalists."""
        section = run_file.prior
        if section.level not in _CHAMBERS:
            rule = f"a whole chamber is elected on the day, its levels are {' and '.join(_CHAMBERS)}"
            self.say(
                ("prior", "camps"),
                "camps of a race that is no chamber's",
                rule,
                section.level or "no level",
                "remove camps, or say the level",
            )
        if len(finalists) != 2:
            return  # they have no part, as a note says
        blocs = {candidate.name: candidate.bloc for candidate in self.first.candidates}
        blocs |= {name: bloc for bloc, members in run_file.blocs.items() for name in members}
        theirs = [camp_of(bloc_of(blocs[name], section.blocs) or OTHER) for name in finalists]
        if theirs[0] == theirs[1]:
            rule = "finalists of one camp are not parted by how their camps stand"
            self.say(("prior", "camps"), "camps of one", rule, theirs[0], "remove camps")
        elif missing := [camp for camp in theirs if camp not in section.camps]:
            rule = f"how far one camp led another takes the shares of both, here {' and '.join(theirs)}"
            self.say(
                ("prior", "camps"),
                "not the finalists' camps",
                rule,
                ", ".join(section.camps),
                f"add {' and '.join(missing)}",
            )

    def _turnout_fits(self, run_file: RunFile) -> None:
        """A turnout of the race is said once, and while its pools are known."""
        if run_file.turnout is None:
            return
        if finalists_open(run_file):
            rule = "people in the pools are known once the first round is"
            what = "a turnout of the runoff while the first round is open"
            self.say(("turnout",), what, rule, "", "remove [turnout]")
        if {"shared", "bloc", "pool"} & run_file.factors.turnout.model_fields_set:
            rule = "[turnout] says what turnouts have in common: the race's range, and the gap between sides"
            fix = "remove them there, or [turnout]"
            self.say(("factors", "turnout"), "parts of turnout beside [turnout]", rule, "", fix)

    def _new_voters(self, run_file: RunFile) -> None:
        new = run_file.new_voters
        if new is None or archive_speaks(run_file):
            return
        for kind in ("turnout", "preference"):
            if getattr(new, kind) is None:
                rule = "new voters have a turnout and a preference, unless past races say them"
                fix = f"add {kind} = {{ low = 0.1, high = 0.3{_to(kind, self.candidates)} }}"
                fix += ', or [prior] source = "archive"'
                self.say(("new_voters",), f"no {kind} of new voters", rule, "", fix)


def _to(kind: str, candidates: list[str]) -> str:
    return f', to = "{candidates[0]}"' if kind == "preference" and candidates else ""
