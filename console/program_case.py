"""Reads of a case what somebody may see who is limited to a program: what the program's packet tells, and the program's referral.

No transcript, no other answers, no other referrals. Nothing that is not shown is read, but for answers, whose values are
encrypted: they are opened to find what the packet tells, and dropped.
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from console.case import Case, ItemAnswers, staff_names
from console.order import flags_in_order
from console.wrong_numbers import Numbers, numbers_of
from intake.rules.interview import YES, Kind
from intake.rules.triage import AnswerValue
from intake.store.connection import Store
from intake.store.models import Answer, Concern, Consent, Conversation, Flag, Referral
from intake.usecases.casework import CaseUnknown
from intake.usecases.discretion import discretion
from intake.usecases.own_contact import family_as_told
from intake.usecases.sight import Sight


def read_program_case(store: Store, conversation_id: UUID, sight: Sight) -> Case:
    """The case of a conversation as a program sees it; raises CaseUnknown when it is out of ``sight``."""
    with store.reading() as session:
        people = [joinedload(Conversation.family), joinedload(Conversation.child)]
        conversation = session.scalar(
            select(Conversation).where(Conversation.id == conversation_id, sight.conversations()).options(*people)
        )
        if conversation is None:
            raise CaseUnknown("no such conversation")
        referrals = _referrals(session, conversation_id, sight)
        case = Case(
            conversation=conversation,
            family=conversation.family,
            child=conversation.child,
            messages=(),
            answers=_answers(session, conversation_id),
            concerns=_concerns(session, conversation_id),
            consents=_consents(session, referrals),
            flags=_flags(session, conversation_id, sight),
            referrals=referrals,
            staff_names=staff_names(session, referrals),
            numbers=numbers_of(session, conversation),
            discretion=discretion(session, conversation_id),
        )
    return _as_told(store, case)


def _as_told(store: Store, case: Case) -> Case:
    """The case with the contact told in it: the family's yes counts for that, not for what another talk of a merged family told.

    A number told here that was found wrong stays wrong, whatever was entered for the family since.
    """
    family, numbers = family_as_told(store, case.conversation), case.numbers
    if family.phone != case.family.phone:
        found = (*filter(None, [numbers.wrong]), *numbers.earlier)
        wrong = next((number for number in found if number.phone == family.phone), None)
        numbers = Numbers(wrong, tuple(number for number in found if number is not wrong), numbers.mark)
    return replace(case, family=family, numbers=numbers)


def _referrals(session: Session, conversation_id: UUID, sight: Sight) -> tuple[Referral, ...]:
    query = (
        select(Referral)
        .where(Referral.conversation_id == conversation_id, sight.referrals())
        .options(selectinload(Referral.moves))
        .order_by(Referral.created_at, Referral.program_id)
    )
    return tuple(session.scalars(query))


def _answers(session: Session, conversation_id: UUID) -> tuple[ItemAnswers, ...]:
    query = (
        select(Answer)
        .where(Answer.conversation_id == conversation_id, Answer.replaced_at.is_(None))
        .order_by(Answer.created_at, Answer.id)
    )
    return tuple(ItemAnswers(row.item, row, ()) for row in session.scalars(query) if _is_told(row))


def _is_told(answer: Answer) -> bool:
    return answer.value == AnswerValue.NOT_YET or (answer.item == Kind.LOST_SKILLS and answer.value == YES)


def _concerns(session: Session, conversation_id: UUID) -> tuple[Concern, ...]:
    query = (
        select(Concern)
        .where(Concern.conversation_id == conversation_id, Concern.withdrawn_at.is_(None))
        .order_by(Concern.created_at, Concern.domain)
    )
    return tuple(session.scalars(query))


def _consents(session: Session, referrals: tuple[Referral, ...]) -> tuple[Consent, ...]:
    ids = [referral.consent_id for referral in referrals]
    return tuple(session.scalars(select(Consent).where(Consent.id.in_(ids)).order_by(Consent.at)))


def _flags(session: Session, conversation_id: UUID, sight: Sight) -> tuple[Flag, ...]:
    query = (
        select(Flag)
        .where(Flag.conversation_id == conversation_id, Flag.cleared_at.is_(None), sight.flags())
        .order_by(*flags_in_order())
    )
    return tuple(session.scalars(query))
