"""Takes in what a parent sends, before anyone answers: the message is stored and its turn deferred in one transaction.

A message has an id of its sender's making (Twilio's MessageSid, the browser's client_msg_id); the same one twice is one
message. Nothing is understood here: that is the worker's part.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from intake.content.bilingual import Language
from intake.rules.interview import Expects, Kind
from intake.rules.text import clean
from intake.store.connection import Store
from intake.store.jobs import TAKE_TURN, conversation_lock, defer
from intake.store.models import ChatSession, Conversation, Family, Message, SystemTraffic
from intake.usecases.sms_size import count

OPENING = "open:"  # the provider id of a web chat's first message, which nobody wrote: it lets the agent greet
WEB = "web:"  # how the provider id of a web message begins
CHANGE = "change"  # a key of an inbound message's payload: the answer that a tap on the list of answers asks to change
WRITER = "name"  # a key of an outbound message's payload: the first name of the person of the team who wrote it
TEXT_LIMIT = 10_000  # characters kept of one message; what is beyond is cut and never reaches the engine
WRONG_PERSON = "wrong_person"  # the status of a conversation whose phone turned out to be somebody else's: nothing is added
WHO_ASKED = "who_asked"  # the status of one that waits for its parent to say "yes, it is me"
ASKED_PHONE = "asked_phone"  # the status of a conversation in which we only asked a phone whether a web chat goes on there
SHARED_IDLE = timedelta(minutes=20)  # case C15: the next person at a library's computer finds nothing
_TOKEN_BYTES = 32  # 256 bits
_PUBLIC_ID_BYTES = 16


class SessionUnknown(LookupError):
    """The chat session's secret is wrong or has expired."""


class SameIdOtherText(ValueError):
    """A browser used one client_msg_id for two different texts."""


@dataclass(frozen=True)
class Received:
    """The stored message: its id and place (``seq``); ``new`` is false when it had come before."""

    message_id: UUID
    seq: int
    new: bool


@dataclass(frozen=True)
class ChatOpened:
    """A new web conversation: its public id, the secret (shown once, kept only as a hash), and when it expires."""

    conversation: str
    token: str
    expires_at: datetime


@dataclass(frozen=True)
class ChatMessage:
    """One message as a browser sees it; ``speaker`` is bot, staff, you or system; ``progress`` is what it reached, if it asks;
    ``name`` the first name of the person of the team who wrote it."""

    seq: int
    speaker: str
    text: str
    choices: list[dict[str, str]]
    expects: dict[str, Any] | None
    at: datetime
    state: str
    progress: dict[str, int] | None = None
    name: str | None = None


def receive_sms(store: Store, *, message_sid: str, sender: str, text: str, media_count: int = 0,
                opt_out_type: str | None = None) -> Received:
    """Stores an inbound SMS of ``sender`` (E.164) once per ``message_sid`` and defers its turn.

    ``opt_out_type`` is what the provider itself took the text for: STOP, START, HELP, or None.
    """
    with store.transaction() as session:
        known = _known(session, f"sms:{message_sid}")
        if known is not None:  # before the phone is looked up: a text once taken in stays in its conversation
            return known
        conversation = _sms_conversation(session, store, sender)
        return _insert(session, conversation, f"sms:{message_sid}", text, media_count, opt_out_type)


def keep_system_traffic(store: Store, *, message_sid: str, sender: str, text: str) -> None:
    """Keeps a text that no person sent (a short code, a name, a foreign number), once; nobody answers it."""
    row = {"id": uuid4(), "provider_id": f"sms:{message_sid}", "sender": clean(sender)[:40], "text": clean(text)[:TEXT_LIMIT]}
    with store.transaction() as session:
        session.execute(insert(SystemTraffic).values(row).on_conflict_do_nothing(index_elements=["provider_id"]))


