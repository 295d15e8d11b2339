"""Links of one use: from a text to the same conversation on the web, and to the page for the doctor's visit.

A link's code is not the session's secret: it works once, for a quarter of an hour, and only when somebody presses the button on
the page it leads to, so that a messenger that looks at links uses none up. Only its hash is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session

from intake.store.connection import Store
from intake.store.models import ChatLink, Conversation
from intake.usecases.receiving import WRONG_PERSON, ChatOpened, conversation_of_token, end_session, new_session

VALID = timedelta(minutes=15)
MOST_AN_HOUR = 6  # of one conversation: each is a way in
_CODE_BYTES = 16  # 128 bits


class Purpose(StrEnum):
    """What a link opens: the conversation itself, or its page for the doctor's visit."""

    CHAT = "chat"
    VISIT = "visit"


class LinkSpent(LookupError):
    """No such link, or it was used, or its time is over; these look alike."""


class TooManyLinks(Exception):
    """This conversation has been given as many links as it may have in an hour."""


@dataclass(frozen=True)
class Opened:
    """What a link opened: its ``purpose``, the conversation, and for a chat the session that was begun with it."""

    purpose: Purpose
    conversation_id: UUID
    chat: ChatOpened | None = None


def make_link(session: Session, conversation: Conversation, purpose: Purpose) -> str:
    """The code of a new link. Raises TooManyLinks."""
    since = datetime.now(UTC) - timedelta(hours=1)
    query = select(func.count()).where(ChatLink.conversation_id == conversation.id, ChatLink.created_at > since)
    if (session.scalar(query) or 0) >= MOST_AN_HOUR:
        raise TooManyLinks
    code = secrets.token_urlsafe(_CODE_BYTES)
    session.add(ChatLink(conversation_id=conversation.id, purpose=purpose.value, code_hash=_hash(code),
                         expires_at=datetime.now(UTC) + VALID))
    session.flush()
    return code


def link_of_chat(store: Store, *, token: str, purpose: Purpose) -> str:
    """The code of a new link to the chat of ``token``. Raises SessionUnknown, TooManyLinks."""
    with store.transaction() as session:
        return make_link(session, conversation_of_token(session, token), purpose)


def is_open(store: Store, code: str) -> bool:
    """Whether the link may still be used; nothing is used up by asking."""
    with store.reading() as session:
        return session.scalar(select(ChatLink.id).where(_usable(code))) is not None


def use_link(store: Store, code: str, *, hours: int) -> Opened:
    """Uses the link up; a chat's begins a session of ``hours``. Raises LinkSpent."""
    with store.transaction() as session:
        used = update(ChatLink).where(_usable(code)).values(used_at=datetime.now(UTC))
        row = session.execute(used.returning(ChatLink.conversation_id, ChatLink.purpose)).first()
        if row is None:
            raise LinkSpent
        conversation = session.get_one(Conversation, row.conversation_id)
        if conversation.status == WRONG_PERSON:  # the phone that asked turned out to be somebody else's
            raise LinkSpent
        purpose = Purpose(row.purpose)
        chat = new_session(session, conversation, hours=hours) if purpose is Purpose.CHAT else None
        return Opened(purpose, conversation.id, chat)


def session_of_cookie(store: Store, *, token: str, hours: int) -> ChatOpened:
    """A session of its own in exchange for the one a cookie held, which is closed. Raises SessionUnknown."""
    with store.transaction() as session:
        return new_session(session, end_session(session, token), hours=hours)


def _usable(code: str) -> ColumnElement[bool]:
    return and_(ChatLink.code_hash == _hash(code), ChatLink.used_at.is_(None), ChatLink.expires_at > datetime.now(UTC))


def _hash(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).digest()
