"""Takes up a stored message: what the pure rules answer at once, and what goes to the engine with which context.

Before Rasa is asked anything: words that rule the channel (stop, start, help), a person of the team who has taken over, and
words of danger, in both languages. These answers never depend on the engine being up. What remains gets its context, stored
with the message when it is first taken, so that a second try takes the same path.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.interview import Kind
from intake.rules.keywords import Keyword, read_keyword
from intake.rules.language import asks_for_language, recognise
from intake.rules.safety import SafetyHit
from intake.rules.text import for_engine
from intake.rules.triage import Urgency
from intake.store.connection import Store
from intake.store.models import Conversation, Message
from intake.usecases.channel_words import opt_in, opt_out, record_opt_out, send_help
from intake.usecases.danger import AFTER_SAFETY, flag_danger, stops_questions, words_about
from intake.usecases.delivery import is_suppressed
from intake.usecases.flags import raise_flag
from intake.usecases.receiving import OPENING
from intake.usecases.replying import Reply, last_question, mark_done, reply_plainly
from intake.usecases.understanding import asks_to_stop, danger_in

WORDS_TO_SWITCH = 3  # a shorter message in the other language may be a name or a loan word
_NAMES_EXPECTED = frozenset({Kind.CHILD_NAME, Kind.CONTACT_NAME, Kind.DOCTOR, Kind.PLACE, Kind.RELATION})
_ASKED_AS_QUESTION = frozenset({"lost_skills"})  # the conversation itself asks about lost skills, and flags them (T3)


@dataclass(frozen=True)
class EngineTurn:
    """What the engine is asked: the conversation's public id, our message id, the text and the context."""

    conversation: str
    message_id: UUID
    text: str
    context: dict[str, Any] = field(default_factory=dict)


def take(store: Store, content: Content, message_id: UUID, *, today: date | None = None) -> EngineTurn | None:
    """Takes up one message. None when it is done already or has just been answered without the engine."""
    with store.transaction() as session:
        message = session.scalar(select(Message).where(Message.id == message_id).with_for_update())
        if message is None or message.state != "received":
            return None
        conversation = session.get_one(Conversation, message.conversation_id, with_for_update=True)
        if message.context is None:
            if _answered_by_rules(session, content, conversation, message):
                return None
            message.context = _context(session, content, conversation, message, today or local_today(content))
        return EngineTurn(conversation.public_id, message.id, _words(content, message), message.context)


def local_today(content: Content) -> date:
    """Today where the affiliate's families live."""
    return datetime.now(ZoneInfo(content.messages.affiliate.time_zone)).date()


def _words(content: Content, message: Message) -> str:
    if _is_opening(message):
        language: Language = "es" if (message.context or {}).get("language") == "es" else "en"
        return content.messages.system("opening", language)
    return for_engine(message.text)


def _is_opening(message: Message) -> bool:
    return (message.provider_id or "").startswith(OPENING)


def _answered_by_rules(session: Session, content: Content, conversation: Conversation, message: Message) -> bool:
    """Answers the message without the engine where the rules can; says whether it did.

    The exact words that rule the channel come first, then danger, then sentences that ask to stop: "stop texting me, I want
    to die" must not get a goodbye for an answer.
    """
    if _is_opening(message):
        return False
    if _exact_word(session, content, conversation, message):
        return True
    if _danger(session, content, conversation, message):
        return True
    if conversation.channel == "sms" and _asks_to_stop(content, conversation, message):
        opt_out(session, content, conversation, message)
        return True
    if is_suppressed(session, conversation.phone_index):
        message.state, message.done_at = "suppressed", datetime.now(UTC)
        return True
    if conversation.staff_id is not None:  # a person writes here now; the engine keeps quiet
        mark_done(message)
        return True
    return _nothing_to_read(session, content, conversation, message)


def _exact_word(session: Session, content: Content, conversation: Conversation, message: Message) -> bool:
    stopped = is_suppressed(session, conversation.phone_index)
    keyword = read_keyword(message.text, content.keywords, stopped=stopped)
    if keyword is Keyword.HELP and not stopped:
        send_help(session, content, conversation, message)
        return True
    if conversation.channel != "sms":
        return False
    if keyword is Keyword.OPT_IN and stopped:
        opt_in(session, content, conversation, message)
    elif keyword is Keyword.OPT_OUT:
        opt_out(session, content, conversation, message)
    else:
        return False
    return True


