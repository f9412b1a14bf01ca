"""The run file as a whole: race, results, finalists, simulation, output."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from runoff.data.tables.shape import said_by
from runoff.data.votes.words import Wanted
from runoff.runfile.sections.blank import BlankSection
from runoff.runfile.sections.estimate import EstimateSection
from runoff.runfile.sections.fields import (
    DEFAULT_QUANTILES,
    NAME,
    Count,
    Section,
    Share,
    Tables,
    Text,
    Whole,
    between_rounds,
    refused,
)
from runoff.runfile.sections.observed import CountingSection, EvidenceSection, FirstRoundPollsSection, NightSection
from runoff.runfile.sections.prior import PriorSection
from runoff.runfile.sections.rates import FactorsSection, NewVotersSection, PlacesSection, RatesSection
from runoff.runfile.sections.turnout import TurnoutSection

Ours = Literal[
    "unit", "candidate", "votes", "region", "party", "bloc", "mode", "status", "registered", "ballots", "counted_at"
]


class RaceSection(Section):
    """The contest, its dates and its law."""

    id: Annotated[str, StringConstraints(pattern=NAME)] = Field(
        description="names the race and its runs: letters, digits, '.', '_' and '-', at most 100"
    )
    name: Text = Field(description="the race's name, as people say it")
    first_round: dt.date = Field(description="day of the first round, as a TOML date: 2017-04-18")
    runoff: dt.date = Field(description="day of the runoff, after the first round")
    as_of: dt.date = Field(
        description="last day whose information may be used: from the first round, before the runoff"
    )
    threshold: Annotated[float, Field(ge=0.01, le=1)] = Field(
        0.5, description="share of valid votes that wins outright"
    )
    recount_margin: Annotated[float, Field(ge=0, le=0.1)] = Field(
        0.0,
        description="largest margin, as a share of valid votes, that calls for a recount; 0 to 0.1, by default 0: the "
        "law knows none",
    )

    @model_validator(mode="after")
    def _ordered(self) -> RaceSection:
        if not self.first_round < self.runoff:
            raise refused("the runoff is not after the first round", "first_round is before runoff", "mend the dates")
        if not self.as_of < self.runoff:
            raise refused(*between_rounds(self.as_of))
        return self


class ResultsSection(Section):
    """Where the first round's results stand."""

    table: Text = Field(
        description="CSV or Parquet with unit, candidate, votes, party or bloc; relative to the run file"
    )
    registered: Text | None = Field(None, description="table with unit, registered and optionally ballots")
    by: Annotated[str, StringConstraints(pattern="^(unit|region|race)$")] = Field(
        "unit",
        description="what is simulated one by one: 'unit', 'region' or 'race' (units summed, local effects averaged)",
    )
    drop: list[Text] = Field([], description="candidates, units or modes whose rows are left out: 'Blancs', 'Total'")
    keep: list[Text] = Field([], description="names that look like a total or votes for nobody, and are none")
    total_votes: Count | None = Field(None, description="stated sum of all votes, checked against the table")
    totals: dict[Text, Count] = Field({}, description="stated votes by candidate, checked against the table")
    columns: dict[Ours, Tables] = Field(
        {}, description="our name of a column -> the table's, or several that are joined: { unit = 'precinct' }"
    )
    where: dict[Text, Text] = Field(
        {}, description="rows that are read: column -> its value, as text: { office = 'U.S. House', district = '6' }"
    )
    wide: Tables | None = Field(
        None, description="columns that are candidates, or 'Voix {n}' for groups of numbered columns"
    )
    name: Tables | None = Field(None, description="with wide = 'Voix {n}': columns of the name, 'Nom {n}'")
    party: dict[Text, Text] | Text | None = Field(
        None, description="with wide: candidate -> party, or the column 'Nuance {n}'"
    )

    @model_validator(mode="after")
    def _numbered(self) -> ResultsSection:
        wide = self.wide or []
        rule = "wide is candidates' columns, or one name with {n} for the number, and then name has {n} too"
        if any("{n}" in part for part in wide) and (len(wide) > 1 or not self.name):
            raise refused("wide and name do not fit", rule, 'as in wide = "Voix {n}", name = "Nom {n}"')
        beside = [*(self.name or []), *([self.party] if isinstance(self.party, str) else [])]
        if beside and not (len(wide) == 1 and "{n}" in wide[0] and all("{n}" in part for part in beside)):
            fix = 'party = { Kast = "REP" } for columns that are candidates; [results] columns renames others'
            raise refused("name or party without numbered columns", rule, fix)
        if wide and {"candidate", "votes"} & {*self.columns}:
            fix = "take candidate and votes out of columns"
            raise refused("columns and wide both say where votes stand", rule, fix)
        return self

    def wanted(self, *, own: bool = True) -> Wanted:
        """What is read of tables of votes; not `own`: of one that may as well be written as ours."""
        shape = said_by(self.model_dump(exclude_none=True))
        return Wanted(tuple(self.drop), tuple(self.keep), shape if own else replace(shape, strict=False))


