"""The worker's look for texts that are due: by whoever looks first, once, and on after any failure."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from a_family import AFamily
from sqlalchemy import select, text, update

from intake.content.library import Content
from intake.rules.interview import Kind
from intake.store.connection import open_store
from intake.store.encryption import KeyRing
from intake.store.models import Child, Consent, Conversation, Message, Outreach, Referral, ReferralMove
from intake.usecases.outreach import plan_outreach
from worker.outreach import outreach_for_ever, send_due_outreach

Family = Callable[..., AFamily]
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)  # in Connecticut
DAY = timedelta(days=1)


@pytest.fixture
def parent(family: Family) -> AFamily:
    """A family with opt-in whose referral was sent a week ago and who wrote yesterday."""
    parent = family(until=Kind.RELATION)
    conversation = parent.conversation()
    with parent.store.transaction() as session:
        session.add(Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind="sms", given=True,
                            source="sms", words_shown="introduction-1", phone_index=conversation.phone_index))
        referral = Referral(conversation_id=conversation.id, program_id="birth_to_three", reason_rule="R1", status="sent")
        session.add(referral)
        session.flush()
        session.add(ReferralMove(referral_id=referral.id, from_status="ready", to_status="sent", actor="staff:1",
                                 source="staff", at=NOON - 7 * DAY))
        session.execute(update(Conversation).values(last_inbound_at=NOON - DAY))
    return parent


def _planned(parent: AFamily, count: int = 1) -> None:
    """``count`` conversations of as many phones whose reminder is due."""
    first = parent.conversation()
    with parent.store.transaction() as session:
        for number in range(count):
            phone = f"+186055501{number:02d}"
            index = parent.store.keys.phone_index(phone)
            conversation = Conversation(public_id=f"family {number}", family_id=first.family_id, channel="sms", phone=phone,
                                        phone_index=index, expects_kind="worry", last_inbound_at=NOON - DAY)
            session.add(conversation)
            session.flush()
            session.add(Consent(conversation_id=conversation.id, kind="sms", given=True, source="sms",
                                words_shown="introduction-1", phone_index=index))
            session.add(Outreach(conversation_id=conversation.id, kind="reminder", due_at=NOON))


def _started(parent: AFamily) -> list[Message]:
    return [row for row in parent.all(Message) if row.purpose is not None]


def test_a_look_plans_what_staff_have_sent_and_writes_what_is_due(parent: AFamily, content: Content) -> None:
    assert send_due_outreach(parent.store, content, NOON) == 1
    assert [row.purpose for row in _started(parent)] == ["follow_up"]
    assert sorted(row.state for row in parent.all(Outreach)) == ["sent", "waiting", "waiting"]
    assert send_due_outreach(parent.store, content, NOON) == 0


def test_what_is_written_has_its_job_for_delivery_under_the_conversations_lock(parent: AFamily, content: Content) -> None:
    send_due_outreach(parent.store, content, NOON)
    (message,) = _started(parent)
    with parent.store.reading() as session:
        lock = session.scalar(
            text("select lock from procrastinate_jobs where task_name = 'deliver' and args->>'message_id' = :id"),
            {"id": str(message.id)})
    assert lock == f"delivery:{message.conversation_id}"


def test_at_eleven_at_night_nothing_leaves_and_at_nine_it_does(parent: AFamily, content: Content) -> None:
    night, morning = datetime(2026, 11, 25, 4, tzinfo=UTC), datetime(2026, 11, 25, 14, tzinfo=UTC)
    assert send_due_outreach(parent.store, content, night) == 0
    assert send_due_outreach(parent.store, content, morning - timedelta(seconds=1)) == 0
    assert send_due_outreach(parent.store, content, morning) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "text GO at any time"), ("es", "escriba SEGUIR cuando quiera")])
def test_an_unfinished_screening_is_offered_once_more_a_day_later_and_never_again(
        family: Family, content: Content, language: str, words: str) -> None:
    stopped = family(until=Kind.MILESTONE, language=language)
    with stopped.store.transaction() as session:
        plan_outreach(session, content, session.scalars(select(Conversation)).one())
    (row,) = stopped.all(Outreach)
    assert (row.kind, row.state) == ("reminder", "waiting")
    assert send_due_outreach(stopped.store, content, row.due_at - timedelta(seconds=1)) == 0
    assert [send_due_outreach(stopped.store, content, row.due_at + number * DAY) for number in range(3)] == [1, 0, 0]
    (text,) = _started(stopped)
    assert words in text.text and (text.language, text.purpose) == (language, "reminder")


def test_an_unfinished_screening_on_the_web_gets_no_text(family: Family, content: Content) -> None:
    stopped = family(until=Kind.MILESTONE, channel="web")
    with stopped.store.transaction() as session:
        plan_outreach(session, content, session.scalars(select(Conversation)).one())
    assert stopped.all(Outreach) == [] and send_due_outreach(stopped.store, content, datetime.now(UTC) + 2 * DAY) == 0


@pytest.mark.parametrize("kind", ["ask_again", "next_check", "needs_met"])
def test_every_kind_of_text_waits_for_the_morning_also_on_the_night_the_clocks_change(
        parent: AFamily, content: Content, kind: str) -> None:
    night = datetime(2027, 3, 14, 6, 30, tzinfo=UTC)  # half past one in Connecticut; at two it is three
    with parent.store.transaction() as session:
        session.execute(update(Outreach).values(state="canceled"))
        conversation = session.scalars(select(Conversation)).one()
        conversation.last_inbound_at = night - 3 * DAY
        referral = session.scalars(select(Referral)).one().id
        session.execute(update(ReferralMove).values(at=night - 300 * DAY))
        child = Child(family_id=conversation.family_id, birth_date=date(2025, 3, 14))
        session.add(child)
        session.flush()
        conversation.child_id = child.id
        session.add(Outreach(conversation_id=conversation.id, kind=kind, due_at=night, number=24,
                             referral_id=referral if kind == "needs_met" else None))
    assert send_due_outreach(parent.store, content, night) == 0
    assert send_due_outreach(parent.store, content, datetime(2027, 3, 14, 12, 59, 59, tzinfo=UTC)) == 0
    opens = datetime(2027, 3, 14, 14 if kind == "next_check" else 13, tzinfo=UTC)  # nine, or ten as the table says
    assert send_due_outreach(parent.store, content, opens) == 1


def test_workers_that_look_at_once_write_every_text_once(parent: AFamily, content: Content) -> None:
    _planned(parent, 20)
    ready = threading.Barrier(3)

    def look(_: int) -> int:
        ready.wait()
        return send_due_outreach(parent.store, content, NOON)

    with ThreadPoolExecutor(3) as pool:
        written = sum(pool.map(look, range(3)))
    written += send_due_outreach(parent.store, content, NOON)  # what one had in hand while another passed by
    assert written == 21 and len(_started(parent)) == 21
    assert len({row.message_id for row in parent.all(Outreach) if row.message_id}) == 21


def test_a_row_that_cannot_be_written_holds_up_no_other(
        parent: AFamily, content: Content, caplog: pytest.LogCaptureFixture) -> None:
    _planned(parent, 3)
    with parent.store.transaction() as session:
        broken = session.query(Outreach).order_by(Outreach.id).first()
        assert broken is not None
        broken_id: UUID = broken.id
        broken.kind = "from the future"
    assert send_due_outreach(parent.store, content, NOON) == 3
    assert str(broken_id) in caplog.text and "ValueError" in caplog.text and "future" not in caplog.text
    assert next(row.state for row in parent.all(Outreach) if row.id == broken_id) == "waiting"


def test_one_look_writes_no_more_than_it_may_and_the_next_goes_on(parent: AFamily, content: Content) -> None:
    _planned(parent, 5)
    looks = [send_due_outreach(parent.store, content, NOON, most=4) for _ in range(3)]
    assert looks == [4, 2, 0]


def test_the_look_goes_on_by_the_clock_until_it_is_ended(parent: AFamily, content: Content) -> None:
    with time_machine.travel(NOON, tick=True):
        asyncio.run(_for_a_while(outreach_for_ever(parent.store, content, 0.05), lambda: _started(parent) != []))
    assert len(_started(parent)) == 1


def test_the_look_outlives_a_database_that_is_away(content: Content, key_ring: KeyRing, caplog: pytest.LogCaptureFixture) -> None:
    away = open_store("postgresql://nobody@127.0.0.1:1/secret_name", key_ring)
    asyncio.run(_for_a_while(outreach_for_ever(away, content, 0.01), lambda: caplog.text.count("OperationalError") >= 2))
    away.close()
    assert caplog.text.count("OperationalError") >= 2 and "secret_name" not in caplog.text


async def _for_a_while(work: object, until: Callable[[], bool], seconds: float = 10) -> None:
    task = asyncio.ensure_future(work)  # type: ignore[call-overload]
    end = asyncio.get_running_loop().time() + seconds
    while not until() and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
