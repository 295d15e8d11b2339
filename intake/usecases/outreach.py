"""Texts that we start: plans them, writes those that are due, and asks once more right before one leaves.

One reminder of a conversation that stopped at a question, then rest; and the follow-ups of a referral that staff have sent.
A text is planned as a row of ``outreach``. Nothing but ``due`` and ``start`` turns a row into a text, and nothing but
``started_by_us_may_leave`` lets that text go. What is answered to it is read in ``outreach_answers``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import phonenumbers
from phonenumbers import timezone
from sqlalchemy import exists, func, select, text, update
from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.rules.interview import Kind
from intake.rules.outreach import (
    ENDED,
    FOR_A_PERSON,
    NOT_IN_AN_EXCHANGE,
    UNDER_WAY,
    Circumstances,
    Judgement,
    OutreachKind,
    WhyNot,
    follow_ups_due,
    judge,
    reminder_due,
)
from intake.rules.referral import ReferralStatus
from intake.rules.texting_hours import day_of
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.jobs import DELIVER, defer, delivery_lock
from intake.store.models import Conversation, Flag, Message, Outreach, Referral, ReferralMove
from intake.usecases.discretion import keeps_us_from_starting
from intake.usecases.flags import raise_flag
from intake.usecases.outreach_answers import answer_follow_up, in_words
from intake.usecases.receiving import next_seq
from intake.usecases.sendings import first_sending
from intake.usecases.texting_consent import may_start_texts

__all__ = ["answer_follow_up", "due", "end_follow_ups", "plan_follow_ups", "plan_outreach", "schedule_reminder",
           "sent_without_plan", "start", "started_by_us_may_leave", "zones_of"]

OPEN = "open"  # the only status of a conversation in which we start texts
STARTED = frozenset(kind.value for kind in OutreachKind)
WAITING, SENT, CANCELED, UNKNOWN = "waiting", "sent", "canceled", "unknown"
HELD_BACK = "held_back"  # the error code of a text that was canceled because its time has not come
NO_PHONE_ZONE = "Etc/Unknown"
_PHONE_LOCK = 0x6F757472  # one started text at a time to a phone; a space of its own beside the locks of receiving


def zones_of(content: Content, phone: str | None) -> tuple[str, ...]:
    """The affiliate's time zone, then those of the area code of ``phone`` (E.164). An unknown number has the affiliate's."""
    home = content.messages.affiliate.time_zone
    try:
        number = phonenumbers.parse(phone or "")
    except phonenumbers.NumberParseException:
        return (home,)
    return (home, *(zone for zone in timezone.time_zones_for_number(number) if zone not in (home, NO_PHONE_ZONE)))


# planning


def plan_outreach(session: Session, content: Content, conversation: Conversation) -> None:
    """To be called when a turn is over: plans the one reminder, moves it while the parent writes, or takes it back."""
    if conversation.channel == "sms" and not conversation.practice:
        schedule_reminder(session, content, conversation)


def schedule_reminder(session: Session, content: Content, conversation: Conversation) -> None:
    """Plans, moves or takes back the conversation's one reminder. Once it was sent there is never a second one, and one that
    staff have called off is not planned again."""
    last = session.scalar(select(Conversation.last_inbound_at).where(Conversation.id == conversation.id).with_for_update())
    row = session.scalar(select(Outreach).where(Outreach.conversation_id == conversation.id,
                                                Outreach.kind == OutreachKind.REMINDER))
    if last is None or (row is not None and (row.message_id is not None or row.why_canceled == WhyNot.CALLED_OFF)):
        return
    after, zones = content.outreach.reminder_after, zones_of(content, conversation.phone)
    due_at = reminder_due(last, after, zones)
    case = _circumstances(session, conversation, OutreachKind.REMINDER, due_at, zones, after)
    never = judge(case, last).never
    if never is None:
        _plan_reminder(session, conversation, row, due_at)
    elif row is not None and row.state == WAITING:
        row.state, row.why_canceled = CANCELED, never.value
    session.flush()


def _plan_reminder(session: Session, conversation: Conversation, row: Outreach | None, due_at: datetime) -> None:
    if row is None:
        row = Outreach(conversation_id=conversation.id, kind=OutreachKind.REMINDER.value)
        session.add(row)
    row.state, row.why_canceled, row.due_at = WAITING, None, due_at


def sent_without_plan(store: Store, content: Content, now: datetime) -> list[UUID]:
    """The referrals that were sent, are under way, and whose follow-ups are not planned yet."""
    oldest = now - timedelta(days=content.outreach.days[-1])
    # Rows are dated by the sending that they follow, so one sent anew is planned anew.
    planned = exists().where(Outreach.referral_id == Referral.id, Outreach.created_at >= ReferralMove.at)
    with store.reading() as session:
        query = (select(Referral.id).join(ReferralMove, ReferralMove.referral_id == Referral.id)
                 .join(Conversation, Conversation.id == Referral.conversation_id)
                 .where(Referral.status.in_(UNDER_WAY), ReferralMove.to_status == ReferralStatus.SENT,
                        ReferralMove.at > oldest, ~planned, ~Conversation.practice).distinct())
        return list(session.scalars(query))


def plan_follow_ups(store: Store, content: Content, referral_id: UUID, now: datetime) -> None:
    """Plans the follow-ups of a referral at the days after its last sending that the table of the content sets, once."""
    with store.transaction() as session:
        # Both rows or none, and never waiting: a turn holds the conversation, a move of staff the referral.
        found = session.execute(
            select(Referral, Conversation).join(Conversation, Conversation.id == Referral.conversation_id)
            .where(Referral.id == referral_id, Referral.status.in_(UNDER_WAY), ~Conversation.practice)
            .with_for_update(of=(Referral, Conversation), skip_locked=True)).first()
        if found is None:
            return
        referral, conversation = found
        sent_at = session.scalar(select(func.max(ReferralMove.at)).where(ReferralMove.referral_id == referral.id,
                                                                         ReferralMove.to_status == ReferralStatus.SENT))
        if sent_at is None or _is_planned(session, referral, sent_at):
            return
        _cancel(session, referral, WhyNot.SENT_ANEW)
        zones = zones_of(content, conversation.phone)
        _add_follow_ups(session, referral, sent_at, follow_ups_due(sent_at, content.outreach.days, zones, now))


def _is_planned(session: Session, referral: Referral, sent_at: datetime) -> bool:
    query = select(Outreach.id).where(Outreach.referral_id == referral.id, Outreach.created_at >= sent_at).limit(1)
    return session.scalar(query) is not None


def _add_follow_ups(session: Session, referral: Referral, sent_at: datetime, due_at: Sequence[datetime]) -> None:
    before = session.scalar(select(func.max(Outreach.number)).where(Outreach.referral_id == referral.id)) or 0
    session.add_all(Outreach(conversation_id=referral.conversation_id, kind=OutreachKind.FOLLOW_UP.value, due_at=at,
                             referral_id=referral.id, number=number, created_at=sent_at)
                    for number, at in enumerate(due_at, start=before + 1))


def end_follow_ups(session: Session, referral: Referral) -> None:
    """To be called when a referral was moved: takes back what is still planned once there is nothing more to ask."""
    if referral.status in ENDED:
        _cancel(session, referral, WhyNot.REFERRAL_ENDED)


def _cancel(session: Session, referral: Referral, why: WhyNot) -> None:
    session.execute(update(Outreach).where(Outreach.referral_id == referral.id, Outreach.state == WAITING)
                    .values(state=CANCELED, why_canceled=why.value))


# starting


def due(store: Store, now: datetime, most: int) -> list[UUID]:
    """At most ``most`` planned texts whose time has come, the oldest first."""
    with store.reading() as session:
        query = (select(Outreach.id).join(Conversation, Conversation.id == Outreach.conversation_id)
                 .where(Outreach.state == WAITING, Outreach.due_at <= now, ~Conversation.practice)
                 .order_by(Outreach.due_at, Outreach.id).limit(most))
        return list(session.scalars(query))


def start(store: Store, content: Content, outreach_id: UUID, now: datetime) -> bool:
    """Writes a due text and hands it to delivery, or moves or gives it up; says whether a text was written.

    Safe for several workers at once: who finds the row or its conversation in another's hands leaves it for the next look.
    """
    with store.transaction() as session:
        found = session.execute(
            select(Outreach, Conversation).join(Conversation, Conversation.id == Outreach.conversation_id)
            .where(Outreach.id == outreach_id, Outreach.state == WAITING, Outreach.due_at <= now, ~Conversation.practice)
            .with_for_update(of=(Outreach, Conversation), skip_locked=True)).first()
        if found is None:
            return False
        row, conversation = found
        if conversation.phone_index is not None:
            session.execute(text("select pg_advisory_xact_lock(:space, :phone)"),
                            {"space": _PHONE_LOCK, "phone": int.from_bytes(conversation.phone_index[:4], "big", signed=True)})
        return _start(session, content, row, conversation, now)


def _start(session: Session, content: Content, row: Outreach, conversation: Conversation, now: datetime) -> bool:
    kind, zones = OutreachKind(row.kind), zones_of(content, conversation.phone)
    case = _circumstances(session, conversation, kind, row.due_at, zones, _pause(content, kind),
                          referral_ended=not _under_way(session, row), today_from=day_of(now, zones[0]))
    judgement = judge(case, now)
    if judgement.now:
        _write(session, content, conversation, _asked_with(session, content, row, now), zones, now)
        return True
    if judgement.later is not None:
        row.due_at = judgement.later
    else:
        _give_up(session, conversation, row, judgement)
    return False


def _pause(content: Content, kind: OutreachKind) -> timedelta:
    return content.outreach.reminder_after if kind is OutreachKind.REMINDER else NOT_IN_AN_EXCHANGE


def _give_up(session: Session, conversation: Conversation, row: Outreach, judgement: Judgement) -> None:
    assert judgement.never is not None
    row.state, row.why_canceled = CANCELED, judgement.never.value
    if row.referral_id is not None and judgement.never in FOR_A_PERSON:
        referral = session.get_one(Referral, row.referral_id)
        raise_flag(session, conversation, "follow_up_by_phone", "O2", Urgency.STANDARD, item=referral.program_id)


def _under_way(session: Session, row: Outreach) -> bool:
    return row.referral_id is None or session.get_one(Referral, row.referral_id).status in UNDER_WAY


def _asked_with(session: Session, content: Content, row: Outreach, now: datetime) -> list[Outreach]:
    """The row and the family's other follow-ups of these days: the text names no program, so one asks for all."""
    if row.referral_id is None:
        return [row]
    query = (select(Outreach).join(Referral, Referral.id == Outreach.referral_id)
             .where(Outreach.conversation_id == row.conversation_id, Outreach.kind == row.kind, Outreach.state == WAITING,
                    Outreach.id != row.id, Outreach.due_at <= now + content.outreach.together, Referral.status.in_(UNDER_WAY))
             .with_for_update(of=Outreach, skip_locked=True))
    return [row, *session.scalars(query)]


