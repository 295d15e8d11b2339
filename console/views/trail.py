"""The audit trail of one case, on a page of its own."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.pages import words
from console.permissions import Permission, needs
from console.services import services
from console.trail import read_trail
from console.trail_words import detail_in_words
from intake.usecases.casework import CaseUnknown, view_trail

pages = Blueprint("trail", __name__)
_LONGEST_NUMBER = 18  # digits; the number of a line is a bigint


@pages.get("/cases/<uuid:conversation_id>/trail")
@needs(Permission.SEE_TRAIL)
def show(conversation_id: UUID) -> ResponseReturnValue:
    """Fifty lines, newest first, or those before a line; the look itself is written down first, so it stands in it."""
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= _LONGEST_NUMBER):
        abort(404)
    try:
        number = view_trail(services().store, conversation_id, current_user.id)
    except CaseUnknown:
        abort(404)
    trail = read_trail(services().store, conversation_id, int(before) if before else None)
    return render_template(
        "trail.html",
        trail=trail,
        conversation_id=conversation_id,
        number=number,
        begun=not before,
        detail=lambda line: detail_in_words(words(), line.action, line.detail, trail.names),
    )
