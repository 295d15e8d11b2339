"""A number that a call found wrong: undoing a press of the wrong button, and entering the right number."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.permissions import Permission, needs
from console.services import services
from console.views.cases import case_page
from intake.usecases.casework import CaseUnknown
from intake.usecases.wrong_number import NoPhone, NumberChanged, SameNumber, correct, undo

pages = Blueprint("wrong_numbers", __name__)


@dataclass(frozen=True)
class NumberForm:
    """The number that was typed, so that nothing is lost, and the purpose of the text that says why it was not kept."""

    typed: str
    problem: str


@pages.post("/cases/<uuid:conversation_id>/wrong-numbers/<uuid:number_id>/undo")
@needs(Permission.LOG_CALL)
def take_back(conversation_id: UUID, number_id: UUID) -> ResponseReturnValue:
    """It was the right number; 409 when a colleague has entered another meanwhile."""
    try:
        undo(services().store, conversation_id, number_id, current_user.id)
    except CaseUnknown:
        abort(404)
    except NumberChanged:
        return _again(conversation_id, NumberForm("", "wrong.changed_meanwhile"), 409)
    return _to_family(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/wrong-numbers/<uuid:number_id>/correct")
@needs(Permission.LOG_CALL)
def enter(conversation_id: UUID, number_id: UUID) -> ResponseReturnValue:
    """Keeps the right number; 422 when it is none, 409 when somebody was faster, with what was typed kept."""
    typed = request.form.get("phone", "").strip()
    try:
        correct(services().store, conversation_id, number_id, typed, current_user.id)
    except CaseUnknown:
        abort(404)
    except NoPhone:
        return _again(conversation_id, NumberForm(typed, "wrong.no_phone"), 422)
    except SameNumber:
        return _again(conversation_id, NumberForm(typed, "wrong.same_number"), 422)
    except NumberChanged:
        return _again(conversation_id, NumberForm(typed, "wrong.changed_meanwhile"), 409)
    return _to_family(conversation_id)


def _again(conversation_id: UUID, form: NumberForm, status: int) -> ResponseReturnValue:
    return case_page(conversation_id, numbering=form), status


def _to_family(conversation_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor="family"), 303)
