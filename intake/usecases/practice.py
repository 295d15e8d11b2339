"""Practice: made-up families on which staff learn the console, and for which nothing can ever leave.

Each person has a set of their own, made afresh from the content whenever they wish. The database itself keeps made-up and real
apart: a made-up conversation has no phone, its family none that is found, and neither can ever become the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Table, delete, or_, select, text, update
from sqlalchemy.orm import Session

from intake.content.bilingual import Bilingual
from intake.content.library import Content
from intake.content.practice import PracticeFamily
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import (
    Answer,
    Base,
    Child,
    Concern,
    Consent,
    Conversation,
    Family,
    Flag,
    Message,
    PracticeCase,
    Referral,
    ReferralMove,
)
from intake.usecases.practice_talk import Script, hold_talk, new_practice_conversation
from intake.usecases.staff import actor_of

_SPACE = 0x70726163  # an advisory lock: one person's set is made once at a time
_BETWEEN_LINES = timedelta(seconds=20)


def record_switch(store: Store, staff: int, *, on: bool) -> None:
    """Writes down that a person began to practice, or went back to real families."""
    with store.transaction() as session:
        write_audit(session, actor_of(staff), "practice.on" if on else "practice.off", "staff", staff)


def has_families(store: Store, staff: int) -> bool:
    """Whether a person has made-up families to practice with."""
    with store.reading() as session:
        return session.scalar(_cases_of(staff).limit(1)) is not None


def start_afresh(store: Store, content: Content, lines: Mapping[str, Bilingual], staff: int, today: date) -> None:
    """Removes this person's made-up families and makes them anew. A second press while that is going on does nothing."""
    with store.transaction() as lock:
        if not lock.scalar(text("select pg_try_advisory_xact_lock(:space, :staff)"), {"space": _SPACE, "staff": staff}):
            return
        with store.transaction() as session:
            _remove(session, staff)
            write_audit(session, actor_of(staff), "practice.started_afresh", "staff", staff)
        known: dict[str, UUID] = {}
        for name, family in content.practice.items():
            known[name] = _make(store, Script(content, lines, family, today), name, staff, known)


def _make(store: Store, script: Script, name: str, staff: int, known: Mapping[str, UUID]) -> UUID:
    """Makes one conversation and returns its family."""
    family = script.family
    with store.transaction() as session:
        family_id = known[family.same_family_as] if family.same_family_as else _family(session, family)
        conversation = new_practice_conversation(family, family_id)
        session.add(conversation)
        session.flush()
        session.add(PracticeCase(conversation_id=conversation.id, staff_id=staff, family=name))
    hold_talk(store, script, conversation.id, conversation.public_id)
    with store.transaction() as session:
        _date_back(session, conversation.id, timedelta(minutes=family.waited_minutes))
    return family_id


def _family(session: Session, family: PracticeFamily) -> UUID:
    row = Family(language=family.language, phone=family.phone, practice=True)
    session.add(row)
    session.flush()
    return row.id


def _date_back(session: Session, conversation_id: UUID, by: timedelta) -> None:
    """The talk was held some time ago, a line after the other: the queue has something that waits."""
    conversation = session.get_one(Conversation, conversation_id)
    begun = _BETWEEN_LINES * conversation.last_seq
    for column in ("started_at", "flagged_at", "last_inbound_at", "introduced_at", "finished_at"):
        if (at := getattr(conversation, column)) is not None:
            setattr(conversation, column, at - by - (begun if column in ("started_at", "introduced_at") else timedelta()))
    line = _BETWEEN_LINES * (conversation.last_seq - Message.seq)
    session.execute(update(Message).where(Message.conversation_id == conversation_id)
                    .values(created_at=Message.created_at - by - line, done_at=Message.done_at - by - line)
                    .execution_options(synchronize_session=False))
    referrals = select(Referral.id).where(Referral.conversation_id == conversation_id)
    for table, columns in ((Answer, ("created_at", "replaced_at")), (Concern, ("created_at",)), (Consent, ("at",)),
                           (Flag, ("raised_at",)), (Referral, ("created_at", "status_at"))):
        _earlier(session, table, columns, by, table.conversation_id == conversation_id)
    _earlier(session, ReferralMove, ("at",), by, ReferralMove.referral_id.in_(referrals))


def _earlier(session: Session, table: type[Base], columns: tuple[str, ...], by: timedelta, which: ColumnElement[bool]) -> None:
    earlier = {column: getattr(table, column) - by for column in columns}
    session.execute(update(table).where(which).values(earlier).execution_options(synchronize_session=False))


# removing


def _cases_of(staff: int) -> Select[UUID]:
    return (select(PracticeCase.conversation_id).join(Conversation, Conversation.id == PracticeCase.conversation_id)
            .where(PracticeCase.staff_id == staff, Conversation.practice))


def _remove(session: Session, staff: int) -> None:
    """Removes a person's made-up conversations with everything that names them, in whatever table it stands."""
    ids = list(session.scalars(_cases_of(staff)))
    families = list(session.scalars(select(Conversation.family_id).where(Conversation.id.in_(ids)).distinct()))
    children = list(session.scalars(select(Child.id).where(Child.family_id.in_(families))))
    removed = {"conversation": ids, "family": families, "child": children}
    tables = Base.metadata.tables
    for table in reversed(Base.metadata.sorted_tables):
        if table.name not in removed:
            _remove_rows(session, table, removed)
    for name in ("conversation", "child", "family"):
        session.execute(delete(tables[name]).where(tables[name].c.id.in_(removed[name])))


def _remove_rows(session: Session, table: Table, removed: Mapping[str, list[UUID]]) -> None:
    """The rows of a table that name what is removed, or a row that belongs to one of the conversations."""
    named: list[ColumnElement[bool]] = []
    for key in table.foreign_keys:
        of = key.column.table
        if key.column.name == "id" and of.name in removed:
            named.append(key.parent.in_(removed[of.name]))
        elif key.column.name == "id" and of is not table and "conversation_id" in of.c:
            named.append(key.parent.in_(select(of.c.id).where(of.c.conversation_id.in_(removed["conversation"]))))
    if named:
        session.execute(delete(table).where(or_(*named)))
