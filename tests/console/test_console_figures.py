"""The team's figures: counted right, in as many queries whatever the data, and readable without colour, picture or script."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import event, update

from console.charts import WIDTH, Line, Series, bars, columns
from console.figures import Figures, read_figures
from intake.rules.due import Calendar
from intake.rules.referral import ReferralStatus
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Consent, Conversation, Flag, Outreach, Referral, ReferralMove
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import Desk, audit_lines
from tests.console.made_up_families import MadeUpCase, a_case

ZONE = ZoneInfo("America/New_York")
CALENDAR = Calendar(ZONE)
NOW = datetime(2026, 3, 4, 15, tzinfo=ZONE)  # a Wednesday
SERIES = [Series("look-1", "Cases")]


def _at(day: int, hour: int = 10, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZONE)


def _figures(store: Store, now: datetime = NOW) -> Figures:
    return read_figures(store, now, CALENDAR)


def _came(store: Store, at: datetime, urgency: Urgency = Urgency.STANDARD, language: str = "en") -> MadeUpCase:
    """A case that came into the queue then."""
    case = a_case(store, urgency=urgency, language=language)
    with store.transaction() as session:
        session.execute(update(Conversation).where(Conversation.id == case.conversation).values(flagged_at=at, started_at=at))
        session.execute(update(Flag).where(Flag.conversation_id == case.conversation).values(raised_at=at))
    return case


def _left(store: Store, case: MadeUpCase, at: datetime) -> None:
    with store.transaction() as session:
        session.execute(update(Flag).where(Flag.conversation_id == case.conversation).values(cleared_at=at))
        session.execute(update(Conversation).where(Conversation.id == case.conversation)
                        .values(flagged=False, flagged_at=None, urgency="none"))


def _only_asks(store: Store, case: MadeUpCase) -> None:
    """Makes it one that only asks a phone whether another goes on there."""
    other = _came(store, _at(4, month=1))
    _left(store, other, _at(5, month=1))
    with store.transaction() as session:
        session.execute(update(Conversation).where(Conversation.id == case.conversation).values(asked_for=other.conversation))
        session.execute(update(Referral).where(Referral.conversation_id == other.conversation).values(status="closed"))


def _connected(store: Store, days: float, made: datetime = NOW - timedelta(days=30)) -> None:
    """A referral that was made then, and was connected so many days after the family's yes."""
    case = a_case(store, status=ReferralStatus.SENT, flagged=False)
    with store.transaction() as session:
        consent = Consent(conversation_id=case.conversation, kind="contact", given=True, source="sms", words_shown="x-1", at=made)
        session.add(consent)
        session.flush()
        referral = session.get_one(Referral, case.referral)
        referral.created_at, referral.status, referral.consent_id = made, "connected", consent.id
        for later in (days, days + 1):  # marked twice, it counts by the first
            session.add(ReferralMove(referral_id=referral.id, from_status="sent", to_status="connected", actor="agent",
                                     source="family", at=made + timedelta(days=later)))


def _followed_up(store: Store, answer: str | None, at: datetime = NOW - timedelta(days=9), state: str = "answered") -> None:
    case = a_case(store, flagged=False)
    with store.transaction() as session:
        session.add(Outreach(conversation_id=case.conversation, kind="follow_up", referral_id=case.referral, due_at=at,
                             state=state, answer=answer))


def test_cases_that_wait_are_counted_by_business_days_and_urgency(store: Store) -> None:
    for at, urgency in (
        (_at(4, 14), Urgency.EMERGENCY), (_at(4, 0), Urgency.STANDARD), (_at(3, 23), Urgency.STANDARD),
        (_at(2), Urgency.URGENT), (_at(27, month=2), Urgency.STANDARD), (_at(25, month=2), Urgency.STANDARD),
        (_at(24, month=2), Urgency.STANDARD), (_at(1, month=1), Urgency.URGENT),
    ):
        _came(store, at, urgency)
    assert {age: dict(by) for age, by in _figures(store).waiting.items()} == {
        "0": {"emergency": 1, "standard": 1}, "1": {"standard": 1}, "2": {"urgent": 1}, "3_to_5": {"standard": 2},
        "6_and_more": {"standard": 1, "urgent": 1}}


