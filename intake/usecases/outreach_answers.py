"""Reads what a parent answers to a text that we started, before the engine is asked.

A follow-up is answered by "1", "yes", "todavía no" and the like; anything longer is never guessed at: a person reads it and the
engine goes on. A yes moves the referral, a no is a task for staff. After a reminder, "go" and its kin ask the open question once
more, so that a "yes, let us go on" is not taken for the answer to a question that is not in view.

An answer belongs to the last question the parent has seen. What asks nothing, such as help, activities to play or a thank-you,
costs no answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from intake.content.bilingual import Bilingual, Language
from intake.content.library import Content
from intake.content.outreach import CALLED_BACK, NOT_CALLED, NOT_MET, NOT_NOW
from intake.rules.interview import Kind
from intake.rules.outreach import (
    OF_REFERRALS,
    OPENED_BY_GO,
    Carried,
    OutreachKind,
    WhyNot,
    is_one_of,
    is_only_courtesy,
    read_answer,
)
from intake.rules.referral import ENDED, MoveSource, ReferralStatus, may_move
from intake.rules.triage import Urgency
from intake.store.audit import write_audit
from intake.store.models import Answer, Conversation, Message, Outreach, Referral
from intake.usecases.flags import raise_flag
from intake.usecases.follow_through import ANSWERED, SENT, WAITING, carrier_of, plan_needs_met, take_back
from intake.usecases.referral_steps import AGENT, Step, take_step
from intake.usecases.replying import Reply, last_question
from intake.usecases.sendings import DANGER, first_sending

CONNECTED_RULE, NEEDS_RULE = "O2", "O4"  # connected and still waiting are told apart; whether needs were met
OWN_WORDS = "own_words"
FLAGS = {
    (Carried.STAFF, CALLED_BACK): "follow_up_yes", (Carried.STAFF, NOT_CALLED): "follow_up_no",
    (Carried.FAMILY, CALLED_BACK): "follow_up_asked", (Carried.FAMILY, NOT_CALLED): "follow_up_not_asked",
}
_SEEN = ("sending", "unknown", "sent", "delivered")
_LOOKED_BACK_AT = 12  # texts of ours that may lie between a question and its answer, none of which asks anything
_STARTED = frozenset(kind.value for kind in OutreachKind)


def answer_follow_up(session: Session, content: Content, conversation: Conversation, message: Message) -> Reply | None:
    """The answer to ``message`` when it answers a text that we started and that is the last question the parent has seen.

    None when there is no such text or the message holds own words; own words to a follow-up are flagged, so that a person
    reads them. The open question is neither answered nor asked again after a follow-up. A "go" that opens something about the
    child is left to the engine, which finds it in what is open now.
    """
    started = _last_question_seen(session, conversation, message)
    if started is None or started.purpose not in _STARTED:
        return None
    kind, words = OutreachKind(started.purpose), content.outreach
    if kind is OutreachKind.REMINDER:
        goes_on = is_one_of(message.text, words.go_on, words.courtesy)
        return last_question(session, conversation) if goes_on else None
    asked = _asked_in(session, started)
    if kind in OF_REFERRALS:
        return _hear(session, content, conversation, message, started, asked) if asked else None
    if kind in OPENED_BY_GO and asked and is_one_of(message.text, words.ready, words.courtesy):
        conversation.expects_kind, conversation.expects_id = Kind.FREE.value, kind.value
    return None


def _asked_in(session: Session, started: Message) -> list[Outreach]:
    """What a text asks for and has no answer that could be read."""
    unread = or_(Outreach.state == SENT, and_(Outreach.state == ANSWERED, Outreach.answer == OWN_WORDS))
    return list(session.scalars(select(Outreach).where(Outreach.message_id == first_sending(session, started).id, unread)
                                .order_by(Outreach.number, Outreach.id)))


def _last_question_seen(session: Session, conversation: Conversation, message: Message) -> Message | None:
    """The last text that asked something and had left when ``message`` came; None when they crossed."""
    query = (select(Message).where(Message.conversation_id == conversation.id, Message.direction == "outbound",
                                   Message.seq < message.seq, Message.state.in_(_SEEN))
             .order_by(Message.seq.desc()).limit(_LOOKED_BACK_AT))
    last = next((text for text in session.scalars(query) if _asks(text)), None)
    crossed = last is not None and last.sent_at is not None and message.created_at < last.sent_at
    return None if crossed else last


def _asks(text: Message) -> bool:
    """Whether a text of ours asks something. After words of danger a yes means something else; a colleague's question is known
    by its mark."""
    if text.purpose in _STARTED or text.purpose == DANGER:
        return True
    expects = (text.payload or {}).get("expects")
    return bool(expects and expects["kind"] != Kind.FREE) or (text.speaker == "staff" and "?" in text.text)


def _hear(session: Session, content: Content, conversation: Conversation, message: Message, started: Message,
          asked: list[Outreach]) -> Reply | None:
    kind, courtesy = OutreachKind(asked[0].kind), content.outreach.courtesy
    asking = content.outreach.asking[kind]
    read = read_answer(message.text, asking.ways, courtesy)
    if read is None and is_only_courtesy(message.text, courtesy):
        return Reply(in_words(content, asking.still_open, conversation))
    code = read or OWN_WORDS
    if code == OWN_WORDS and all(row.state == ANSWERED for row in asked):
        return None  # a person reads it already
    # The referrals first: a move of staff holds its referral, then the texts planned for it.
    referrals = list(session.scalars(
        select(Referral).where(Referral.id.in_([row.referral_id for row in asked])).order_by(Referral.id)
        .with_for_update().execution_options(populate_existing=True)))
    for row in asked:
        row.state, row.answer, row.answered_in = ANSWERED, code, message.id
    session.flush()
    if kind is OutreachKind.NEEDS_MET:
        _keep_needs_met(session, conversation, message, started, code, referrals)
    else:
        _keep_follow_up(session, content, conversation, message, code, referrals)
    return _reply(session, content, conversation, kind, code, referrals)


def _keep_follow_up(session: Session, content: Content, conversation: Conversation, message: Message, code: str,
                    referrals: Sequence[Referral]) -> None:
    """A yes moves each referral on and ends the asking; one flag for each. Whether the family has really arrived is for staff to
    find out and to mark."""
    if code == CALLED_BACK:
        take_back(session, [referral.id for referral in referrals], OutreachKind.FOLLOW_UP, WhyNot.CALLED_BACK)
    for referral in referrals:
        if code == CALLED_BACK and may_move(ReferralStatus(referral.status), ReferralStatus.RECEIVED):
            take_step(session, referral, Step(ReferralStatus.RECEIVED, AGENT, MoveSource.FAMILY))
        if code == CALLED_BACK and referral.status not in ENDED:
            plan_needs_met(session, content, conversation, referral, message.created_at)
        flag = "follow_up_words" if code == OWN_WORDS else FLAGS.get((carrier_of(session, content, referral), code))
        if flag is not None:
            raise_flag(session, conversation, flag, CONNECTED_RULE, Urgency.STANDARD, item=referral.program_id,
                       message_id=message.id)
        write_audit(session, "agent", "follow_up.answered", "referral", referral.id, detail=code)


def _keep_needs_met(session: Session, conversation: Conversation, message: Message, started: Message, code: str,
                    referrals: Sequence[Referral]) -> None:
    """The answer is kept with the referral, and as the family's newest word on whether its needs were met; a no is a task."""
    if code != OWN_WORDS:
        _replace_needs_met(session, conversation, message, started, code)
    flag = {OWN_WORDS: "follow_up_words", NOT_MET: "follow_up_unmet"}.get(code)
    for referral in referrals:
        if flag is not None:
            raise_flag(session, conversation, flag, NEEDS_RULE, Urgency.STANDARD, item=referral.program_id,
                       message_id=message.id)
        write_audit(session, "agent", "follow_up.answered", "referral", referral.id, detail=code)


