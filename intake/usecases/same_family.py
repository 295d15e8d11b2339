"""Families that may be the same as that of a case, with the reasons, and what staff said of such pairs.

Candidates are found by keyed hashes of phones and marks of names alone, the newest first, and only so many are opened. A pair
of which a person said "not the same family" is not suggested again, until they take it back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from intake.rules.same_family import KnownChild, KnownFamily, Likeness, Strength, births_agree, may_be_same_child, possibly_same
from intake.store.audit import write_audits
from intake.store.connection import Store
from intake.store.encryption import keys_of
from intake.store.models import Child, Conversation, Family, FamilyApart, Staff
from intake.store.name_index import name_marks
from intake.usecases.casework import CaseUnknown
from intake.usecases.receiving import WHO_ASKED, WRONG_PERSON
from intake.usecases.replying import REFUSED
from intake.usecases.staff import actor_of

MOST_SHOWN = 5
_MOST_BY_PHONE, _MOST_BY_NAME, _MOST_WEIGHED = 20, 100, 20  # rows opened
_MOST_NAMED = 2_000  # rows with the same marks among which the newest are picked; a name more common than that says little
NOT_THEIRS = frozenset({WRONG_PERSON, WHO_ASKED})  # whose phone may be somebody else's


@dataclass(frozen=True)
class CaseName:
    """A case as others name it."""

    conversation_id: UUID
    receipt_number: str | None


@dataclass(frozen=True)
class Suggestion:
    """A family that may be the same, by its newest case, and why."""

    case: CaseName
    likeness: Likeness


@dataclass(frozen=True)
class SaidApart:
    """Somebody said that the family of ``case`` is another one."""

    id: UUID
    case: CaseName
    by: str
    at: datetime


@dataclass(frozen=True)
class Relatives:
    """What there is to say of a case's family and others."""

    suggested: tuple[Suggestion, ...] = ()
    apart: tuple[SaidApart, ...] = ()


def relatives_of(session: Session, conversation: Conversation, today: date) -> Relatives:
    """The families that may be that of ``conversation``, the likeliest first, and those that staff said are not."""
    own = known_families(session, [conversation.family_id]).get(conversation.family_id)
    if own is None:
        return Relatives()
    apart = _said_apart(session, own)
    others = {family for family, *_ in apart}
    found = known_families(session, others | _candidates(session, own.family, today))
    weighed = [(known, likeness) for id_, known in found.items() if id_ not in others
               and (likeness := possibly_same(own.family, known.family, today)) is not None]
    weighed.sort(key=lambda pair: _likeliest_first(own.family, *pair))
    return Relatives(
        tuple(Suggestion(known.case, likeness) for known, likeness in weighed[:MOST_SHOWN]),
        tuple(SaidApart(id_, found[family].case, by, at) for family, id_, by, at in apart if family in found))


@dataclass(frozen=True)
class Known:
    """What is known of a family that staff may work with, its newest case, and its rows: its own and those merged into it."""

    family: KnownFamily
    rows: tuple[UUID, ...]
    case: CaseName
    newest: datetime


def _likeliest_first(own: KnownFamily, known: Known, likeness: Likeness) -> tuple[Any, ...]:
    same_language = known.family.language == own.language
    return likeness.strength is not Strength.STRONG, -len(likeness.reasons), not same_language, -known.newest.timestamp()


# what is known


def known_families(session: Session, ids: Iterable[UUID]) -> Mapping[UUID, Known]:
    """What is known of these families and of those that were merged into them.

    Left out: who did not agree to go on, phones that were only asked whether a stranger's chat goes on there, and made-up
    families.
    """
    wanted = list(ids)
    if not wanted:
        return {}
    families, children, talks = (_by_family(session, query) for query in _queries(wanted))
    return {id_: _known(id_, families[id_], children[id_], talks[id_]) for id_ in wanted
            if families[id_] and _may_be_named(talks[id_])}


