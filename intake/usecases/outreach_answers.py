"""Reads what a parent answers to a text that we started, before the engine is asked.

A follow-up is answered by "1", "yes", "todavía no" and the like; anything longer is never guessed at: a person reads it and
the engine goes on. After a reminder, "go" and its kin ask the open question once more, so that a "yes, let us go on" is not
taken for the answer to a question that is not in view.
"""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.content.bilingual import Bilingual, Language
from intake.content.library import Content
from intake.content.outreach import CALLED_BACK, NOT_CALLED, NOT_NOW
from intake.rules.outreach import OutreachKind, WhyNot, is_one_of, read_answer
from intake.rules.triage import Urgency
from intake.store.audit import write_audit
from intake.store.models import Conversation, Message, Outreach, Referral
from intake.usecases.flags import raise_flag
from intake.usecases.replying import Reply, last_question
from intake.usecases.sendings import first_sending

RULE = "O2"  # connected and still waiting are told apart
OWN_WORDS = "own_words"
FLAGS = {CALLED_BACK: "follow_up_yes", NOT_CALLED: "follow_up_no", OWN_WORDS: "follow_up_words"}
_SEEN = ("sending", "unknown", "sent", "delivered")


def answer_follow_up(session: Session, content: Content, conversation: Conversation, message: Message) -> Reply | None:
    """The answer to ``message`` when it answers the text that we started and that is the last one the parent has seen.

    None when there is no such text or the message holds own words; own words to a follow-up are flagged, so that a person
    reads them. The open question is neither answered nor asked again after a follow-up.
    """
    started = _last_seen(session, conversation, message)
    if started is None:
        return None
    if started.purpose == OutreachKind.REMINDER and is_one_of(message.text, content.outreach.go_on, content.outreach.courtesy):
        return last_question(session, conversation)
    if started.purpose != OutreachKind.FOLLOW_UP:
        return None
    asked = list(session.scalars(select(Outreach).where(Outreach.message_id == first_sending(session, started).id,
                                                        Outreach.state == "sent")))
    return _hear(session, content, conversation, message, asked) if asked else None


def _last_seen(session: Session, conversation: Conversation, message: Message) -> Message | None:
    """The last text that had left when ``message`` came, if that is one that we started."""
    query = (select(Message).where(Message.conversation_id == conversation.id, Message.direction == "outbound",
                                   Message.seq < message.seq, Message.state.in_(_SEEN))
             .order_by(Message.seq.desc()).limit(1))
    last = session.scalar(query)
    crossed = last is not None and last.sent_at is not None and message.created_at < last.sent_at
    return None if crossed else last


def _hear(session: Session, content: Content, conversation: Conversation, message: Message,
          asked: list[Outreach]) -> Reply | None:
    words = content.outreach
    code = read_answer(message.text, words.answers, words.courtesy) or OWN_WORDS
    for row in asked:
        row.state, row.answer, row.answered_in = "answered", code, message.id
    session.flush()
    if code == CALLED_BACK:
        _ask_no_more(session, asked)
    more = _is_more_planned(session, conversation)
    referrals = [session.get_one(Referral, row.referral_id) for row in asked]
    _tell_staff(session, conversation, message, code, referrals)
    if code == OWN_WORDS:
        return None
    said = words.last_not_now if code == NOT_NOW and not more else words.replies[code]
    return Reply(in_words(content, said, conversation))


def _ask_no_more(session: Session, asked: list[Outreach]) -> None:
    session.execute(update(Outreach).where(Outreach.referral_id.in_([row.referral_id for row in asked]),
                                           Outreach.state == "waiting")
                    .values(state="canceled", why_canceled=WhyNot.CALLED_BACK.value))


def _is_more_planned(session: Session, conversation: Conversation) -> bool:
    query = select(Outreach.id).where(Outreach.conversation_id == conversation.id, Outreach.state == "waiting",
                                      Outreach.kind == OutreachKind.FOLLOW_UP).limit(1)
    return session.scalar(query) is not None


def _tell_staff(session: Session, conversation: Conversation, message: Message, code: str, referrals: list[Referral]) -> None:
    """One flag for each referral asked about. Whether the family has really arrived is for staff to find out and to mark."""
    for referral in referrals:
        if code in FLAGS:
            raise_flag(session, conversation, FLAGS[code], RULE, Urgency.STANDARD, item=referral.program_id,
                       message_id=message.id)
        write_audit(session, "agent", "follow_up.answered", "referral", referral.id, detail=code)


def in_words(content: Content, said: Bilingual, conversation: Conversation) -> str:
    """``said`` in the conversation's language, with the affiliate's name and phone."""
    language: Language = "es" if conversation.language == "es" else "en"
    affiliate = content.messages.affiliate
    return said.in_language(language).format(affiliate=affiliate.short_name.in_language(language), phone=affiliate.phone)
