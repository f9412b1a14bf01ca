"""The run file as frozen, strictly checked values: every key with its type, bounds and meaning.

Unknown keys, wrong types and numbers out of range are refused; a true is not a number, and neither is
NaN.  What needs the results table to be judged is checked in `runoff.runfile.consistency`.
"""

from __future__ import annotations

import datetime as dt
import math
from statistics import NormalDist
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
DEFAULT_QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95]
DEFAULT_NEW_VOTERS = "did not vote in the first round"

LEAST = 1e-6  # of a rate: a kernel's odds end at one voter in 1.2 million


def _whole(value: object) -> object:
    """1e6 and 20.0 are whole numbers, written with a point."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


Whole = Annotated[int, BeforeValidator(_whole)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Share = Annotated[float, Field(gt=0, lt=1)]
RateShare = Annotated[float, Field(ge=LEAST, le=1 - LEAST)]
Part = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(ge=0, le=2)]
Count = Annotated[Whole, Field(ge=0, le=2**31 - 1)]
Points = Annotated[float, Field(ge=0, le=0.25)]
DesignEffect = Annotated[float, Field(ge=1, le=20)]
Tables = Annotated[
    list[Text],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class Section(BaseModel):
    """What all tables of a run file have in common."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def refused(what: str, rule: str, fix: str = "") -> PydanticCustomError:
    """A refusal whose rule and way out reach the message (`runoff.runfile.load`)."""
    return PydanticCustomError("refused", "{what}", {"what": what, "rule": rule, "fix": fix})


def between_rounds(as_of: dt.date) -> tuple[str, str, str]:
    """What is wrong, the rule and the way out, where `as_of` is not between the rounds."""
    return (
        f"as_of {as_of} is not between the rounds",
        "as_of is from the day of the first round to the day before the runoff",
        "give the last day whose information the forecast may use",
    )


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


class FinalistsSection(Section):
    """Who meets in the runoff."""

    advance: Annotated[Whole, Field(ge=2, le=4)] = Field(2, description="how many advance: 2, 3 or 4")
    names: list[Text] | None = Field(None, description="the finalists, where they are not simply the first")

    @model_validator(mode="after")
    def _as_many(self) -> FinalistsSection:
        if self.names is not None and len(self.names) != self.advance:
            raise refused(
                f"{len(self.names)} {'name' if len(self.names) == 1 else 'names'} for {self.advance} finalists",
                "names has as many entries as advance says",
                f"give {self.advance} names"
                + (
                    f", or set advance = {len(self.names)}" if 2 <= len(self.names) <= 4 else "; a runoff has 2, 3 or 4"
                ),
            )
        if self.names is not None and len(set(self.names)) < len(self.names):
            raise refused("a finalist is named twice", "names are distinct", "name each finalist once")
        return self


FORMS = (
    "one of: {mean, sd}; {low, high, probability}; {count, of}; {counts = {A = 41, B = 11}}; "
    "{means = {A = 0.6, B = 0.4}, worth = 40}"
)