def _queries(wanted: list[UUID]) -> tuple[Any, Any, Any]:
    """The rows of families, children and conversations, each beginning with the family as it stands today."""
    mine = or_(Family.id.in_(wanted) & Family.merged_into.is_(None), Family.merged_into.in_(wanted)) & ~Family.practice
    standing = func.coalesce(Family.merged_into, Family.id)
    return (
        select(standing, Family.id, Family.phone_index, Family.contact_name, Family.place, Family.language).where(mine),
        select(Child.family_id, Child.id, Child.name, Child.birth_date, Child.birth_is_exact)
        .where(Child.family_id.in_(wanted)).order_by(Child.created_at, Child.id),
        select(Conversation.family_id, Conversation.id, Conversation.receipt_number, Conversation.phone_index,
               Conversation.status, Conversation.asked_for, Conversation.started_at)
        .where(Conversation.family_id.in_(wanted)).order_by(Conversation.started_at.desc(), Conversation.id))


def _by_family(session: Session, query: Any) -> Mapping[UUID, list[Any]]:
    rows: dict[UUID, list[Any]] = defaultdict(list)
    for row in session.execute(query):
        rows[row[0]].append(row)
    return rows


def _may_be_named(talks: list[Any]) -> bool:
    return any(row.status != REFUSED for row in talks) and all(row.asked_for is None for row in talks)


def _known(family_id: UUID, families: list[Any], children: list[Any], talks: list[Any]) -> Known:
    wrong = {row.phone_index for row in talks if row.status in NOT_THEIRS} | {None}
    own = next((row for row in families if row.id == family_id), families[0])
    open_to_us = [row for row in talks if row.status != REFUSED]
    newest = next((row for row in open_to_us if row.receipt_number), open_to_us[0])
    return Known(
        KnownFamily(
            family_id, frozenset(row.phone_index for row in talks) - wrong,
            frozenset(row.phone_index for row in families) - wrong,
            tuple(row.contact_name for row in families if row.contact_name), own.place, own.language,
            tuple(KnownChild(*row[1:]) for row in children)),
        tuple(row.id for row in families),
        CaseName(newest.id, newest.receipt_number), talks[0].started_at)


# who might be the same


def _candidates(session: Session, own: KnownFamily, today: date) -> set[UUID]:
    """Families worth a look, by indexes only. The newest matter most: a family comes back within months."""
    found = _by_phone(session, own) + _by_child(session, own, today) + _by_contact(session, own, today)
    return set(list(dict.fromkeys(id_ for id_ in found if id_ != own.id))[:_MOST_WEIGHED])


def _by_phone(session: Session, own: KnownFamily) -> list[UUID]:
    phones = own.texts | own.calls
    if not phones:
        return []
    texted = (select(Conversation.family_id.label("id"))
              .where(Conversation.phone_index.in_(phones), Conversation.family_id != own.id)
              .order_by(Conversation.started_at.desc()).limit(_MOST_BY_PHONE))
    called = (select(func.coalesce(Family.merged_into, Family.id).label("id"))
              .where(Family.phone_index.in_(phones), Family.id != own.id)
              .order_by(Family.created_at.desc()).limit(_MOST_BY_PHONE))
    both = union(select(texted.subquery().c.id), select(called.subquery().c.id)).subquery()
    return list(session.scalars(select(both.c.id)))


def _by_child(session: Session, own: KnownFamily, today: date) -> list[UUID]:
    told = [child for child in own.children if child.name and child.born]
    marks = _marks(session, [child.name or "" for child in told])
    if not marks:
        return []
    named = select(Child.id, Child.created_at).where(Child.name_marks.overlap(marks), Child.family_id != own.id)
    query = (select(Child.family_id, Child.id, Child.name, Child.birth_date, Child.birth_is_exact)
             .where(Child.id.in_(_newest(named))).order_by(Child.created_at.desc()))
    rows = [(row[0], KnownChild(*row[1:])) for row in session.execute(query)]
    return [family for family, theirs in rows if any(may_be_same_child(mine, theirs, today) for mine in told)]


