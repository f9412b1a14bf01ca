"""Where rates come from that nobody says: past races, or wide defaults."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from runoff.data.archive.words import BLOCS, CAMPS, CONTESTS, LEVELS
from runoff.runfile.sections.fields import Section, Share, Text, refused


def _one_of(words: tuple[str, ...]) -> str:
    return "^(" + "|".join(words) + ")$"


Level = Annotated[str, StringConstraints(pattern=_one_of(tuple(LEVELS)))]
Contest = Annotated[str, StringConstraints(pattern=_one_of(tuple(CONTESTS)))]
Bloc = Annotated[str, StringConstraints(pattern=_one_of(BLOCS))]
Camp = Annotated[str, StringConstraints(pattern=_one_of(CAMPS))]


class PriorSection(Section):
    """What past races say where the run file says nothing."""

    source: Literal["archive", "none"] | None = Field(
        None,
        description="'archive': past races; 'none': wide defaults; by default the archive where [rates] says nothing",
    )
    level: Level | None = Field(None, description="kind of office: " + ", ".join(LEVELS))
    country: Text | None = Field(None, description="country, as the archive has it: France, United States (Georgia)")
    contest: Contest | None = Field(None, description="who stands on the ballot: " + ", ".join(CONTESTS))
    blocs: dict[Text, Bloc] = Field({}, description="bloc or party of the results -> " + ", ".join(BLOCS))
    stood_down: list[Text] = Field([], description="candidates who might have stood in the runoff and do not")
    camps: dict[Camp, Share] = Field(
        {}, description="camp -> its share of the first round in the whole chamber's election; of both finalists' camps"
    )
    before: dt.date | None = Field(
        None, description="use races whose runoff was over before this day; by default as_of"
    )

    @model_validator(mode="after")
    def _of_none(self) -> PriorSection:
        others = sorted(self.model_fields_set - {"source"})
        if self.source == "none" and others:
            rule = "without the archive there is nothing to say of it"
            raise refused(
                f'source = "none" beside {", ".join(others)}', rule, 'write source = "archive", or remove them'
            )
        return self
