"""Finds a case by what a caller says: their whole phone number, the case number, or a name (case S9).

Names and phones are encrypted, so they are found by keyed marks and never by opening every row. Whatever is typed is text:
there is no pattern, no part of a number, no sorting by likeness. The audit trail tells who searched by what kind of thing,
never what for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, null, select
from sqlalchemy.orm import Session

from intake.rules.name_words import name_words
from intake.rules.triage import Urgency
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Child, Conversation, Family, Staff
from intake.store.name_index import name_marks
from intake.usecases.contact import read_phone
from intake.usecases.seen_flags import seen_flags
from intake.usecases.sight import Sight, sight_of
from intake.usecases.staff import actor_of

MOST_FOUND = 100
LONGEST = 200  # characters; a longer text is nobody's name
_OPENED = 4 * MOST_FOUND  # names that are looked at, newest cases first: other names with the same marks are among them
_MOST_WORDS = 8
_PHONE = re.compile(r"\+?[\d\s().\-/]{10,24}")
_NUMBER = re.compile(r"[A-Za-z0-9]+(?:[ \-–][A-Za-z0-9]+)?")
_CODE_LENGTHS = range(3, 11)


class SearchKind(StrEnum):
    """What was typed."""

    PHONE = "phone"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True)
class FoundCase:
    """One case, with as little about the family as telling it from others takes."""

    conversation_id: UUID
    receipt_number: str | None
    child_name: str | None
    birth_date: date | None
    place: str | None
    language: str
    channel: str
    urgency: str
    started_at: datetime
    assignee: str | None


@dataclass(frozen=True)
class Found:
    """What a search came to, newest cases first; ``more`` when there are more than are shown."""

    kind: SearchKind
    cases: tuple[FoundCase, ...]
    more: bool = False


def search(store: Store, typed: str, staff: int, prefix: str, sight: Sight | None = None) -> Found:
    """The cases that ``typed`` means; ``prefix`` is what the affiliate's case numbers begin with. Leaves an audit line.

    Only what is in ``sight`` is found, or what this person may see when it is not given.
    """
    typed = typed.strip()
    phone, number = _as_phone(typed), _as_number(typed, prefix)
    with store.transaction() as session:
        sight = sight or sight_of(session, staff)
        kind = _kind(session, phone, number, sight)
        write_audit(session, actor_of(staff), "case.searched", "search", detail=kind.value)
    with store.reading() as session:
        if phone:
            return _shown(kind, _cases(session, _by_phone(store.keys.phone_index(phone)), sight))
        if number and kind is SearchKind.NUMBER:
            return _shown(kind, _cases(session, _with_number(number), sight))
        named, more = _by_name(store, session, typed, sight)
        return _shown(kind, _cases(session, named[:MOST_FOUND + 1], sight), more=more)


def _kind(session: Session, phone: str | None, number: str | None, sight: Sight) -> SearchKind:
    """A name may look like a case number without digits; it is one when there is such a case."""
    if phone:
        return SearchKind.PHONE
    if number and (any(map(str.isdigit, number)) or session.scalar(_with_number(number).where(sight.conversations()))):
        return SearchKind.NUMBER
    return SearchKind.NAME


def _with_number(number: str) -> Select[UUID]:
    return select(Conversation.id).where(Conversation.receipt_number == number)


def _as_phone(typed: str) -> str | None:
    """A whole phone number in E.164, however it was typed."""
    return read_phone(typed) if _PHONE.fullmatch(typed) else None


def _as_number(typed: str, prefix: str) -> str | None:
    """A case number as it is kept: "hmg 9eh64m" and "9EH64M" are HMG-9EH64M."""
    if len(typed) > LONGEST or not _NUMBER.fullmatch(typed):
        return None
    code = re.sub(r"[^A-Z0-9]", "", typed.upper())
    bare = code.removeprefix(prefix.upper())
    is_code = len(bare) in _CODE_LENGTHS and (bare != code or any(map(str.isdigit, code)))
    return f"{prefix}-{bare}" if is_code else None


def _cases(session: Session, ids: Iterable[UUID] | Select[UUID], sight: Sight) -> tuple[FoundCase, ...]:
    """What is shown of these conversations, the newest first; no more than are shown, and one."""
    place, urgency = _place_and_urgency(sight)
    query = (
        select(Conversation.id, Conversation.receipt_number, Child.name, Child.birth_date, place, Conversation.language,
               Conversation.channel, urgency, Conversation.started_at, Staff.name)
        .select_from(Conversation)
        .join(Family, Family.id == Conversation.family_id)
        .outerjoin(Child, Child.id == Conversation.child_id)
        .outerjoin(Staff, Staff.id == Conversation.assignee_id)
        .where(Conversation.id.in_(ids), sight.conversations())
        .order_by(Conversation.started_at.desc(), Conversation.id)
        .limit(MOST_FOUND + 1)
    )
    rows: Sequence[Any] = session.execute(query).all()
    return tuple(FoundCase(*row) for row in rows)


def _place_and_urgency(sight: Sight) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """As they are kept; for who is limited to a program no place, which another talk of a merged family may have told, and the
    urgency of the reasons they see."""
    if not sight.limited:
        return Family.place.expression, Conversation.urgency.expression
    seen = seen_flags(sight)
    return null(), func.coalesce(select(seen.c.urgency).select_from(seen).scalar_subquery(), Urgency.NONE.value)


def _by_phone(index: bytes) -> Select[UUID]:
    texted = select(Conversation.id).where(Conversation.phone_index == index)
    standing = func.coalesce(Family.merged_into, Family.id)  # a number told before a merge still finds the case
    to_call = select(Conversation.id).join(Family, standing == Conversation.family_id).where(Family.phone_index == index)
    return select(texted.union(to_call).subquery().c.id)


def _by_name(store: Store, session: Session, typed: str, sight: Sight) -> tuple[list[UUID], bool]:
    """The conversations in which somebody has the name, and whether there are older ones that were not looked at."""
    words = name_words(typed) if len(typed) <= LONGEST else frozenset()
    if not words or len(words) > _MOST_WORDS:
        return [], False
    marks = name_marks(store.keys, typed)
    newest = _marked(marks, sight).subquery()
    query = (
        select(Conversation.id, Child.name, Family.contact_name)
        .join(newest, newest.c.id == Conversation.id)
        .join(Family, Family.id == Conversation.family_id)
        .outerjoin(Child, Child.id == Conversation.child_id)
        .order_by(Conversation.started_at.desc(), Conversation.id)
    )
    opened = session.execute(query).all()
    told = [*opened, *session.execute(_told_before_merges(marks))]
    named = [conversation for conversation, *names in told if any(words <= name_words(name or "") for name in names)]
    return list(dict.fromkeys(named)), len(opened) == _OPENED


def _marked(marks: list[int], sight: Sight) -> Select[UUID, datetime]:
    """The newest conversations in which the child or the contact has all these marks."""
    found = select(Conversation.id, Conversation.started_at).where(sight.conversations())
    of_child = found.join(Child, Child.id == Conversation.child_id).where(Child.name_marks.contains(marks))
    of_contact = found.join(Family, Family.id == Conversation.family_id).where(Family.contact_name_marks.contains(marks))
    both = of_child.union(of_contact).subquery()
    return select(both.c.id, both.c.started_at).order_by(both.c.started_at.desc(), both.c.id).limit(_OPENED)


def _told_before_merges(marks: list[int]) -> Select[Any]:
    """Conversations with a name of a row that was given up when staff joined it to another."""
    child = (select(Conversation.id, Child.name).join(Child, Child.same_as == Conversation.child_id)
             .where(Child.name_marks.contains(marks)).limit(MOST_FOUND))
    contact = (select(Conversation.id, Family.contact_name).join(Family, Family.merged_into == Conversation.family_id)
               .where(Family.contact_name_marks.contains(marks)).limit(MOST_FOUND))
    both = child.union_all(contact).subquery()
    return select(both)


def _shown(kind: SearchKind, cases: tuple[FoundCase, ...], *, more: bool = False) -> Found:
    return Found(kind, cases[:MOST_FOUND], more or len(cases) > MOST_FOUND)


def mark_names(store: Store, at_once: int = 500) -> int:
    """Gives marks to the names that were written before there were any; how many rows. Safe to run again, and beside others."""
    marked = 0
    for model, name, marks in ((Child, "name", "name_marks"), (Family, "contact_name", "contact_name_marks")):
        while True:
            with store.transaction() as session:
                rows = list(session.scalars(
                    select(model).where(getattr(model, name).is_not(None), getattr(model, marks).is_(None))
                    .limit(at_once).with_for_update(skip_locked=True)))
                for row in rows:
                    setattr(row, marks, name_marks(store.keys, getattr(row, name)))
            marked += len(rows)
            if not rows:
                break
    return marked
