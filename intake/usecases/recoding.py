"""Staff correct the domains of a worry; the parent's words stay as they are.

The unit is a message: the domains that its words were sorted under are replaced by those a person chose. Rows are withdrawn,
never erased, so that it stays visible what the agent had understood.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.rules.concerns import ConcernDomain
from intake.rules.triage import triage
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Concern, Conversation
from intake.usecases.flags import open_flags, raise_flag, update_urgency
from intake.usecases.staff import actor_of

BY_STAFF = "staff"


class WorryUnknown(LookupError):
    """No worry was told in this message of this conversation."""


class CodesChanged(Exception):
    """Somebody changed the domains since they were shown; ``domains`` are those that stand now."""

    def __init__(self, domains: Set[ConcernDomain]) -> None:
        super().__init__("the domains have changed")
        self.domains = frozenset(domains)


def correct_domains(store: Store, conversation_id: UUID, message_id: UUID, domains: Set[ConcernDomain], *,
                    shown: Set[ConcernDomain], staff: int) -> None:
    """Sorts the worry of one message under ``domains`` (none: not sorted). Raises WorryUnknown, and CodesChanged when other
    domains stand than those that were ``shown``; nothing is changed then."""
    with store.transaction() as session:
        conversation = session.get(Conversation, conversation_id, with_for_update=True)
        rows = _standing(session, conversation_id, message_id)
        if conversation is None or not rows:
            raise WorryUnknown("no such worry")
        now = {ConcernDomain(row.domain) for row in rows if row.domain}
        if now != shown:
            raise CodesChanged(now)
        _replace(session, rows, domains)
        _sort_flags(session, conversation, message_id, domains - now)
        detail = f"{_listed(now)} to {_listed(domains)}"
        write_audit(session, actor_of(staff), "concern.recoded", "message", message_id, detail=detail)


def _standing(session: Session, conversation_id: UUID, message_id: UUID | None = None) -> list[Concern]:
    query = select(Concern).where(Concern.conversation_id == conversation_id, Concern.withdrawn_at.is_(None))
    if message_id is not None:
        query = query.where(Concern.message_id == message_id)
    return list(session.scalars(query.order_by(Concern.created_at)))


def _replace(session: Session, rows: list[Concern], domains: Set[ConcernDomain]) -> None:
    kept = {row.domain for row in rows if row.domain in domains}
    for row in rows:
        if row.domain not in domains:
            row.withdrawn_at = datetime.now(UTC)
    first = rows[0]
    wanted: list[str | None] = [domain.value for domain in sorted(domains) if domain not in kept]
    for domain in wanted or ([] if kept else [None]):
        session.add(Concern(conversation_id=first.conversation_id, child_id=first.child_id, domain=domain, words=first.words,
                            coded_by=BY_STAFF, message_id=first.message_id))
    session.flush()


def _sort_flags(session: Session, conversation: Conversation, message_id: UUID, added: Set[ConcernDomain]) -> None:
    """Worry flags follow the domains that stand; only what this sorting ``added`` raises one, so that nothing comes back that
    staff have cleared. A flag for a lost skill is raised here but never cleared: sorting words anew must not make an urgent
    case less so."""
    standing = {ConcernDomain(row.domain) for row in _standing(session, conversation.id) if row.domain}
    wanted = {(reason.code, reason.item) for reason in triage({}, None, standing, True, None).reasons}
    for flag in open_flags(session, conversation.id):
        if flag.code == "worry" and (flag.code, flag.item) not in wanted:
            flag.cleared_at = datetime.now(UTC)
    newly = triage({}, None, added, not standing, None).reasons
    for reason in newly:
        raise_flag(session, conversation, reason.code, reason.rule, reason.urgency, item=reason.item, message_id=message_id)
    update_urgency(session, conversation)


def _listed(domains: Set[ConcernDomain]) -> str:
    return ", ".join(sorted(domain.value for domain in domains)) or "none"
