"""The tables: family, child, conversation, message, answer, concern, flag, consent, referral, and who did what.

Every column that tells something about a family is encrypted; the rest are ids, codes, times and counts, so that queues and
reports never need a key. ``kept`` in a table's comment says how long its rows are wanted.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from intake.store.base import Base as Base
from intake.store.base import new_id as _id
from intake.store.base import now as _now
from intake.store.base import time as _time
from intake.store.calls import Call as Call
from intake.store.case_notes import CaseNote as CaseNote
from intake.store.chats import ChatLink as ChatLink
from intake.store.chats import ChatSession as ChatSession
from intake.store.desk import Audit as Audit
from intake.store.desk import Role as Role
from intake.store.desk import Staff as Staff
from intake.store.desk import StaffLink as StaffLink
from intake.store.desk import StaffText as StaffText
from intake.store.desk import staff_role as staff_role
from intake.store.encryption import Encrypted, EncryptedDate, EncryptedJson
from intake.store.exports import Export as Export
from intake.store.looking_after import CaseViewing as CaseViewing
from intake.store.looking_after import HandOverNote as HandOverNote
from intake.store.looking_after import SavedView as SavedView
from intake.store.name_index import keep_name_marks
from intake.store.one_family import FamilyApart as FamilyApart
from intake.store.one_family import FamilyMerge as FamilyMerge
from intake.store.safety import DangerTold as DangerTold
from intake.store.safety import StaffPage as StaffPage
from intake.store.security_keys import StaffChallenge as StaffChallenge
from intake.store.security_keys import StaffWebauthn as StaffWebauthn
from intake.store.single_sign_on import StaffIdentity as StaffIdentity
from intake.store.texting import Alarm as Alarm
from intake.store.texting import DailySpend as DailySpend
from intake.store.texting import DeliveryReceipt as DeliveryReceipt
from intake.store.texting import Outreach as Outreach
from intake.store.texting import SystemTraffic as SystemTraffic
from intake.store.texting import Watermark as Watermark
from intake.store.visibility import PracticeCase as PracticeCase
from intake.store.visibility import StaffProgram as StaffProgram
from intake.store.wrong_numbers import WrongNumber as WrongNumber


class Family(Base):
    """A family and how to reach it. ``merged_into`` is the family it was found to be, which has its conversations since. A
    made-up one (``practice``) is never found by a phone. kept: with its referral.
    """

    __tablename__ = "family"
    __table_args__ = (
        Index("ix_family_contact_name_marks", "contact_name_marks", postgresql_using="gin"),
        UniqueConstraint("id", "practice"),
        CheckConstraint("not practice or phone_index is null", name="practice_is_not_found"),
    )

    id: Mapped[UUID] = _id()
    created_at: Mapped[datetime] = _now()
    language: Mapped[str] = mapped_column(String(2), default="en")
    relation: Mapped[str | None] = mapped_column(String(24))
    contact_name: Mapped[str | None] = mapped_column(Encrypted("family.contact_name"))
    contact_name_marks: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    phone: Mapped[str | None] = mapped_column(Encrypted("family.phone"))
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    best_time: Mapped[str | None] = mapped_column(Encrypted("family.best_time"))
    place: Mapped[str | None] = mapped_column(Encrypted("family.place"))
    doctor: Mapped[str | None] = mapped_column(Encrypted("family.doctor"))
    insurance: Mapped[str | None] = mapped_column(Encrypted("family.insurance"))
    heard_from: Mapped[str | None] = mapped_column(Encrypted("family.heard_from"))
    race_ethnicity: Mapped[str | None] = mapped_column(Encrypted("family.race_ethnicity"))
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("family.id"), index=True)
    practice: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    children: Mapped[list[Child]] = relationship(back_populates="family")


class Child(Base):
    """A child somebody wrote about. ``birth_is_exact`` is false when only an age was told; ``same_as`` is the row of the same
    child in the family that this one was merged into. kept: with its family.
    """

    __tablename__ = "child"
    __table_args__ = (Index("ix_child_name_marks", "name_marks", postgresql_using="gin"),)

    id: Mapped[UUID] = _id()
    family_id: Mapped[UUID] = mapped_column(ForeignKey("family.id"), index=True)
    created_at: Mapped[datetime] = _now()
    name: Mapped[str | None] = mapped_column(Encrypted("child.name"))
    name_marks: Mapped[list[int] | None] = mapped_column(ARRAY(Integer))
    birth_date: Mapped[date | None] = mapped_column(EncryptedDate("child.birth_date"))
    birth_is_exact: Mapped[bool] = mapped_column(Boolean, default=True)
    weeks_early: Mapped[int | None] = mapped_column(Integer)
    same_as: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"), index=True)
    family: Mapped[Family] = relationship(back_populates="children")


keep_name_marks(Family, "contact_name", "contact_name_marks")
keep_name_marks(Child, "name", "name_marks")


class Conversation(Base):
    """One family's thread on one channel. ``phone`` is the one its texts go to, which need not be the one to call.

    ``staff_id`` writes with the family now, while the agent is silent; ``assignee_id`` looks after the case.

    The checklist is that of the day it began, or of ``checked_on``, when the family came back for the next one.

    ``asked_for`` is set in one that only asks a phone whether the chat of another conversation goes on there. ``practice`` is
    one with a made-up family: it has no phone, so nothing can leave (``intake.usecases.practice``). ``referred_from`` is the
    case of somebody else who referred this child, once the parent writes here (``intake.usecases.referred``).

    kept: 30 days unfinished, else with its referral.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        CheckConstraint("channel in ('sms', 'web', 'shell', 'phone')", name="channel_known"),
        CheckConstraint("urgency in ('none', 'standard', 'urgent', 'emergency')", name="urgency_known"),
        CheckConstraint("not practice or (phone is null and phone_index is null and asked_for is null)",
                        name="practice_never_sends"),
        ForeignKeyConstraint(["family_id", "practice"], ["family.id", "family.practice"], name="fk_conversation_family_practice"),
        Index("ix_conversation_queue", "flagged", "urgency", "flagged_at"),
    )

    id: Mapped[UUID] = _id()
    public_id: Mapped[str] = mapped_column(String(64), unique=True)
    family_id: Mapped[UUID] = mapped_column(ForeignKey("family.id"), index=True)
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(2), default="en")
    phone: Mapped[str | None] = mapped_column(Encrypted("conversation.phone"))
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    status: Mapped[str] = mapped_column(String(16), default="open")
    expects_kind: Mapped[str | None] = mapped_column(String(24))
    expects_id: Mapped[str | None] = mapped_column(String(80))
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    started_at: Mapped[datetime] = _now()
    last_inbound_at: Mapped[datetime | None] = _time()
    flagged: Mapped[bool] = mapped_column(Boolean, default=False)
    flagged_at: Mapped[datetime | None] = _time()
    urgency: Mapped[str] = mapped_column(String(12), default="none")
    receipt_number: Mapped[str | None] = mapped_column(String(16), unique=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    introduced_at: Mapped[datetime | None] = _time()
    finished_at: Mapped[datetime | None] = _time()
    checked_on: Mapped[date | None] = mapped_column(Date)
    asked_for: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    referred_from: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    practice: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    family: Mapped[Family] = relationship(primaryjoin="Conversation.family_id == Family.id", foreign_keys=family_id)
    child: Mapped[Child | None] = relationship()


class Message(Base):
    """Everything said, both ways. ``text`` is cleaned; ``original`` is what came, where cleaning took something away.

    ``provider_id`` makes an inbound message unique, (in_reply_to, position) a reply.

    Inbound states: received, done, suppressed (opted out), silent (kept, not answered: a flood, a robot), dead. One that
    was read together with an older one names it in ``read_with``. Outbound: queued, sending, sent, delivered, undelivered,
    failed, canceled, unknown; web messages are ``delivered`` when stored, for the browser fetches them. ``attempted_at`` is
    when the last try to send began, ``unclear_since`` when a send was first left without an answer; ``resend_of`` names the
    text that did not arrive; ``purpose`` is None for an ordinary reply. kept: with its conversation.
    """

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "seq"),
        UniqueConstraint("in_reply_to", "position"),
        Index("ix_message_outbox", "state", "created_at",
              postgresql_where=text("direction = 'outbound' and state in ('queued', 'sending', 'sent')")),
        CheckConstraint("direction in ('inbound', 'outbound')", name="direction_known"),
        CheckConstraint("speaker in ('you', 'bot', 'staff', 'system')", name="speaker_known"),
        Index("ix_message_open", "conversation_id", "seq", postgresql_where=text("direction = 'inbound' and state = 'received'")),
    )

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int] = mapped_column(BigInteger)
    direction: Mapped[str] = mapped_column(String(8))
    speaker: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Encrypted("message.text"))
    original: Mapped[str | None] = mapped_column(Encrypted("message.original"))
    language: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime] = _now()
    state: Mapped[str] = mapped_column(String(12))
    provider_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    media_count: Mapped[int] = mapped_column(Integer, default=0)
    in_reply_to: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    position: Mapped[int | None] = mapped_column(Integer)
    payload: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("message.payload"))
    context: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("message.context"))
    understood: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJson("message.understood"))
    tries: Mapped[int] = mapped_column(Integer, default=0)
    twilio_sid: Mapped[str | None] = mapped_column(String(40), index=True)
    error_code: Mapped[str | None] = mapped_column(String(24))
    segments: Mapped[int | None] = mapped_column(Integer)
    encoding: Mapped[str | None] = mapped_column(String(8))
    sent_at: Mapped[datetime | None] = _time()
    done_at: Mapped[datetime | None] = _time()
    opt_out_type: Mapped[str | None] = mapped_column(String(8))
    read_with: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"), index=True)
    purpose: Mapped[str | None] = mapped_column(String(24))
    resend_of: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"), unique=True)
    attempted_at: Mapped[datetime | None] = _time()
    unclear_since: Mapped[datetime | None] = _time()


