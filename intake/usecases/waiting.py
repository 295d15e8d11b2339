"""Texts of one conversation that wait at the same time: which are read together, and which must be heard first.

A parent writes one thought in three texts, or answers again while we were away. What waits is read as one message and
answered once. Danger in any of it comes first, then a wish to stop; a word that rules the channel is never read with others.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.content.library import Content
from intake.rules.choices import pick
from intake.rules.interview import NAMES, Expects, Kind
from intake.rules.keywords import asks_for_activities, means_wrong_person, read_keyword
from intake.rules.language import asks_for_language, recognise
from intake.rules.reading_together import as_one
from intake.rules.taken import Taken
from intake.rules.text import for_engine
from intake.store.models import Conversation, Message
from intake.usecases.at_home import ANY_WORD_ANSWERS
from intake.usecases.ready_answers import options_of
from intake.usecases.receiving import CHANGE, OPENING
from intake.usecases.replying import last_question, question_put_as, reply_plainly

MOST_READ_TOGETHER = 20
NAMES_EXPECTED = NAMES | {Kind.PLACE, Kind.RELATION}


def waiting_texts(session: Session, message: Message) -> list[Message]:
    """``message`` and what waits behind it in its conversation, oldest first."""
    query = (select(Message).where(Message.conversation_id == message.conversation_id, Message.direction == "inbound",
                                   Message.state == "received", Message.read_with.is_(None), Message.seq > message.seq)
             .order_by(Message.seq).limit(MOST_READ_TOGETHER - 1))
    return [message, *session.scalars(query)]


def is_opening(message: Message) -> bool:
    """Whether this is the first, unwritten message of a web chat, which lets the agent greet."""
    return (message.provider_id or "").startswith(OPENING)


def item_to_change(message: Message) -> str | None:
    """The answer that a tap on the list of answers asks to change; None for everything that somebody wrote."""
    return (message.payload or {}).get(CHANGE)


def was_written(message: Message) -> bool:
    """Whether somebody wrote this: it is neither the opening of a web chat nor a tap on the list of answers."""
    return not is_opening(message) and item_to_change(message) is None


def name_expected(conversation: Conversation) -> bool:
    """Whether the open question asks for a name, so that a foreign word may be one."""
    return conversation.expects_kind is not None and Kind(conversation.expects_kind) in NAMES_EXPECTED


def words_together(conversation: Conversation, texts: list[Message]) -> str:
    """What ``texts`` say as one message."""
    return as_one([text.text for text in texts], a_name=name_expected(conversation))


def read_together(content: Content, conversation: Conversation, waiting: list[Message]) -> list[Message]:
    """The first texts of ``waiting`` that are one thought; the later ones are marked as read with the first."""
    first, *others = waiting
    together = [first]
    if was_written(first) and not first.media_count:
        for other in others:
            if not _is_plain(content, conversation, other):
                break
            together.append(other)
    set_aside(first, together[1:])
    return together


def _is_plain(content: Content, conversation: Conversation, text: Message) -> bool:
    """Whether nothing in ``text`` asks for a turn of its own: a word for the channel, another language, another person."""
    if text.opt_out_type is not None or text.media_count or for_engine(text.text) == "" or not was_written(text):
        return False
    may_be_an_answer = conversation.expects_kind in ANY_WORD_ANSWERS
    rules_the_channel = (read_keyword(text.text, content.keywords) is not None
                         or asks_for_activities(text.text, content.keywords, may_be_an_answer=may_be_an_answer))
    other_language = not name_expected(conversation) and (
        asks_for_language(text.text, content.languages) is not None or recognise(text.text, content.languages) == "other")
    return not (rules_the_channel or other_language or means_wrong_person(text.text, content.keywords))


def set_aside(first: Message, others: list[Message]) -> None:
    """``others`` are dealt with together with ``first``."""
    for other in others:
        other.read_with = first.id


def texts_read_with(session: Session, message: Message) -> list[Message]:
    """``message`` and all that are read together with it, oldest first."""
    query = select(Message).where(Message.read_with == message.id).order_by(Message.seq)
    return [message, *session.scalars(query)]


def answered_differently(session: Session, content: Content, conversation: Conversation, together: list[Message],
                         language: Language, about: Expects | None = None) -> bool:
    """Asks which is right when every text is a ready answer and they differ ("yes", "no"); says whether it did.

    ``about`` is the question they were written to when the next one had crossed them (None: the open one). It is opened
    again: asked under the next question, "which one is right" would get an answer to that.
    """
    asked = about or _open_question(conversation)
    if asked is None or not _they_differ(content, asked, together):
        return False
    question = last_question(session, conversation) if about is None else question_put_as(session, conversation, about)
    if question is None:
        return False
    said = content.messages.system("several_answers", language)
    reply_plainly(session, conversation, together[0], question.again_after(said), taken=Taken.SEVERAL_ANSWERS)
    conversation.expects_kind, conversation.expects_id = asked.kind.value, asked.id
    end(together, "done")
    return True


def _open_question(conversation: Conversation) -> Expects | None:
    kind = conversation.expects_kind
    return None if kind is None else Expects(Kind(kind), conversation.expects_id)


def _they_differ(content: Content, asked: Expects, together: list[Message]) -> bool:
    options = options_of(content, asked.kind)
    picks = {pick(text.text, options) for text in together}
    return None not in picks and len(picks) > 1


def end(messages: list[Message], state: str) -> None:
    """All ``messages`` have been dealt with: ``state`` is done, suppressed or silent."""
    for message in messages:
        message.state, message.done_at = state, datetime.now(UTC)
