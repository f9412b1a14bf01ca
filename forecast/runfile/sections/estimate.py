"""What `runoff estimate` needs beyond the first round: where the runoff's votes stand."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from runoff.runfile.sections.fields import Section, Text


class EstimateSection(Section):
    """Where people went: `runoff estimate FILE`."""

    second: Text = Field(description="table of the runoff's votes by unit, relative to the run file")
    weight: Annotated[float, Field(ge=0, le=100)] = Field(
        1.0, description="weight of what is known before any result, 0 for none, 1 as measured"
    )
