"""Text me the rest: a chat begun on the web goes on by text, once the phone itself has said yes.

Anybody can type any number. So a phone gets one neutral text that says nothing of a child, at most once in thirty days (case
C14), and no other until a plain yes comes from it. Whoever typed the number is told nothing about it: not whether it has said
stop, was asked before, or is writing with us now. The question is a conversation of its own, which names the chat.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.content.bilingual import as_language
from intake.content.library import Content
from intake.rules.another_person import ANSWER_WITHIN, MOST_ASKED_A_DAY, may_be_asked, says_only
from intake.rules.choices import numbered, pick
from intake.rules.interview import NO, YES, Kind
from intake.rules.keywords import asks_who_we_are, means_wrong_number
from intake.rules.phones import is_person
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.jobs import DELIVER, defer, delivery_lock
from intake.store.models import Consent, Conversation, Message
from intake.usecases.contact import read_phone
from intake.usecases.outreach import OPEN, plan_outreach
from intake.usecases.ready_answers import options_of
from intake.usecases.receiving import (
    ASKED_PHONE,
    conversation_beside,
    conversation_of_token,
    lock_phone,
    move_text,
    new_sms_conversation,
    next_seq,
    take_later,
)
from intake.usecases.replying import Reply, last_question, reply_plainly
from intake.usecases.sendings import ASKS_PHONE
from intake.usecases.suppression import found_wrong, is_suppressed
from intake.usecases.texting_consent import TEXTS, refused_texts
from intake.usecases.understanding import danger_in, written_in

ANSWERED = "answered"  # the status of one whose phone has said yes or no
ASKS_PHONE_WORDS = "asks_phone-1"


class NoPhone(ValueError):
    """The words hold no number of a phone that we may text."""


class CannotGoOnByText(Exception):
    """This conversation goes by text already, or its family did not agree to go on."""


class AskedTooOften(Exception):
    """This chat has had as many phones asked as it may in a day."""


class _Answer(StrEnum):
    YES, NO, WHO = "yes", "no", "who"


def ask_phone(store: Store, content: Content, *, token: str, typed: str) -> None:
    """Asks the phone in ``typed`` by one text whether the chat of ``token`` goes on there; silently not, if it must not be asked.

    Raises SessionUnknown, NoPhone, CannotGoOnByText, AskedTooOften.
    """
    phone = read_phone(typed)
    with store.transaction() as session:
        chat = conversation_of_token(session, token)
        session.refresh(chat, with_for_update=True)
        if chat.channel != "web" or chat.status != OPEN:
            raise CannotGoOnByText
        if phone is None or not is_person(phone):
            raise NoPhone
        if _typed_today(session, chat) >= MOST_ASKED_A_DAY:
            raise AskedTooOften
        index = store.keys.phone_index(phone)
        lock_phone(session, index)
        if _may_be_asked(session, index) and not found_wrong(session, chat, index):
            _ask(session, content, chat, phone, index)
        else:
            _count(session, chat)


def _typed_today(session: Session, chat: Conversation) -> int:
    since = func.now() - timedelta(days=1)
    query = select(func.count()).where(Conversation.asked_for == chat.id, Conversation.started_at > since)
    return session.scalar(query) or 0


def _may_be_asked(session: Session, phone_index: bytes) -> bool:
    of_phone = Conversation.phone_index == phone_index
    asked_at = session.scalar(select(func.max(Conversation.started_at)).where(of_phone, Conversation.asked_for.is_not(None)))
    wrote_at = session.scalar(select(func.max(Message.created_at)).join(Conversation, Conversation.id == Message.conversation_id)
                              .where(of_phone))
    now: datetime = session.execute(select(func.now())).scalar_one()
    return may_be_asked(now, stopped=is_suppressed(session, phone_index), refused=refused_texts(session, phone_index),
                        asked_at=asked_at, wrote_at=wrote_at)


def _count(session: Session, chat: Conversation) -> None:
    """A number that is not asked counts like one that is: by how many more may be typed nothing is learned about it."""
    counted = new_sms_conversation(session, None, None, chat.language)
    counted.status, counted.asked_for = ANSWERED, chat.id


def _ask(session: Session, content: Content, chat: Conversation, phone: str, phone_index: bytes) -> None:
    asked = new_sms_conversation(session, phone, phone_index, chat.language)
    asked.status, asked.asked_for = ASKED_PHONE, chat.id
    words = content.messages.system("asks_phone", as_language(chat.language))
    message = Message(id=uuid4(), conversation_id=asked.id, seq=next_seq(session, asked.id), direction="outbound",
                      speaker="system", text=words, state="queued", language=chat.language, purpose=ASKS_PHONE,
                      payload={"expects": None, "choices": []})
    session.add(message)
    write_audit(session, "agent", "phone.asked", "conversation", chat.id)
    session.flush()
    defer(session, DELIVER, delivery_lock(asked.id), message_id=message.id)


def hear_asked_phone(session: Session, content: Content, asked: Conversation, message: Message) -> None:
    """Deals with a text of a phone that we asked, the words that rule the channel apart: an answer to our question is heard,
    and anything else goes where it belongs, to be taken there."""
    answer = _answer_of(content, message) if asked.status == ASKED_PHONE else None
    chat = session.get_one(Conversation, asked.asked_for, with_for_update=True)
    in_time = datetime.now(UTC) - asked.started_at < ANSWER_WITHIN
    language = written_in(message.text, content, as_language(asked.language))
    may_go_on = in_time and chat.channel == "web" and chat.status == OPEN
    if answer is _Answer.YES and may_go_on and not found_wrong(session, chat, asked.phone_index):
        _go_on(session, content, chat, asked, message)
    elif answer is _Answer.NO:
        asked.status = ANSWERED
        session.add(_consent(asked, message, given=False))
        reply_plainly(session, asked, message, Reply(content.messages.system("asked_phone_no", language)))
    elif answer is _Answer.WHO:
        reply_plainly(session, asked, message, Reply(content.messages.system("asked_phone_who", language)))
    else:
        move_text(session, message, conversation_beside(session, asked))
        take_later(session, message)


def _consent(conversation: Conversation, message: Message, *, given: bool) -> Consent:
    return Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind=TEXTS, given=given, source="sms",
                   words_shown=ASKS_PHONE_WORDS, phone_index=conversation.phone_index, message_id=message.id)


def _answer_of(content: Content, message: Message) -> _Answer | None:
    """What a text says to our question; words of danger are no answer, however short: they are heard in a talk of their own."""
    if danger_in(message.text, content, None) is not None:
        return None
    picked = pick(message.text, options_of(content, Kind.CONSENT))
    if says_only(message.text, picked, YES):
        return _Answer.YES
    if says_only(message.text, picked, NO) or means_wrong_number(message.text, content.keywords):
        return _Answer.NO
    return _Answer.WHO if asks_who_we_are(message.text, content.keywords) else None


def _go_on(session: Session, content: Content, chat: Conversation, asked: Conversation, message: Message) -> None:
    """The chat's texts go to this phone from now on; the open question is asked there."""
    asked.status = ANSWERED
    chat.channel, chat.phone, chat.phone_index = "sms", asked.phone, asked.phone_index
    family = chat.family
    if family.phone is None:
        family.phone, family.phone_index = asked.phone, asked.phone_index
    session.add(_consent(chat, message, given=True))
    write_audit(session, "agent", "goes_on_by_text", "conversation", chat.id)
    move_text(session, message, chat)
    question = None if chat.staff_id is not None else last_question(session, chat)  # while a person writes, nothing is asked
    said = content.messages.system("goes_on_by_text", as_language(chat.language))
    reply_plainly(session, chat, message, Reply(said) if question is None else _for_a_phone(question).again_after(said))
    plan_outreach(session, content, chat)