class Turn(Base):
    """The receipt of a turn: written in the same transaction as its effects, so a repeated turn only reads it."""

    __tablename__ = "turn"

    message_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    step: Mapped[str] = mapped_column(String(48))
    outcome: Mapped[dict[str, Any]] = mapped_column(EncryptedJson("turn.outcome"))
    committed_at: Mapped[datetime] = _now()


class Answer(Base):
    """An answer to one item of the conversation; a later answer replaces it but never erases it. ``asked_in`` is the message
    of ours that asked for it; None when it was told unasked, and for rows from before this was kept. kept: with its child."""

    __tablename__ = "answer"
    __table_args__ = (
        Index("uq_answer_current", "conversation_id", "item", unique=True, postgresql_where=text("replaced_at is null")),
    )

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"))
    item: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(Encrypted("answer.value"))
    own_words: Mapped[str | None] = mapped_column(Encrypted("answer.own_words"))
    wording_version: Mapped[int | None] = mapped_column(Integer)
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    asked_in: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    created_at: Mapped[datetime] = _now()
    replaced_at: Mapped[datetime | None] = _time()
    replaced_by: Mapped[UUID | None] = mapped_column(ForeignKey("answer.id"))


class Concern(Base):
    """A worry in the parent's own words with its coded domain; staff may correct the code, never the words."""

    __tablename__ = "concern"

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"))
    domain: Mapped[str | None] = mapped_column(String(32))
    words: Mapped[str] = mapped_column(Encrypted("concern.words"))
    coded_by: Mapped[str] = mapped_column(String(12), default="agent")
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    created_at: Mapped[datetime] = _now()
    withdrawn_at: Mapped[datetime | None] = _time()


