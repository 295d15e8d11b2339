"""The case page: everything about one conversation, its phone number on request, and the moves of its
referrals.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.case import Case, read_case
from console.permissions import Permission, needs
from console.services import services
from intake.rules.concerns import ConcernDomain
from intake.rules.referral import MOVES, BarrierCode, MoveNotAllowed, ReferralStatus
from intake.usecases.casework import (
    NOTE_LIMIT,
    CaseUnknown,
    Change,
    ConflictError,
    NoteTooLong,
    move_referral,
    reveal_phone,
    view_case,
)
from intake.usecases.recoding import CodesChanged, WorryUnknown, correct_domains

pages = Blueprint("cases", __name__)


@dataclass(frozen=True)
class MoveForm:
    """What a person typed into a referral's form, so that nothing is lost when it cannot be done.

    ``problem`` is the purpose of the text that says why, ``changes`` what colleagues did meanwhile.
    """

    referral_id: UUID
    to: str
    barrier: str
    note: str
    version: int
    problem: str | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class SortForm:
    """The domains a person chose for a worry, and the purpose of the text that says why it was not done."""

    message_id: UUID
    domains: tuple[str, ...]
    problem: str


@pages.get("/cases/<uuid:conversation_id>")
@needs(Permission.SEE_CASE)
def show(conversation_id: UUID) -> ResponseReturnValue:
    """The case, with its phone number masked."""
    return _page(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/phone")
@needs(Permission.SEE_PHONE)
def phone(conversation_id: UUID) -> ResponseReturnValue:
    """The case once more with the whole phone number; not a link, for it is a deed and leaves a line."""
    try:
        reveal_phone(services().store, conversation_id, current_user.id)
    except CaseUnknown:
        abort(404)
    return _page(conversation_id, phone_shown=True)


@pages.post("/cases/<uuid:conversation_id>/referrals/<uuid:referral_id>/moves")
@needs(Permission.MOVE_REFERRAL)
def move(conversation_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """Moves a referral; 409 when a colleague was faster, 422 when it cannot be done, with all that was typed
    kept.
    """
    form = _form(referral_id)
    case = _read(conversation_id)
    if case.referral(referral_id) is None:
        abort(404)
    refused = _move(form)
    if refused is None:
        return redirect(
            url_for("cases.show", conversation_id=conversation_id, _anchor=f"referral-{referral_id}"), 303
        )
    status, form = refused
    return _page(conversation_id, form=form), status


@pages.post("/cases/<uuid:conversation_id>/worries/<uuid:message_id>/domains")
@needs(Permission.SORT_WORRY)
def sort_worry(conversation_id: UUID, message_id: UUID) -> ResponseReturnValue:
    """Sorts the worry of one message anew; 409 when a colleague did so meanwhile, with what was chosen kept."""
    chosen, shown = request.form.getlist("domain"), request.form.getlist("shown")
    if not {*chosen, *shown} <= set(ConcernDomain):
        return _page(conversation_id, sorting=SortForm(message_id, (), "worry.unknown_domain")), 422
    try:
        correct_domains(
            services().store,
            conversation_id,
            message_id,
            {ConcernDomain(domain) for domain in chosen},
            shown={ConcernDomain(domain) for domain in shown},
            staff=current_user.id,
        )
    except WorryUnknown:
        abort(404)
    except CodesChanged:
        return _page(
            conversation_id, sorting=SortForm(message_id, tuple(chosen), "worry.changed_meanwhile")
        ), 409
    return redirect(
        url_for("cases.show", conversation_id=conversation_id, _anchor=f"worry-{message_id}"), 303
    )


def _move(form: MoveForm) -> tuple[int, MoveForm] | None:
    """Tries the move; the HTTP status and the form to show again when it could not be made."""
    if form.to not in set(ReferralStatus) or (form.barrier and form.barrier not in set(BarrierCode)):
        return 422, _again(form, "move.choose_status")
    try:
        move_referral(
            services().store,
            form.referral_id,
            ReferralStatus(form.to),
            current_user.id,
            form.version,
            BarrierCode(form.barrier) if form.barrier else None,
            form.note,
        )
    except ConflictError as conflict:
        return 409, _again(form, "move.changed_meanwhile", conflict.changes)
    except MoveNotAllowed:
        return 422, _again(form, "move.not_allowed")
    except NoteTooLong:
        return 422, _again(form, "move.note_too_long")
    return None


def _form(referral_id: UUID) -> MoveForm:
    version = request.form.get("version", "")
    return MoveForm(
        referral_id,
        request.form.get("to", ""),
        request.form.get("barrier", ""),
        request.form.get("note", "").replace("\r\n", "\n").strip(),
        int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0,
    )


def _again(form: MoveForm, problem: str, changes: tuple[Change, ...] = ()) -> MoveForm:
    return MoveForm(form.referral_id, form.to, form.barrier, form.note, form.version, problem, changes)


def _read(conversation_id: UUID) -> Case:
    try:
        return read_case(services().store, conversation_id)
    except CaseUnknown:
        abort(404)


def _page(
    conversation_id: UUID,
    *,
    form: MoveForm | None = None,
    sorting: SortForm | None = None,
    phone_shown: bool = False,
) -> str:
    """The case page; the look is written into the audit trail before anything is read for it."""
    try:
        view_case(services().store, conversation_id, current_user.id)
    except CaseUnknown:
        abort(404)
    return render_template(
        "case.html",
        case=_read(conversation_id),
        form=form,
        sorting=sorting,
        domains=tuple(ConcernDomain),
        phone_shown=phone_shown,
        moves=_moves_in_order(),
        barriers=tuple(BarrierCode),
        note_limit=NOTE_LIMIT,
    )


def _moves_in_order() -> dict[str, list[ReferralStatus]]:
    """The moves allowed from each status, in the order of a referral's life."""
    return {
        before.value: [status for status in ReferralStatus if status in after]
        for before, after in MOVES.items()
    }