def _by_contact(session: Session, own: KnownFamily, today: date) -> list[UUID]:
    dated = [child for child in own.children if child.born and child.exact]
    marks = _marks(session, own.contacts if dated else ())
    if not marks:
        return []
    named = select(Family.id, Family.created_at).where(Family.contact_name_marks.overlap(marks), Family.id != own.id)
    query = (select(Child.family_id, Child.id, Child.birth_date)
             .join(Family, func.coalesce(Family.merged_into, Family.id) == Child.family_id)
             .where(Family.id.in_(_newest(named)), Child.birth_is_exact).order_by(Family.created_at.desc()))
    rows = [(row[0], KnownChild(row[1], None, row[2])) for row in session.execute(query)]
    return [family for family, child in rows if any(births_agree(mine, child, today) for mine in dated)]


def _newest(named: Any) -> Any:
    found = named.limit(_MOST_NAMED).subquery()
    return select(found.c.id).order_by(found.c.created_at.desc()).limit(_MOST_BY_NAME)


def _marks(session: Session, names: Iterable[str]) -> list[int]:
    keys = keys_of(session.get_bind().dialect)
    return sorted({mark for name in names for mark in name_marks(keys, name)})


# not the same


def _said_apart(session: Session, own: Known) -> list[tuple[UUID, UUID, str, datetime]]:
    """The other family as it stands today, the row, who said so and when."""
    one, other = aliased(Family), aliased(Family)
    ones, others = func.coalesce(one.merged_into, one.id), func.coalesce(other.merged_into, other.id)
    query = (select(ones, others, FamilyApart.id, Staff.name, FamilyApart.said_at)
             .join(one, one.id == FamilyApart.one_id).join(other, other.id == FamilyApart.other_id)
             .join(Staff, Staff.id == FamilyApart.said_by)
             .where(FamilyApart.undone_at.is_(None), or_(FamilyApart.one_id.in_(own.rows), FamilyApart.other_id.in_(own.rows)))
             .order_by(FamilyApart.said_at))
    found = [(first if second == own.family.id else second, id_, by, at)
             for first, second, id_, by, at in session.execute(query)]
    return [row for row in found if row[0] != own.family.id]


def _rows_of(family_id: UUID) -> Any:
    """The family's own row and those that were merged into it."""
    return select(Family.id).where(or_(Family.id == family_id, Family.merged_into == family_id))


def say_apart(store: Store, conversation_id: UUID, other_id: UUID, staff: int) -> None:
    """Keeps that the families of two cases are not the same. Said twice it is kept once. Raises CaseUnknown."""
    with store.transaction() as session:
        families = [_family_of(session, id_) for id_ in (conversation_id, other_id)]
        if families[0] == families[1]:
            return
        one, other = sorted(families)
        row = {"one_id": one, "other_id": other, "said_by": staff}
        once = insert(FamilyApart).values(row).on_conflict_do_nothing()
        if session.scalar(once.returning(FamilyApart.id)) is not None:
            write_audits(session, actor_of(staff), "family.said_apart", "conversation", (conversation_id, other_id))


def take_back_apart(store: Store, conversation_id: UUID, apart_id: UUID, staff: int) -> None:
    """Lets two families be suggested to each other again. Raises CaseUnknown when it was not said of this case's family."""
    with store.transaction() as session:
        family_id, row = _family_of(session, conversation_id), session.get(FamilyApart, apart_id, with_for_update=True)
        mine = set(session.scalars(_rows_of(family_id)))
        if row is None or not {row.one_id, row.other_id} & mine:
            raise CaseUnknown("nothing was said of this family")
        if row.undone_at is None:
            row.undone_by, row.undone_at = staff, datetime.now(UTC)
            write_audits(session, actor_of(staff), "family.apart_undone", "conversation", (conversation_id,))


def _family_of(session: Session, conversation_id: UUID) -> UUID:
    found = session.scalar(select(Conversation.family_id).where(Conversation.id == conversation_id,
                                                                Conversation.asked_for.is_(None)))
    if found is None:
        raise CaseUnknown("no such conversation")
    return found
