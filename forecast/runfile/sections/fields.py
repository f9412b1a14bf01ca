"""Types of keys, and what all sections have in common."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
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

    # built when first used: the run file's own validator then has those of its sections within it, made once
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)


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
