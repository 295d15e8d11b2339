"""What texting costs is counted from codes and numbers: taken texts alone, per finished screening, within the days asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from growline.cli import app
from growline.costs import SmsPrices, cost_lines, read_prices
from intake.settings import SettingsError
from intake.store.connection import Store
from intake.store.models import Conversation, DailySpend, Family, Message
from intake.usecases.sms_cost import Finished, SmsCost, Sum, sms_cost

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 17, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)

Texts = Callable[..., UUID]


def a_thread(store: Store, *, channel: str = "sms", language: str = "en", finished: datetime | None = None) -> UUID:
    """A conversation without a word in it."""
    with store.transaction() as session:
        family = Family()
        session.add(family)
        session.flush()
        thread = Conversation(public_id=uuid4().hex, family_id=family.id, channel=channel, language=language,
                              finished_at=finished)
        session.add(thread)
        session.flush()
        return thread.id


@pytest.fixture
def text(store: Store) -> Texts:
    """Stores one text of a thread: sent out under an id of Twilio's, or ``inbound``."""
    places = iter(range(1, 100))

    def stored(thread: UUID, segments: int | None, encoding: str | None = "GSM-7", *, state: str = "delivered",
               direction: str = "outbound", taken: bool = True, at: datetime = NOW) -> UUID:
        sid = uuid4().hex if taken and direction == "outbound" else None
        row = Message(conversation_id=thread, seq=next(places), direction=direction, text="hello", state=state, created_at=at,
                      speaker="bot" if direction == "outbound" else "you", segments=segments, encoding=encoding, twilio_sid=sid)
        with store.transaction() as session:
            session.add(row)
        return row.id

    return stored


def counted(store: Store) -> SmsCost:
    return sms_cost(store, since=SINCE, today=TODAY)


def test_an_empty_database_costs_nothing(store: Store) -> None:
    assert counted(store) == SmsCost(since=SINCE, sent_out=Sum(), came_in=Sum())
    assert counted(store).lost_share() is None


def test_both_directions_are_counted_apart_and_a_text_stored_without_segments_counts_as_a_text(store: Store, text: Texts) -> None:
    thread = a_thread(store)
    text(thread, 3)
    text(thread, 2, "UCS-2")
    text(thread, None, None)
    text(thread, 1, state="done", direction="inbound")
    cost = counted(store)
    assert (cost.sent_out, cost.came_in) == (Sum(3, 5), Sum(1, 1))
    assert cost.encodings == {"GSM-7": 1, "UCS-2": 1, "?": 1}


def test_a_text_the_provider_never_took_costs_nothing(store: Store, text: Texts) -> None:
    thread = a_thread(store)
    for state in ("canceled", "queued", "failed"):
        text(thread, 4, state=state, taken=False)
    cost = counted(store)
    assert (cost.sent_out, cost.encodings) == (Sum(), {})


def test_what_is_older_than_asked_for_and_what_was_said_on_the_web_is_left_out(store: Store, text: Texts) -> None:
    text(a_thread(store), 9, at=SINCE - timedelta(seconds=1))
    text(a_thread(store, channel="web", finished=NOW), 9)
    assert counted(store) == SmsCost(since=SINCE, sent_out=Sum(), came_in=Sum())


def test_a_finished_screening_costs_its_whole_conversation_however_old_its_first_text(store: Store, text: Texts) -> None:
    long_ago = SINCE - timedelta(days=9)
    for language, finished in (("en", NOW), ("en", NOW), ("es", NOW), ("es", long_ago), ("es", None)):
        thread = a_thread(store, language=language, finished=finished)
        text(thread, 5, at=long_ago)
        text(thread, 2, state="done", direction="inbound")
    cost = counted(store)
    assert cost.finished == {"en": Finished(2, Sum(2, 10), Sum(2, 4)), "es": Finished(1, Sum(1, 5), Sum(1, 2))}
    assert cost.finished["en"].segments_each() == 7.0


