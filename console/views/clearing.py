"""Clearing a flag once something was done about it, and putting it back."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.permissions import Permission, needs
from console.services import services
from console.views.cases import case_page
from intake.rules.clearing import ClearedBecause
from intake.usecases.clearing import ClearedMeanwhile, FlagUnknown, clear_flag, put_back

pages = Blueprint("clearing", __name__)


@pages.post("/cases/<uuid:conversation_id>/flags/<uuid:flag_id>/clear")
@needs(Permission.CLEAR_FLAG)
def clear(conversation_id: UUID, flag_id: UUID) -> ResponseReturnValue:
    """Clears one flag; 422 when it is not said what was done about it, 409 when it was cleared meanwhile."""
    because = request.form.get("because", "")
    if because not in set(ClearedBecause):
        return case_page(conversation_id, clearing="clear.choose"), 422
    try:
        clear_flag(services().store, conversation_id, flag_id, current_user.id, ClearedBecause(because))
    except FlagUnknown:
        abort(404)
    except ClearedMeanwhile:
        return case_page(conversation_id, clearing="clear.cleared_meanwhile"), 409
    return _to_flags(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/flags/<uuid:flag_id>/put-back")
@needs(Permission.CLEAR_FLAG)
def again(conversation_id: UUID, flag_id: UUID) -> ResponseReturnValue:
    """Lets a cleared flag stand again."""
    try:
        put_back(services().store, conversation_id, flag_id, current_user.id)
    except FlagUnknown:
        abort(404)
    return _to_flags(conversation_id)


def _to_flags(conversation_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor="why"), 303)
