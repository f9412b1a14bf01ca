"""The run file of a whole chamber: every district's first round in one table, the law, and what past races say."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from runoff.data.chamber.districts import Law
from runoff.runfile.sections.fields import RateShare, Section, Spread, Tables, Text, Whole, refused
from runoff.runfile.sections.prior import PriorSection
from runoff.runfile.sections.run_file import OutputSection, RaceSection, SimulationSection

PollShare = Annotated[float, Field(ge=0, le=1)]
Columns = Literal["district", "candidate", "votes", "region", "party", "bloc", "registered", "withdrew", "unit"]


class DistrictRates(Section):
    """What one pool does in duels of two blocs, over what past races say."""

    a: Text = Field(description="bloc of one finalist")
    b: Text = Field(description="bloc of the other")
    pool: Text = Field(description="bloc whose voters are spoken of")
    share: RateShare = Field(description="of those of them who vote for one of the two, the share for a's candidate")
    sd: Annotated[Spread, Field(gt=0)] | None = Field(
        None, description="its standard deviation in log-odds; by default what past races leave"
    )
    region: Text | None = Field(None, description="in this region alone")
    districts: list[Text] | None = Field(None, description="in these districts alone")

    @model_validator(mode="after")
    def _two(self) -> DistrictRates:
        if self.a == self.b:
            raise refused("a and b are one bloc", "a pool's share is said between two blocs", "name two blocs")
        return self


class TransferPoll(Section):
    """What the voters of one bloc say they will do between two others, asked between the rounds."""

    field_end: dt.date = Field(description="last day on which people were asked, a TOML date")
    a: Text = Field(description="bloc of one finalist")
    b: Text = Field(description="bloc of the other")
    pool: Text = Field(description="bloc whose voters of the first round were asked")
    a_share: PollShare = Field(description="of all of them, those who would vote for a's candidate")
    b_share: PollShare = Field(description="and for b's; the others stay at home, or do not know")
    people: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="how many of them were asked; 100 by default"
    )
    pollster: Text | None = Field(None, description="who asked")

    @model_validator(mode="after")
    def _parts(self) -> TransferPoll:
        if len({self.a, self.b, self.pool}) < 3:
            raise refused("a, b and pool are not three blocs", "a poll of transfers is of a bloc between two others")
        if self.a_share + self.b_share > 1.0 + 1e-9:
            raise refused(
                "a_share and b_share are more than all",
                "they are shares of the pool's voters, of whom some may stay at home",
                "write 0.43 for 43 %",
            )
        return self


class SeatPoll(Section):
    """How many seats somebody was said to get, asked or worked out between the rounds."""

    field_end: dt.date = Field(description="last day on which people were asked, a TOML date")
    of: Text = Field(description="bloc or party whose seats they are, as the table has it")
    low: Annotated[Whole, Field(ge=0)] = Field(description="fewest seats that were said, of the whole chamber")
    high: Annotated[Whole, Field(ge=0)] = Field(
        description="most seats that were said; low again where it was one number"
    )
    pollster: Text | None = Field(None, description="who said it")

    @model_validator(mode="after")
    def _range(self) -> SeatPoll:
        if self.low > self.high:
            rule = f"a poll of seats says fewest and most, got low = {self.low} and high = {self.high}"
            raise refused("low is above high", rule, "write the smaller number as low")
        return self


class StandsDown(Section):
    """How likely those who may stand withdraw, where that is not known yet."""

    chance: Annotated[float, Field(gt=0, lt=1)] = Field(description="that one of them withdraws")
    place: Annotated[Whole, Field(ge=2)] = Field(3, description="place in the first round from which on it is meant")
    bloc: Text | None = Field(None, description="of this bloc alone")
    against: Text | None = Field(None, description="where somebody of this bloc may stand too, and only there")


class ChamberSection(Section):
    """Where every district's first round stands, and the law of who may stand in the runoff."""

    table: Text = Field(
        description="CSV or Parquet, a row a candidate: district, candidate, votes, party or bloc; region, registered, "
        "withdrew where known; relative to the run file"
    )
    withdrawals: Text | None = Field(
        None, description="table of those who might stand and do not: district, candidate; beside the column withdrew"
    )
    results: Text | None = Field(
        None,
        description="table of the runoffs counted so far: district, candidate, votes; status complete, partial, out",
    )
    outright: Annotated[float, Field(ge=0.3, le=1)] = Field(
        0.5, description="share of the valid votes above which the first round elects"
    )
    outright_registered: Annotated[float, Field(ge=0, le=1)] = Field(
        0.25, description="and of the registered voters, at least; 0 for none"
    )
    qualify: Annotated[float, Field(ge=0, le=1)] = Field(
        0.125, description="share of the registered voters that lets a candidate stand; 1 where only the first two do"
    )
    qualify_of: Literal["registered", "valid"] = Field(
        "registered", description="what that is a share of: registered voters or valid votes"
    )
    most: Annotated[Whole, Field(ge=2, le=6)] = Field(4, description="candidates of a runoff at most; two at least")
    majority: Annotated[Whole, Field(ge=1)] | None = Field(
        None, description="seats that are a majority; by default more than half of the districts of the table"
    )
    stands_down: list[StandsDown] = Field(
        [], description="chances of withdrawals that are not known yet; of those that fit somebody the last counts"
    )
    rates: list[DistrictRates] = Field([], description="what pools do in duels of two blocs, over past races")
    polls: list[TransferPoll] = Field([], description="polls of transfers between the rounds")
    poll_error_sd: Spread = Field(
        0.1, description="error of a_share less b_share that all polls of one question share, 0 to 2"
    )
    seat_polls: list[SeatPoll] = Field([], description="polls of seats between the rounds")
    seats_error_sd: Annotated[float, Field(gt=0, le=2)] | None = Field(
        None,
        description="error that all polls of seats of a bloc or party share: a part of the chamber, for one that is "
        "said to get half of it; less for larger and smaller ones",
    )
    columns: dict[Columns, Tables] = Field({}, description="our name of a column -> the table's")
    where: dict[Text, Text] = Field({}, description="rows that are read: column -> its value, as text")

    @model_validator(mode="after")
    def _error_of_seats(self) -> ChamberSection:
        if self.seat_polls and self.seats_error_sd is None:
            rule = (
                "it has no default: polls of seats of three past Assemblies made their forecasts worse, the more they "
            )
            rule += "were believed (docs/chamber.md); their own errors were 0.1"
            raise refused("seat_polls without seats_error_sd", rule, "say seats_error_sd = 0.3, or leave the polls out")
        return self

    @property
    def law(self) -> Law:
        """The law of who is elected and who stands."""
        return Law(
            outright=self.outright,
            outright_registered=self.outright_registered,
            qualify=self.qualify,
            of_valid=self.qualify_of == "valid",
            most=self.most,
        )


class ChamberFile(Section):
    """A whole chamber, one as_of date."""

    race: RaceSection
    chamber: ChamberSection
    prior: PriorSection = PriorSection()
    simulation: SimulationSection = SimulationSection(trials=100_000)
    output: OutputSection = OutputSection()

    @model_validator(mode="after")
    def _of_archive(self) -> ChamberFile:
        said = self.prior
        if said.source == "none":
            fix = "remove source; [[chamber.rates]] says what is known better"
            raise refused('[prior] source = "none" in a chamber', "its rates come from past races", fix)
        for key in ("stood_down", "camps"):
            if getattr(said, key):
                raise refused(
                    f"[prior] {key} has no part in a chamber", "its table says it of each district", f"remove {key}"
                )
        return self