def _for_a_phone(question: Reply) -> Reply:
    """A question of the web with its ready answers in numbers: a text has no buttons."""
    asked = question.question or question.text
    labels = [choice["label"] for choice in question.choices]
    shown = all(label in asked for label in labels)
    return replace(question, question=asked if shown else f"{asked}\n{numbered(labels)}")


def give_phone_back(session: Session, conversation: Conversation, message: Message) -> Conversation:
    """The phone of ``message`` is somebody else's. A chat that had gone on there is one of the web again.

    Returns the conversation in which the phone gets its last answer.
    """
    query = select(Conversation).where(Conversation.asked_for == conversation.id,
                                       Conversation.phone_index == conversation.phone_index)
    asked = session.scalar(query.order_by(Conversation.started_at.desc()).limit(1))
    if asked is None:
        return conversation
    family = conversation.family
    if family.phone == conversation.phone:
        family.phone = family.phone_index = None
    conversation.channel, conversation.phone, conversation.phone_index = "web", None, None
    move_text(session, message, asked)
    move_texts_behind(session, conversation, asked)
    return asked


def move_texts_behind(session: Session, chat: Conversation, asked: Conversation) -> None:
    """Texts that wait in a chat which went on by text become those of the phone alone: a STOP among them must be heard as its
    own, and no word of a stranger may answer for the family."""
    behind = select(Message).where(Message.conversation_id == chat.id, Message.state == "received",
                                   Message.provider_id.startswith("sms:")).order_by(Message.seq)
    for text in session.scalars(behind):
        text.read_with = None
        move_text(session, text, asked)
        take_later(session, text)
