"""Turnout said for the race as a whole."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from runoff.runfile.sections.fields import RateShare, Section, refused


class TurnoutSection(Section):
    """How many of all people in the pools will vote in the runoff, and how far the sides may differ."""

    low: RateShare = Field(description="lower end of an 80 % range of runoff votes over people in all pools")
    high: RateShare = Field(description="upper end")
    gap: Annotated[float, Field(ge=0, le=2)] | None = Field(
        None, description="sd of the difference between the sides' log-odds of turnout, 0 to 2; by default 0.24"
    )

    @model_validator(mode="after")
    def _in_order(self) -> TurnoutSection:
        if self.low >= self.high:
            what = f"low {self.low:g} is not below high {self.high:g}"
            raise refused(what, "low is below high", f"write low = {self.high:g}, high = {self.low:g} (swap them?)")
        return self
