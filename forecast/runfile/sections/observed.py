"""What is observed: polls, a first round being counted or ahead, a runoff being counted."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from runoff.runfile.sections.fields import (
    DesignEffect,
    Part,
    Points,
    Section,
    Share,
    Spread,
    Tables,
    Text,
    Whole,
    refused,
)
from runoff.runfile.sections.rates import _in_order


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
    shared_error_sd: Points = Field(0.03, description="sd of the error that all polls of a race share, 0 to 0.25")
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
    self_selected_error_sd: Points = Field(
        0.15, description="more of it for those without a first-round vote, who say so themselves, 0 to 0.25"
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

    status: Text | None = Field(
        None,
        description="table with unit (or region), mode, state (complete, out, partial) and optionally expected, low, "
        "high; without it the count says what is out, by a column status or by the rows that it has not",
    )
    baseline: Text | None = Field(
        None, description="table of an earlier election: unit, first, second and optionally ballots, registered"
    )
    baseline_candidates: Annotated[list[Text], Field(min_length=2, max_length=2)] | None = Field(
        None,
        description="candidates of this race whose votes, or whose party's, the baseline's first and second are",
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


Ballots = Annotated[Whole, Field(ge=1, le=2**31 - 1)]
Names = Annotated[list[Text], Field(min_length=1)]


class ClassSplit(Section):
    """How a class of ballots splits: a finalist's share of it."""

    to: Text = Field(description="the finalist whose share it is")
    low: Share = Field(description="lower end of the 80 % interval of his share of the class")
    high: Share = Field(description="upper end of the 80 % interval of his share of the class")

    @model_validator(mode="after")
    def _ordered(self) -> ClassSplit:
        _in_order(self.low, self.high)
        return self


class NightClass(Section):
    """Ballots of which more is known than of the rest, or that may not count: late mail, provisional, contested ones.

    kind says how they stand to what is out of the class's cells (its units' votes of its modes): `all` of it; `part`
    of it, whose place among the cells' ballots they take; or `extra`, ballots that no cell expects.
    """

    kind: Literal["all", "part", "extra"] = Field(
        description="all (the class is all that is out of its modes and units), part (some of that), "
        "or extra (ballots that are expected nowhere: they come on top)"
    )
    modes: Names | None = Field(None, description="modes of the class; all of them where none is named")
    units: Names | None = Field(None, description="units of the class; all of its regions' where none is named")
    regions: Names | None = Field(None, description="regions of the class; all of them where none is named")
    low: Ballots | None = Field(None, description="lower end of the 80 % interval of ballots in the class still out")
    high: Ballots | None = Field(None, description="upper end of the 80 % interval of ballots in the class still out")
    split: ClassSplit | None = Field(None, description="a finalist's share of the class: { to, low, high }")
    lean_sd: Spread | None = Field(
        None, description="how far the class leans from its cells where no split is said, 0 to 2; all 0, others 0.25"
    )
    p_counted: Part = Field(1.0, description="probability that the class counts at all, 0 to 1")
    source: Annotated[str, StringConstraints(max_length=1000)] | None = Field(None, description="where it comes from")

    @model_validator(mode="after")
    def _whole(self) -> NightClass:
        if (self.low is None) != (self.high is None):
            end = "low" if self.low is None else "high"
            known = self.high if self.low is None else self.low
            raise refused(
                f"one end of a range: no {end}", "a range has low and high", f"{end} = {known} if it is known"
            )
        if self.low is None and self.kind != "all":
            rule = "ballots that are part of what is out, or come on top, have low and high"
            raise refused(f'kind = "{self.kind}" without a size', rule, "add low and high: how many are out, 80 % sure")
        if self.low is not None and self.high is not None and self.low > self.high:
            _in_order(self.low, self.high)
        if self.split is not None and self.lean_sd is not None:
            rule = "lean_sd is for a class whose split nobody said"
            raise refused("both split and lean_sd", rule, "take lean_sd away, or the split")
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
    classes: dict[Text, NightClass] = Field({}, description="ballots that are known apart, or may not count")
    unit_sd: Spread | None = Field(
        None,
        description="what a unit of 3,000 votes has of its own, 0 to 2; units teach it; by default 0.15 between blocs, "
        "0.25 in one, 0.2 where these are not told",
    )
    slope: Annotated[float, Field(ge=-2, le=2)] | None = Field(
        None,
        description="mean slope of a unit's log-odds on the first round's, -2 to 2; by default 0.29, 0.14, 0.24",
    )
    slope_sd: Spread | None = Field(None, description="its standard deviation, 0 to 2; by default 0.15, 0.25, 0.2")
    smooth_sd: Spread = Field(
        0.1, description="how far the change wanders with lean and size, per root unit of log-odds, 0 to 2"
    )
    composition_sd: Annotated[float, Field(ge=0, le=10)] = Field(
        2.5, description="how far each pool's part in the map may be from its said rate, in log-odds, 0 to 10"
    )
    region_sd: Spread = Field(0.1, description="how far regions differ from the race beyond the model, 0 to 2")
    mode_votes_sd: Spread = Field(0.5, description="change of a mode's share of the votes between the rounds, 0 to 2")
    mode_preference_sd: Spread = Field(0.5, description="change of a mode's lean between the rounds, 0 to 2")
    region_mode_sd: Spread = Field(0.2, description="how far a region's modes differ from the race's, 0 to 2")
    mode_slope_sd: Spread = Field(
        0.15, description="slope of a mode's share and lean on the unit's first-round log-odds, 0 to 2"
    )
    cell_sd: Spread = Field(0.15, description="how far a unit's modes differ from its region's, 0 to 2; cells teach it")
    partial_sd: Spread = Field(0.15, description="lean of the counted part of a mode that is partly in, 0 to 2")
    tails: bool = Field(
        True, description="what is out strays by a scale of its own; false: by what the reported units have taught"
    )


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
