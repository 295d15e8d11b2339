"""Texts that we start: plans them, writes those that are due, and asks once more right before one leaves.

One reminder of a conversation that stopped at a question, then rest; the follow-ups of a referral that was sent, and what comes
after them (``follow_through``); a milestone to watch (``asking_again``); the invitation at the next age (``next_check``).

A text is planned as a row of ``outreach``. Nothing but ``due`` and ``start`` turns a row into a text, and nothing but
``started_by_us_may_leave`` lets that text go. What is answered to it is read in ``outreach_answers``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import and_, exists, func, select, text
from sqlalchemy.orm import Session

from intake.content.bilingual import Bilingual
from intake.content.library import Content
from intake.rules.another_person import MAY_BE_REASSIGNED
from intake.rules.interview import NEXT_CHECK, Kind
from intake.rules.outreach import (
    FOR_A_PERSON,
    NOT_IN_AN_EXCHANGE,
    OF_REFERRALS,
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
from intake.usecases.asking_again import is_still_unsure
from intake.usecases.discretion import keeps_us_from_starting
from intake.usecases.flags import raise_flag
from intake.usecases.follow_through import (
    CANCELED,
    SENT,
    UNKNOWN,
    WAITING,
    carrier_of,
    end_follow_ups,
    follow_up_words,
    may_be_asked,
    take_back,
    zones_of,
)
from intake.usecases.next_check import is_too_old, reached_at
from intake.usecases.outreach_answers import answer_follow_up, in_words
from intake.usecases.receiving import next_seq
from intake.usecases.sendings import first_sending
from intake.usecases.texting_consent import may_start_texts
from intake.usecases.told import wrote_somebody_else

__all__ = ["CANCELED", "SENT", "UNKNOWN", "WAITING", "answer_follow_up", "due", "end_follow_ups", "plan_follow_ups",
           "plan_outreach", "schedule_reminder", "sent_without_plan", "start", "started_by_us_may_leave", "zones_of"]

OPEN = "open"  # the only status of a conversation in which we start texts
STARTED = frozenset(kind.value for kind in OutreachKind)
HELD_BACK = "held_back"  # the error code of a text that was canceled because its time has not come
# On the web a question comes back with the family, not by a text.
_ASKED_ON_RETURN = and_(Outreach.kind == OutreachKind.ASK_AGAIN.value, Conversation.channel != "sms")
_PHONE_LOCK = 0x6F757472  # one started text at a time to a phone; a space of its own beside the locks of receiving


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
    case = _circumstances(session, conversation, OutreachKind.REMINDER, (), due_at, zones, after)
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
    oldest = now - timedelta(days=max(following.days[-1] for following in content.outreach.following.values()))
    # Rows are dated by the sending that they follow, so one sent anew is planned anew.
    planned = exists().where(Outreach.referral_id == Referral.id, Outreach.kind == OutreachKind.FOLLOW_UP,
                             Outreach.created_at >= ReferralMove.at)
    with store.reading() as session:
        query = (select(Referral.id).join(ReferralMove, ReferralMove.referral_id == Referral.id)
                 .join(Conversation, Conversation.id == Referral.conversation_id)
                 .where(Referral.status.in_(UNDER_WAY), ReferralMove.to_status == ReferralStatus.SENT,
                        ReferralMove.at > oldest, ~planned, ~Conversation.practice).distinct())
        return list(session.scalars(query))


def plan_follow_ups(store: Store, content: Content, referral_id: UUID, now: datetime) -> None:
    """Plans the follow-ups of a referral at the days after its last sending that the table of the content sets for whoever
    brings it, once."""
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
        take_back(session, [referral.id], OutreachKind.FOLLOW_UP, WhyNot.SENT_ANEW)
        days = content.outreach.following[carrier_of(session, content, referral)].days
        _add_follow_ups(session, referral, sent_at, follow_ups_due(sent_at, days, zones_of(content, conversation.phone), now))


def _is_planned(session: Session, referral: Referral, sent_at: datetime) -> bool:
    query = select(Outreach.id).where(Outreach.referral_id == referral.id, Outreach.kind == OutreachKind.FOLLOW_UP,
                                      Outreach.created_at >= sent_at).limit(1)
    return session.scalar(query) is not None


def _add_follow_ups(session: Session, referral: Referral, sent_at: datetime, due_at: Sequence[datetime]) -> None:
    before = session.scalar(select(func.max(Outreach.number)).where(Outreach.referral_id == referral.id,
                                                                    Outreach.kind == OutreachKind.FOLLOW_UP)) or 0
    session.add_all(Outreach(conversation_id=referral.conversation_id, kind=OutreachKind.FOLLOW_UP.value, due_at=at,
                             referral_id=referral.id, number=number, created_at=sent_at)
                    for number, at in enumerate(due_at, start=before + 1))


# starting


def due(store: Store, now: datetime, most: int) -> list[UUID]:
    """At most ``most`` planned texts whose time has come, the oldest first."""
    with store.reading() as session:
        query = (select(Outreach.id).join(Conversation, Conversation.id == Outreach.conversation_id)
                 .where(Outreach.state == WAITING, Outreach.due_at <= now, ~Conversation.practice, ~_ASKED_ON_RETURN)
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
    case = _circumstances(session, conversation, kind, [row], row.due_at, zones, _pause(content, kind),
                          silence=_silence(content, kind), today_from=day_of(now, zones[0]))
    if kind is OutreachKind.NEXT_CHECK:
        case = replace(case, not_before=reached_at(content, conversation, row, zones))
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


def _silence(content: Content, kind: OutreachKind) -> timedelta:
    """For how long nobody may have written: an invitation comes months later, and was asked for."""
    return content.outreach.next_check.silence if kind is OutreachKind.NEXT_CHECK else MAY_BE_REASSIGNED


def _give_up(session: Session, conversation: Conversation, row: Outreach, judgement: Judgement) -> None:
    assert judgement.never is not None
    row.state, row.why_canceled = CANCELED, judgement.never.value
    if row.referral_id is not None and judgement.never in FOR_A_PERSON:
        referral = session.get_one(Referral, row.referral_id)
        raise_flag(session, conversation, "follow_up_by_phone", "O2", Urgency.STANDARD, item=referral.program_id)
    if row.kind == OutreachKind.NEXT_CHECK and judgement.never in (WhyNot.NUMBER_UNSURE, WhyNot.TOO_LATE):
        raise_flag(session, conversation, "next_check_by_phone", "C1", Urgency.STANDARD)  # the family asked to hear from us


def _asked_with(session: Session, content: Content, row: Outreach, now: datetime) -> list[Outreach]:
    """The row and the family's others of its kind and of these days: the text names nothing, so one asks for all."""
    if row.kind not in {*OF_REFERRALS, OutreachKind.ASK_AGAIN}:
        return [row]
    query = (select(Outreach).where(Outreach.conversation_id == row.conversation_id, Outreach.kind == row.kind,
                                    Outreach.state == WAITING, Outreach.id != row.id,
                                    Outreach.due_at <= now + content.outreach.together)
             .order_by(Outreach.number).with_for_update(of=Outreach, skip_locked=True))
    others = [other for other in session.scalars(query) if may_be_asked(session, other) and is_still_unsure(session, other)]
    return [row, *others]