def test_over_a_weekend_nothing_grows_older(store: Store) -> None:
    _came(store, datetime(2026, 2, 27, 10, tzinfo=ZONE))  # a Friday
    sunday = _figures(store, datetime(2026, 3, 1, 12, tzinfo=ZONE)).waiting
    monday = _figures(store, datetime(2026, 3, 2, 8, tzinfo=ZONE)).waiting
    assert (sunday["0"].get("standard"), monday["1"].get("standard")) == (1, 1)


def test_those_who_wait_are_counted_by_language(store: Store) -> None:
    for language in ("es", "es", "en"):
        _came(store, _at(4), language=language)
    _left(store, _came(store, _at(3), language="es"), _at(4))
    assert dict(_figures(store).languages) == {"es": 2, "en": 1}


def test_what_came_and_left_stands_by_business_day_and_days_off_count_with_the_one_before(store: Store) -> None:
    _came(store, _at(2))
    _came(store, datetime(2026, 2, 28, 12, tzinfo=ZONE))  # a Saturday
    _left(store, _came(store, _at(2)), _at(4))
    _left(store, _came(store, _at(5, month=1)), _at(3))
    days = _figures(store).days
    told = {each.day: (each.new, each.closed) for each in days if each.new or each.closed}
    assert told == {date(2026, 2, 27): (1, 0), date(2026, 3, 2): (2, 0), date(2026, 3, 3): (0, 1), date(2026, 3, 4): (0, 1)}
    assert len(days) == 20 and days[-1].day == date(2026, 3, 4) and days[0].day == date(2026, 2, 4), "a holiday is none"


def test_a_case_is_new_once_and_closed_when_its_last_flag_is_gone(store: Store) -> None:
    old = _came(store, _at(5, month=1))
    with store.transaction() as session:
        session.add(Flag(conversation_id=old.conversation, code="wants_person", rule="N1", urgency="standard", raised_at=_at(3)))
        session.execute(update(Flag).where(Flag.conversation_id == old.conversation, Flag.code == "worry")
                        .values(cleared_at=_at(4)))
    assert sum(each.new + each.closed for each in _figures(store).days) == 0


def test_referrals_are_counted_by_status(store: Store) -> None:
    for status in (ReferralStatus.SENT, ReferralStatus.SENT, ReferralStatus.WAIT_LISTED):
        a_case(store, status=status)
    assert dict(_figures(store).referrals) == {"sent": 2, "wait_listed": 1}


def test_days_to_connected_are_those_of_the_last_ninety_days(store: Store) -> None:
    for days in (2, 4, 10):
        _connected(store, days)
    _connected(store, 100, made=NOW - timedelta(days=120))
    a_case(store, status=ReferralStatus.SENT)
    found = _figures(store).connecting
    assert (found.referrals, found.median) == (3, pytest.approx(4.0)) and found.ninety == pytest.approx(8.8)


def test_without_any_connected_referral_there_is_no_middle(store: Store) -> None:
    found = _figures(store).connecting
    assert (found.referrals, found.median, found.ninety) == (0, None, None)


def test_follow_ups_are_counted_by_answer(store: Store) -> None:
    for answer in ("called_back", "called_back", "own_words"):
        _followed_up(store, answer)
    _followed_up(store, None, state="sent")
    _followed_up(store, None, state="waiting")
    _followed_up(store, "called_back", at=NOW - timedelta(days=91))
    assert dict(_figures(store).follow_ups) == {"called_back": 2, "own_words": 1, "no_answer": 1}


def test_a_talk_that_only_asks_a_phone_is_counted_nowhere(store: Store) -> None:
    case = _came(store, _at(4))
    _only_asks(store, case)
    with store.transaction() as session:
        session.add(Outreach(conversation_id=case.conversation, kind="follow_up", due_at=NOW, state="sent"))
    figures = _figures(store)
    assert sum(sum(by.values()) for by in figures.waiting.values()) == 0 and dict(figures.languages) == {}
    assert sum(each.new + each.closed for each in figures.days) == 0
    assert dict(figures.referrals) == {"closed": 1} and dict(figures.follow_ups) == {}


def test_the_number_of_queries_does_not_grow_and_no_key_is_needed(store: Store) -> None:
    def count() -> int:
        seen: list[str] = []

        def note(*arguments: object) -> None:
            seen.append(str(arguments[2]))

        event.listen(store.engine, "before_cursor_execute", note)
        _figures(store)
        event.remove(store.engine, "before_cursor_execute", note)
        sealed = r"\b(phone|name|text|words|value|note|birth_date|contact_name)\b"
        assert not [line for line in seen if re.search(sealed, line)]
        return len(seen)

    _came(store, _at(4))
    before = count()
    for day in range(2, 5):
        _left(store, _came(store, _at(day)), _at(4))
        _connected(store, day)
        _followed_up(store, "not_now")
    assert count() == before <= 8


