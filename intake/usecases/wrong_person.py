"""The person on the phone is not the one who wrote to us: a wrong number, a recycled one, or somebody who asks who this is.

A phone number is no proof of who holds it. From here on nothing that was told about a child is shown to this phone; staff are
told and keep the case. Whoever writes from the phone afterwards begins a conversation of their own (cases W29, W30).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.another_person import is_out_of_the_blue, may_be_reassigned, says_only
from intake.rules.choices import pick
from intake.rules.interview import YES, Expects, Kind
from intake.rules.keywords import asks_who_we_are, means_wrong_number
from intake.rules.triage import Urgency
from intake.store.audit import write_audit
from intake.store.models import Consent, Conversation, Message
from intake.usecases.flags import raise_flag
from intake.usecases.going_on_by_text import give_phone_back
from intake.usecases.next_check import invitation_waits
from intake.usecases.ready_answers import options_of
from intake.usecases.receiving import WHO_ASKED, WRONG_PERSON
from intake.usecases.replying import Reply, came_by, last_question, reply_plainly
from intake.usecases.sendings import STAFF
from intake.usecases.understanding import written_in

ENDED = Expects(Kind.FREE, "ended")
WRONG_NUMBER_WORDS = "wrong_number-1"


def heeds_another_person(session: Session, content: Content, conversation: Conversation, message: Message,
                         language: Language) -> bool:
    """Answers who says that we have the wrong person, or asks out of the blue who we are; says whether it did.

    Before the first introduction there is nothing to protect, and the introduction itself says who we are. Who writes on the
    web holds the chat's secret.
    """
    if came_by(conversation, message) != "sms" or conversation.introduced_at is None:
        return False
    language = written_in(message.text, content, language)
    if means_wrong_number(message.text, content.keywords) and not _answers_a_question(session, conversation, message):
        _end(session, content, conversation, message, language)
        return True
    if conversation.status == WHO_ASKED:
        return _hear_the_answer(session, content, conversation, message, language)
    out_of_the_blue = asks_who_we_are(message.text, content.keywords) and _out_of_the_blue(session, conversation, message)
    after_long = may_be_reassigned(message.created_at, _wrote_before(session, message))
    if out_of_the_blue or after_long:
        conversation.status = WHO_ASKED
        flag = "who_is_this" if out_of_the_blue else "long_silence"
        _say_who_we_are(session, content, conversation, message, language, flag)
    return out_of_the_blue or after_long


def _answers_a_question(session: Session, conversation: Conversation, message: Message) -> bool:
    """Whether "not my kid" or "wrong number" is what was just asked for: who is writing, or which number to call."""
    return (conversation.expects_kind in (Kind.RELATION, Kind.PHONE)
            and not _out_of_the_blue(session, conversation, message))


def _end(session: Session, content: Content, told: Conversation, message: Message, language: Language) -> None:
    """No text of this conversation goes to this phone any more; one that was a web chat before is one again."""
    session.execute(update(Message).where(Message.conversation_id == told.id, Message.direction == "outbound",
                                          Message.state == "queued").values(state="canceled", error_code=WRONG_PERSON))
    raise_flag(session, told, "wrong_number", "W30", Urgency.STANDARD, message_id=message.id)
    conversation = give_phone_back(session, told, message)
    conversation.status = WRONG_PERSON
    conversation.expects_kind, conversation.expects_id = ENDED.kind.value, ENDED.id
    session.add(Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind="sms", given=False,
                        source="sms", words_shown=WRONG_NUMBER_WORDS, phone_index=conversation.phone_index,
                        message_id=message.id))
    write_audit(session, "agent", "wrong_number", "conversation", told.id)
    reply_plainly(session, conversation, message, Reply(content.messages.system("wrong_number", language)))


def _say_who_we_are(session: Session, content: Content, conversation: Conversation, message: Message,
                    language: Language, flag: str = "who_is_this") -> None:
    raise_flag(session, conversation, flag, "W30", Urgency.STANDARD, message_id=message.id)
    reply_plainly(session, conversation, message, Reply(content.messages.system("who_we_are", language)))


def _hear_the_answer(session: Session, content: Content, conversation: Conversation, message: Message,
                     language: Language) -> bool:
    """Only a plain yes ("it is me, go on") brings the questions back; anything else is told once more who we are.

    After an invitation that yes is the "go" as well: False, and it is heard as such.
    """
    if not _says_yes(content, message):
        _say_who_we_are(session, content, conversation, message, language)
        return True
    conversation.status = "open"
    if invitation_waits(session, conversation):
        return False
    question = last_question(session, conversation)
    said = Reply(content.messages.system("help", language)) if question is None else question
    reply_plainly(session, conversation, message, said)
    return True


def _says_yes(content: Content, message: Message) -> bool:
    return says_only(message.text, pick(message.text, options_of(content, Kind.CONSENT)), YES)


def _out_of_the_blue(session: Session, conversation: Conversation, message: Message) -> bool:
    last = session.scalar(select(Message).where(Message.conversation_id == conversation.id, Message.direction == "outbound")
                          .order_by(Message.seq.desc()).limit(1))
    we_spoke_first = last is not None and last.in_reply_to is None and last.resend_of is None and last.purpose != STAFF
    return is_out_of_the_blue(message.created_at, _wrote_before(session, message), we_spoke_first=we_spoke_first)


def _wrote_before(session: Session, message: Message) -> datetime | None:
    return session.scalar(select(Message.created_at).where(
        Message.conversation_id == message.conversation_id, Message.direction == "inbound", Message.seq < message.seq)
        .order_by(Message.seq.desc()).limit(1))
