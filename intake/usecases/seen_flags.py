"""How grave a case is, and since when it waits, by the reasons that somebody sees.

What is kept with a conversation goes by all its reasons. To somebody who does not see them all it would tell of the others: that
a case is an emergency says much about a family whose shown reasons are ordinary.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, case, func, select
from sqlalchemy.orm import InstrumentedAttribute

from intake.rules.triage import Urgency
from intake.store.models import Conversation, Flag
from intake.usecases.sight import Sight

_URGENCIES = {urgency.value: rank for rank, urgency in enumerate(Urgency)}


def gravest_first(urgency: InstrumentedAttribute[str] | ColumnElement[str]) -> ColumnElement[Any]:
    """Sorts by a column that holds an urgency."""
    return case(_URGENCIES, value=urgency)


def seen_flags(sight: Sight, *conditions: ColumnElement[bool]) -> FromClause:
    """To be joined to a query on conversations: ``urgency`` of the gravest open reason in ``sight`` and ``since`` the first of
    them was raised; no row when there is none, or when the conversation does not meet ``conditions``. It is read by the index of
    flags on the conversation."""
    first = func.min(Flag.raised_at).over().label("since")
    return (
        select(Flag.urgency.label("urgency"), first)
        .where(Flag.conversation_id == Conversation.id, Flag.cleared_at.is_(None), sight.flags(), *conditions)
        .order_by(gravest_first(Flag.urgency))
        .limit(1)
        .correlate(Conversation)
        .lateral("seen")
    )