def test_a_finished_screening_without_a_counted_text_is_still_a_screening(store: Store) -> None:
    a_thread(store, finished=NOW)
    assert counted(store).finished == {"en": Finished(1, Sum(), Sum())}


def test_the_share_that_did_not_arrive_is_of_the_texts_whose_fate_is_known(store: Store, text: Texts) -> None:
    thread = a_thread(store)
    for state in ("delivered", "delivered", "delivered", "undelivered", "sent", "unknown"):
        text(thread, 1, state=state)
    text(thread, None, state="failed", taken=False)
    cost = counted(store)
    assert (cost.arrived, cost.lost, cost.lost_share()) == (3, 2, 0.4)


def test_texts_waiting_are_counted_however_long_they_wait(store: Store, text: Texts) -> None:
    thread = a_thread(store)
    text(thread, None, state="queued", taken=False, at=SINCE - timedelta(days=3))
    text(thread, 1, state="sending", taken=False)
    text(thread, 1)
    assert counted(store).waiting == 2


def test_what_was_spent_today_is_the_affiliates_own_day(store: Store) -> None:
    with store.transaction() as session:
        session.add_all([DailySpend(day=TODAY, segments=120), DailySpend(day=TODAY - timedelta(days=1), segments=999)])
    assert counted(store).spent_today == 120


def test_an_operator_reads_dollars_at_the_price_of_the_settings() -> None:
    finished = {"en": Finished(2, Sum(8, 20), Sum(4, 5))}
    cost = SmsCost(SINCE, Sum(10, 30), Sum(5, 6), finished, {"GSM-7": 3, "UCS-2": 1}, 9, 1, 4, 100)
    prices = SmsPrices(GROWLINE_SEGMENT_DOLLARS=0.01, GROWLINE_DAILY_SPEND_DOLLARS=25)
    assert cost_lines(cost, prices) == [
        "SMS since 2026-10-26, at $0.01 a segment",
        "  sent out       10 texts, 30 segments, $0.30",
        "  came in        5 texts, 6 segments, $0.06",
        "  encodings      GSM-7 75 %, UCS-2 25 %",
        "  not delivered  10.0 % of 10 texts whose fate is known",
        "  waiting        4 texts",
        "  spent today    100 of 2500 segments, $1.00 of $25.00",
        "Finished screenings, the texts of their whole conversations",
        "  en             2: 12.5 segments each (10.0 out, 2.5 in), $0.12 each",
    ]


def test_where_nothing_was_sent_an_operator_reads_that() -> None:
    lines = cost_lines(SmsCost(SINCE, Sum(), Sum()), SmsPrices(GROWLINE_SEGMENT_DOLLARS=0.01))
    assert lines[3:5] == ["  encodings      nothing sent", "  not delivered  nothing known yet"] and lines[-1] == "  none"


def test_a_price_on_the_command_line_goes_before_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROWLINE_SEGMENT_DOLLARS", "0.02")
    assert (read_prices().segment_dollars, read_prices(0.5).segment_dollars) == (0.02, 0.5)


def test_a_price_that_is_none_stops_the_command_with_help(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROWLINE_SEGMENT_DOLLARS", "free")
    with pytest.raises(SettingsError, match="GROWLINE_SEGMENT_DOLLARS"):
        read_prices()


def test_the_command_prints_the_figures_of_its_database(store: Store, database_url: str, text: Texts,
                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    text(a_thread(store, finished=datetime.now(UTC)), 3, at=datetime.now(UTC))
    monkeypatch.setenv("GROWLINE_DATABASE_URL", database_url)
    monkeypatch.setenv("GROWLINE_DATA_KEYS", "A" * 43 + "=")
    monkeypatch.setenv("GROWLINE_INDEX_KEY", "B" * 43 + "=")
    done = CliRunner().invoke(app, ["sms-cost", "--days", "7", "--segment-dollars", "1"])
    assert done.exit_code == 0, done.output
    assert "1 texts, 3 segments, $3.00" in done.output and "en             1: 3.0 segments each" in done.output
