"""Logging a call to a family or to a program: one press of a button for what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.permissions import Permission, needs
from console.services import services
from console.views.cases import case_page
from intake.rules.calls import CallOutcome, CallTo
from intake.usecases.calls import CallAtImpossibleTime, CallMade, log_call
from intake.usecases.casework import CaseUnknown, FormUsed, NoteTooLong, ReferralUnknown

pages = Blueprint("calls", __name__)


@dataclass(frozen=True)
class CallForm:
    """What a person typed, so that nothing is lost, and the purpose of the text that says why nothing was logged.

    ``key`` belongs to one call: a form that logged one already gets a new key.
    """

    note: str = ""
    at: str = ""
    problem: str | None = None
    key: UUID = field(default_factory=uuid4)


@pages.post("/cases/<uuid:conversation_id>/calls")
@needs(Permission.LOG_CALL, of_program=True)
def log(conversation_id: UUID) -> ResponseReturnValue:
    """Logs a call, once for each form; 409 when the form has logged another one, 422 when it cannot be logged."""
    form = CallForm(request.form.get("note", "").replace("\r\n", "\n").strip(), request.form.get("at", "").strip())
    key, made = _uuid(request.form.get("key", "")), _call(form)
    if key is None or made is None:
        return _again(conversation_id, form, "call.not_understood", 422)
    try:
        log_call(services().store, conversation_id, made, staff=current_user.id, form_key=key)
    except (CaseUnknown, ReferralUnknown):
        abort(404)
    except FormUsed:
        return _again(conversation_id, form, "call.form_used", 409)
    except CallAtImpossibleTime:
        return _again(conversation_id, form, "call.impossible_time", 422)
    except NoteTooLong:
        return _again(conversation_id, form, "call.note_too_long", 422)
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor="calls"), 303)


def _call(form: CallForm) -> CallMade | None:
    """The call of the button that was pressed, "family/reached" or "program:ID/no_answer"; None when it is none."""
    to, _, outcome = request.form.get("call", "").partition("/")
    callee, _, referral = to.partition(":")
    at, referral_id = _moment(form.at), _uuid(referral)
    if callee not in set(CallTo) or outcome not in set(CallOutcome) or at is None or bool(referral) != bool(referral_id):
        return None
    return CallMade(CallTo(callee), CallOutcome(outcome), at, referral_id, form.note)


def _moment(typed: str) -> datetime | None:
    """The time typed, in the affiliate's time zone; now when none was."""
    if not typed:
        return services().now()
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=services().time_zone)
    except ValueError:
        return None


def _uuid(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _again(conversation_id: UUID, form: CallForm, problem: str, status: int) -> ResponseReturnValue:
    return case_page(conversation_id, calling=CallForm(form.note, form.at, problem)), status
