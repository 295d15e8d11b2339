"""Birth dates, ages and early birth, with what is doubtful or impossible said."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bot.components.birth_moments import completed_months
from bot.components.birth_reader import birth_value, read_birth
from bot.components.reader import OpenQuestion

TODAY = date(2026, 11, 22)


def read(
    text: str, kind: str = "birth_date", language: str = "en", today: date = TODAY
) -> dict[str, Any] | None:
    birth = read_birth(text, OpenQuestion(kind, language, today))
    return {key: value for key, value in birth_value(birth).items() if key != "readings"} if birth else None


def readings(text: str, language: str = "en") -> list[str]:
    birth = read_birth(text, OpenQuestion("birth_date", language, TODAY))
    return birth_value(birth)["readings"] if birth else []


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        pytest.param("3", "en", ["P3Y", "P3M"], id="years or months"),
        pytest.param("22", "en", ["P22M"], id="no child of 22 years is asked about"),
        pytest.param("03/04/24", "es", ["2024-03-04", "2024-04-03"], id="month first or day first"),
        pytest.param("3/4/24", "en", [], id="US order is not in doubt"),
        pytest.param("4 de marzo de 2024", "es", [], id="nothing to choose from"),
    ],
)
def test_what_is_unclear_comes_with_the_things_it_can_mean(text: str, language: str, expected: list[str]) -> None:
    assert readings(text, language) == expected


def a_birth(**known: Any) -> dict[str, Any]:
    return {"dob": None, "months": None, "weeks_early": None, "ambiguous": False, "reason": None} | known


def doubtful(reason: str, **known: Any) -> dict[str, Any]:
    return a_birth(ambiguous=True, reason=reason, **known)


@pytest.mark.parametrize(
    ("text", "expected", "remark"),
    [
        ("3/4/23", a_birth(dob="2023-03-04"), "US order"),
        ("el 12 d enero d 2024", a_birth(dob="2024-01-12"), "a lone d for de"),
        ("12d enero del 24", a_birth(dob="2024-01-12"), "a d that hangs on the day"),
        ("03-04-2023", a_birth(dob="2023-03-04"), "US order with hyphens"),
        ("03042023", a_birth(dob="2023-03-04"), "run together"),
        ("March 4 2023", a_birth(dob="2023-03-04"), "month name first"),
        ("march 4th, 23", a_birth(dob="2023-03-04"), "two-digit year of this century"),
        ("4th of march 2023", a_birth(dob="2023-03-04"), "day first"),
        ("4 de marzo de 2023", a_birth(dob="2023-03-04"), "Spanish month"),
        ("primero de mayo del 2022", a_birth(dob="2022-05-01"), "Spanish ordinal"),
        ("2023-03-04", a_birth(dob="2023-03-04"), "ISO"),
        ("25/3/2023", a_birth(dob="2023-03-25"), "only one order is a date"),
        ("18m", a_birth(months=18), "months, short"),
        ("18 months", a_birth(months=18), "months"),
        ("veinte meses", a_birth(months=20), "months in words"),
        ("año y medio", a_birth(months=18), "a year and a half"),
        ("2 and a half", a_birth(months=30), "halves are of years"),
        ("dos años y medio", a_birth(months=30), "halves in Spanish"),
        ("2½", a_birth(months=30), "half as a sign"),
        ("2y3m", a_birth(months=27), "years and months, tight"),
        ("2 años y 3 meses", a_birth(months=27), "years and months"),
        ("3 weeks old", a_birth(months=0), "weeks"),
        ("recién nacido", a_birth(months=0), "newborn"),
        ("just turned 2", a_birth(months=24), "turned is not almost"),
        ("twins, 18 months, born 6 weeks early", a_birth(months=18, weeks_early=6), "age and early birth"),
        ("born 12/25/2024 at 33 weeks", a_birth(dob="2024-12-25", weeks_early=7), "date and gestation"),
        ("almost 3", a_birth(months=34, reason="almost"), "near an age: one to three months before the birthday"),
        ("casi 3", a_birth(months=34, reason="almost"), "near an age, Spanish"),
        ("3", doubtful("unit_missing"), "years or months"),
        ("tiene 3", doubtful("unit_missing"), "years or months, Spanish"),
        ("2 and 4", doubtful("several"), "two children"),
        ("5/6/85", a_birth(reason="too_old"), "perhaps the parent's own"),
        ("March 2023", a_birth(months=43, reason="day_missing"), "no day: the latest of the month"),
        ("casi 3, nació en marzo", a_birth(months=31, reason="day_missing"), "the age supplies the year"),
        ("hes 2, birthday march 4", a_birth(dob="2024-03-04"), "the age supplies the year of a whole day"),
        ("turned 2 last week", a_birth(months=24), "a birthday told from today"),
        ("2 years old, born 3/4/2020", doubtful("several"), "an age that contradicts the date"),
        ("6 months adjusted", doubtful("adjusted_age"), "a corrected age alone is not the age"),
        ("march 4", doubtful("year_missing"), "no year"),
        ("2023", doubtful("month_missing"), "year alone"),
        ("2024-13-45", a_birth(reason="impossible"), "no such month"),
        ("Feb 30 2024", a_birth(reason="impossible"), "no such day"),
        ("1/1/2027", a_birth(reason="future"), "not born yet"),
        ("3/4/1986", a_birth(reason="too_old"), "a grown-up"),
        ("40 years", a_birth(reason="too_old"), "a grown-up's age"),
    ],
)
def test_an_answer_about_the_birth_is_read(text: str, expected: dict[str, Any], remark: str) -> None:
    assert read(text) == expected, remark


@pytest.mark.parametrize("text", ["03/04/24", "nació el 03/04/2024", "3-4-24"])
def test_digits_in_spanish_that_can_be_two_dates_are_asked_about(text: str) -> None:
    assert read(text, language="es") == doubtful("day_month_order")


def test_digits_beside_spanish_words_are_read_as_spanish_in_any_conversation() -> None:
    assert read("mi hija nació 03/04/2024") == doubtful("day_month_order")


@pytest.mark.parametrize(("text", "dob"), [("25/03/2024", "2024-03-25"), ("4/4/2024", "2024-04-04")])
def test_digits_in_spanish_that_are_one_date_only_are_that_date(text: str, dob: str) -> None:
    assert read(text, language="es") == a_birth(dob=dob)


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("33 weeker", 7), ("born at 30 weeks", 10), ("10 weeks early", 10), ("nació a las 30 semanas", 10),
        ("6 semanas antes", 6), ("yes 6 weeks early", 6), ("6", 6), ("33", 7), ("sí, seis semanas", 6),
        ("full term", 0), ("a tiempo", 0), ("nació a las 36 semanas", 4),
    ],
)  # fmt: skip
def test_weeks_of_early_birth_are_counted_from_forty(text: str, weeks: int) -> None:
    assert read(text, "early_birth") == a_birth(weeks_early=weeks)


def test_months_of_early_birth_become_weeks_and_say_so() -> None:
    assert read("a month early", "early_birth") == a_birth(weeks_early=4, reason="weeks_from_months")


@pytest.mark.parametrize("text", ["no", "yes", "idk", "si"])
def test_a_plain_reply_about_early_birth_tells_no_weeks(text: str) -> None:
    assert read(text, "early_birth") is None


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("my 2 year old doesn't talk", 24),
        ("he is 18 months and not walking", 18),
        ("mi hija de 3 años no habla", 36),
    ],
)
def test_an_age_plainly_stated_beside_a_worry_is_read(text: str, months: int) -> None:
    assert read(text, "worry") == a_birth(months=months)


@pytest.mark.parametrize(
    "text",
    [
        "he started walking at 12 months",
        "tiene 2 meses que no habla",
        "since 6 months ago",
        "he only says 2 words",
        "3",
    ],
)
def test_a_number_that_is_no_age_is_left_alone(text: str) -> None:
    assert read(text, "worry") is None


FAMILIES = Path(__file__).parent


def _is_one_of(value: Any, wanted: Any) -> bool:
    return value in wanted if isinstance(wanted, list) else value == wanted


def _misread(line: dict[str, Any]) -> dict[str, Any] | None:
    """What was read of a line instead of what it wants; None where that is right. Where months are listed, any will do."""
    language, today = "es" if line["lang"] == "es" else "en", date.fromisoformat(line["today"])
    got = read(line["text"], line["expects"], language, today) or a_birth()
    months = completed_months(date.fromisoformat(got["dob"]), today) if got["dob"] else got["months"]
    early = line["want"]["weeks_early"] or 0
    right = (
        _is_one_of(months, line["want"]["months"])
        and _is_one_of(got["weeks_early"] or 0, early)
        and got["ambiguous"] == line["want"]["ambiguous"]
    )
    return None if right else {"text": line["text"], "want": line["want"], "got": got | {"months": months}}


@pytest.mark.parametrize("name", ["births.jsonl", "births_second.jsonl"])
def test_births_are_read_as_families_write_them(name: str) -> None:
    lines = [json.loads(line) for line in (FAMILIES / name).read_text(encoding="utf-8").splitlines()]
    misread = [wrong for line in lines if (wrong := _misread(line))]
    assert len(misread) <= 0.03 * len(lines), "\n".join(map(str, misread))


SAID = (
    "turned cumple next week mañana adjusted half hace @ christmas last 3 18 months years weeks early casi almost "
    "y medio de marzo march 2023 old born nació semanas"
)
WORDS = SAID.split()
DAYS = st.dates(date(2010, 1, 1), date(2026, 12, 31))


@settings(max_examples=200, deadline=None)
@given(born=DAYS, written=st.sampled_from(["%m/%d/%Y", "%Y-%m-%d", "%B %d, %Y", "%d %B %Y", "%b %d %Y"]))
def test_every_written_date_is_read_as_itself_or_refused_as_future(born: date, written: str) -> None:
    value = read(born.strftime(written))
    assert value == (a_birth(reason="future") if born > TODAY else a_birth(dob=born.isoformat()))


@settings(max_examples=400, deadline=None)
@given(
    text=st.one_of(
        st.text(max_size=80),
        st.text("0123456789/-. ", max_size=20),
        st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
    ),
    kind=st.sampled_from(["birth_date", "early_birth", "worry", "none"]),
    language=st.sampled_from(["en", "es"]),
    today=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_no_text_raises_and_no_date_lies_ahead(text: str, kind: str, language: str, today: date) -> None:
    value = read(text, kind, language, today)
    if value is not None:
        assert value["dob"] is None or date.fromisoformat(value["dob"]) <= today
        assert value["months"] is None or 0 <= value["months"] <= 18 * 12
        assert value["weeks_early"] is None or 0 <= value["weeks_early"] <= 40 or value["ambiguous"]
        assert value["reason"] or not value["ambiguous"]


@settings(max_examples=200, deadline=None)
@given(
    years=st.integers(1, 7),
    today=st.dates(date(2024, 1, 1), date(2040, 1, 1)),
    told=st.sampled_from([("turned {} yesterday", 0), ("{} tomorrow", -1), ("hoy cumple {}", 0), ("mañana cumple {} años", -1)]),
)
def test_a_birthday_around_today_gives_the_months_on_every_day_of_the_year(
    years: int, today: date, told: tuple[str, int]
) -> None:
    words, more = told
    tomorrow = today + timedelta(days=1)
    assume((tomorrow.month, tomorrow.day) != (2, 29))  # nobody has a first, second or third birthday on that day
    value = read(words.format(years), today=today)
    assert value == a_birth(months=12 * years + more)