class Flag(Base):
    """One reason why staff should look: its code, the rule, the item, and the very message that raised it."""

    __tablename__ = "flag"
    __table_args__ = (
        Index("uq_flag_open", "conversation_id", "code", text("coalesce(item, '')"), unique=True,
              postgresql_where=text("cleared_at is null")),
        Index("ix_flag_raised", "raised_at", "conversation_id"),
        Index("ix_flag_cleared", "cleared_at", "conversation_id", postgresql_where=text("cleared_at is not null")),
    )

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"), index=True)
    code: Mapped[str] = mapped_column(String(32))
    item: Mapped[str | None] = mapped_column(String(80))
    rule: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(12))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    raised_at: Mapped[datetime] = _now()
    cleared_at: Mapped[datetime | None] = _time()
    cleared_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    cleared_because: Mapped[str | None] = mapped_column(String(24))


class Consent(Base):
    """What a family agreed to or refused, in which words shown, when, by which message. Append-only. kept: always."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_refused", "conversation_id", postgresql_where=text("not given")),)

    id: Mapped[UUID] = _id()
    family_id: Mapped[UUID | None] = mapped_column(ForeignKey("family.id"), index=True)
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    given: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[str] = mapped_column(String(8))
    words_shown: Mapped[str] = mapped_column(String(64))
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    at: Mapped[datetime] = _now()


class Suppression(Base):
    """A phone that must get no text. ``lifted_at`` is set only by the person's own START. kept: always."""

    __tablename__ = "suppression"
    __table_args__ = (
        Index("uq_suppression_open", "phone_index", unique=True, postgresql_where=text("lifted_at is null")),
    )

    id: Mapped[UUID] = _id()
    phone_index: Mapped[bytes] = mapped_column(LargeBinary)
    reason: Mapped[str] = mapped_column(String(24))
    message_id: Mapped[UUID | None] = mapped_column(ForeignKey("message.id"))
    since: Mapped[datetime] = _now()
    lifted_at: Mapped[datetime | None] = _time()


class Referral(Base):
    """A family's way to one program; moves are kept in referral_move. kept: 24 months by default."""

    __tablename__ = "referral"
    __table_args__ = (UniqueConstraint("conversation_id", "program_id"), Index("ix_referral_created_at", "created_at"))

    id: Mapped[UUID] = _id()
    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    child_id: Mapped[UUID | None] = mapped_column(ForeignKey("child.id"))
    program_id: Mapped[str] = mapped_column(String(48))
    reason_rule: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(24))
    consent_id: Mapped[UUID | None] = mapped_column(ForeignKey("consent.id"))
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = _now()
    status_at: Mapped[datetime] = _now()
    moves: Mapped[list[ReferralMove]] = relationship(order_by="ReferralMove.at")


class ReferralMove(Base):
    """One step of a referral: from which status to which, who, who told them, when, and the barrier or gap that explains it."""

    __tablename__ = "referral_move"
    __table_args__ = (
        CheckConstraint("source in ('family', 'program', 'staff', 'agent')", name="source_known"),
        CheckConstraint("barrier is null or gap is null", name="one_reason"),
        Index("ix_referral_move_connected", "at", "referral_id", postgresql_where=text("to_status = 'connected'")),
    )

    id: Mapped[UUID] = _id()
    referral_id: Mapped[UUID] = mapped_column(ForeignKey("referral.id"), index=True)
    from_status: Mapped[str | None] = mapped_column(String(24))
    to_status: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(8))
    barrier: Mapped[str | None] = mapped_column(String(32))
    gap: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(Encrypted("referral_move.note"))
    at: Mapped[datetime] = _now()
