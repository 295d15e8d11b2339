"""A made-up family that answers whatever question is open, in its language and by its channel, through the real programs."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from people import Parent, Phone, WebVisitor
from sqlalchemy import select

from growline.system import System
from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import Conversation, Message
from intake.usecases.danger import AFTER_SAFETY
from tests.matrix.tables import Channel, Child, Language

PATIENCE_SECONDS = 60.0  # many families write at once on two cores
LOOK_SECONDS = 0.2
MOST_ANSWERS = 60
SKIP = {"en": "skip", "es": "saltar"}
SAFE_NOW = {"en": "yes he is safe now", "es": "si ya esta a salvo"}
NOT_NOW = {"en": "no, that was last month", "es": "no, eso fue el mes pasado"}
GO = {"en": "go", "es": "siga"}
YES = {"en": "yes", "es": "si"}
NO = {"en": "no", "es": "no"}
PLAIN_ANSWERS: dict[str, dict[Language, str]] = {
    Kind.CONSENT: {"en": "yes", "es": "si"},
    Kind.RELATION: {"en": "im the mom", "es": "soy la mama"},
    Kind.CHILD_NAME: {"en": "Leo", "es": "Leo"},
    Kind.EARLY_BIRTH: NO,
    Kind.LOST_SKILLS: NO,
    Kind.MILESTONE: YES,
    Kind.CONFIRM_ANSWERS: YES,
    Kind.CONTACT_NAME: {"en": "Rosa", "es": "Rosa"},
    Kind.BEST_TIME: {"en": "evenings", "es": "en la tarde"},
    Kind.NEEDS_MET: YES,
}


@dataclass
class Texter:
    """A phone that reads all texts of an answer: it waits until nothing of its conversation is on its way any more."""

    phone: Phone
    store: Store

    def says(self, text: str) -> str:
        """Texts and returns everything that is answered."""
        before = len(self.phone.received())
        sid = self.phone.sends(text)["sid"]
        wait_until(lambda: self._is_dealt_with(sid), f"no answer to a text came within {PATIENCE_SECONDS:.0f} s")
        return "\n".join(self.phone.received()[before:])

    def _is_dealt_with(self, sid: str) -> bool:
        with self.store.reading() as session:
            asked = session.execute(select(Message.state, Message.conversation_id)
                                    .where(Message.provider_id == f"sms:{sid}")).first()
            if asked is None or asked.state == "received":
                return False
            on_the_way = select(Message.id).where(Message.conversation_id == asked.conversation_id,
                                                  Message.direction == "outbound", Message.state.in_(("queued", "sending")))
            return session.scalar(on_the_way.limit(1)) is None


def wait_until(true: Callable[[], bool], otherwise: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Waits for ``true``; fails with ``otherwise``."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, otherwise
        time.sleep(LOOK_SECONDS)


@dataclass
class Family:
    """One family. ``number`` is its phone: it texts from there, or gives it at the web chat as the number to call."""

    language: Language
    channel: Channel
    parent: Parent
    number: str
    store: Store
    today: date
    child: Child = field(default_factory=Child)
    worry: str | None = None
    place: str | None = None
    wants: str | None = None
    heard: list[str] = field(default_factory=list)
    last: str = ""
    _told_worry: bool = False

    def begins(self) -> None:
        """The first word, or the chat opened."""
        if isinstance(self.parent, WebVisitor):
            self._hears(self.parent.opens())
        else:
            self.says({"en": "hi", "es": "hola buenas"}[self.language])

    def says(self, text: str) -> str:
        """Says ``text``; what is answered is kept."""
        return self._hears(self.parent.says(text))

    def _hears(self, said: str) -> str:
        self.last = said
        self.heard.append(said)
        return said

    @property
    def all_heard(self) -> str:
        """Everything that was said to the family so far."""
        return "\n".join(self.heard)

    def goes_on_until(self, kind: Kind, id_: str | None = None) -> None:
        """Answers until a question of this ``kind`` is open (with that id, where one is asked for)."""
        for _ in range(MOST_ANSWERS):
            open_kind, open_id = self.open_question()
            if open_kind == kind and id_ in (None, open_id):
                return
            self.says(self.answer_to(open_kind, open_id))
        raise AssertionError(f"{kind} was never asked; the last thing said: {self.last}")

    def answer_to(self, kind: str | None, id_: str | None) -> str:
        """What this family answers to the open question."""
        if kind == Kind.BIRTH_DATE:
            return self._birth_in_words()
        if kind == Kind.WORRY:
            return self._worry()
        if kind == Kind.CONTACT_CONSENT:
            return (NO if id_ not in (None, self.wants) else YES)[self.language]
        if kind == Kind.PHONE:
            return YES[self.language] if self.channel == "sms" else self.number.removeprefix("+1")
        if kind == Kind.PLACE and self.place is not None:
            return self.place
        if (kind, id_) == (Kind.FREE, AFTER_SAFETY.id):
            return NOT_NOW[self.language]
        assert kind is not None and kind != Kind.FREE, f"nothing is asked any more; the last thing said: {self.last}"
        return PLAIN_ANSWERS.get(kind, SKIP)[self.language]

    def _birth_in_words(self) -> str:
        born = self.child.birth(self.today)
        if born is None:
            return SKIP[self.language]
        return born.strftime("%m/%d/%Y") if self.language == "en" else in_spanish(born)

    def _worry(self) -> str:
        if self.worry is None or self._told_worry:
            return NO[self.language]
        self._told_worry = True
        return self.worry

    def open_question(self) -> tuple[str | None, str | None]:
        """Kind and id of the question that is open, from the database."""
        row = self.row()
        return row.expects_kind, row.expects_id

    def row(self) -> Conversation:
        """The conversation's row."""
        with self.store.reading() as session:
            if isinstance(self.parent, WebVisitor):
                query = select(Conversation).where(Conversation.public_id == self.parent.conversation)
            else:
                query = select(Conversation).where(Conversation.phone_index == self.store.keys.phone_index(self.number))
            return session.scalars(query.order_by(Conversation.started_at.desc()).limit(1)).one()

    @property
    def conversation(self) -> UUID:
        """The id of its conversation."""
        return self.row().id

    def rows(self, table: Any, *where: Any) -> list[Any]:
        """The rows of this conversation in a table."""
        with self.store.reading() as session:
            return list(session.scalars(select(table).where(table.conversation_id == self.conversation, *where)))


def a_family(system: System, store: Store, today: date, language: Language, channel: Channel, number: str,
             **brings: Any) -> Family:
    """A family that nobody knows yet; ``brings``: its child, its worry and what else the tables say."""
    parent = (Texter(Phone(f"http://127.0.0.1:{system.ports.simulator}", number), store) if channel == "sms"
              else WebVisitor(f"http://127.0.0.1:{system.ports.gateway}", language, seconds=PATIENCE_SECONDS))
    return Family(language, channel, parent, number, store, today, **brings)


MONTHS = ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
          "diciembre")


def in_spanish(day: date) -> str:
    """``day`` as a parent texts it in Spanish."""
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"
