"""The follow-ups of a referral: planned when staff have sent it, asked together, answered in few words or in many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from a_family import OLDER, AFamily
from sqlalchemy import select, update

from intake.rules.interview import Kind
from intake.rules.outreach import Carried, OutreachKind
from intake.rules.referral import ReferralStatus
from intake.store.models import Audit, Consent, Conversation, Flag, Message, Outreach, Referral, ReferralMove
from intake.usecases.about_child import tell_child_name
from intake.usecases.casework import move_referral
from intake.usecases.outreach import answer_follow_up, plan_follow_ups, sent_without_plan, start, started_by_us_may_leave
from intake.usecases.replying import Reply
from intake.usecases.staff import StaffRole, add_staff

Family = Callable[..., AFamily]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SENT = datetime(2026, 11, 24, 17, tzinfo=UTC)  # noon in Connecticut; the clocks do not change in the 45 days that follow
PROGRAMS = ("birth_to_three", "healthy_homes")


@dataclass
class AFollowUp:
    """A family whose referrals staff have sent at ``SENT``, and what becomes of the questions about them."""

    parent: AFamily
    referrals: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        conversation = self.parent.conversation()
        with self.parent.store.transaction() as session:
            session.add(Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind="sms", given=True,
                                source="sms", words_shown="introduction-1", phone_index=conversation.phone_index))
        self.changes(last_inbound_at=SENT)

    def changes(self, **values: Any) -> None:
        with self.parent.store.transaction() as session:
            session.execute(update(Conversation).values(values))

    def sends(self, program: str, at: datetime = SENT) -> UUID:
        with self.parent.store.transaction() as session:
            referral = Referral(conversation_id=self.parent.conversation().id, program_id=program, reason_rule="R1",
                                status="sent", status_at=at)
            session.add(referral)
            session.flush()
            session.add(ReferralMove(referral_id=referral.id, from_status="ready", to_status="sent", actor="staff:1",
                                     source="staff", at=at))
        self.referrals.append(referral.id)
        return referral.id

    def sent_again(self, referral: UUID, at: datetime) -> None:
        with self.parent.store.transaction() as session:
            session.add(ReferralMove(referral_id=referral, from_status="could_not_reach", to_status="sent",
                                     actor="staff:1", source="staff", at=at))

    def plans(self, now: datetime = SENT) -> None:
        for referral in sent_without_plan(self.parent.store, self.parent.content, now):
            plan_follow_ups(self.parent.store, self.parent.content, referral, now)

    def rows(self, state: str | None = None) -> list[Outreach]:
        rows = [row for row in self.parent.all(Outreach) if row.kind == "follow_up" and state in (None, row.state)]
        return sorted(rows, key=lambda row: (row.due_at, row.number))

    def asks(self, now: datetime = SENT + 7 * DAY, row: Outreach | None = None) -> bool:
        """The first row that waits is started, and the text arrives."""
        started = start(self.parent.store, self.parent.content, (row or self.rows("waiting")[0]).id, now)
        with self.parent.store.transaction() as session:
            session.execute(update(Message).where(Message.state == "queued").values(state="delivered"))
        return started

    def answered(self, words: str) -> Reply | None:
        """What is replied to ``words``, as the worker asks before the engine."""
        message_id = self.parent.writes(words)
        with self.parent.store.transaction() as session:
            message = session.get_one(Message, message_id)
            return answer_follow_up(session, self.parent.content, session.get_one(Conversation, message.conversation_id), message)

    def flags(self) -> set[tuple[str, str | None]]:
        return {(row.code, row.item) for row in self.parent.all(Flag) if row.code.startswith("follow_up")}


@pytest.fixture
def follow_up(family: Family) -> AFollowUp:
    return AFollowUp(family(until=Kind.RELATION))


@pytest.fixture
def asked(follow_up: AFollowUp) -> AFollowUp:
    """A family that has just been asked about one referral."""
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    assert follow_up.asks()
    return follow_up


# planning


def test_a_sent_referral_is_followed_up_at_the_days_of_the_table_and_planned_once(follow_up: AFollowUp) -> None:
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    follow_up.plans()
    assert [row.due_at - SENT for row in follow_up.rows()] == [7 * DAY, 21 * DAY, 45 * DAY]
    assert [row.number for row in follow_up.rows()] == [1, 2, 3]
    assert sent_without_plan(follow_up.parent.store, follow_up.parent.content, SENT + DAY) == []


def test_staff_send_a_referral_and_its_end_takes_back_what_is_planned(family: Family) -> None:
    parent = family(until=Kind.NEEDS_MET, answers=OLDER)
    follow_up = AFollowUp(parent)
    staff = add_staff(parent.store, "ines@example.org", "Ines", "a long enough phrase", StaffRole.INTAKE)
    referral = parent.all(Referral)[0]
    now = datetime.now(UTC)
    follow_up.plans(now)
    assert follow_up.rows() == []
    version = move_referral(parent.store, referral.id, ReferralStatus.SENT, staff, referral.version)
    follow_up.plans(now)
    assert len(follow_up.rows("waiting")) == 3
    version = move_referral(parent.store, referral.id, ReferralStatus.RECEIVED, staff, version)
    assert len(follow_up.rows("waiting")) == 3
    move_referral(parent.store, referral.id, ReferralStatus.CONNECTED, staff, version)
    assert {(row.state, row.why_canceled) for row in follow_up.rows()} == {("canceled", "referral_ended")}
    follow_up.plans(now)
    assert follow_up.rows("waiting") == []


@pytest.mark.parametrize("ended", ["connected", "declined", "not_eligible", "closed"])
def test_a_referral_that_has_ended_is_not_asked_about(follow_up: AFollowUp, ended: str) -> None:
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    with follow_up.parent.store.transaction() as session:
        session.execute(update(Referral).values(status=ended))
    assert not follow_up.asks()
    assert follow_up.rows()[0].why_canceled == "referral_ended" and follow_up.flags() == set()


def test_a_referral_sent_again_is_planned_again_from_then(follow_up: AFollowUp) -> None:
    referral = follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    follow_up.sent_again(referral, SENT + 10 * DAY)
    follow_up.plans(SENT + 10 * DAY)
    follow_up.plans(SENT + 10 * DAY)
    assert [row.due_at - SENT for row in follow_up.rows("waiting")] == [17 * DAY, 31 * DAY, 55 * DAY]
    assert {row.why_canceled for row in follow_up.rows("canceled")} == {"sent_anew"}


def test_days_long_past_are_not_made_up_for(follow_up: AFollowUp) -> None:
    follow_up.sends(PROGRAMS[0])
    follow_up.plans(SENT + 30 * DAY)
    assert [row.due_at - SENT for row in follow_up.rows()] == [45 * DAY]


# asking


def test_the_follow_up_is_asked_when_it_is_due_and_the_open_question_stays(asked: AFollowUp) -> None:
    message = max(asked.parent.all(Message), key=lambda row: row.seq)
    assert (message.purpose, (message.payload or {})["expects"]) == ("follow_up", None)
    assert message.text == asked.parent.content.outreach.following[Carried.STAFF].text.en.format(affiliate="Help Me Grow CT")
    assert asked.parent.conversation().expects_kind == Kind.RELATION


def test_a_finished_conversation_is_followed_up_all_the_same(follow_up: AFollowUp) -> None:
    follow_up.changes(expects_kind="free", expects_id="finished", finished_at=SENT)
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    assert follow_up.asks()


def test_referrals_of_the_same_days_are_asked_about_in_one_text(follow_up: AFollowUp) -> None:
    follow_up.sends(PROGRAMS[0])
    follow_up.sends(PROGRAMS[1], SENT + 2 * DAY)
    follow_up.plans(SENT + 2 * DAY)
    assert follow_up.asks()
    assert len({row.message_id for row in follow_up.rows("sent")}) == 1 and len(follow_up.rows("sent")) == 2
    with follow_up.parent.store.transaction() as session:
        message = session.get_one(Message, follow_up.rows("sent")[0].message_id)
        assert started_by_us_may_leave(session, message, SENT + 7 * DAY)
    follow_up.answered("2")
    assert follow_up.flags() == {("follow_up_no", program) for program in PROGRAMS}


def test_a_follow_up_does_not_come_into_an_exchange(follow_up: AFollowUp) -> None:
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    follow_up.changes(last_inbound_at=SENT + 7 * DAY - HOUR)
    assert not follow_up.asks() and follow_up.rows()[0].due_at == SENT + 7 * DAY + HOUR


@pytest.mark.parametrize(("change", "why"), [
    ({"status": "opted_out"}, "not_open"), ({"channel": "web"}, "no_opt_in"),
    ({"last_inbound_at": SENT - 39 * DAY}, "number_unsure")])
def test_what_no_text_can_ask_is_for_a_person(follow_up: AFollowUp, change: dict[str, Any], why: str) -> None:
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    follow_up.changes(**change)
    assert not follow_up.asks()
    assert follow_up.rows()[0].why_canceled == why
    assert follow_up.flags() == {("follow_up_by_phone", PROGRAMS[0])}


# answers


YES = ["1", "yes", "Yes they called me", "sí", "Ya me llamaron", "1 si"]
NO = ["2", "no", "Not yet", "nobody called", "no, todavía no", "Nadie me ha llamado", "2."]
NOT_NOW = ["3", "not now", "ahora no", "más tarde", "I'm busy"]
OWN_WORDS = ["They called but the wait is six months", "me dijeron que no hay cupo", "yes and no", "👍", "who should I ask?"]


@pytest.mark.parametrize("words", YES)
def test_a_yes_is_told_to_staff_moves_the_referral_on_and_ends_the_asking(asked: AFollowUp, words: str) -> None:
    reply = asked.answered(words)
    assert reply is not None and reply.text == "Thank you. I told our team." and reply.expects is None
    assert asked.flags() == {("follow_up_yes", PROGRAMS[0])}
    assert [(row.state, row.answer) for row in asked.rows()] == [("answered", "called_back"), *[("canceled", None)] * 2]
    assert asked.parent.all(Referral)[-1].status == "received"
    move = max(asked.parent.all(ReferralMove), key=lambda row: row.at if row.to_status == "received" else SENT)
    assert (move.from_status, move.to_status, move.source, move.actor) == ("sent", "received", "family", "agent")
    assert [(line.action, line.detail) for line in asked.parent.all(Audit)][-1] == ("follow_up.answered", "called_back")


@pytest.mark.parametrize("words", NO)
def test_a_no_calls_staff_and_asks_again_later(asked: AFollowUp, words: str) -> None:
    reply = asked.answered(words)
    assert reply is not None and "1-800-505-7000" in reply.text
    (flag,) = [row for row in asked.parent.all(Flag) if row.code == "follow_up_no"]
    assert (flag.item, flag.urgency) == (PROGRAMS[0], "standard") and flag.message_id is not None
    assert len(asked.rows("waiting")) == 2


@pytest.mark.parametrize("words", NOT_NOW)
def test_a_not_now_flags_nothing_and_is_asked_again(asked: AFollowUp, words: str) -> None:
    reply = asked.answered(words)
    assert reply is not None and reply.text == asked.parent.content.outreach.asking[OutreachKind.FOLLOW_UP].replies["not_now"].en
    assert asked.flags() == set() and len(asked.rows("waiting")) == 2


def test_a_not_now_to_the_last_one_promises_nothing(asked: AFollowUp) -> None:
    with asked.parent.store.transaction() as session:
        session.execute(update(Outreach).where(Outreach.state == "waiting").values(state="canceled"))
    reply = asked.answered("3")
    assert reply is not None and reply.text == asked.parent.content.outreach.last_not_now.en


@pytest.mark.parametrize("words", OWN_WORDS)
def test_own_words_are_read_by_a_person_and_go_on_to_the_engine(asked: AFollowUp, words: str) -> None:
    assert asked.answered(words) is None
    (flag,) = [row for row in asked.parent.all(Flag) if row.code == "follow_up_words"]
    assert flag.urgency == "standard" and asked.parent.case() is not None
    assert next(row.text for row in asked.parent.all(Message) if row.id == flag.message_id) == words
    assert asked.rows()[0].answer == "own_words"


def test_spanish_is_answered_in_spanish(asked: AFollowUp) -> None:
    asked.changes(language="es")
    reply = asked.answered("no")
    assert reply is not None and reply.text.startswith("Gracias. Ya le avisé")


def test_a_follow_up_is_answered_once(asked: AFollowUp) -> None:
    assert asked.answered("2") is not None
    assert asked.answered("1") is None
    assert asked.flags() == {("follow_up_no", PROGRAMS[0])}


def test_an_answer_to_the_question_that_was_open_before_is_none_to_a_follow_up_not_seen_yet(asked: AFollowUp) -> None:
    with asked.parent.store.transaction() as session:
        session.execute(update(Message).where(Message.purpose == "follow_up")
                        .values(state="sent", sent_at=datetime.now(UTC) + HOUR))
    assert asked.answered("1") is None and asked.flags() == set()
    with asked.parent.store.transaction() as session:
        session.execute(update(Message).where(Message.purpose == "follow_up").values(state="failed", sent_at=None))
    assert asked.answered("1") is None and asked.flags() == set()


def test_an_answer_to_a_follow_up_that_was_sent_again_counts_for_the_first(asked: AFollowUp) -> None:
    with asked.parent.store.transaction() as session:
        first = session.scalars(select(Message).where(Message.purpose == "follow_up")).one()
        first.state = "undelivered"
        session.add(Message(conversation_id=first.conversation_id, seq=first.seq + 1, direction="outbound", speaker="bot",
                            text=first.text, state="delivered", purpose="follow_up", resend_of=first.id))
        session.execute(update(Conversation).values(last_seq=first.seq + 1))
    assert asked.answered("2") is not None and asked.rows()[0].answer == "not_called"


@pytest.mark.parametrize("words", ["go", "Yes", "no", "seguir", "ok", "Sí, por favor"])
def test_after_a_reminder_the_open_question_is_asked_again_and_nothing_is_taken_for_an_answer(
        follow_up: AFollowUp, words: str) -> None:
    reply = _after_a_reminder(follow_up, words)
    assert reply is not None and reply.expects is not None and reply.expects.kind is Kind.RELATION


@pytest.mark.parametrize("words", ["mom", "not yet", "1", "she says three words now"])
def test_after_a_reminder_anything_else_answers_the_open_question(follow_up: AFollowUp, words: str) -> None:
    assert _after_a_reminder(follow_up, words) is None


def _after_a_reminder(follow_up: AFollowUp, words: str) -> Reply | None:
    conversation = follow_up.parent.conversation()
    with follow_up.parent.store.transaction() as session:
        session.add(Outreach(conversation_id=conversation.id, kind="reminder", due_at=SENT + DAY))
    (row,) = [row for row in follow_up.parent.all(Outreach) if row.kind == "reminder"]
    assert follow_up.asks(SENT + DAY, row)
    return follow_up.answered(words)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("words", ["1", "2", "3"])
def test_w29_neither_a_follow_up_nor_what_is_replied_names_child_topic_or_program(
        family: Family, language: str, words: str) -> None:
    answers = {Kind.CHILD_NAME: ("Xochiquetzal", tell_child_name), **OLDER}
    follow_up = AFollowUp(family(until=Kind.NEEDS_MET, answers=answers, language=language))
    assert follow_up.parent.case()["child"]["name"] == "Xochiquetzal"
    follow_up.sends(PROGRAMS[0])
    follow_up.plans()
    assert follow_up.asks()
    asked = next(row.text for row in follow_up.parent.all(Message) if row.purpose == "follow_up")
    reply = follow_up.answered(words)
    assert reply is not None
    for private in ("xochiquetzal", "words", "palabra", "birth to three", "211", "child", "niñ", "bebé", "rosa"):
        assert private not in f"{asked} {reply.text}".lower()
