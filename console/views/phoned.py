"""Opening a case for a family that phoned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.forms import form_key, several_lines
from console.permissions import Permission, needs
from console.services import services
from console.sight import in_practice, mode
from intake.content.bilingual import LANGUAGES
from intake.rules.concerns import ConcernDomain
from intake.rules.interview import Kind
from intake.rules.names import LONGEST_NAME
from intake.rules.phoned import HowAgreed, PhonedProblem
from intake.usecases.casework import FormUsed
from intake.usecases.local_day import local_today
from intake.usecases.phoned import WORRY_LIMIT, PhonedFamily, Typed, open_case, read_typed

pages = Blueprint("phoned", __name__)


@dataclass(frozen=True)
class PhonedForm:
    """What a person typed, what is wrong with it by field, and the case that this form has opened already.

    ``key`` belongs to one case: a form that opened one already gets a new key. ``switched``: practice was switched on or off
    since the form was opened.
    """

    typed: Typed = field(default_factory=Typed)
    problems: Mapping[str, PhonedProblem] = field(default_factory=dict)
    opened: UUID | None = None
    switched: bool = False
    key: UUID = field(default_factory=uuid4)


@pages.get("/cases/phoned")
@needs(Permission.OPEN_CASE)
def show() -> ResponseReturnValue:
    """The empty form."""
    return _page(PhonedForm())


@pages.post("/cases/phoned")
@needs(Permission.OPEN_CASE)
def save() -> ResponseReturnValue:
    """Opens the case, once for each form; 422 with everything typed when something is missing or wrong."""
    content, key, typed = services().content, form_key(), _typed()
    if request.form.get("mode", "") != mode():  # a real family must not be kept as a made-up one, nor the other way
        return _page(PhonedForm(typed, key=key, switched=True)), 409
    today = local_today(content.intake)
    told = read_typed(typed, content.messages, today)
    if not isinstance(told, PhonedFamily):
        return _page(PhonedForm(typed, told, key=key)), 422
    try:
        case = open_case(services().store, content.intake, told, today=today, staff=current_user.id, form_key=key,
                         practice=in_practice())
    except FormUsed as used:
        return _page(PhonedForm(typed, opened=used.conversation_id)), 409
    return redirect(url_for("cases.show", conversation_id=case), 303)


def _typed() -> Typed:
    form = request.form
    return Typed(
        child_name=form.get("child_name", ""),
        birth_date=form.get("birth_date", ""),
        age_months=form.get("age_months", ""),
        worry=several_lines("worry"),
        domains=tuple(form.getlist("domain")),
        contact_name=form.get("contact_name", ""),
        relation=form.get("relation", ""),
        phone=form.get("phone", ""),
        best_time=form.get("best_time", ""),
        language=form.get("language", ""),
        agreed=form.get("agreed", ""),
        how_agreed=form.get("how_agreed", ""),
    )



def _page(form: PhonedForm) -> str:
    content = services().content
    return render_template(
        "phoned.html",
        form=form,
        typed=form.typed,
        problems=form.problems,
        languages=LANGUAGES,
        domains=tuple(ConcernDomain),
        relations=content.messages.choices[Kind.RELATION],
        best_times=content.messages.choices[Kind.BEST_TIME],
        ways_to_agree=tuple(HowAgreed),
        read_out={language: content.texts.text("phoned.read_out", language) for language in LANGUAGES},
        longest_name=LONGEST_NAME,
        worry_limit=WORRY_LIMIT,
    )
