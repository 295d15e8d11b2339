"""Staff clear a flag once something was done about it, and may put it back.

A case leaves the queue with its last flag. What was cleared is not raised again by the same message; new words raise it anew.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from intake.rules.clearing import ClearedBecause
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Conversation, Flag
from intake.usecases.flags import open_flags, update_urgency
from intake.usecases.staff import actor_of


class FlagUnknown(LookupError):
    """This conversation has no such flag."""


class ClearedMeanwhile(Exception):
    """Somebody has cleared the flag already, or for another reason; it stays as it was cleared first."""


def clear_flag(store: Store, conversation_id: UUID, flag_id: UUID, staff: int, because: ClearedBecause) -> None:
    """Clears one flag of a case. A form sent twice clears it once.

    Raises FlagUnknown, and ClearedMeanwhile when another person, or another reason, has cleared it.
    """
    with store.transaction() as session:
        conversation, flag = _locked(session, conversation_id, flag_id)
        if flag.cleared_at is not None:
            if (flag.cleared_by, flag.cleared_because) != (staff, because.value):
                raise ClearedMeanwhile
            return
        flag.cleared_at, flag.cleared_by, flag.cleared_because = datetime.now(UTC), staff, because.value
        write_audit(session, actor_of(staff), "flag.cleared", "flag", flag.id, detail=because.value)
        settle(session, conversation)


def put_back(store: Store, conversation_id: UUID, flag_id: UUID, staff: int) -> None:
    """Lets a flag stand again that staff had cleared, unless the same one stands by now. Raises FlagUnknown."""
    with store.transaction() as session:
        conversation, flag = _locked(session, conversation_id, flag_id)
        stands = any((other.code, other.item) == (flag.code, flag.item) for other in open_flags(session, conversation.id))
        if flag.cleared_by is None or stands:
            return
        flag.cleared_at = flag.cleared_by = flag.cleared_because = None
        write_audit(session, actor_of(staff), "flag.put_back", "flag", flag.id)
        settle(session, conversation)


def _locked(session: Session, conversation_id: UUID, flag_id: UUID) -> tuple[Conversation, Flag]:
    conversation = session.get(Conversation, conversation_id, with_for_update=True)
    flag = session.get(Flag, flag_id)
    if conversation is None or flag is None or flag.conversation_id != conversation_id:
        raise FlagUnknown("no such flag in this case")
    return conversation, flag


def settle(session: Session, conversation: Conversation) -> None:
    """Brings the case's urgency up to the flags that stand; a case without any waits no more."""
    session.flush()
    update_urgency(session, conversation)
    # As long as the oldest that stands: putting back what was cleared by a slip gives no new deadline.
    conversation.flagged_at = min((flag.raised_at for flag in open_flags(session, conversation.id)), default=None)
