"""Makes one birth of all that a message tells about it: dates, ages, and times beside ages.

"Casi 3, nació en marzo" is one birth told twice, and each half supplies what the other lacks; "2 y 4" is two
children. What agrees is joined, what does not is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.components.birth_ages import Age, bare_age
from bot.components.birth_dates import TOO_OLD_YEARS, Birth, Told, anniversaries
from bot.components.birth_moments import completed_months, months_back

Days = tuple[date, date]
# People round: "31 months" beside a date that makes it 32 is no second child.
ROUNDING_MONTHS = 1
_BIRTHDAY_TOLD = re.compile(r"\b(?:turn\w*|birth ?day|bday|cumpl\w*|will be|made)\b")
_BESIDE_DATE = re.compile(r"(?<![\w/.])(\d{1,2})(?: years)?(?: old)?(?: (?:on|in|en|el|this|the))* +\|")


def agreed(dates: list[Told], ages: list[Age], bare: list[float], written: str, today: date) -> Birth | None:
    """The birth told by `dates`, `ages` and numbers without a unit (`bare`), or what is doubtful about it."""
    refused = [told for told in dates if told.days is None and told.month is None and not told.readings]
    if refused and not any(told.days for told in dates):
        return _refused(refused[0], ages)
    if any(told.readings for told in dates):
        return _chosen(next(told for told in dates if told.readings), ages, today)
    if whole := [told for told in dates if told.days]:
        return _dated(whole, ages, written, today)
    if dates:
        return _without_year(dates[0], ages or _in_years(bare), written, today)
    return _aged(ages, bare)


def _refused(told: Told, ages: list[Age]) -> Birth | None:
    if told.reason == "year_missing":
        return _aged(ages, []) or Birth(ambiguous=True, reason="year_missing")
    return Birth(reason=told.reason)


def _chosen(told: Told, ages: list[Age], today: date) -> Birth:
    """A date that can be read two ways, unless the age told beside it leaves one."""
    fitting = [
        reading for reading in told.readings
        if all(_fits(age, completed_months(date.fromisoformat(reading), today), 0) for age in ages)
    ]  # fmt: skip
    if ages and len(fitting) == 1:
        return Birth(dob=date.fromisoformat(fitting[0]))
    return Birth(ambiguous=True, reason=told.reason, readings=told.readings)


def _fits(age: Age, months: int, rounding: int = ROUNDING_MONTHS) -> bool:
    return age.fewest - rounding <= months <= age.most + rounding


def _dated(whole: list[Told], ages: list[Age], written: str, today: date) -> Birth:
    days = _overlap([told.days for told in whole if told.days])
    if days is None:
        return Birth(ambiguous=True, reason="several")
    reason = next((told.reason for told in whole if told.reason is None), whole[0].reason)
    if reason == "month_missing":
        return _aged(ages, []) or Birth(ambiguous=True, reason=reason)
    if not ages:
        return _of_days(days, today, reason)
    if _BIRTHDAY_TOLD.search(written) and not _agree(days, ages, today) and ages[0].months >= 12:
        back = ages[0].most + 1 if ages[0].near else ages[0].months
        return _of_days((months_back(days[0], back), months_back(days[1], back)), today, reason)
    if not _agree(days, ages, today):
        return Birth(ambiguous=True, reason="several")
    return _of_days(_overlap([days, *(_days_of(age, today) for age in ages)]) or days, today, reason)


def _agree(days: Days, ages: list[Age], today: date) -> bool:
    fewest, most = completed_months(days[1], today), completed_months(days[0], today)
    return all(age.fewest - ROUNDING_MONTHS <= most and fewest <= age.most + ROUNDING_MONTHS for age in ages)


def _overlap(stretches: Sequence[Days]) -> Days | None:
    first, last = max(days[0] for days in stretches), min(days[1] for days in stretches)
    return (first, last) if first <= last else None


def _days_of(age: Age, today: date) -> Days:
    """The birth dates that make a child the age told."""
    return months_back(today, age.most + 1) + timedelta(days=1), months_back(today, age.fewest)


def _of_days(days: Days, today: date, reason: str | None) -> Birth:
    """A birth on one day is a date; on one of several days an age, by the latest of them."""
    first, last = days[0], min(days[1], today)
    if first == last:
        return Birth(dob=last)
    return Birth(months=completed_months(last, today), reason=reason or "day_missing")


def _without_year(told: Told, ages: list[Age], written: str, today: date) -> Birth:
    """A month and day whose year follows from the age told beside it."""
    beside = None if _BIRTHDAY_TOLD.search(written) else _BESIDE_DATE.search(written)
    if beside:
        ages = [_birthday_nearest(told, int(beside.group(1)), today)]
    if _overlapping(ages):
        for day in anniversaries(told, today):
            if days := _overlap([day, *(_days_of(age, today) for age in ages)]):
                return _of_days(days, today, "day_missing")
    if len(ages) == 1 and ages[0].most - ages[0].fewest <= 2 * ROUNDING_MONTHS:
        # "8 months, birthday in June" where June does not fit: the age says more than the month.
        return Birth(months=ages[0].months, ambiguous=True, reason="several")
    return Birth(ambiguous=True, reason="several" if len(ages) > 1 else "year_missing")


def _birthday_nearest(told: Told, years: int, today: date) -> Age:
    """The age of who is so many years old at the birthday nearest to today, past or to come."""
    assert told.month is not None
    past = next(days[0] for days in anniversaries(told, today) if days[0] <= today)
    coming = months_back(past, -12)
    whole = years * 12
    if today - past < coming - today:
        return Age(whole, whole, whole + 11)
    return Age(max(0, whole - 1), max(0, whole - 12), max(0, whole - 1))


def _in_years(bare: list[float]) -> list[Age]:
    """Numbers without a unit beside a birthday are years."""
    return [Age(int(n * 12), int(n * 12), int(n * 12) + 11) for n in bare if n <= TOO_OLD_YEARS]


def _overlapping(ages: list[Age]) -> bool:
    return bool(ages) and max(age.fewest for age in ages) <= min(age.most for age in ages)


def _aged(ages: list[Age], bare: list[float]) -> Birth | None:
    if not ages:
        return bare_age(bare)
    fits_unit = all(any(_fits(age, int(n * unit)) for unit in (1, 12) for age in ages) or n == 1 for n in bare)
    if not _overlapping(ages) or not fits_unit:
        return _several(ages)
    age = min(ages, key=lambda known: (known.near and known.width > 1, known.width)) if len(ages) > 1 else ages[0]
    if age.months > TOO_OLD_YEARS * 12:
        return Birth(reason="too_old")
    return Birth(months=age.months, reason="almost" if age.near else None)


def _several(ages: list[Age]) -> Birth:
    children = [age for age in ages if age.months <= TOO_OLD_YEARS * 12]
    if not children:
        return Birth(reason="too_old")
    if len(children) < len(ages) and _overlapping(children):
        return _aged(children, []) or Birth(ambiguous=True, reason="several")
    return Birth(ambiguous=True, reason="several")


def joined(born: Birth | None, early: Birth | None) -> Birth | None:
    """A birth and how early it was, told in one message."""
    if born is None or early is None:
        return born or early
    return replace(
        born, weeks_early=early.weeks_early, ambiguous=born.ambiguous or early.ambiguous, reason=born.reason or early.reason
    )
