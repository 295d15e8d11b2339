"""Fills a database with made-up conversations for ``bench.console``: COPY, and a handful of sealed values used again.

Opening a sealed value costs the same whether it stands in the database once or a million times, so a few of each are enough.
Every conversation has 50 messages; every twentieth is flagged, every third has a referral.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from intake.rules.phones import is_person
from intake.store.connection import Store
from intake.store.name_index import name_marks

MESSAGES = 50
FLAGGED_EVERY, REFERRED_EVERY = 20, 3
_AT_ONCE = 1_000  # conversations
NAMES = ("Mateo", "Sofia", "Jayden", "Ana Lucía", "Noah", "Camila", "Liam", "Valentina", "Amara", "Ines")
CONTACTS = ("Rosa Delgado", "Maria Ortiz", "James Brown", "Keisha Jones", "Minh Tran")
LINES = ("he only says two words", "no me contesta cuando le hablo", "she stopped waving bye", "not yet", "yes", "12 months")
URGENCIES = ("standard", "standard", "standard", "urgent", "emergency")
PROGRAM = "birth_to_three"
CODES = {"standard": ("worry", "language_communication"), "urgent": ("lost_skill", None), "emergency": ("safety", "seizure")}
_AREAS = [code for code in range(201, 990) if is_person(f"+1{code}5550100")]

# The columns of each table and their types, in the order rows are written.
TABLES = {
    "family": "id:uuid language:varchar relation:varchar contact_name:bytea contact_name_marks:int4[] phone:bytea "
              "phone_index:bytea place:bytea",
    "child": "id:uuid family_id:uuid name:bytea name_marks:int4[] birth_date:bytea birth_is_exact:bool",
    "conversation": "id:uuid public_id:varchar family_id:uuid child_id:uuid channel:varchar language:varchar phone_index:bytea "
                    "status:varchar last_seq:int8 started_at:timestamptz flagged:bool flagged_at:timestamptz urgency:varchar "
                    "receipt_number:varchar",
    "message": "id:uuid conversation_id:uuid seq:int8 direction:varchar speaker:varchar text:bytea language:varchar "
               "created_at:timestamptz state:varchar media_count:int4 tries:int4",
    "answer": "id:uuid conversation_id:uuid child_id:uuid item:varchar value:bytea own_words:bytea message_id:uuid",
    "concern": "id:uuid conversation_id:uuid child_id:uuid domain:varchar words:bytea coded_by:varchar message_id:uuid",
    "flag": "id:uuid conversation_id:uuid code:varchar item:varchar rule:varchar urgency:varchar message_id:uuid",
    "consent": "id:uuid family_id:uuid conversation_id:uuid kind:varchar given:bool source:varchar words_shown:varchar "
               "message_id:uuid",
    "referral": "id:uuid conversation_id:uuid child_id:uuid program_id:varchar reason_rule:varchar status:varchar version:int4 "
                "consent_id:uuid",
}


@dataclass
class Seeded:
    """What a bench may ask for."""

    flagged: list[UUID] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    phones: list[str] = field(default_factory=list)
    of_program: list[UUID] = field(default_factory=list)  # flagged, with a yes to a referral to PROGRAM


def seed(store: Store, conversations: int, first: int = 0) -> Seeded:
    """Adds ``conversations`` conversations, numbered from ``first`` on, and lets the planner look at them."""
    made, values = Seeded(), _Values(store)
    url = store.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # rows are made whole here; no key need be looked up
        for start in range(first, first + conversations, _AT_ONCE):
            rows: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
            for number in range(start, min(start + _AT_ONCE, first + conversations)):
                for table, row in _conversation(values, number, made):
                    rows[table].append(row)
            _copy(connection, rows)
        connection.execute("vacuum analyze")
    return made


def _copy(connection: psycopg.Connection[Any], rows: dict[str, list[tuple[Any, ...]]]) -> None:
    with connection.transaction():
        for table, columns in TABLES.items():
            names, types = zip(*(column.split(":") for column in columns.split()), strict=True)
            command = f"copy {table} ({', '.join(names)}) from stdin (format binary)"
            with connection.cursor().copy(command) as copy:
                copy.set_types(types)
                for row in rows[table]:
                    copy.write_row(row)


class _Values:
    """Sealed values of each encrypted column, made once, and the marks that belong to them."""

    def __init__(self, store: Store) -> None:
        self._keys, self.now = store.keys, datetime.now(UTC)
        self.children = [(self._sealed("child.name", name), name_marks(store.keys, name)) for name in NAMES]
        self.contacts = [(self._sealed("family.contact_name", name), name_marks(store.keys, name)) for name in CONTACTS]
        self.lines = [self._sealed("message.text", line) for line in LINES]
        self.births = [self._sealed("child.birth_date", f"2025-{month:02d}-04") for month in range(1, 13)]
        self.place, self.phone = self._sealed("family.place", "06106"), self._sealed("family.phone", "+18605550142")
        self.answer, self.words = self._sealed("answer.value", "not_yet"), self._sealed("answer.own_words", LINES[3])
        self.worry = self._sealed("concern.words", LINES[0])

    def _sealed(self, place: str, plain: str) -> bytes:
        return self._keys.seal(plain.encode(), place)

    def index(self, phone: str) -> bytes:
        """Where a phone is found."""
        return self._keys.phone_index(phone)


def _phone(number: int) -> str:
    return f"+1{_AREAS[number // 100 % len(_AREAS)]}55501{number % 100:02d}"


def _conversation(values: _Values, number: int, made: Seeded) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """The rows of one conversation, by table."""
    family, child, conversation = uuid4(), uuid4(), uuid4()
    messages = [uuid4() for _ in range(MESSAGES)]
    flagged, urgency = number % FLAGGED_EVERY == 0, URGENCIES[number // FLAGGED_EVERY % len(URGENCIES)]
    phone, receipt, language = _phone(number), f"HMG-{number:06d}", "es" if number % 3 == 0 else "en"
    begun = values.now - timedelta(minutes=7 * number % 60_000 + 50)
    index = values.index(phone)
    yield "family", (family, language, "parent", *values.contacts[number % len(CONTACTS)], values.phone, index, values.place)
    yield "child", (child, family, *values.children[number // 7 % len(NAMES)], values.births[number % 12], True)
    yield "conversation", (conversation, uuid4().hex, family, child, "web" if number % 4 == 0 else "sms", language, index, "open",
                           MESSAGES, begun, flagged, begun if flagged else None, urgency if flagged else "none", receipt)
    for seq, message in enumerate(messages, 1):
        inbound = seq % 2 == 0
        yield "message", (message, conversation, seq, *(("inbound", "you") if inbound else ("outbound", "bot")),
                          values.lines[(number + seq) % len(LINES)], language, begun + timedelta(seconds=40 * seq),
                          "done" if inbound else "delivered", 0, 0)
    for milestone in range(10):
        item = f"m18.item_{milestone}"
        yield "answer", (uuid4(), conversation, child, item, values.answer, values.words, messages[2 * milestone])
    yield "concern", (uuid4(), conversation, child, "language_communication", values.worry, "agent", messages[1])
    consent, referred = uuid4(), number % REFERRED_EVERY == 0
    yield "consent", (consent, family, conversation, "contact", True, "sms", "introduction-1", messages[3])
    if referred:
        yield "referral", (uuid4(), conversation, child, PROGRAM, "R1", "ready", 1, consent)
    if flagged:
        code, item = CODES[urgency]
        yield "flag", (uuid4(), conversation, code, item, "T2", urgency, messages[1])
        yield "flag", (uuid4(), conversation, "not_yet", "m18.item_1", "T1", "standard", messages[3])
        made.flagged.append(conversation)
        made.of_program += [conversation] if referred else []
    made.receipts.append(receipt)
    made.phones.append(phone)