# the page


def test_the_page_has_each_chart_as_picture_with_title_and_words_and_as_a_table(desk: Desk, store: Store, ines: int) -> None:
    _came(store, datetime.now(UTC), Urgency.URGENT, "es")
    _followed_up(store, "called_back", at=datetime.now(UTC) - timedelta(days=2))
    page = unescape(desk.get("/figures").text)
    pictures = re.findall(r'<svg class="chart".*?</svg>', page, re.DOTALL)
    assert len(pictures) == 5 and "Nothing to show yet." in page, "nothing is connected"
    for picture in pictures:
        assert re.search(r'role="img" aria-labelledby="[\w-]+-title [\w-]+-described"', picture)
        assert re.search(r"<title id=[^>]+>\w[^<]+</title>\s*<desc id=[^>]+>\w[^<]+</desc>", picture)
    assert page.count("The numbers as a table") == len(pictures) == page.count("<table")
    assert "Since today: Urgent 1" in page and 'fill="url(#waiting-look-urgent-hatched)"' in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)
    assert [line.actor for line in audit_lines(store, "figures.viewed")] == [f"staff:{ines}"]


def test_nothing_of_a_family_is_on_the_page(desk: Desk, store: Store) -> None:
    case = _came(store, datetime.now(UTC))
    page = desk.get("/figures").text
    for private in ("Mateo", "Delgado", "555", "two words", case.receipt, str(case.conversation)):
        assert private not in page


def test_the_page_is_in_spanish_too_and_in_the_menu(desk: Desk, store: Store) -> None:
    _came(store, datetime.now(UTC))
    assert 'href="/figures"' in desk.get("/").text
    desk.client.set_cookie("console_language", "es", domain="console.example")
    page = desk.get("/figures").text
    assert "Casos en espera, por días hábiles" in page and "De 3 a 5 días hábiles" in page and ">Cifras</a>" in page


def test_an_empty_desk_shows_a_page(desk: Desk) -> None:
    answer = desk.get("/figures")
    assert answer.status_code == 200 and answer.text.count("Nothing to show yet.") == 6


def test_an_administrator_sees_no_figures(app: Flask, store: Store) -> None:
    a_colleague(store, "Ada Cruz", StaffRole.ADMINISTRATOR)
    ada = desk_of(app, "Ada")
    assert ada.get("/figures").status_code == 404 and "/figures" not in ada.get("/account").text


# the charts


def test_bars_stand_in_proportion_and_within_the_picture() -> None:
    lines = [Line("x", (3, 1)), Line("y", (0, 2)), Line("z", (0, 0))]
    chart = bars("c", "Cases", [Series("look-1", "A"), Series("look-2", "B")], lines)
    widths = [(block.look, block.x, block.width) for block in chart.blocks]
    assert widths == [("look-1", 0.0, 202.5), ("look-2", 202.5, 67.5), ("look-2", 0.0, 135.0)]
    assert all(block.x + block.width <= WIDTH and block.y + block.height <= chart.height for block in chart.blocks)
    assert chart.described == "x: A 3, B 1; y: B 2; z: 0" and [words.text for words in chart.words][:2] == ["x", "4"]


def test_columns_stand_on_one_line_and_the_highest_reaches_the_top() -> None:
    lines = [Line(str(day), (float(day), 1.0)) for day in range(20)]
    chart = columns("c", "Days", [Series("look-1", "A"), Series("look-2", "B")], lines)
    feet = {round(block.y + block.height, 1) for block in chart.blocks}
    assert feet == {112.0} and min(block.y for block in chart.blocks) == 16.0
    assert all(block.x >= 0 and block.x + block.width <= WIDTH for block in chart.blocks)
    assert [words.text for words in chart.words] == ["19", "0", "5", "10", "19"]


@pytest.mark.parametrize("lines", [[], [Line("x", (0,))]])
def test_nothing_to_show_is_no_error(lines: list[Line]) -> None:
    assert bars("c", "t", SERIES, lines).is_empty and columns("c", "t", SERIES, lines).is_empty
