"""The kinds of numbers, names and dates that a scenario file holds, and the base of its parts."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
People = Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
Pieces = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]
Days = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]
Factor = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
Kilometres = Annotated[float, Field(ge=0, le=20_000, allow_inf_nan=False)]
Change = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
"""A number that is put in the place of a value, added to it, or multiplies it. The value keeps to its own bounds."""
Spread = Annotated[float, Field(gt=0, le=1e12, allow_inf_nan=False)]
LogSpread = Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
ID_PATTERN = r"^[a-z][a-z0-9_]*$"
Id = Annotated[str, Field(pattern=ID_PATTERN, max_length=60)]
Basis = str | dict[str, str]
"""What the values of an entity rest on: one text for all of them, or one for each field."""
Stance = Literal["hostile", "neutral", "allied"]


LAST_MOMENT = datetime(9999, 12, 31)
"""A campaign ends before it: the calendar does."""


def moment(value: Any) -> datetime | None:
    """The date, or date and time, that a text says; None where it says none."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?", value):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is None else None


def _read_date(value: Any) -> Any:
    """Takes a day or a day and time, in the local time of the war; a bare number is no date."""
    said = moment(value)
    if said is not None:
        return said
    raise PydanticCustomError("date_text", "should be a date like 2024-11-27 or 2024-11-27T06:00")


Moment = Annotated[datetime, BeforeValidator(_read_date)]
"""A date, or date and time, in the local time of the war."""


class Section(BaseModel):
    """Base of all parts of a scenario."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
