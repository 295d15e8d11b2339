"""What the person signed in may see in this request, read afresh for each; and the guard of everything that belongs to a case."""

from __future__ import annotations

from uuid import UUID

from flask import abort, g, request, session
from flask_security import current_user

from console.services import services
from intake.usecases.sight import Sight, may_see, record_out_of_sight, sight_of

PRACTICE = "practice"  # in the session's cookie: this person practises


def sight() -> Sight:
    """What the person signed in may see now."""
    if "sight" not in g:
        with services().store.reading() as reading:
            g.sight = sight_of(reading, current_user.id, practice=practises())
    return g.sight  # type: ignore[no-any-return]


def practises() -> bool:
    """Whether the person signed in practises with made-up families."""
    return bool(session.get(PRACTICE))


def guard_case(permission: str, *, of_program: bool) -> None:
    """Runs before a view whose address names a case: 404 and an audit line when it, or what is asked of it, is out of sight.

    Who is limited to a program gets only what is marked as being ``of_program``, so that forgetting fails safe.
    """
    asked = request.view_args or {}
    case: UUID | None = asked.get("conversation_id")
    if case is None:
        return
    if sight().limited and not of_program:
        refuse(permission, case)
    with services().store.reading() as reading:
        seen = may_see(reading, sight(), case, asked.get("referral_id"))
    if not seen:
        refuse(permission, case)


def refuse(permission: str, case: UUID) -> None:
    """Answers as for a page that does not exist, and writes the attempt down."""
    record_out_of_sight(services().store, current_user.id, permission, case)
    abort(404)
