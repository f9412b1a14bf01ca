"""Blank and null ballots of the runoff."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from runoff.runfile.sections.fields import RateShare, Section, Text, refused


class BlankSection(Section):
    """How many of all ballots of the runoff are blank or null, and whether the law counts them."""

    low: RateShare | None = Field(
        None,
        description="lower end of an 80 % range of blank and null ballots over all ballots; by default past races'",
    )
    high: RateShare | None = Field(None, description="upper end")
    country: Text | None = Field(
        None, description="country whose past races say the range, as the archive has it; by default [prior] country"
    )
    counts: Literal["valid", "all"] = Field(
        "valid", description="what the law takes shares of: 'valid' votes, or 'all' ballots with blank and null ones"
    )
    source: Text | None = Field(None, description="where the range comes from; carried into the tables")

    @model_validator(mode="after")
    def _whole_range(self) -> BlankSection:
        if (self.low is None) != (self.high is None):
            missing = "low" if self.low is None else "high"
            raise refused(f"a range without {missing}", "a range has two ends", f"add {missing}, or remove the other")
        if self.low is not None and self.high is not None and self.low >= self.high:
            what = f"low {self.low:g} is not below high {self.high:g}"
            raise refused(what, "low is below high", f"write low = {self.high:g}, high = {self.low:g} (swap them?)")
        if self.low is not None and self.country is not None:
            raise refused("country beside low and high", "the range is said once", "remove country, or low and high")
        return self
