"""Defers work for the worker inside the caller's own transaction.

A message and the job that answers it must be stored together or not at all; so this calls the SQL function that the worker's
queue (procrastinate) installs, on the caller's session, instead of opening a connection of its own.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

TAKE_TURN = "take_turn"
DELIVER = "deliver"
SEND_STAFF_TEXT = "send_staff_text"
PAGE_STAFF = "page_staff"
PAGE_AGAIN = "page_again"

# An answer that is ready leaves before the next turn is taken; in a rush it would wait behind every turn that waits.
_PRIORITY = {DELIVER: 1, SEND_STAFF_TEXT: 1, PAGE_STAFF: 1, PAGE_AGAIN: 1}

_DEFER = text(
    "select procrastinate_defer_jobs_v1(array[row(:queue, :task, :priority, :lock, null, cast(:args as jsonb),"
    " now() + cast(:after as interval))]::procrastinate_job_to_defer_v1[])"
)


def conversation_lock(conversation_id: UUID) -> str:
    """The lock under which a conversation's turns run one after the other."""
    return f"conversation:{conversation_id}"


def delivery_lock(conversation_id: UUID) -> str:
    """The lock under which a conversation's texts leave one after the other; apart from the turns', which must not wait."""
    return f"delivery:{conversation_id}"


def defer(session: Session, task: str, lock: str | None, *, after: timedelta | None = None, queue: str = "default",
          **arguments: Any) -> None:
    """Puts one job in the queue; it becomes visible when the session commits, and starts not before ``after`` has passed."""
    session.execute(_DEFER, {"queue": queue, "task": task, "priority": _PRIORITY.get(task, 0), "lock": lock,
                             "args": json.dumps(arguments, default=str), "after": after})
