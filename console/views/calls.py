"""Logging a call to a family or to a program: one press of a button for what it came to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.forms import read_id, several_lines
from console.permissions import Permission, needs
from console.services import services
from console.views.cases import case_page
from intake.rules.calls import CallOutcome, CallTo
from intake.rules.promised import PartOfDay, PromiseProblem, read_promise
from intake.usecases.calls import CallAtImpossibleTime, CallMade, PromiseNotAsked, log_call
from intake.usecases.casework import CaseUnknown, FormUsed, NoteTooLong, ReferralUnknown
from intake.usecases.told_to_staff import danger_told
from intake.usecases.wrong_number import NumberChanged

pages = Blueprint("calls", __name__)


@dataclass(frozen=True)
class PromiseForm:
    """When to call again, as it was typed."""

    day: str = ""
    part: str = ""
    clock: str = ""

    @property
    def given(self) -> bool:
        """Whether anything was typed that an open form must show."""
        return bool(self.day or self.clock or self.part not in ("", PartOfDay.ANY_TIME))


@dataclass(frozen=True)
class CallForm:
    """What a person typed, so that nothing is lost, and the purpose of the text that says why nothing was logged.

    ``key`` belongs to one call: a form that logged one already gets a new key.
    """

    note: str = ""
    at: str = ""
    promised: PromiseForm = field(default_factory=PromiseForm)
    problem: str | None = None
    key: UUID = field(default_factory=uuid4)


@pages.post("/cases/<uuid:conversation_id>/calls")
@needs(Permission.LOG_CALL, of_program=True)
def log(conversation_id: UUID) -> ResponseReturnValue:
    """Logs a call, once for each form; 409 when the form has logged another one, 422 when it cannot be logged."""
    form = _form()
    key, made = read_id(request.form.get("key", "")), _call(form)
    if key is None or made is None:
        return _again(conversation_id, form, "call.not_understood", 422)
    if isinstance(made, PromiseProblem):
        return _again(conversation_id, form, f"promise_problem.{made}", 422)
    try:
        log_call(services().store, services().content.intake, conversation_id, made, staff=current_user.id, form_key=key)
    except (CaseUnknown, ReferralUnknown):
        abort(404)
    except FormUsed:
        return _again(conversation_id, form, "call.form_used", 409)
    except CallAtImpossibleTime:
        return _again(conversation_id, form, "call.impossible_time", 422)
    except NumberChanged:
        return _again(conversation_id, form, "wrong.changed_meanwhile", 409)
    except PromiseNotAsked:
        return _again(conversation_id, form, "promised.not_asked", 422)
    except NoteTooLong:
        return _again(conversation_id, form, "call.note_too_long", 422)
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor=_place(made)), 303)


def _place(made: CallMade) -> str:
    """Where the page opens: at the lines to say when the note tells of danger, else at the calls."""
    hit = danger_told(services().content.intake, made.note or "") if made.callee is CallTo.FAMILY else None
    return "calls" if hit is None else "say-this"


def _form() -> CallForm:
    def typed(name: str) -> str:
        return several_lines(name).strip()

    promised = PromiseForm(typed("promised_day"), typed("promised_part"), typed("promised_time"))
    return CallForm(typed("note"), typed("at"), promised)


def _call(form: CallForm) -> CallMade | PromiseProblem | None:
    """The call of the button that was pressed, "family/reached" or "program:ID/no_answer"; None when it is none."""
    to, _, outcome = request.form.get("call", "").partition("/")
    callee, _, referral = to.partition(":")
    at, referral_id = _moment(form.at), read_id(referral)
    if callee not in set(CallTo) or outcome not in set(CallOutcome) or at is None or bool(referral) != bool(referral_id):
        return None
    said = form.promised
    promise = read_promise(said.day, said.part, said.clock, services().now(), services().time_zone)
    if isinstance(promise, PromiseProblem):
        return promise
    shown = request.form.get("number_shown")
    return CallMade(CallTo(callee), CallOutcome(outcome), at, referral_id, form.note, promise, shown)


def _moment(typed: str) -> datetime | None:
    """The time typed, in the affiliate's time zone; now when none was."""
    if not typed:
        return services().now()
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=services().time_zone)
    except ValueError:
        return None


def _again(conversation_id: UUID, form: CallForm, problem: str, status: int) -> ResponseReturnValue:
    return case_page(conversation_id, calling=replace(form, problem=problem, key=uuid4())), status
