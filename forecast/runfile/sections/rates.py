"""What is said of rates: pools, blocs, new voters, and what rates have in common."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from runoff.runfile.sections.fields import (
    DEFAULT_NEW_VOTERS,
    LEAST,
    Count,
    Part,
    RateShare,
    Section,
    Spread,
    Text,
    Whole,
    refused,
)

FORMS = (
    "one of: {mean, sd}; {low, high, probability}; {count, of}; {counts = {A = 41, B = 11}}; "
    '{means = {A = 0.6, B = 0.4}, worth = 40}; {estimate = "runs/..."}'
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
    estimate: Text | None = Field(
        None, description="folder of an estimate of an earlier runoff of the place (`runoff estimate --out`)"
    )
    origin: Text | None = Field(None, description="with estimate: whose voters; by default by name, else bloc")
    destinations: dict[Text, Text] | None = Field(
        None, description="with estimate: finalist -> its destination; by default by name, else bloc"
    )
    widen: Annotated[float, Field(ge=0, le=3)] = Field(
        0.78, description="with estimate: what separates two races, standard deviation in log-odds, 0 to 3"
    )
    source: Annotated[str, StringConstraints(max_length=1000)] | None = Field(
        None, description="where the rate comes from; carried into the tables"
    )

    @model_validator(mode="after")
    def _one_form(self) -> RateSpec:
        given = {name for name in _SAID if getattr(self, name) is not None}
        if given not in _KEYS:
            got = ", ".join(sorted(given)) or "none of these keys"
            raise refused(f"a rate is said in one way, got {got}", f"a rate is {FORMS}", _completed(given, self.mean))
        beside = {"origin", "destinations", "widen"} & self.model_fields_set
        if beside and self.estimate is None:
            fix = "add estimate, or remove " + " and ".join(sorted(beside))
            raise refused(f"{sorted(beside)[0]} without estimate", "it says how an estimate is read", fix)
        if self.estimate is not None and self.to is not None:
            raise refused("to beside estimate", "an estimate says how many go to each finalist", "remove to")
        if self.mean is not None and self.sd is not None:
            most = math.sqrt(0.9 * self.mean * (1 - self.mean))
            if self.sd >= most:
                what = f"sd {self.sd:g} is too wide for a share with mean {self.mean:g}"
                fix = f"write sd = {most / 2:.2g}, or say an interval"
                raise refused(what, f"with this mean sd is below {most:.3g}", fix)
        if self.low is not None and self.high is not None:
            _in_order(self.low, self.high)
            z = NormalDist().inv_cdf(0.5 + self.probability / 2)
            if math.log(self.high / self.low * (1 - self.low) / (1 - self.high)) > 2 * z * _WIDEST:
                what = f"nothing is known: {self.low:g} to {self.high:g} with probability {self.probability:g}"
                rule = f"the standard deviation that is meant is at most {_WIDEST:g} in log-odds"
                fix = "raise probability, or bring low and high nearer (0.05 to 0.95 with 0.8 is wide)"
                raise refused(what, rule, fix)
        if self.count is not None and self.of is not None and self.count > self.of:
            raise refused(f"{self.count} of {self.of} is more than all", "count is at most of", "swap them?")
        if self.counts is not None and sum(self.counts.values()) == 0:
            raise refused("nobody answered", "counts has at least one answer", "leave the rate out")
        if self.means is not None and abs(sum(self.means.values()) - 1) > 1e-6:
            raise refused(f"means add up to {sum(self.means.values()):g}", "means add up to 1", "mend the means")
        if self.means is not None and self.worth is not None and min(self.means.values()) * self.worth < 0.1:
            least = min(self.means.values())
            what = f"a mean of {least:g} is worth {least * self.worth:g} people"
            fix = f"write worth = {math.ceil(0.1 / least)}, or raise the mean"
            raise refused(what, "each mean is worth at least a tenth of a person", fix)
        return self


_SAID = ("mean", "sd", "low", "high", "count", "of", "counts", "means", "worth", "estimate")
_KEYS = ({"mean", "sd"}, {"low", "high"}, {"count", "of"}, {"counts"}, {"means", "worth"}, {"estimate"})
_WIDEST = 10.0  # standard deviation of a rate's log-odds: nothing is known by far


def _completed(given: set[str], mean: float | None) -> str:
    """The way out where a form is half said, or two are."""
    sd = 0.05 if mean is None else min(0.05, round(0.4 * math.sqrt(mean * (1 - mean)), 3)) or LEAST
    other = {
        "mean": f"sd = {sd:g}",
        "sd": "mean = ...",
        "low": "high = ...",
        "high": "low = ...",
        "count": "of = ...",
        "of": "count = ...",
        "means": "worth = 40",
        "worth": "means = { ... }",
    }
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
    turnout: RateSpec | None = Field(
        None, description="share of them who vote in the runoff; absent: as past races say"
    )
    preference: RateSpec | None = Field(
        None, description="share of those voters by finalist; absent: as past races say"
    )


class FactorSizes(Section):
    """What rates have in common: parts of each rate's variance on the log-odds scale, and local spreads."""

    shared: Part = Field(description="part that all pools share, 0 to 1")
    bloc: Part = Field(description="part that a bloc's pools share, 0 to 1")
    pool: Part = Field(description="part of the pool alone, 0 to 1; the three add up to 1")
    region: Spread = Field(0.0, description="standard deviation between regions in log-odds, 0 to 2")
    unit: Spread = Field(0.0, description="standard deviation between units in log-odds, 0 to 2")

    @property
    def local(self) -> bool:
        """Whether it says how units or regions differ."""
        return bool({"region", "unit"} & self.model_fields_set)

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
    enthusiasm: Annotated[float, Field(ge=-0.9, le=0.9)] = Field(
        0.0, description="correlation of a side's turnout with preference for it, -0.9 to 0.9; 0: drawn apart"
    )


class PlacesSection(Section):
    """How units differ beyond their pools; defaults by whether the finalists are of different blocs."""

    flat: bool = Field(False, description="units are nothing but their pools")
    slope: Annotated[float, Field(ge=-1, le=2)] | None = Field(
        None, description="mean slope of units' log-odds on their first-round lean; by default 0.75, 0.45 or 0.7"
    )
    slope_sd: Spread | None = Field(None, description="its standard deviation; by default 0.4, 0.5 or 0.4")
    spread: Spread | None = Field(
        None,
        description="standard deviation between units of 3,000 votes in log-odds, half of the variance their region's; "
        "by default 0.5, 0.55 or 0.4",
    )
    turnout_slope_sd: Spread | None = Field(None, description="of the slope of log votes, around 0; by default 0.1")
    turnout_spread: Spread | None = Field(None, description="the same as spread, of log votes; by default 0.1")

    @model_validator(mode="after")
    def _flat(self) -> PlacesSection:
        others = sorted(self.model_fields_set - {"flat"})
        if self.flat and others:
            raise refused(
                f"flat = true beside {', '.join(others)}", "flat places have no sizes", "remove flat, or the others"
            )
        return self