def receive_chat(store: Store, *, token: str, client_msg_id: str, text: str) -> Received:
    """Stores a web message once per ``client_msg_id``. Raises SessionUnknown, or SameIdOtherText when it was another text."""
    with store.transaction() as session:
        conversation = conversation_of_token(session, token)
        _is_used(session, token)
        received = _store(session, conversation, _web_id(conversation, client_msg_id), text, 0)
        if not received.new and session.get_one(Message, received.message_id).text != clean(text)[:TEXT_LIMIT]:
            raise SameIdOtherText("this client_msg_id was used for another text")
        return received


def receive_change(store: Store, *, token: str, client_msg_id: str, item: str, text: str) -> Received:
    """Stores a tap on the answer ``item`` in the list of answers, once per ``client_msg_id``; ``text`` is shown for it.

    Raises SessionUnknown. Whether there is such an answer is found out when the turn is taken, in its place.
    """
    with store.transaction() as session:
        conversation = conversation_of_token(session, token)
        _is_used(session, token)
        return _store(session, conversation, _web_id(conversation, client_msg_id), text, 0, payload={CHANGE: item})


def receive_in_shell(store: Store, *, public_id: str, message_id: UUID, text: str) -> None:
    """Stores a message of Rasa's own shell, with a conversation for it, so that a developer can talk to the agent there."""
    with store.transaction() as session:
        conversation = session.scalar(select(Conversation).where(Conversation.public_id == public_id))
        if conversation is None:
            conversation = _new_conversation(session, "shell", "en")
            conversation.public_id = public_id
        if session.get(Message, message_id) is None:
            session.add(Message(id=message_id, conversation_id=conversation.id, seq=next_seq(session, conversation.id),
                                direction="inbound", speaker="you", text=clean(text)[:TEXT_LIMIT], state="done"))


def open_chat(store: Store, *, language: Language | None, hours: int, shared: bool = False) -> ChatOpened:
    """Begins a web conversation that may be resumed for ``hours``; the agent greets at once.

    On a ``shared`` computer it is closed when nobody has written for twenty minutes.
    """
    with store.transaction() as session:
        conversation = _new_conversation(session, "web", language or "en")
        opened = new_session(session, conversation, hours=hours, shared=shared)
        _store(session, conversation, f"{OPENING}{conversation.id}", "", 0)
    return opened


def new_session(session: Session, conversation: Conversation, *, hours: int, shared: bool = False) -> ChatOpened:
    """One more browser's right to ``conversation``, for ``hours``, or on a ``shared`` computer for twenty minutes."""
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    expires_at = datetime.now(UTC) + (SHARED_IDLE if shared else timedelta(hours=hours))
    session.add(ChatSession(conversation_id=conversation.id, token_hash=_token_hash(token), expires_at=expires_at, shared=shared))
    return ChatOpened(conversation.public_id, token, expires_at)


def end_chat(store: Store, *, token: str) -> None:
    """Closes a chat session: its secret opens nothing any more. Raises SessionUnknown."""
    with store.transaction() as session:
        end_session(session, token)


def end_session(session: Session, token: str) -> Conversation:
    """Closes the session of ``token`` and returns the conversation that it opened. Raises SessionUnknown."""
    conversation = conversation_of_token(session, token)
    session.execute(update(ChatSession).where(ChatSession.token_hash == _token_hash(token)).values(expires_at=datetime.now(UTC)))
    return conversation


def _is_used(session: Session, token: str) -> None:
    """Somebody writes: a session on a shared computer lasts for another twenty minutes."""
    session.execute(update(ChatSession).where(ChatSession.token_hash == _token_hash(token), ChatSession.shared)
                    .values(expires_at=datetime.now(UTC) + SHARED_IDLE))


def conversation_behind(store: Store, *, token: str) -> UUID:
    """The conversation that a chat session's secret opens. Raises SessionUnknown."""
    with store.reading() as session:
        return conversation_of_token(session, token).id


