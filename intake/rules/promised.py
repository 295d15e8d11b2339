"""When staff call a family or a program again: a day, and a part of it or a time, as they promised it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

MOST_DAYS_AHEAD = 90  # beyond it is a slip of the year; our choice


class PartOfDay(StrEnum):
    """What was said of the hour when no time was."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"
    ANY_TIME = "any_time"


# When each part is over, and the promise broken. Nobody is called later than a text may come (texting_hours); our choice.
_ENDS = {PartOfDay.MORNING: time(12), PartOfDay.AFTERNOON: time(17), PartOfDay.EVENING: time(20), PartOfDay.ANY_TIME: time(20)}


class PromiseProblem(StrEnum):
    """Why what was typed is no promise that can be kept."""

    NOT_READ = "not_read"
    NO_DAY = "no_day"
    IN_THE_PAST = "in_the_past"
    TOO_FAR = "too_far"


@dataclass(frozen=True)
class Promise:
    """``at`` is the moment by which the call is to be made: the time that was said (``part`` is None), or the part's end."""

    at: datetime
    part: PartOfDay | None


def read_promise(day: str, part: str, clock: str, now: datetime, zone: tzinfo) -> Promise | PromiseProblem | None:
    """The promise typed as an ISO day with a part of it or a time ("14:30"); a time says more than a part. None for none."""
    if not (day or clock):
        return None if part in ("", PartOfDay.ANY_TIME) else PromiseProblem.NO_DAY
    if not day:
        return PromiseProblem.NO_DAY
    if part and part not in set(PartOfDay):
        return PromiseProblem.NOT_READ
    said = PartOfDay(part) if part else PartOfDay.ANY_TIME
    try:
        on, exact = date.fromisoformat(day), time.fromisoformat(clock) if clock else None
    except ValueError:
        return PromiseProblem.NOT_READ
    today = now.astimezone(zone).date()
    if not today <= on <= today + timedelta(days=MOST_DAYS_AHEAD):
        return PromiseProblem.IN_THE_PAST if on < today else PromiseProblem.TOO_FAR
    at = datetime.combine(on, (_ENDS[said] if exact is None else exact).replace(tzinfo=None), zone).astimezone(UTC)
    return Promise(at, said if exact is None else None) if at > now else PromiseProblem.IN_THE_PAST