def _write(session: Session, content: Content, conversation: Conversation, rows: Sequence[Outreach], zones: Sequence[str],
           now: datetime) -> None:
    kind = OutreachKind(rows[0].kind)
    words = content.outreach.reminder if kind is OutreachKind.REMINDER else content.outreach.follow_up
    message = Message(
        id=uuid4(), conversation_id=conversation.id, seq=next_seq(session, conversation.id), direction="outbound", speaker="bot",
        text=in_words(content, words, conversation), state="queued", language=conversation.language, purpose=kind.value,
        payload={"expects": None, "choices": [], "zones": list(zones)}, created_at=now)
    session.add(message)
    session.flush()
    for row in rows:
        row.state, row.message_id = SENT, message.id
    defer(session, DELIVER, delivery_lock(conversation.id), message_id=message.id)


# leaving


def started_by_us_may_leave(session: Session, message: Message, now: datetime) -> bool:
    """To be asked right before ``message`` leaves, in the transaction that holds its row; True for what we did not start.

    When False, nothing may be sent, and what follows is written already: the text is canceled and its plan given up or
    moved, for the next look writes it anew. A text that may have left in an earlier try is left as ``unknown`` instead.
    """
    if message.purpose not in STARTED:
        return True
    first = first_sending(session, message)
    rows = list(session.scalars(select(Outreach).where(Outreach.message_id == first.id)))
    conversation = session.get_one(Conversation, message.conversation_id)
    judgement = _judge_again(session, conversation, rows, first, now) if rows else Judgement(never=WhyNot.NOT_OPEN)
    if judgement.now:
        return True
    message.error_code = judgement.never or HELD_BACK
    if message.state != "queued":
        message.state = UNKNOWN
        return False
    message.state = CANCELED
    for row in rows:
        _take_back(row, judgement)
    return False


