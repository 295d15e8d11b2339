"""Taking a case, giving it to a colleague, giving it back: from the queue and from the case page."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select

from console.permissions import Permission, needs
from console.queue_filter import ME, NOBODY, filter_from
from console.services import services
from console.views.cases import case_page
from console.views.queue import queue_page
from intake.store.models import Staff
from intake.usecases.assigning import AssignedMeanwhile, ColleagueUnknown, assign
from intake.usecases.casework import CaseUnknown

pages = Blueprint("assigning", __name__)
_FROM_QUEUE = "queue"
_LONGEST_ID = 9


@pages.post("/cases/<uuid:conversation_id>/assignee")
@needs(Permission.ASSIGN, of_program=True)
def change(conversation_id: UUID) -> ResponseReturnValue:
    """Makes the case somebody's or nobody's; 409 that names who has it when a colleague was faster."""
    to, shown = _person(request.form.get("to", "")), _person(request.form.get("shown", ""))
    if to == 0 or shown == 0:
        return _again(conversation_id, "assign.choose", None), 422
    try:
        assign(services().store, conversation_id, to, shown=shown, staff=current_user.id)
    except CaseUnknown:
        abort(404)
    except ColleagueUnknown:
        return _again(conversation_id, "assign.choose", None), 422
    except AssignedMeanwhile as meanwhile:
        return _again(conversation_id, *_meanwhile(meanwhile.assignee)), 409
    if request.form.get("from") == _FROM_QUEUE:
        wanted = filter_from(request.form)
        return redirect(url_for("queue.show", **wanted.parts(), page=wanted.page if wanted.page > 1 else None), 303)
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor="desk"), 303)


def _again(conversation_id: UUID, problem: str, who: str | None) -> str:
    if request.form.get("from") == _FROM_QUEUE:
        return queue_page(filter_from(request.form), problem=problem, who=who)
    return case_page(conversation_id, assigning=(problem, who))


def _meanwhile(assignee: int | None) -> tuple[str, str | None]:
    if assignee is None:
        return "assign.given_back_meanwhile", None
    with services().store.reading() as session:
        return "assign.taken_meanwhile", session.scalar(select(Staff.name).where(Staff.id == assignee))


def _person(typed: str) -> int | None:
    """The person a form names: "me", an id, nobody (None); 0, whom nobody is, when it names none."""
    if typed == NOBODY:
        return None
    if typed == ME:
        return int(current_user.id)
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= _LONGEST_ID else 0
