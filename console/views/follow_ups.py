"""Calling off a text that is planned for a family."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.permissions import Permission, needs
from console.services import services
from console.views.cases import case_page
from intake.usecases.calling_off import FollowUpGone, FollowUpUnknown, call_off

pages = Blueprint("follow_ups", __name__)


@pages.post("/cases/<uuid:conversation_id>/follow-ups/<uuid:outreach_id>/call-off")
@needs(Permission.CALL_OFF_TEXT)
def stop(conversation_id: UUID, outreach_id: UUID) -> ResponseReturnValue:
    """Calls off a planned text; 409 when it was sent or ended meanwhile."""
    try:
        call_off(services().store, conversation_id, outreach_id, current_user.id)
    except FollowUpUnknown:
        abort(404)
    except FollowUpGone:
        return case_page(conversation_id, following="follow_up.gone"), 409
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor="follow-ups"), 303)