class FinalistsSection(Section):
    """Who meets in the runoff."""

    advance: Annotated[Whole, Field(ge=2, le=4)] = Field(2, description="how many advance: 2, 3 or 4")
    names: list[Text] | None = Field(None, description="the finalists, where they are not simply the first")

    @model_validator(mode="after")
    def _as_many(self) -> FinalistsSection:
        if self.names is not None and len(self.names) != self.advance:
            n = len(self.names)
            what = f"{n} {'name' if n == 1 else 'names'} for {self.advance} finalists"
            fix = f", or set advance = {n}" if 2 <= n <= 4 else "; a runoff has 2, 3 or 4"
            raise refused(what, "names has as many entries as advance says", f"give {self.advance} names{fix}")
        if self.names is not None and len(set(self.names)) < len(self.names):
            raise refused("a finalist is named twice", "names are distinct", "name each finalist once")
        return self


class SimulationSection(Section):
    """How much is drawn."""

    trials: Annotated[Whole, Field(ge=1, le=10**12)] = Field(1_000_000, description="trials to draw, 1 to 1e12")
    seed: Annotated[Whole, Field(ge=0, le=2**63 - 1)] = Field(0, description="seed, 0 to 2^63 - 1; 0 is a seed")
    target_se: Annotated[float, Field(gt=0, le=0.1)] | None = Field(
        None,
        description="stop once each win probability's standard error is at most this; above 0, at most 0.1",
    )
    quantiles: Annotated[list[Share], Field(min_length=1, max_length=99)] = Field(
        DEFAULT_QUANTILES, description="levels of the quantiles table, increasing, between 0 and 1"
    )

    @model_validator(mode="after")
    def _increasing(self) -> SimulationSection:
        if any(a >= b for a, b in zip(self.quantiles, self.quantiles[1:], strict=False)):
            raise refused("quantiles do not increase", "each level is above the one before", "sort them")
        return self


class OutputSection(Section):
    """What is written."""

    directory: Text = Field("runs", description="folder for the run's tables, relative to where the command runs")
    units: bool = Field(True, description="write the units table")
    trials: bool = Field(False, description="write each trial's votes (large)")
    inputs: bool = Field(True, description="keep what was read in the run's folder, so that it can be drawn again")

    @field_validator("directory")
    @classmethod
    def _here(cls, value: str) -> str:
        if "://" in value:
            raise refused("directory is an address", "runs are written on this machine", "name a folder, as in runs")
        return value


class RunFile(Section):
    """One race, one as_of date."""

    race: RaceSection
    results: ResultsSection
    finalists: FinalistsSection = FinalistsSection(advance=2)
    short: dict[Text, str] = Field({}, description="candidate -> name in short texts; by default the surname")
    blocs: dict[Text, list[Text]] = Field({}, description="bloc -> candidates, over the table's own bloc or party")
    rates: RatesSection = RatesSection()
    new_voters: NewVotersSection | None = Field(None, description="absent: nobody new enters")
    turnout: TurnoutSection | None = Field(None, description="absent: turnouts are said pool by pool")
    blank: BlankSection | None = Field(None, description="absent: blank and null ballots are not told")
    prior: PriorSection = PriorSection()
    factors: FactorsSection = FactorsSection()
    places: PlacesSection = PlacesSection()
    evidence: EvidenceSection = EvidenceSection()
    counting: CountingSection | None = Field(None, description="absent: the results are final")
    first_round_polls: FirstRoundPollsSection | None = Field(None, description="present: the first round is ahead")
    night: NightSection = Field(NightSection(), description="the runoff being counted: `runoff run --results`")
    estimate: EstimateSection | None = Field(None, description="where people went: `runoff estimate FILE`")
    simulation: SimulationSection = SimulationSection()
    output: OutputSection = OutputSection()

    @model_validator(mode="after")
    def _said_once(self) -> RunFile:
        for key, factors in (("spread", self.factors.preference), ("turnout_spread", self.factors.turnout)):
            if factors.local and getattr(self.places, key) is not None:
                name = "turnout" if key == "turnout_spread" else "preference"
                raise refused(
                    f"[places] {key} and [factors.{name}] region or unit both say how units differ",
                    "one of them does: the former is smaller in larger units and leaves the race as it is",
                    f"remove {key}, or region and unit",
                )
        return self


def json_schema(of: type[Section] = RunFile) -> dict[str, Any]:
    """The run file's JSON Schema, for editors; of : its model."""
    schema = of.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "runoff run file"}