class RateSpec(Section):
    """A rate as a person says it: mean and sd, an interval with its probability, or counts."""

    mean: RateShare | None = Field(None, description="mean, from 0.000001 to 0.999999")
    sd: Annotated[float, Field(ge=LEAST, lt=0.5)] | None = Field(
        None, description="standard deviation, from 0.000001, below 0.5"
    )
    low: RateShare | None = Field(None, description="lower end of a central interval, from 0.000001 to 0.999999")
    high: RateShare | None = Field(None, description="upper end of a central interval, from 0.000001 to 0.999999")
    probability: Annotated[float, Field(ge=0.01, le=0.9999)] = Field(
        0.8, description="probability of the interval, 0.01 to 0.9999"
    )
    count: Count | None = Field(None, description="how many said so, a whole number from 0")
    of: Annotated[Whole, Field(ge=1, le=2**31 - 1)] | None = Field(None, description="how many were asked, from 1")
    design_effect: Annotated[float, Field(ge=1, le=20)] = Field(
        1.0, description="variance of the survey's design / that of a simple random sample, 1 to 20"
    )
    to: Text | None = Field(None, description="the finalist that a preference goes to, where there are two")
    counts: dict[Text, Count] | None = Field(None, description="answers by finalist, whole numbers from 0")
    means: dict[Text, RateShare] | None = Field(None, description="mean share by finalist, adding up to 1")
    worth: Annotated[float, Field(ge=2, le=1e9)] | None = Field(
        None, description="how many people's answers the means are worth, from 2"
    )
    source: Annotated[str, StringConstraints(max_length=1000)] | None = Field(
        None, description="where the rate comes from; carried into the tables"
    )

    @model_validator(mode="after")
    def _one_form(self) -> RateSpec:
        given = {name for name in ("mean", "sd", "low", "high", "count", "of", "counts", "means", "worth") if
                 getattr(self, name) is not None}  # fmt: skip
        if given not in _KEYS:
            got = ", ".join(sorted(given)) or "none of these keys"
            raise refused(f"a rate is said in one way, got {got}", f"a rate is {FORMS}", _completed(given, self.mean))
        if self.mean is not None and self.sd is not None:
            most = math.sqrt(0.9 * self.mean * (1 - self.mean))
            if self.sd >= most:
                raise refused(
                    f"sd {self.sd:g} is too wide for a share with mean {self.mean:g}",
                    f"with this mean sd is below {most:.3g}",
                    f"write sd = {most / 2:.2g}, or say an interval",
                )
        if self.low is not None and self.high is not None:
            _in_order(self.low, self.high)
            z = NormalDist().inv_cdf(0.5 + self.probability / 2)
            if math.log(self.high / self.low * (1 - self.low) / (1 - self.high)) > 2 * z * _WIDEST:
                raise refused(
                    f"nothing is known: {self.low:g} to {self.high:g} with probability {self.probability:g}",
                    f"the standard deviation that is meant is at most {_WIDEST:g} in log-odds",
                    "raise probability, or bring low and high nearer (0.05 to 0.95 with 0.8 is wide)",
                )
        if self.count is not None and self.of is not None and self.count > self.of:
            raise refused(f"{self.count} of {self.of} is more than all", "count is at most of", "swap them?")
        if self.counts is not None and sum(self.counts.values()) == 0:
            raise refused("nobody answered", "counts has at least one answer", "leave the rate out")
        if self.means is not None and abs(sum(self.means.values()) - 1) > 1e-6:
            raise refused(f"means add up to {sum(self.means.values()):g}", "means add up to 1", "mend the means")
        if self.means is not None and self.worth is not None and min(self.means.values()) * self.worth < 0.1:
            least = min(self.means.values())
            raise refused(
                f"a mean of {least:g} is worth {least * self.worth:g} people",
                "each mean is worth at least a tenth of a person",
                f"write worth = {math.ceil(0.1 / least)}, or raise the mean",
            )
        return self


_KEYS = ({"mean", "sd"}, {"low", "high"}, {"count", "of"}, {"counts"}, {"means", "worth"})
_WIDEST = 10.0  # standard deviation of a rate's log-odds: nothing is known by far


def _completed(given: set[str], mean: float | None) -> str:
    """The way out where a form is half said, or two are."""
    sd = 0.05 if mean is None else min(0.05, round(0.4 * math.sqrt(mean * (1 - mean)), 3)) or LEAST
    other = {"mean": f"sd = {sd:g}", "sd": "mean = ...", "low": "high = ...", "high": "low = ...", "count": "of = ...",
             "of": "count = ...", "means": "worth = 40", "worth": "means = { ... }"}  # fmt: skip
    if len(given) == 1:
        key = next(iter(given))
        return f"add {other[key]} beside {key}" + ("; its standard deviation" if key == "mean" else "")
    whole = [sorted(form, key=list(other).index) for form in _KEYS[:3] if form <= given]
    whole += [sorted(form) for form in _KEYS[3:] if form <= given]
    if whole:
        return "keep " + ", or ".join(" and ".join(form) for form in whole) + ", and remove the rest"
    return "write { low = 0.6, high = 0.9 }, with your own numbers"


def _in_order(low: float, high: float) -> None:
    if low >= high:
        fix = f"write low = {high!r}, high = {low!r}" if low > high else "bring low and high apart"
        raise refused(
            f"low {low:g} is not below high {high:g}", "low is below high", fix + " (swap them?)" * (low > high)
        )


class PoolRates(Section):
    """Rates of one pool, or of each eliminated candidate of a bloc."""

    turnout: RateSpec | None = Field(None, description="share of the pool's people who vote in the runoff")
    preference: RateSpec | None = Field(None, description="share of the pool's voters by finalist")


class RatesSection(Section):
    """Rates in layers: a candidate's own entry, else own (finalists) or the bloc's, else a wide default."""

    own: PoolRates = Field(PoolRates(), description="finalists' own voters; a preference is to the finalist himself")
    blocs: dict[Text, PoolRates] = Field({}, description="eliminated candidates by bloc")
    candidates: dict[Text, PoolRates] = Field({}, description="single candidates; over own and blocs")


class NewVotersSection(Section):
    """Those who cast no valid vote in the first round."""

    name: Text = Field(DEFAULT_NEW_VOTERS, description="the pool's name in the tables")
    people: Annotated[Whole, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="how many; by default registered voters minus valid votes"
    )
    turnout: RateSpec = Field(description="share of them who vote in the runoff")
    preference: RateSpec = Field(description="share of those voters by finalist")


