"""The case page: everything about one conversation, its phone number on request, and the moves of its
referrals.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID, uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.case import Case, read_case
from console.desk import open_desk
from console.follow_ups import follow_ups_of
from console.forms import several_lines
from console.kin import kin_of
from console.pages import words
from console.permissions import Permission, needs
from console.program_case import read_program_case
from console.services import services
from console.sight import sight
from console.spoken import to_be_said
from console.talk import talk_of
from console.views.queue import looking_now
from intake.rules.calls import CallOutcome
from intake.rules.clearing import ClearedBecause
from intake.rules.concerns import ConcernDomain
from intake.rules.promised import PartOfDay
from intake.rules.referral import (
    MOVES,
    NOT_TO_HAND_ON,
    SOURCES_OF_STAFF,
    BarrierCode,
    GapCode,
    MoveNotAllowed,
    MoveSource,
    ReasonMissing,
    ReferralStatus,
    read_reason,
)
from intake.usecases.agreed_by_phone import ParentMustAgree
from intake.usecases.calls import calls_of
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
from intake.usecases.notes import notes_of
from intake.usecases.recoding import CodesChanged, WorryUnknown, correct_domains
from intake.usecases.referrers import cases_joined_to, referrer_in
from intake.usecases.sight import may_see
from intake.usecases.stepping_in import LONGEST

pages = Blueprint("cases", __name__)


@dataclass(frozen=True)
class MoveForm:
    """What a person typed into a referral's form, so that nothing is lost when it cannot be done.

    ``problem`` is the purpose of the text that says why, ``changes`` what colleagues did meanwhile.
    """

    referral_id: UUID
    to: str
    source: str
    reason: str
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
@needs(Permission.SEE_CASE, of_program=True)
def show(conversation_id: UUID) -> ResponseReturnValue:
    """The case, with its phone number masked."""
    return case_page(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/phone")
@needs(Permission.SEE_PHONE, of_program=True)
def phone(conversation_id: UUID) -> ResponseReturnValue:
    """The case once more with the whole phone number; not a link, for it is a deed and leaves a line."""
    try:
        reveal_phone(services().store, conversation_id, current_user.id)
    except CaseUnknown:
        abort(404)
    return case_page(conversation_id, phone_shown=True)


@pages.post("/cases/<uuid:conversation_id>/referrals/<uuid:referral_id>/moves")
@needs(Permission.MOVE_REFERRAL, of_program=True)
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
        return _after_moving(conversation_id, referral_id)
    status, form = refused
    return case_page(conversation_id, form=form), status


@pages.post("/cases/<uuid:conversation_id>/worries/<uuid:message_id>/domains")
@needs(Permission.SORT_WORRY)
def sort_worry(conversation_id: UUID, message_id: UUID) -> ResponseReturnValue:
    """Sorts the worry of one message anew; 409 when a colleague did so meanwhile, with what was chosen kept."""
    chosen, shown = request.form.getlist("domain"), request.form.getlist("shown")
    if not {*chosen, *shown} <= set(ConcernDomain):
        return case_page(conversation_id, sorting=SortForm(message_id, (), "worry.unknown_domain")), 422
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
        return case_page(
            conversation_id, sorting=SortForm(message_id, tuple(chosen), "worry.changed_meanwhile")
        ), 409
    return redirect(
        url_for("cases.show", conversation_id=conversation_id, _anchor=f"worry-{message_id}"), 303
    )


def _after_moving(conversation_id: UUID, referral_id: UUID) -> ResponseReturnValue:
    """The referral again; the queue for whom it is out of sight by now, because it goes to their program no more."""
    with services().store.reading() as session:
        seen = may_see(session, sight(), conversation_id, referral_id)
    anchor = f"referral-{referral_id}"
    case = url_for("cases.show", conversation_id=conversation_id, _anchor=anchor)
    return redirect(case if seen else url_for("queue.show"), 303)


def _move(form: MoveForm) -> tuple[int, MoveForm] | None:
    """Tries the move; the HTTP status and the form to show again when it could not be made."""
    reason = read_reason(form.reason)
    if form.to not in set(ReferralStatus) or (form.reason and reason is None):
        return 422, _again(form, "move.choose_status")
    if form.source not in SOURCES_OF_STAFF:
        return 422, _again(form, "move.choose_source")
    try:
        move_referral(
            services().store,
            form.referral_id,
            ReferralStatus(form.to),
            current_user.id,
            form.version,
            reason,
            form.note,
            MoveSource(form.source),
        )
    except ConflictError as conflict:
        return 409, _again(form, "move.changed_meanwhile", conflict.changes)
    except MoveNotAllowed:
        return 422, _again(form, "move.not_allowed")
    except ParentMustAgree:
        return 422, _again(form, "move.parent_must_agree")
    except ReasonMissing:
        return 422, _again(form, "move.needs_reason")
    except NoteTooLong:
        return 422, _again(form, "move.note_too_long")
    return None


def _form(referral_id: UUID) -> MoveForm:
    version = request.form.get("version", "")
    return MoveForm(
        referral_id,
        request.form.get("to", ""),
        request.form.get("source", ""),
        request.form.get("reason", ""),
        several_lines("note").strip(),
        int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0,
    )


def _again(form: MoveForm, problem: str, changes: tuple[Change, ...] = ()) -> MoveForm:
    return replace(form, problem=problem, changes=changes)


def _read(conversation_id: UUID) -> Case:
    try:
        return read_case(services().store, conversation_id)
    except CaseUnknown:
        abort(404)


def case_page(
    conversation_id: UUID,
    *,
    form: MoveForm | None = None,
    sorting: SortForm | None = None,
    talking: object = None,
    calling: object = None,
    assigning: tuple[str, str | None] | None = None,
    clearing: str | None = None,
    numbering: object = None,
    noting: object = None,
    following: str | None = None,
    phone_shown: bool = False,
) -> str:
    """The case page; ``talking`` is what a person typed to the family when it could not go, ``calling`` what they
    typed of a call when it could not be logged, ``assigning`` why the case could not be given to somebody, and who has it,
    ``clearing`` why a flag was not cleared, ``numbering`` the right number they typed when it could not be kept, ``noting`` what
    they typed as a note when it could not be kept, ``following`` why a planned text was not called off.

    The look is written into the audit trail before anything is read for it."""
    try:
        view_case(services().store, conversation_id, current_user.id)
    except CaseUnknown:
        abort(404)
    if sight().limited:
        return _program_page(conversation_id, form, calling, assigning, phone_shown)
    return render_template(
        "case.html",
        form=form,
        sorting=sorting,
        phone_shown=phone_shown,
        talking=talking,
        assigning=assigning,
        clearing=clearing,
        numbering=numbering,
        calling=calling or {"key": uuid4(), "promised": {}},
        **_all_of(_read(conversation_id)),
        **_beside(conversation_id, noting, following),
        **_to_choose_from(),
    )


def _all_of(case: Case) -> dict[str, object]:
    """The case with its talk, its desk, its calls, its notes and its kin."""
    store, conversation = services().store, case.conversation
    calls, notes = calls_of(store, conversation.id), notes_of(store, conversation.id)
    return {
        "case": case,
        "talk": talk_of(store, case),
        "desk": open_desk(store, conversation.id, looking_now()),
        "calls": calls,
        "notes": notes,
        "spoken": to_be_said(case, calls, notes, services().content.intake, words().language),
        "referrer": referrer_in(case.standing),
        "joined": cases_joined_to(store, conversation),
        "kin": kin_of(store, conversation, services().now().astimezone(services().time_zone).date()),
    }


def _program_page(
    conversation_id: UUID,
    form: MoveForm | None,
    calling: object,
    assigning: tuple[str, str | None] | None,
    phone_shown: bool,
) -> str:
    """What a case is to somebody who is limited to a program: what its packet tells, and its own referral."""
    try:
        case = read_program_case(services().store, conversation_id, sight())
    except CaseUnknown:
        abort(404)
    return render_template(
        "case_of_program.html",
        case=case,
        form=form,
        phone_shown=phone_shown,
        desk=open_desk(services().store, conversation_id, looking_now()),
        assigning=assigning,
        calls=calls_of(services().store, conversation_id, sight()),
        calling=calling or {"key": uuid4(), "promised": {}},
        of_program=True,
        **_to_choose_from(),
    )


def _beside(conversation_id: UUID, noting: object, following: str | None) -> dict[str, object]:
    """The note that is being written, and the texts that we start."""
    return {
        "noting": noting or {"key": uuid4()},
        "follow_ups": follow_ups_of(services().store, conversation_id),
        "following": following,
    }


def _to_choose_from() -> dict[str, object]:
    """What the forms of a case offer, and their limits."""
    return {
        "domains": tuple(ConcernDomain),
        "text_key": uuid4(),
        "longest": LONGEST,
        "replies": services().content.replies,
        "moves": _moves_in_order(),
        "reasons": {"barrier": tuple(BarrierCode), "gap": tuple(GapCode)},
        "sources": SOURCES_OF_STAFF,
        "not_to_hand_on": NOT_TO_HAND_ON,
        "note_limit": NOTE_LIMIT,
        "cleared_because": tuple(ClearedBecause),
        "call_outcomes": tuple(CallOutcome),
        "parts_of_day": (PartOfDay.ANY_TIME, PartOfDay.MORNING, PartOfDay.AFTERNOON, PartOfDay.EVENING),
    }


def _moves_in_order() -> dict[str, list[ReferralStatus]]:
    """The moves allowed from each status, in the order of a referral's life."""
    return {
        before.value: [status for status in ReferralStatus if status in after]
        for before, after in MOVES.items()
    }