def _asks_to_stop(content: Content, conversation: Conversation, message: Message) -> bool:
    """A sentence that wants no more texts. "Don't contact me" is the answer when we have just asked whether to call."""
    asked_about_calling = conversation.expects_kind == Kind.CONTACT_CONSENT
    return not asked_about_calling and asks_to_stop(message.text, content)


def _danger(session: Session, content: Content, conversation: Conversation, message: Message) -> bool:
    """Flags danger; answers it at once when it cannot wait. A phone that opted out gets no text, but staff are told."""
    hit = danger_in(message.text, content, _true_age_days(content, conversation))
    if hit is None or hit.situation in _ASKED_AS_QUESTION:
        return False
    flag_danger(session, conversation, hit, message.id)
    message.understood = {"safety": {"trigger": hit.trigger, "category": hit.category.value, "level": hit.level.value}}
    if not stops_questions(hit) or is_suppressed(session, conversation.phone_index):
        return False
    stops_too = conversation.channel == "sms" and _asks_to_stop(content, conversation, message)
    if stops_too:
        record_opt_out(session, conversation, message)
    _answer_danger(session, content, conversation, message, hit, passes_opt_out=stops_too)
    return True


def _answer_danger(session: Session, content: Content, conversation: Conversation, message: Message, hit: SafetyHit, *,
                   passes_opt_out: bool) -> None:
    language = _language(content, conversation, message)
    conversation.expects_kind, conversation.expects_id = AFTER_SAFETY.kind.value, AFTER_SAFETY.id
    reply_plainly(session, conversation, message, Reply(words_about(hit, content, language), expects=AFTER_SAFETY),
                  payload={"opt_out_confirmation": True} if passes_opt_out else None)


def _true_age_days(content: Content, conversation: Conversation) -> int | None:
    child = conversation.child
    if child is None or child.birth_date is None or not child.birth_is_exact:
        return None
    return (local_today(content) - child.birth_date).days


def _nothing_to_read(session: Session, content: Content, conversation: Conversation, message: Message) -> bool:
    """Pictures, empty messages and languages we do not speak: one honest line and the question again."""
    language = _language(content, conversation, message)
    if message.media_count:  # with words or without: staff must know that there is something we cannot see
        raise_flag(session, conversation, "picture", "W9", Urgency.STANDARD, message_id=message.id)
    if for_engine(message.text) == "":
        purpose = "picture_received" if message.media_count else "empty_message"
    elif recognise(message.text, content.languages) == "other" and not _name_expected(conversation):
        purpose = "other_language"
        raise_flag(session, conversation, "other_language", "N10", Urgency.STANDARD, message_id=message.id)
    else:
        return False
    question = last_question(session, conversation)
    said = content.messages.system(purpose, language)
    if question is None:
        reply_plainly(session, conversation, message, Reply(said))
    else:
        reply_plainly(session, conversation, message, Reply(f"{said}\n{question.text}", question.expects, question.choices))
    return True


def _name_expected(conversation: Conversation) -> bool:
    return conversation.expects_kind is not None and Kind(conversation.expects_kind) in _NAMES_EXPECTED


def _language(content: Content, conversation: Conversation, message: Message) -> Language:
    """The language of this turn: the one asked for, the one plainly written, else the conversation's."""
    asked = asks_for_language(message.text, content.languages)
    if asked is not None and not _name_expected(conversation):
        return asked
    written = recognise(message.text, content.languages)
    first = conversation.introduced_at is None and conversation.channel == "sms"
    enough = first or len(message.text.split()) >= WORDS_TO_SWITCH
    if written in ("en", "es") and enough and not _name_expected(conversation):
        return "es" if written == "es" else "en"
    return "es" if conversation.language == "es" else "en"


def _context(session: Session, content: Content, conversation: Conversation, message: Message, today: date) -> dict[str, Any]:
    message.language = recognise(message.text, content.languages)
    kind = conversation.expects_kind
    return {
        "language": _language(content, conversation, message),
        "channel": conversation.channel,
        "child_name": conversation.child.name if conversation.child else None,
        "expects": None if kind is None else {"kind": kind, "id": conversation.expects_id},
        "today": today.isoformat(),
    }