def _words(session: Session, content: Content, kind: OutreachKind, rows: Sequence[Outreach]) -> Bilingual:
    words = content.outreach
    if kind is OutreachKind.FOLLOW_UP:
        return follow_up_words(session, content, rows)
    return {OutreachKind.REMINDER: words.reminder, OutreachKind.NEEDS_MET: words.needs_met,
            OutreachKind.ASK_AGAIN: words.ask_again, OutreachKind.NEXT_CHECK: words.next_check.text}[kind]


def _write(session: Session, content: Content, conversation: Conversation, rows: Sequence[Outreach], zones: Sequence[str],
           now: datetime) -> None:
    kind = OutreachKind(rows[0].kind)
    words = _words(session, content, kind, rows)
    message = Message(
        id=uuid4(), conversation_id=conversation.id, seq=next_seq(session, conversation.id), direction="outbound", speaker="bot",
        text=in_words(content, words, conversation), state="queued", language=conversation.language, purpose=kind.value,
        payload={"expects": None, "choices": [], "zones": list(zones), "silence": _silence(content, kind).days}, created_at=now)
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
    told = first.payload or {}
    wrote_meanwhile = conversation.last_inbound_at is not None and conversation.last_inbound_at > first.created_at
    # The pause was kept when the text was written; it begins anew when the parent has written since.
    pause = NOT_IN_AN_EXCHANGE if wrote_meanwhile else timedelta()
    silence = timedelta(days=told.get("silence", MAY_BE_REASSIGNED.days))
    return judge(_circumstances(session, conversation, kind, rows, first.created_at, told["zones"], pause, silence=silence), now)


