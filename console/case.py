"""Reads one case whole: family, child, transcript, answers with those they replaced, concerns, consents,
flags, referrals.

The number of queries does not grow with the conversation. The caller has written the look into the audit
trail before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from console.order import flags_in_order
from console.wrong_numbers import Numbers, numbers_of
from intake.rules.referral import NOT_TO_HAND_ON
from intake.store.connection import Store
from intake.store.models import (
    Answer,
    Child,
    Concern,
    Consent,
    Conversation,
    Family,
    Flag,
    Message,
    Referral,
    Staff,
)
from intake.usecases.asked import message_that_asked
from intake.usecases.casework import CaseUnknown
from intake.usecases.consent_words import shares_nothing
from intake.usecases.discretion import Discretion, discretion
from intake.usecases.receiving import OPENING

_STAFF = "staff:"


@dataclass(frozen=True)
class ItemAnswers:
    """All that was answered to one item: ``current`` (None when it was withdrawn) and what it replaced,
    newest first.
    """

    item: str
    current: Answer | None
    replaced: tuple[Answer, ...]


@dataclass(frozen=True)
class ToldWorry:
    """The worry of one message: the parent's ``words``, the rows that stand and those that were withdrawn."""

    message_id: UUID
    words: str
    standing: tuple[Concern, ...]
    withdrawn: tuple[Concern, ...]

    @property
    def domains(self) -> list[str]:
        """The domains it is sorted under now."""
        return sorted(row.domain for row in self.standing if row.domain)


@dataclass(frozen=True)
class Case:
    """Everything the case page shows; rows of the store, for reading only."""

    conversation: Conversation
    family: Family
    child: Child | None
    messages: tuple[Message, ...]
    answers: tuple[ItemAnswers, ...]
    concerns: tuple[Concern, ...]
    consents: tuple[Consent, ...]
    flags: tuple[Flag, ...]
    referrals: tuple[Referral, ...]
    staff_names: dict[str, str]
    numbers: Numbers
    discretion: Discretion | None = None

    @property
    def worries(self) -> tuple[ToldWorry, ...]:
        """The worries, one for each message that told any, in the order they were told."""
        by_message: dict[UUID, list[Concern]] = {}
        for row in self.concerns:
            by_message.setdefault(row.message_id, []).append(row)
        return tuple(
            ToldWorry(
                message_id,
                rows[0].words,
                tuple(row for row in rows if row.withdrawn_at is None),
                tuple(row for row in rows if row.withdrawn_at is not None),
            )
            for message_id, rows in by_message.items()
        )

    @property
    def standing(self) -> dict[str, str]:
        """The values that stand, by item."""
        return {group.item: group.current.value for group in self.answers if group.current is not None}

    def message(self, message_id: UUID | None) -> Message | None:
        """One message of this conversation."""
        return next((message for message in self.messages if message.id == message_id), None)

    def asked(self, answer: Answer) -> Message | None:
        """The message of ours that asked for ``answer``, worked out where it was not kept; None when it was told unasked."""
        if answer.asked_in is not None:
            return self.message(answer.asked_in)
        told = self.message(answer.message_id)
        return message_that_asked(self.messages, answer.item, told.seq) if told is not None else None

    def may_be_handed_on(self, referral: Referral) -> bool:
        """Whether there is a packet for its program: not for a way that the family goes by itself, of which nothing is shared."""
        own = next((consent for consent in self.consents if consent.id == referral.consent_id), None)
        return referral.status not in NOT_TO_HAND_ON and not shares_nothing(own)

    def referral(self, referral_id: UUID) -> Referral | None:
        """One referral of this conversation."""
        return next((referral for referral in self.referrals if referral.id == referral_id), None)


def read_case(store: Store, conversation_id: UUID) -> Case:
    """The case of a conversation; raises CaseUnknown."""
    with store.reading() as session:
        conversation = session.get(
            Conversation,
            conversation_id,
            options=[joinedload(Conversation.family), joinedload(Conversation.child)],
        )
        if conversation is None:
            raise CaseUnknown("no such conversation")
        referrals = _referrals(session, conversation_id)
        return Case(
            conversation,
            conversation.family,
            conversation.child,
            messages_of(session, conversation_id),
            group_answers(_answers(session, conversation_id)),
            _concerns(session, conversation_id),
            _consents(session, conversation_id),
            _flags(session, conversation_id),
            referrals,
            staff_names(session, referrals),
            numbers_of(session, conversation),
            discretion(session, conversation_id),
        )


def group_answers(answers: Iterable[Answer]) -> tuple[ItemAnswers, ...]:
    """Answers in the order given, by item in the order first answered."""
    by_item: dict[str, list[Answer]] = {}
    for answer in answers:
        by_item.setdefault(answer.item, []).append(answer)
    return tuple(_item_answers(item, rows) for item, rows in by_item.items())


def _item_answers(item: str, rows: list[Answer]) -> ItemAnswers:
    current = next((row for row in rows if row.replaced_at is None), None)
    return ItemAnswers(item, current, tuple(row for row in reversed(rows) if row.replaced_at is not None))


def messages_of(session: Session, conversation_id: UUID) -> tuple[Message, ...]:
    """Everything said in a conversation, in order, without the unwritten first message of a web chat."""
    written = Message.provider_id.is_(None) | ~Message.provider_id.startswith(OPENING)
    query = select(Message).where(Message.conversation_id == conversation_id, written).order_by(Message.seq)
    return tuple(session.scalars(query))


def _answers(session: Session, conversation_id: UUID) -> tuple[Answer, ...]:
    query = (
        select(Answer).where(Answer.conversation_id == conversation_id).order_by(Answer.created_at, Answer.id)
    )
    return tuple(session.scalars(query))


def _concerns(session: Session, conversation_id: UUID) -> tuple[Concern, ...]:
    query = (
        select(Concern)
        .where(Concern.conversation_id == conversation_id)
        .order_by(Concern.created_at, Concern.domain)
    )
    return tuple(session.scalars(query))


def _consents(session: Session, conversation_id: UUID) -> tuple[Consent, ...]:
    return tuple(
        session.scalars(
            select(Consent).where(Consent.conversation_id == conversation_id).order_by(Consent.at)
        )
    )


def _flags(session: Session, conversation_id: UUID) -> tuple[Flag, ...]:
    query = select(Flag).where(Flag.conversation_id == conversation_id).order_by(*flags_in_order())
    return tuple(session.scalars(query))


def _referrals(session: Session, conversation_id: UUID) -> tuple[Referral, ...]:
    query = (
        select(Referral)
        .where(Referral.conversation_id == conversation_id)
        .options(selectinload(Referral.moves))
        .order_by(Referral.created_at, Referral.program_id)
    )
    return tuple(session.scalars(query))


def staff_names(session: Session, referrals: tuple[Referral, ...]) -> dict[str, str]:
    """The names behind "staff:ID" of those who moved a referral."""
    actors = {
        move.actor for referral in referrals for move in referral.moves if move.actor.startswith(_STAFF)
    }
    ids = [int(actor.removeprefix(_STAFF)) for actor in actors]
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {f"{_STAFF}{staff_id}": name for staff_id, name in rows}
