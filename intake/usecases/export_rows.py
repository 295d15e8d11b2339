"""Reads the rows of an export: a referral each, with what its set of columns asks for and nothing more.

With families only those are read who have agreed to be contacted, whose yes stands, and who have not asked for their data to be
deleted. The number of queries is the same for one row and for two thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from intake.rules.age import completed_months
from intake.rules.exporting import ExportColumns, ExportPurpose
from intake.rules.referral import ReferralStatus
from intake.store.models import Child, Concern, Consent, Conversation, Family, Flag, Referral, ReferralMove, WrongNumber
from intake.usecases.family_facts import FACTS
from intake.usecases.own_contact import families_as_told

_NEITHER = (None, None)


@dataclass(frozen=True)
class Wanted:
    """Which referrals are asked for: those made in the days ``from_day`` to ``to_day``, of one program, status and language or
    of all, with which columns, and what for."""

    columns: ExportColumns
    from_day: date
    to_day: date
    purpose: ExportPurpose
    line: str
    program_id: str | None = None
    status: ReferralStatus | None = None
    language: str | None = None


@dataclass(frozen=True)
class FamilyPart:
    """What tells who a family is."""

    number: str | None
    child: str | None
    birth_date: date | None
    contact: str | None
    relation: str | None
    phone: str | None
    best_time: str | None
    place: str | None
    words: tuple[str, ...]


@dataclass(frozen=True)
class ExportRow:
    """One referral of an export; ``family`` is None without names."""

    made: date
    program_id: str
    status: str
    status_since: date
    barrier: str | None
    gap: str | None
    age_months: int | None
    language: str
    channel: str
    urgency: str
    domains: tuple[str, ...]
    family: FamilyPart | None


def count_rows(session: Session, wanted: Wanted, zone: ZoneInfo) -> int:
    """How many rows the export has now."""
    query = select(func.count()).select_from(Referral).join(Conversation, Conversation.id == Referral.conversation_id)
    return session.scalar(query.where(*_conditions(wanted, zone))) or 0


def read_rows(session: Session, wanted: Wanted, zone: ZoneInfo) -> tuple[ExportRow, ...]:
    """The rows as they are now. Without names they are ordered by what they show, so that their order tells nothing more."""
    found = session.execute(_query(wanted, zone)).all()
    cases = {row.conversation_id for row in found}
    concerns, reasons = _concerns(session, cases), _reasons(session, {row.referral_id for row in found})
    contacts = _contacts(session, found) if wanted.columns is ExportColumns.WITH_FAMILIES else {}
    rows = [_row(row, concerns[row.conversation_id], reasons.get(row.referral_id, _NEITHER), contacts, zone) for row in found]
    return tuple(rows if wanted.columns is ExportColumns.WITH_FAMILIES else sorted(rows, key=_shown_order))


def _query(wanted: Wanted, zone: ZoneInfo) -> Any:
    columns: list[Any] = [
        Referral.id.label("referral_id"), Referral.conversation_id, Referral.program_id, Referral.status, Referral.created_at,
        Referral.status_at, Conversation.language, Conversation.channel, Conversation.urgency, Child.birth_date,
    ]
    if wanted.columns is ExportColumns.WITH_FAMILIES:
        columns += [Conversation.receipt_number, Child.name.label("child_name"), Family]
    return (
        select(*columns).select_from(Referral)
        .join(Conversation, Conversation.id == Referral.conversation_id)
        .join(Family, Family.id == Conversation.family_id)
        .outerjoin(Child, Child.id == func.coalesce(Referral.child_id, Conversation.child_id))
        .where(*_conditions(wanted, zone))
        .order_by(Referral.created_at, Referral.id)
    )


def _conditions(wanted: Wanted, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        Referral.created_at >= datetime.combine(wanted.from_day, time(), zone),
        Referral.created_at < datetime.combine(wanted.to_day + timedelta(days=1), time(), zone),
        ~Conversation.practice,
    ]
    if wanted.program_id is not None:
        conditions.append(Referral.program_id == wanted.program_id)
    if wanted.status is not None:
        conditions.append(Referral.status == wanted.status.value)
    if wanted.language is not None:
        conditions.append(Conversation.language == wanted.language)
    if wanted.columns is ExportColumns.WITH_FAMILIES:
        conditions += [_agrees_to_be_contacted(), ~_wants_to_be_forgotten()]
    return conditions


def _agrees_to_be_contacted() -> ColumnElement[bool]:
    newest = (select(Consent.given).where(Consent.conversation_id == Conversation.id, Consent.kind == "contact")
              .order_by(Consent.at.desc()).limit(1).correlate(Conversation).scalar_subquery())
    return func.coalesce(newest, False)


def _wants_to_be_forgotten() -> ColumnElement[bool]:
    return exists().where(Flag.conversation_id == Conversation.id, Flag.code == "delete_data", Flag.cleared_at.is_(None))


def _concerns(session: Session, cases: set[UUID]) -> Mapping[UUID, list[Concern]]:
    query = (select(Concern).where(Concern.conversation_id.in_(cases), Concern.withdrawn_at.is_(None))
             .order_by(Concern.created_at, Concern.domain))
    found: dict[UUID, list[Concern]] = defaultdict(list)
    for concern in session.scalars(query):
        found[concern.conversation_id].append(concern)
    return found


def _reasons(session: Session, referrals: set[UUID]) -> Mapping[UUID, tuple[str | None, str | None]]:
    """The barrier or gap that was named last, by referral."""
    named = or_(ReferralMove.barrier.is_not(None), ReferralMove.gap.is_not(None))
    query = (select(ReferralMove.referral_id, ReferralMove.barrier, ReferralMove.gap).ext(distinct_on(ReferralMove.referral_id))
             .where(ReferralMove.referral_id.in_(referrals), named)
             .order_by(ReferralMove.referral_id, ReferralMove.at.desc()))
    return {referral: (barrier, gap) for referral, barrier, gap in session.execute(query)}


def _row(row: Any, concerns: list[Concern], reason: tuple[str | None, str | None], contacts: Mapping[UUID, Family],
         zone: ZoneInfo) -> ExportRow:
    made, born = row.created_at.astimezone(zone).date(), row.birth_date
    return ExportRow(
        made, row.program_id, row.status, row.status_at.astimezone(zone).date(), *reason,
        completed_months(born, made) if born is not None and born <= made else None,
        row.language, row.channel, row.urgency,
        tuple(sorted({concern.domain for concern in concerns if concern.domain})),
        _family(row, contacts[row.conversation_id], concerns) if row.conversation_id in contacts else None)


def _family(row: Any, contact: Family, concerns: list[Concern]) -> FamilyPart:
    words = tuple(dict.fromkeys(concern.words for concern in concerns))
    return FamilyPart(row.receipt_number, row.child_name, row.birth_date, contact.contact_name, contact.relation, contact.phone,
                      contact.best_time, contact.place, words)


def _contacts(session: Session, found: Sequence[Any]) -> Mapping[UUID, Family]:
    """By conversation the contact that was told in it, whatever a merge made of the family; without a number that a call found
    wrong, in this case or in another of the family: a line of a file has no room for a warning."""
    families = {row.conversation_id: row.Family for row in found}
    told = {**families, **families_as_told(session, {id_: family.id for id_, family in families.items()})}
    query = (select(Conversation.family_id, WrongNumber.phone_index)
             .join(WrongNumber, WrongNumber.conversation_id == Conversation.id)
             .where(Conversation.family_id.in_({family.id for family in families.values()}), WrongNumber.undone_at.is_(None)))
    wrong = {(family_id, index) for family_id, index in session.execute(query)}
    return {id_: _without_phone(family) if (family.id, family.phone_index) in wrong else family
            for id_, family in told.items()}


def _without_phone(family: Family) -> Family:
    return Family(**{fact: getattr(family, fact) for fact in FACTS if fact != "phone"})


def _shown_order(row: ExportRow) -> tuple[Any, ...]:
    return (row.made.year, row.made.month, row.program_id, row.status, row.language, row.age_months or -1, row.domains)
