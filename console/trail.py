"""Reads the audit trail of one case: every line about the conversation and about what hangs on it, newest first.

Each record's newest lines are found by the index on (object_type, object_id, seq), so that a page costs the same however long
the trail of the whole house is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, String, Uuid, bindparam, cast, literal, select, true, union_all
from sqlalchemy.orm import Session, aliased

from intake.store.connection import Store
from intake.store.models import Audit, Call, CaseNote, Concern, Flag, Outreach, Referral, Staff

PAGE = 50
_STAFF = "staff:"
_NEWEST = 2**63 - 1
# What hangs on a conversation, under the name the trail has for it, and the column with its id there.
_HANGING: tuple[tuple[str, Any, Any], ...] = (
    ("referral", Referral, Referral.id), ("flag", Flag, Flag.id), ("call", Call, Call.id),
    ("case_note", CaseNote, CaseNote.id), ("outreach", Outreach, Outreach.id), ("message", Concern, Concern.message_id))


@dataclass(frozen=True)
class TrailLine:
    """One line: when, who (``actor`` as in the trail, a colleague's ``name``), what, and its ``detail``; ids and codes only.
    ``program_id`` says which referral it is about."""

    seq: int
    at: datetime
    actor: str
    name: str | None
    action: str
    detail: str | None
    program_id: str | None


@dataclass(frozen=True)
class Trail:
    """A page of the trail; ``older`` is where the next one begins, None at the end. ``names`` are those of "staff:ID"."""

    lines: tuple[TrailLine, ...]
    older: int | None
    names: dict[int, str]


def read_trail(store: Store, conversation_id: UUID, before: int | None = None) -> Trail:
    """The newest lines about a case, or those older than the line ``before``."""
    with store.reading() as session:
        rows = session.scalars(newest_lines(), {"case": conversation_id, "object": str(conversation_id),
                                           "before": before or _NEWEST}).all()
        names = _names(session)
        programs = _programs(session, conversation_id)
    shown = rows[:PAGE]
    lines = tuple(TrailLine(row.seq, row.at, row.actor, _name(names, row.actor), row.action, row.detail,
                            programs.get(row.object_id or "")) for row in shown)
    return Trail(lines, shown[-1].seq if len(rows) > PAGE else None, names)


def newest_lines() -> Select[Audit]:
    """The query of one page: ``case`` is the conversation, ``object`` its id in words, ``before`` where the page begins."""
    objects = union_all(
        *(select(literal(name).label("type"), bindparam("object", type_=String()).label("id"))
          for name in ("conversation", "permission")),
        *(select(literal(name).label("type"), cast(id_, String).label("id")).where(_of_case(table)).distinct()
          for name, table, id_ in _HANGING)).subquery("objects")
    of_object = aliased(Audit)
    newest = (select(of_object.seq).where(of_object.object_type == objects.c.type, of_object.object_id == objects.c.id,
                                          of_object.seq < bindparam("before", type_=BigInteger()))
              .order_by(of_object.seq.desc()).limit(PAGE + 1).lateral("newest"))
    return (select(Audit).select_from(objects).join(newest, true()).join(Audit, Audit.seq == newest.c.seq)
            .order_by(Audit.seq.desc()).limit(PAGE + 1))


def _of_case(table: Any) -> ColumnElement[bool]:
    return table.conversation_id == bindparam("case", type_=Uuid())  # type: ignore[no-any-return]


def _name(names: dict[int, str], actor: str) -> str | None:
    id_ = actor.removeprefix(_STAFF)
    return names.get(int(id_)) if actor.startswith(_STAFF) and id_.isdigit() else None


def _names(session: Session) -> dict[int, str]:
    """Everybody who works or worked here: some tens of people."""
    return {id_: name for id_, name in session.execute(select(Staff.id, Staff.name))}


def _programs(session: Session, conversation_id: UUID) -> dict[str, str]:
    query = select(Referral.id, Referral.program_id).where(Referral.conversation_id == conversation_id)
    return {str(id_): program for id_, program in session.execute(query)}