def _replace_needs_met(session: Session, conversation: Conversation, message: Message, started: Message, code: str) -> None:
    before = session.scalars(select(Answer).where(Answer.conversation_id == conversation.id, Answer.item == Kind.NEEDS_MET,
                                                  Answer.replaced_at.is_(None))).first()
    if before is not None:
        before.replaced_at = datetime.now(UTC)
        session.flush()
    answer = Answer(id=uuid4(), conversation_id=conversation.id, child_id=conversation.child_id, item=Kind.NEEDS_MET.value,
                    value=code, own_words=message.text, message_id=message.id, asked_in=started.id)
    session.add(answer)
    session.flush()
    if before is not None:
        before.replaced_by = answer.id


def _reply(session: Session, content: Content, conversation: Conversation, kind: OutreachKind, code: str,
           referrals: Sequence[Referral]) -> Reply | None:
    if code == OWN_WORDS:
        return None
    words = content.outreach
    said = words.asking[kind].replies[code]
    if code == NOT_NOW and not _is_more_planned(session, conversation):
        said = words.last_not_now
    if code == NOT_CALLED and all(carrier_of(session, content, referral) is Carried.FAMILY for referral in referrals):
        said = words.not_asked
    return Reply(in_words(content, said, conversation))


def _is_more_planned(session: Session, conversation: Conversation) -> bool:
    query = select(Outreach.id).where(Outreach.conversation_id == conversation.id, Outreach.state == WAITING,
                                      Outreach.kind == OutreachKind.FOLLOW_UP).limit(1)
    return session.scalar(query) is not None


def in_words(content: Content, said: Bilingual, conversation: Conversation) -> str:
    """``said`` in the conversation's language, with the affiliate's name and phone."""
    language: Language = "es" if conversation.language == "es" else "en"
    affiliate = content.messages.affiliate
    return said.in_language(language).format(affiliate=affiliate.short_name.in_language(language), phone=affiliate.phone)
