"""Texts that we start: planned, written and let go only where everything speaks for it, and never with a private word."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from a_family import OTHER_PHONE, PHONE, AFamily, worries
from sqlalchemy import select, text, update

from intake.rules.interview import Kind
from intake.store.models import Consent, Conversation, DangerTold, Flag, Message, Outreach, Suppression
from intake.usecases.about_child import tell_child_name
from intake.usecases.consent import refuse_consent
from intake.usecases.outreach import due, plan_outreach, start, started_by_us_may_leave, zones_of

Family = Callable[..., AFamily]
NOON = datetime(2026, 11, 24, 17, tzinfo=UTC)  # a Tuesday in Connecticut
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class AReminder:
    """A family that stopped at a question, last wrote at ``wrote_at``, and what becomes of its reminder."""

    parent: AFamily
    wrote_at: datetime = NOON

    def __post_init__(self) -> None:
        self.is_asked_to_be_texted()
        self.changes(last_inbound_at=self.wrote_at)
        self.plan()

    def is_asked_to_be_texted(self, *, given: bool = True) -> None:
        conversation = self.parent.conversation()
        with self.parent.store.transaction() as session:
            session.add(Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind="sms", given=given,
                                source="sms", words_shown="introduction-1", phone_index=conversation.phone_index,
                                at=datetime.now(UTC)))

    def changes(self, **values: Any) -> None:
        with self.parent.store.transaction() as session:
            session.execute(update(Conversation).where(Conversation.public_id == self.parent.public_id).values(values))

    def plan(self) -> None:
        with self.parent.store.transaction() as session:
            conversation = session.scalars(select(Conversation).where(Conversation.public_id == self.parent.public_id)).one()
            plan_outreach(session, self.parent.content, conversation)

    def flag(self, **values: Any) -> None:
        with self.parent.store.transaction() as session:
            session.add(Flag(conversation_id=self.parent.conversation().id, rule="S1", **values))

    def row(self) -> Outreach:
        (row,) = self.parent.all(Outreach)
        return row

    def starts(self, now: datetime) -> bool:
        return start(self.parent.store, self.parent.content, self.row().id, now)

    def text(self) -> Message:
        return max((row for row in self.parent.all(Message) if row.purpose), key=lambda row: row.created_at)

    def may_leave(self, now: datetime) -> bool:
        with self.parent.store.transaction() as session:
            return started_by_us_may_leave(session, session.get_one(Message, self.text().id), now)

    def standing(self) -> tuple[str, str | None]:
        return self.row().state, self.row().why_canceled


@pytest.fixture
def reminder(family: Family) -> AReminder:
    return AReminder(family(until=Kind.WORRY))


# planning


def test_a_conversation_that_stops_at_a_question_gets_one_reminder_a_day_after_the_last_word(reminder: AReminder) -> None:
    assert (reminder.row().kind, reminder.standing(), reminder.row().due_at) == ("reminder", ("waiting", None), NOON + DAY)


def test_the_reminder_moves_while_the_parent_keeps_writing(reminder: AReminder) -> None:
    reminder.changes(last_inbound_at=NOON + 5 * HOUR)
    reminder.plan()
    reminder.plan()
    assert reminder.row().due_at == NOON + 5 * HOUR + DAY


def test_what_would_come_in_the_night_is_planned_for_the_morning(family: Family) -> None:
    eleven_at_night = datetime(2026, 11, 25, 4, tzinfo=UTC)
    assert AReminder(family(until=Kind.WORRY), eleven_at_night).row().due_at == datetime(2026, 11, 26, 14, tzinfo=UTC)


STOPS: dict[str, dict[str, Any]] = {
    "finished": {"expects_kind": "free", "expects_id": "finished"},
    "refused": {"status": "refused"},
    "opted out": {"status": "opted_out"},
    "a wrong person": {"status": "wrong_person"},
    "paused for danger": {"expects_kind": "free", "expects_id": "after_safety"},
    "nothing asked yet": {"expects_kind": None, "expects_id": None},
}


@pytest.mark.parametrize("why", STOPS)
def test_a_reminder_is_taken_back_when_there_is_nothing_to_remind_of(reminder: AReminder, why: str) -> None:
    reminder.changes(**STOPS[why])
    reminder.plan()
    assert reminder.standing() in {("canceled", "nothing_open"), ("canceled", "not_open")}
    assert not reminder.starts(NOON + DAY)


def test_a_reminder_taken_back_is_planned_again_when_the_parent_goes_on(reminder: AReminder) -> None:
    reminder.changes(expects_kind="free", expects_id="after_safety")
    reminder.plan()
    reminder.changes(expects_kind="worry", expects_id=None, last_inbound_at=NOON + HOUR)
    reminder.plan()
    assert (reminder.standing(), reminder.row().due_at) == (("waiting", None), NOON + HOUR + DAY)


def test_a_web_chat_gets_no_reminder_by_text(family: Family) -> None:
    assert AReminder(family(until=Kind.RELATION, channel="web")).parent.all(Outreach) == []


def test_a_phone_without_opt_in_is_not_planned_for(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    with parent.store.transaction() as session:
        plan_outreach(session, parent.content, session.get_one(Conversation, parent.conversation().id))
    assert parent.all(Outreach) == [] and parent.open() is not None


def test_after_a_refusal_in_the_conversation_nothing_is_planned(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    parent.say("no", refuse_consent)
    AReminder(parent)
    assert parent.all(Outreach) == []


# writing


def test_a_due_reminder_is_written_once_and_handed_to_delivery(reminder: AReminder) -> None:
    before = _deliveries(reminder.parent)
    assert not reminder.starts(NOON + DAY - timedelta(seconds=1))
    assert reminder.starts(NOON + DAY) and not reminder.starts(NOON + DAY)
    message = reminder.text()
    assert (message.purpose, message.speaker, message.direction, message.state) == ("reminder", "bot", "outbound", "queued")
    assert (message.in_reply_to, message.position, (message.payload or {})["expects"]) == (None, None, None)
    assert (reminder.row().state, reminder.row().message_id) == ("sent", message.id)
    assert _deliveries(reminder.parent) == before + 1


def _deliveries(parent: AFamily) -> int:
    with parent.store.reading() as session:
        return session.scalar(text("select count(*) from procrastinate_jobs where task_name = 'deliver'")) or 0


def test_after_the_one_reminder_we_rest(reminder: AReminder) -> None:
    reminder.starts(NOON + DAY)
    for day in range(2, 60):
        reminder.changes(last_inbound_at=NOON + day * DAY)
        reminder.plan()
        assert due(reminder.parent.store, NOON + (day + 10) * DAY, 10) == []
    assert len([row for row in reminder.parent.all(Message) if row.purpose]) == 1


AT_THE_LAST_MOMENT: dict[str, Callable[[AReminder], None]] = {
    "no_opt_in": lambda reminder: reminder.is_asked_to_be_texted(given=False),
    "not_open": lambda reminder: reminder.changes(status="opted_out"),
    "nothing_open": lambda reminder: reminder.changes(expects_kind="free", expects_id="finished"),
    "danger": lambda reminder: reminder.flag(code="safety", urgency="emergency", item="seizure"),
}


@pytest.mark.parametrize("why", AT_THE_LAST_MOMENT)
def test_what_happened_between_planning_and_writing_is_heard(reminder: AReminder, why: str) -> None:
    AT_THE_LAST_MOMENT[why](reminder)
    assert not reminder.starts(NOON + DAY)
    assert reminder.standing() == ("canceled", why)


def test_a_suppressed_phone_gets_nothing_that_we_start(reminder: AReminder) -> None:
    with reminder.parent.store.transaction() as session:
        session.add(Suppression(phone_index=reminder.parent.conversation().phone_index, reason="carrier"))
    assert not reminder.starts(NOON + DAY) and reminder.standing() == ("canceled", "no_opt_in")


def test_violence_at_home_ends_all_texts_that_we_start_also_when_staff_have_cleared_it(reminder: AReminder) -> None:
    reminder.flag(code="safety", urgency="urgent", item="lead_exposure")
    reminder.plan()
    assert reminder.standing() == ("waiting", None)
    reminder.flag(code="safety", urgency="emergency", item="abuse_violence", cleared_at=NOON)
    reminder.plan()
    assert reminder.standing() == ("canceled", "danger")


@pytest.mark.parametrize(("told", "standing"), [("safe", ("waiting", None)), ("not_safe", ("canceled", "danger")),
                                                 ("go_on", ("canceled", "danger")), (None, ("canceled", "danger"))])
def test_after_violence_at_home_we_text_only_whom_it_is_safe_to_text_and_only_once_staff_have_looked(
        reminder: AReminder, told: str | None, standing: tuple[str, str | None]) -> None:
    message = reminder.parent.all(Message)[0].id
    with reminder.parent.store.transaction() as session:
        session.add(DangerTold(conversation_id=reminder.parent.conversation().id, message_id=message, situation="violence",
                               trigger="E9", category="abuse_violence", level="urgent_same_day", unclear=False,
                               asked="safe_to_read", told=told))
    reminder.flag(code="safety", urgency="emergency", item="abuse_violence")
    reminder.plan()
    assert reminder.standing() == ("canceled", "danger"), "the emergency stands"
    with reminder.parent.store.transaction() as session:
        session.execute(update(Flag).values(cleared_at=NOON))
    reminder.plan()
    assert reminder.standing() == standing


def test_a_parent_who_wrote_meanwhile_is_not_reminded_yet(reminder: AReminder) -> None:
    reminder.changes(last_inbound_at=NOON + 20 * HOUR)
    assert not reminder.starts(NOON + DAY)
    assert (reminder.standing(), reminder.row().due_at) == (("waiting", None), datetime(2026, 11, 26, 14, tzinfo=UTC))


def test_a_message_that_waits_for_its_turn_goes_first(reminder: AReminder) -> None:
    reminder.parent.writes("hello?")
    reminder.changes(last_inbound_at=NOON)
    assert not reminder.starts(NOON + DAY) and reminder.row().due_at == NOON + DAY + HOUR


def test_what_comes_due_in_the_night_is_moved_to_the_morning(reminder: AReminder) -> None:
    eleven_at_night = NOON + DAY + 11 * HOUR
    assert not reminder.starts(eleven_at_night)
    assert reminder.row().due_at == datetime(2026, 11, 26, 14, tzinfo=UTC)
    assert reminder.starts(reminder.row().due_at)


def test_a_text_that_is_days_late_is_given_up(reminder: AReminder) -> None:
    assert not reminder.starts(NOON + 5 * DAY) and reminder.standing() == ("canceled", "too_late")


def test_a_clock_that_jumps_by_years_texts_nobody(reminder: AReminder) -> None:
    assert not reminder.starts(NOON.replace(year=2028)) and reminder.standing() == ("canceled", "number_unsure")


def test_of_many_workers_at_once_one_writes_the_text(reminder: AReminder) -> None:
    ready = threading.Barrier(4)

    def worker(_: int) -> bool:
        ready.wait()
        return reminder.starts(NOON + DAY)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(worker, range(4))) == [False, False, False, True]
    assert len([row for row in reminder.parent.all(Message) if row.purpose]) == 1


def test_a_phone_gets_one_text_that_we_start_a_day_whatever_conversations_it_has(reminder: AReminder) -> None:
    parent = reminder.parent
    first = parent.conversation()
    with parent.store.transaction() as session:
        other = Conversation(public_id="another", family_id=first.family_id, channel="sms", phone=PHONE,
                             phone_index=first.phone_index, expects_kind="worry", last_inbound_at=NOON)
        session.add(other)
        session.flush()
        second = Outreach(id=uuid4(), conversation_id=other.id, kind="reminder", due_at=NOON + DAY)
        session.add(second)
    first_row = next(row for row in parent.all(Outreach) if row.id != second.id)
    ready = threading.Barrier(2)

    def worker(row: Outreach) -> bool:
        ready.wait()
        return start(parent.store, parent.content, row.id, NOON + DAY)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(worker, [first_row, second])) == [False, True]
    (waiting,) = [row for row in parent.all(Outreach) if row.state == "waiting"]
    assert waiting.due_at == datetime(2026, 11, 26, 14, tzinfo=UTC)
    assert start(parent.store, parent.content, waiting.id, waiting.due_at)


# leaving


def test_a_text_we_started_leaves_while_nothing_has_changed_and_any_other_always(reminder: AReminder) -> None:
    reminder.starts(NOON + DAY)
    assert reminder.may_leave(NOON + DAY) and reminder.text().state == "queued"
    ordinary = next(row for row in reminder.parent.all(Message) if row.purpose is None and row.direction == "outbound")
    with reminder.parent.store.transaction() as session:
        assert started_by_us_may_leave(session, session.get_one(Message, ordinary.id), NOON + 11 * HOUR)


def test_a_text_held_up_until_the_night_is_written_anew_in_the_morning(reminder: AReminder) -> None:
    reminder.starts(NOON + DAY)
    held_up = reminder.text().id
    assert not reminder.may_leave(NOON + DAY + 8 * HOUR)
    assert (reminder.text().state, reminder.text().error_code) == ("canceled", "held_back")
    assert (reminder.standing(), reminder.row().due_at) == (("waiting", None), datetime(2026, 11, 26, 14, tzinfo=UTC))
    assert reminder.starts(reminder.row().due_at) and reminder.row().message_id not in (None, held_up)


def test_an_opt_out_between_writing_and_leaving_is_heard(reminder: AReminder) -> None:
    reminder.starts(NOON + DAY)
    reminder.is_asked_to_be_texted(given=False)
    assert not reminder.may_leave(NOON + DAY)
    assert (reminder.text().state, reminder.standing()) == ("canceled", ("canceled", "no_opt_in"))


def test_a_reminder_does_not_leave_after_a_message_that_came_meanwhile(reminder: AReminder) -> None:
    reminder.starts(NOON + DAY)
    reminder.changes(last_inbound_at=NOON + DAY + timedelta(seconds=5))
    assert not reminder.may_leave(NOON + DAY + timedelta(seconds=9))
    assert reminder.standing() == ("waiting", None) and reminder.row().due_at > NOON + DAY


def test_a_text_that_may_have_left_already_is_never_written_anew(reminder: AReminder) -> None:
    reminder.starts(NOON + DAY)
    with reminder.parent.store.transaction() as session:
        session.execute(update(Message).where(Message.id == reminder.text().id).values(state="sending"))
    assert not reminder.may_leave(NOON + DAY + 8 * HOUR)
    assert (reminder.text().state, reminder.row().state) == ("unknown", "sent")


def test_a_text_that_did_not_arrive_and_cannot_be_sent_anew_by_day_is_planned_again(reminder: AReminder) -> None:
    reminder.starts(NOON + DAY)
    with reminder.parent.store.transaction() as session:
        first = session.get_one(Message, reminder.text().id)
        first.state = "undelivered"
        anew = Message(id=uuid4(), conversation_id=first.conversation_id, seq=first.seq + 1, direction="outbound", speaker="bot",
                       text=first.text, state="queued", purpose="reminder", resend_of=first.id, created_at=NOON + DAY + 8 * HOUR)
        session.add(anew)
    assert not reminder.may_leave(NOON + DAY + 8 * HOUR) and reminder.text().id == anew.id
    assert (reminder.text().state, reminder.standing()) == ("canceled", ("waiting", None))
    assert reminder.row().due_at == datetime(2026, 11, 26, 14, tzinfo=UTC)


def test_a_text_without_a_plan_behind_it_does_not_leave(reminder: AReminder) -> None:
    reminder.starts(NOON + DAY)
    with reminder.parent.store.transaction() as session:
        session.execute(update(Outreach).values(message_id=None))
    assert not reminder.may_leave(NOON + DAY) and reminder.text().state == "canceled"


# zones and words


@pytest.mark.parametrize(("phone", "zones"), [
    (PHONE, ("America/New_York",)), (OTHER_PHONE, ("America/New_York",)), (None, ("America/New_York",)),
    ("+18085550142", ("America/New_York", "Pacific/Honolulu")), ("+17875550142", ("America/New_York", "America/Puerto_Rico")),
    ("nonsense", ("America/New_York",))])
def test_the_zones_are_the_affiliates_and_those_of_the_area_code(family: Family, phone: str | None,
                                                                 zones: tuple[str, ...]) -> None:
    assert zones_of(family().content, phone) == zones


@pytest.mark.parametrize("language", ["en", "es"])
def test_w29_a_text_that_we_start_holds_no_name_and_no_topic(family: Family, language: str) -> None:
    answers = {Kind.CHILD_NAME: ("Xochiquetzal", tell_child_name),
               Kind.WORRY: worries("she will not walk or eat", "movement_physical", "feeding_eating")}
    reminder = AReminder(family(until=Kind.MILESTONE, language=language, answers=answers))
    assert reminder.parent.case()["child"]["name"] == "Xochiquetzal"
    assert reminder.starts(NOON + DAY)
    said = reminder.text().text
    for private in ("xochiquetzal", "walk", "eat", "camin", "com", "child", "niñ", "bebé", "hij", "worry", "preocup"):
        assert private not in said.lower().replace("help me grow ct", "")
    assert said == getattr(reminder.parent.content.outreach.reminder, language).format(affiliate="Help Me Grow CT")

