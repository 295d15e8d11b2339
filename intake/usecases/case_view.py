"""A whole case as plain data: what stands in the database, for the operator's command line and for tests.

Looking at a case is a deed of its own and leaves an audit line.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Answer, Concern, Consent, Conversation, Flag, Message, Referral
from intake.usecases.referrers import joined_cases, referrer_in
from intake.usecases.told import current_answers


class CaseUnknown(LookupError):
    """No case has this receipt number, conversation id or phone."""


def view_case(store: Store, *, actor: str, receipt_or_conversation: str | None = None,
              phone: str | None = None) -> dict[str, Any]:
    """The case found by its receipt number, its conversation's public id, or an E.164 ``phone`` (the newest one).

    Raises CaseUnknown. Writes an audit line in the name of ``actor``.
    """
    with store.transaction() as session:
        conversation = _find(session, store, receipt_or_conversation, phone)
        write_audit(session, actor, "case.viewed", "conversation", conversation.id)
        return _as_data(session, conversation)


def cases_of_staff(store: Store) -> list[str]:
    """The public ids of all conversations that staff work with: flagged or referred, oldest first; no made-up one."""
    with store.reading() as session:
        query = select(Conversation.public_id).where(Conversation.flagged | Conversation.receipt_number.is_not(None),
                                                    ~Conversation.practice)
        return list(session.scalars(query.order_by(Conversation.started_at)))


def _find(session: Session, store: Store, name: str | None, phone: str | None) -> Conversation:
    if name is None and phone is None:
        raise CaseUnknown("name a receipt number, a conversation or a phone")
    query = select(Conversation).order_by(Conversation.started_at.desc()).limit(1)
    if phone is not None:
        query = query.where(Conversation.phone_index == store.keys.phone_index(phone))
    else:
        query = query.where((Conversation.receipt_number == name) | (Conversation.public_id == name))
    conversation = session.scalar(query)
    if conversation is None:
        raise CaseUnknown("there is no such case")
    return conversation


def _as_data(session: Session, conversation: Conversation) -> dict[str, Any]:
    child, family = conversation.child, conversation.family
    referrer = referrer_in({item: row.value for item, row in current_answers(session, conversation).items()})
    return {
        "conversation": conversation.public_id, "channel": conversation.channel, "language": conversation.language,
        "status": conversation.status, "receipt": conversation.receipt_number,
        "flagged": conversation.flagged, "urgency": conversation.urgency,
        "expects": {"kind": conversation.expects_kind, "id": conversation.expects_id},
        "reasons": _rows(session, Flag, conversation, _reason, Flag.cleared_at.is_(None)),
        "concerns": _rows(session, Concern, conversation, _concern, Concern.withdrawn_at.is_(None)),
        "answers": _rows(session, Answer, conversation, _answer, Answer.replaced_at.is_(None)),
        "replaced_answers": _rows(session, Answer, conversation, _answer, Answer.replaced_at.is_not(None)),
        "child": None if child is None else {
            "name": child.name, "birth_date": child.birth_date.isoformat() if child.birth_date else None,
            "birth_is_exact": child.birth_is_exact, "weeks_early": child.weeks_early},
        "family": {"relation": family.relation, "contact_name": family.contact_name, "phone": family.phone,
                   "best_time": family.best_time, "place": family.place},
        "referrer": None if referrer is None else asdict(referrer),
        "joined": [case.receipt_number or str(case.conversation_id) for case in joined_cases(session, conversation)],
        "consents": _rows(session, Consent, conversation, _consent),
        "programs": [r["program"] for r in _referrals(session, conversation)],
        "referrals": _referrals(session, conversation),
        "messages": {"inbound": _count(session, conversation, "inbound"), "outbound": _count(session, conversation, "outbound")},
    }


def _reason(flag: Flag) -> dict[str, Any]:
    return {"code": flag.code, "item": flag.item, "rule": flag.rule, "urgency": flag.urgency}


def _concern(concern: Concern) -> dict[str, Any]:
    return {"domain": concern.domain, "words": concern.words, "coded_by": concern.coded_by}


def _consent(consent: Consent) -> dict[str, Any]:
    return {"kind": consent.kind, "given": consent.given, "words_shown": consent.words_shown}


def _answer(answer: Answer) -> dict[str, Any]:
    return {"item": answer.item, "value": answer.value, "own_words": answer.own_words}


def _referrals(session: Session, conversation: Conversation) -> list[dict[str, Any]]:
    return _rows(session, Referral, conversation, lambda r: {"program": r.program_id, "status": r.status, "rule": r.reason_rule})


def _rows(session: Session, table: Any, conversation: Conversation, shape: Any, *where: Any) -> list[dict[str, Any]]:
    order = next(column for name in ("created_at", "raised_at", "at") if (column := getattr(table, name, None)) is not None)
    query = select(table).where(table.conversation_id == conversation.id, *where).order_by(order)
    return [shape(row) for row in session.scalars(query)]


def _count(session: Session, conversation: Conversation, direction: str) -> int:
    query = select(Message.id).where(Message.conversation_id == conversation.id, Message.direction == direction)
    return len(session.scalars(query).all())
