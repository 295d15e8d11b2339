"""Staff call off a text that is planned and has not been written yet.

The worker may be writing it at the same moment: whoever holds the row first decides, and the other is told.
"""

from __future__ import annotations

from uuid import UUID

from intake.rules.outreach import WhyNot
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Conversation, Outreach
from intake.usecases.outreach import CANCELED, WAITING
from intake.usecases.staff import actor_of


class FollowUpUnknown(LookupError):
    """This case has no such planned text."""


class FollowUpGone(Exception):
    """The text is not waiting any more: it was sent, answered or ended meanwhile. Nothing was changed."""


def call_off(store: Store, conversation_id: UUID, outreach_id: UUID, staff: int) -> None:
    """Ends one planned text; one that staff have called off already stays so. Raises FollowUpUnknown, FollowUpGone."""
    with store.transaction() as session:
        # The conversation first, as a turn does.
        conversation = session.get(Conversation, conversation_id, with_for_update=True)
        row = session.get(Outreach, outreach_id, with_for_update=True, populate_existing=True)
        if conversation is None or row is None or row.conversation_id != conversation_id:
            raise FollowUpUnknown("no such planned text in this case")
        if row.why_canceled == WhyNot.CALLED_OFF:
            return
        if row.state != WAITING:
            raise FollowUpGone
        row.state, row.why_canceled = CANCELED, WhyNot.CALLED_OFF.value
        write_audit(session, actor_of(staff), "outreach.called_off", "outreach", row.id)
