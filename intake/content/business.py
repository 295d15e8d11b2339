"""When the affiliate's team works and how soon it takes a case up, as ``affiliate.yaml`` says."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from intake.rules.due import BusinessTime

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_WEEKDAYS: tuple[str, ...] = get_args(Weekday)
_Days = Annotated[int, Field(ge=0, le=30)]


class Business(BaseModel):
    """``confirmed`` is false until somebody of the affiliate has said that these are their hours and promises."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    confirmed: bool
    opens: time
    closes: time
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)]
    federal_holidays_off: bool
    emergency_within_minutes: Annotated[int, Field(gt=0, le=24 * 60)]
    urgent_within_business_days: _Days
    standard_within_business_days: _Days

    @model_validator(mode="after")
    def _fits_together(self) -> Business:
        if self.opens.tzinfo or self.closes.tzinfo or not self.opens < self.closes:
            raise ValueError("'opens' must be earlier than 'closes', both as \"08:00\"")
        if len(set(self.days)) < len(self.days):
            raise ValueError("a day stands twice in 'days'")
        if self.urgent_within_business_days > self.standard_within_business_days:
            raise ValueError("an urgent case must not be due later than a standard one")
        return self

    def as_time(self) -> BusinessTime:
        """The same as the rules take it."""
        return BusinessTime(
            self.opens, self.closes, frozenset(_WEEKDAYS.index(day) for day in self.days), self.federal_holidays_off,
            timedelta(minutes=self.emergency_within_minutes), self.urgent_within_business_days,
            self.standard_within_business_days)