def last_places(store: Store, conversations: Sequence[UUID]) -> dict[UUID, int]:
    """The last ``seq`` of each of these conversations."""
    query = select(Conversation.id, Conversation.last_seq).where(Conversation.id.in_(list(conversations)))
    with store.reading() as session:
        return {row.id: row.last_seq for row in session.execute(query)}


def chat_messages(store: Store, *, token: str, after: int) -> list[ChatMessage]:
    """Everything said after ``after`` (a seq), oldest first. Raises SessionUnknown."""
    with store.reading() as session:
        conversation = conversation_of_token(session, token)
        query = select(Message).where(Message.conversation_id == conversation.id, Message.seq > after,
                                      ~Message.provider_id.startswith(OPENING) | Message.provider_id.is_(None))
        return [_as_chat_message(message) for message in session.scalars(query.order_by(Message.seq))]


def _as_chat_message(message: Message) -> ChatMessage:
    payload = message.payload or {}
    return ChatMessage(message.seq, message.speaker, message.text, payload.get("choices", []), _published(payload.get("expects")),
                       message.created_at, message.state, payload.get("progress"), payload.get(WRITER))


def _published(expects: dict[str, Any] | None) -> dict[str, Any] | None:
    """The open question as the contract has it: a milestone by its bare id, also while an answer is read back."""
    if expects is None or expects.get("kind") != Kind.MILESTONE:
        return expects
    return {**expects, "id": Expects(Kind.MILESTONE, expects["id"]).milestone}