class FactorSizes(Section):
    """What rates have in common: parts of each rate's variance on the log-odds scale, and local spreads."""

    shared: Part = Field(description="part that all pools share, 0 to 1")
    bloc: Part = Field(description="part that a bloc's pools share, 0 to 1")
    pool: Part = Field(description="part of the pool alone, 0 to 1; the three add up to 1")
    region: Spread = Field(0.0, description="standard deviation between regions in log-odds, 0 to 2")
    unit: Spread = Field(0.0, description="standard deviation between units in log-odds, 0 to 2")

    @model_validator(mode="after")
    def _whole(self) -> FactorSizes:
        total = self.shared + self.bloc + self.pool
        if abs(total - 1) > 1e-9:
            fix = f"write pool = {1 - self.shared - self.bloc:g}" if self.shared + self.bloc <= 1 else "lower them"
            raise refused(f"the parts add up to {total:g}", "shared + bloc + pool = 1 (each has a default)", fix)
        return self


class TurnoutFactors(FactorSizes):
    """Of turnout rates."""

    shared: Part = Field(0.4, description="part that all pools share, 0 to 1")
    bloc: Part = Field(0.3, description="part that a bloc's pools share, 0 to 1")
    pool: Part = Field(0.3, description="part of the pool alone, 0 to 1; the three add up to 1")


class PreferenceFactors(FactorSizes):
    """Of preferences."""

    shared: Part = Field(0.3, description="part that all pools share, 0 to 1")
    bloc: Part = Field(0.5, description="part that a bloc's pools share, 0 to 1")
    pool: Part = Field(0.2, description="part of the pool alone, 0 to 1; the three add up to 1")


class FactorsSection(Section):
    """Sizes of the factors, which matter more than anything else (docs/model.md)."""

    turnout: TurnoutFactors = Field(TurnoutFactors(), description="of turnout rates")
    preference: PreferenceFactors = Field(PreferenceFactors(), description="of preferences")


class EvidenceSection(Section):
    """What was published about the runoff, and how far it can be trusted; sizes are shares of the two-way vote.

    A size holds near one half: 0.025 is 2.5 points there, and everywhere 0.1 in log-odds.  docs/evidence.md has
    the source of each default.
    """

    polls: Tables = Field([], description="a table of polls of the runoff, or several")
    crosstabs: Tables = Field([], description="a table of polls' groups by first-round vote or party, or several")
    design_effect: DesignEffect = Field(
        1.4, description="variance of a poll's design / that of a simple random sample, 1 to 20"
    )
    shared_error_sd: Points = Field(0.025, description="sd of the error that all polls of a race share, 0 to 0.25")
    house_sd: Points = Field(0.02, description="sd between pollsters, 0 to 0.25")
    drift_sd_per_day: Annotated[float, Field(ge=0, le=0.05)] = Field(
        0.001, description="sd of a day's change of the race, a random walk up to the runoff, 0 to 0.05"
    )
    sponsor_shift: Annotated[float, Field(ge=-0.25, le=0.25)] = Field(
        0.025, description="mean by which a sponsor's poll favours the sponsor's side, -0.25 to 0.25"
    )
    sponsor_shift_sd: Points = Field(0.015, description="sd of that, 0 to 0.25")
    undecided_sd: Annotated[float, Field(ge=0, le=0.5)] = Field(
        0.15, description="sd of the share of those without a finalist that goes to one, around the decided's; 0 to 0.5"
    )
    crosstab_design_effect: DesignEffect = Field(2.0, description="design effect of a poll's groups, 1 to 20")
    crosstab_error_sd: Points = Field(
        0.1, description="sd of what all crosstabs of one group share (misremembered votes), 0 to 0.25"
    )
    party_error_sd: Points = Field(
        0.1, description="more of it where party identification stands for the first-round vote, 0 to 0.25"
    )


class ModeSize(Section):
    """How many votes of a mode come, where nothing of it has been counted yet."""

    low: Share = Field(description="lower end of the 80 % interval of the mode's votes / registered voters")
    high: Share = Field(description="upper end of the 80 % interval of the mode's votes / registered voters")
    source: Annotated[str, StringConstraints(max_length=1000)] | None = Field(None, description="where it comes from")

    @model_validator(mode="after")
    def _ordered(self) -> ModeSize:
        _in_order(self.low, self.high)
        return self