def _take_back(row: Outreach, judgement: Judgement) -> None:
    row.message_id = None
    if judgement.later is not None:
        row.state, row.due_at = WAITING, judgement.later
    else:
        row.state, row.why_canceled = CANCELED, (judgement.never or WhyNot.NOT_OPEN).value


# what the judgement rests on


def _circumstances(session: Session, conversation: Conversation, kind: OutreachKind, rows: Sequence[Outreach], due_at: datetime,
                   zones: Sequence[str], pause: timedelta, *, silence: timedelta = MAY_BE_REASSIGNED,
                   today_from: datetime | None = None) -> Circumstances:
    return Circumstances(
        kind, due_at, zones, pause, conversation.last_inbound_at,
        opted_in=conversation.channel == "sms" and may_start_texts(session, conversation.phone_index),
        is_open=conversation.status == OPEN,
        question_open=_is_question_open(session, conversation, rows),
        staff_write=conversation.staff_id is not None,
        danger=_in_danger(session, conversation),
        referral_ended=bool(rows) and not any(may_be_asked(session, row) for row in rows),
        deletion=_wants_deletion(session, conversation),
        over_age=kind is OutreachKind.NEXT_CHECK and is_too_old(conversation, due_at.date()),
        unanswered=_is_unanswered(session, conversation),
        texted_today=today_from is not None and _texted_since(session, conversation, today_from),
        not_the_family=wrote_somebody_else(session, conversation),
        silence=silence)


def _is_question_open(session: Session, conversation: Conversation, rows: Sequence[Outreach]) -> bool:
    """Whether something waits for an answer: of the milestones to ask again one that is not sure yet, else the open question.
    Whether we may write later is no question to remind anybody of."""
    if rows and rows[0].kind == OutreachKind.ASK_AGAIN:
        return any(is_still_unsure(session, row) for row in rows)
    return conversation.expects_kind not in (None, Kind.FREE.value) and conversation.expects_id != NEXT_CHECK


def _wants_deletion(session: Session, conversation: Conversation) -> bool:
    query = select(Flag.id).where(Flag.conversation_id == conversation.id, Flag.code == "delete_data", Flag.cleared_at.is_(None))
    return session.scalar(query.limit(1)) is not None


def _in_danger(session: Session, conversation: Conversation) -> bool:
    """Words of danger that staff have not cleared; or, ever, of violence at home, where another may hold the phone, unless the
    family has said that it may be texted there."""
    query = select(Flag.id).where(Flag.conversation_id == conversation.id, Flag.code == "safety", Flag.cleared_at.is_(None),
                                  Flag.urgency == Urgency.EMERGENCY.value).limit(1)
    return session.scalar(query) is not None or keeps_us_from_starting(session, conversation)


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