def _web_id(conversation: Conversation, client_msg_id: str) -> str:
    # A browser's id may hold any 64 characters, NUL and half an emoji among them; its hash always fits the column.
    digest = hashlib.sha256(client_msg_id.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{WEB}{conversation.id.hex}:{digest[:32]}"


def _token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def conversation_of_token(session: Session, token: str) -> Conversation:
    """The conversation that a chat session's secret opens. Raises SessionUnknown."""
    query = (select(Conversation).join(ChatSession, ChatSession.conversation_id == Conversation.id)
             .where(ChatSession.token_hash == _token_hash(token), ChatSession.expires_at > datetime.now(UTC)))
    conversation = session.scalar(query)
    if conversation is None:
        raise SessionUnknown("this chat session is unknown or has expired")
    return conversation


def _sms_conversation(session: Session, store: Store, phone: str) -> Conversation:
    index = store.keys.phone_index(phone)
    lock_phone(session, index)
    found = session.scalar(_of_phone(index).limit(1))
    return found or new_sms_conversation(session, phone, index)


def lock_phone(session: Session, phone_index: bytes) -> None:
    """Makes others wait who look for this phone's conversation: two first texts at the same instant must find one."""
    number = int.from_bytes(phone_index[:8], "big", signed=True)
    session.connection().exec_driver_sql("select pg_advisory_xact_lock(%s)", (number,))


def conversation_beside(session: Session, asked: Conversation) -> Conversation:
    """Where a text belongs that came after our question to a phone and is no answer to it: its own thread, or a new one."""
    assert asked.phone is not None and asked.phone_index is not None
    lock_phone(session, asked.phone_index)
    own = session.scalar(_of_phone(asked.phone_index).where(Conversation.status != ASKED_PHONE).limit(1))
    return own or new_sms_conversation(session, asked.phone, asked.phone_index)


def _of_phone(phone_index: bytes) -> Select[Conversation]:
    """The conversations of a phone; the one that spoke last, to which a text is the answer, first."""
    said_last = (select(Message.created_at).where(Message.conversation_id == Conversation.id, Message.direction == "outbound")
                 .order_by(Message.seq.desc()).limit(1).scalar_subquery())
    return (select(Conversation).where(Conversation.phone_index == phone_index, Conversation.channel == "sms",
                                       Conversation.status != WRONG_PERSON,
                                       Conversation.asked_for.is_(None) | (Conversation.status == ASKED_PHONE))
            .order_by(func.greatest(Conversation.started_at, said_last).desc()))


def new_sms_conversation(session: Session, phone: str | None, phone_index: bytes | None, language: str = "en") -> Conversation:
    """A conversation with this phone (E.164, or none) in which nothing was said yet."""
    conversation = _new_conversation(session, "sms", language)
    conversation.phone_index = conversation.family.phone_index = phone_index
    conversation.phone = conversation.family.phone = phone
    return conversation


def move_text(session: Session, message: Message, to: Conversation) -> None:
    """Puts a text that is still to be taken into the conversation that it belongs to, at its end."""
    message.conversation_id, message.seq = to.id, next_seq(session, to.id, inbound=True)
    session.flush()


def take_later(session: Session, message: Message) -> None:
    """Defers the turn of a text that was moved, in its place among those of its conversation."""
    defer(session, TAKE_TURN, conversation_lock(message.conversation_id), message_id=message.id)


def _new_conversation(session: Session, channel: str, language: str) -> Conversation:
    family = Family(language=language)
    session.add(family)
    session.flush()
    conversation = Conversation(public_id=secrets.token_urlsafe(_PUBLIC_ID_BYTES), family_id=family.id, channel=channel,
                                language=language, family=family)
    session.add(conversation)
    session.flush()
    return conversation


def next_seq(session: Session, conversation_id: UUID, *, inbound: bool = False) -> int:
    """The next place in a conversation; locks it until the transaction ends, so places follow the order of commits.

    ``inbound`` notes with it that the family writes now.
    """
    wrote = {"last_inbound_at": func.now()} if inbound else {}
    query = (update(Conversation).where(Conversation.id == conversation_id)
             .values(last_seq=Conversation.last_seq + 1, **wrote).returning(Conversation.last_seq))
    return session.execute(query).scalar_one()


def _original(text: str, seen: str) -> str | None:
    """What came, when cleaning took more away than blanks at the ends; half a character is written out: no column holds it."""
    return None if text.strip() == seen else text[:TEXT_LIMIT].encode("utf-8", "backslashreplace").decode()


def _known(session: Session, provider_id: str) -> Received | None:
    row = session.execute(select(Message.id, Message.seq).where(Message.provider_id == provider_id)).first()
    return None if row is None else Received(row.id, row.seq, new=False)


def _store(session: Session, conversation: Conversation, provider_id: str, text: str, media_count: int,
           payload: dict[str, Any] | None = None) -> Received:
    return _known(session, provider_id) or _insert(session, conversation, provider_id, text, media_count, payload=payload)


def _insert(session: Session, conversation: Conversation, provider_id: str, text: str, media_count: int,
            opt_out_type: str | None = None, payload: dict[str, Any] | None = None) -> Received:
    """Stores a message that was not known a moment ago, with the job that answers it. Each step is one way to the database."""
    message_id, seen = uuid4(), clean(text)[:TEXT_LIMIT]
    seq, size = next_seq(session, conversation.id, inbound=True), count(text)
    row = {"id": message_id, "conversation_id": conversation.id, "seq": seq,
           "direction": "inbound", "speaker": "you", "text": seen, "original": _original(text, seen), "state": "received",
           "provider_id": provider_id, "media_count": media_count, "opt_out_type": opt_out_type, "payload": payload}
    if conversation.channel == "sms" and not provider_id.startswith(WEB):
        row |= {"segments": size.segments, "encoding": size.encoding}
    stored = session.execute(insert(Message).values(row).on_conflict_do_nothing(index_elements=["provider_id"])
                             .returning(Message.id)).scalar()
    if stored is None:
        repeated = _known(session, provider_id)
        assert repeated is not None  # its row is why this one was not stored
        return repeated
    defer(session, TAKE_TURN, conversation_lock(conversation.id), message_id=message_id)
    return Received(message_id, seq, new=True)