def _judge_again(session: Session, conversation: Conversation, rows: Sequence[Outreach], first: Message,
                 now: datetime) -> Judgement:
    kind = OutreachKind(rows[0].kind)
    zones: list[str] = (first.payload or {})["zones"]
    wrote_meanwhile = conversation.last_inbound_at is not None and conversation.last_inbound_at > first.created_at
    ended = not any(_under_way(session, row) for row in rows)
    # The pause was kept when the text was written; it begins anew when the parent has written since.
    pause = NOT_IN_AN_EXCHANGE if wrote_meanwhile else timedelta()
    case = _circumstances(session, conversation, kind, first.created_at, zones, pause, referral_ended=ended)
    return judge(case, now)


def _take_back(row: Outreach, judgement: Judgement) -> None:
    row.message_id = None
    if judgement.later is not None:
        row.state, row.due_at = WAITING, judgement.later
    else:
        row.state, row.why_canceled = CANCELED, (judgement.never or WhyNot.NOT_OPEN).value


# what the judgement rests on


def _circumstances(session: Session, conversation: Conversation, kind: OutreachKind, due_at: datetime, zones: Sequence[str],
                   pause: timedelta, *, referral_ended: bool = False, today_from: datetime | None = None) -> Circumstances:
    return Circumstances(
        kind, due_at, zones, pause, conversation.last_inbound_at,
        opted_in=conversation.channel == "sms" and may_start_texts(session, conversation.phone_index),
        is_open=conversation.status == OPEN,
        question_open=conversation.expects_kind not in (None, Kind.FREE.value),
        staff_write=conversation.staff_id is not None,
        danger=_in_danger(session, conversation),
        referral_ended=referral_ended,
        unanswered=_is_unanswered(session, conversation),
        texted_today=today_from is not None and _texted_since(session, conversation, today_from))


def _in_danger(session: Session, conversation: Conversation) -> bool:
    """Words of danger that staff have not cleared; or, ever, of violence at home, where another may hold the phone, unless the
    family has said that it may be texted there."""
    query = select(Flag.id).where(Flag.conversation_id == conversation.id, Flag.code == "safety", Flag.cleared_at.is_(None),
                                  Flag.urgency == Urgency.EMERGENCY.value).limit(1)
    return session.scalar(query) is not None or keeps_us_from_starting(session, conversation.id)


def _is_unanswered(session: Session, conversation: Conversation) -> bool:
    query = select(Message.id).where(Message.conversation_id == conversation.id, Message.direction == "inbound",
                                     Message.state == "received").limit(1)
    return session.scalar(query) is not None


def _texted_since(session: Session, conversation: Conversation, since: datetime) -> bool:
    """Whether a text that we started left for this phone since then, in any of its conversations."""
    query = (select(Message.id).join(Conversation, Conversation.id == Message.conversation_id)
             .where(Conversation.phone_index == conversation.phone_index, Message.purpose.in_(STARTED),
                    Message.created_at >= since, Message.state != CANCELED).limit(1))
    return session.scalar(query) is not None
