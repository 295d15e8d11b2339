"""What the person signed in may see in this request, and the guard of all that belongs to a case."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from flask import abort, g, request, session
from flask_security import current_user

from console.services import services
from console.sessions import PRACTICE, UNATTENDED
from intake.usecases.sight import Sight, may_see, record_out_of_sight, sight_of


def sight() -> Sight:
    """What the person signed in may see now."""
    if "sight" not in g:
        with services().store.reading() as reading:
            g.sight = sight_of(reading, current_user.id, practice=in_practice())
    return g.sight  # type: ignore[no-any-return]


def in_practice() -> bool:
    """Whether the person signed in practices with made-up families."""
    return bool(session.get(PRACTICE))


def mode() -> str:
    """What an open page carries, so that it is known when the person has switched in another window since."""
    return PRACTICE if in_practice() else ""


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
    other: UUID | None = asked.get("other_id")  # a second case: without it a made-up family could be joined to a real one
    with services().store.reading() as reading:
        if may_see(reading, sight(), case, asked.get("referral_id")):
            if other is None or may_see(reading, sight(), other):
                return
            case = other
        other_mode = replace(sight(), practice=not sight().practice)
        if request.endpoint in UNATTENDED and may_see(reading, other_mode, case):
            abort(409)  # a page that was open when practice was switched asks again and again: nobody tries anything
    refuse(permission, case)


def refuse(permission: str, case: UUID) -> None:
    """Answers as for a page that does not exist, and writes the attempt down."""
    record_out_of_sight(services().store, current_user.id, permission, case)
    abort(404)