class CountingSection(Section):
    """A first round that is still being counted: the results table holds what is counted, by unit and mode."""

    status: Text = Field(
        description="table with unit (or region), mode, state (counted, out, part) and optionally expected, low, high"
    )
    baseline: Text | None = Field(
        None, description="table of an earlier election: unit, first, second and optionally ballots, registered"
    )
    previous: Text | None = Field(
        None, description="results table of an earlier hour: counts that have gone down since are refused"
    )
    modes: dict[Text, ModeSize] = Field({}, description="sizes of modes of which nothing has been counted")
    least_share: Annotated[float, Field(gt=0, le=0.5)] = Field(
        0.04, description="candidates with less of the counted vote are modelled together; above 0, at most 0.5"
    )


class NightMode(Section):
    """How many votes of a mode the whole race has, where something is known of it before they are counted."""

    low: Annotated[Whole, Field(ge=1, le=2**31 - 1)] = Field(
        description="lower end of the 80 % interval of the mode's votes in the race"
    )
    high: Annotated[Whole, Field(ge=1, le=2**31 - 1)] = Field(
        description="upper end of the 80 % interval of the mode's votes in the race"
    )
    source: Annotated[str, StringConstraints(max_length=1000)] | None = Field(None, description="where it comes from")

    @model_validator(mode="after")
    def _ordered(self) -> NightMode:
        _in_order(self.low, self.high)
        return self


class NightSection(Section):
    """A runoff that is being counted; sizes are standard deviations on the log or log-odds scale.

    docs/runoff-night.md has the source of each default.
    """

    results: Text | None = Field(
        None, description="table with unit, candidate, votes and optionally mode, status (complete, partial, out)"
    )
    previous: Text | None = Field(None, description="results table of an earlier hour: counts do not go down")
    modes: list[Text] | None = Field(
        None, description="vote modes; by default those of the first round's table, if it has any"
    )
    sizes: dict[Text, NightMode] = Field({}, description="votes of a mode in the whole race: ballots known to be in")
    unit_sd: Spread = Field(0.1, description="what a unit has of its own beyond the model, 0 to 2; units teach it")
    region_sd: Spread = Field(0.05, description="how far regions differ from the race beyond the model, 0 to 2")
    slope_sd: Spread = Field(0.2, description="slopes of a unit's change over its lean and turnout, 0 to 2")
    mode_votes_sd: Spread = Field(0.5, description="change of a mode's share of the votes between the rounds, 0 to 2")
    mode_preference_sd: Spread = Field(0.5, description="change of a mode's lean between the rounds, 0 to 2")
    region_mode_sd: Spread = Field(0.2, description="how far a region's modes differ from the race's, 0 to 2")
    cell_sd: Spread = Field(0.15, description="how far a unit's modes differ from its region's, 0 to 2; cells teach it")
    partial_sd: Spread = Field(0.15, description="lean of the counted part of a mode that is partly in, 0 to 2")


class FirstRoundPollsSection(Section):
    """A first round not yet held: polls with several candidates stand in for counts."""

    table: Text = Field(
        description="table with poll, pollster, field_end, candidate, share and optionally field_start, "
        "published, sample_size"
    )
    turnout: ModeSize = Field(description="votes / registered voters in the first round, an 80 % interval")
    design_effect: Annotated[float, Field(ge=1, le=20)] = Field(
        2.0, description="variance of a poll / that of a simple random sample, 1 to 20"
    )
    house: Spread = Field(0.15, description="standard deviation between pollsters, in log share, 0 to 2")
    shared: Spread = Field(0.15, description="error that all polls share, in log share, 0 to 2")
    drift: Spread = Field(0.02, description="standard deviation of a day's movement, in log share, 0 to 2")


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


class RunFile(Section):
    """One race, one as_of date."""

    race: RaceSection
    results: ResultsSection
    finalists: FinalistsSection = FinalistsSection(advance=2)
    short: dict[Text, str] = Field({}, description="candidate -> name in short texts; by default the surname")
    blocs: dict[Text, list[Text]] = Field({}, description="bloc -> candidates, over the table's own bloc or party")
    rates: RatesSection = RatesSection()
    new_voters: NewVotersSection | None = Field(None, description="absent: nobody new enters")
    factors: FactorsSection = FactorsSection()
    evidence: EvidenceSection = EvidenceSection()
    counting: CountingSection | None = Field(None, description="absent: the results are final")
    first_round_polls: FirstRoundPollsSection | None = Field(None, description="present: the first round is ahead")
    night: NightSection = Field(NightSection(), description="the runoff being counted: `runoff run --results`")
    simulation: SimulationSection = SimulationSection()
    output: OutputSection = OutputSection()


def json_schema() -> dict[str, Any]:
    """The run file's JSON Schema, for editors."""
    schema = RunFile.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "runoff run file"}
