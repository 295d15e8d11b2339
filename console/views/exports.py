"""Exports: asking for cases as a file, agreeing to it, fetching it once, and looking at what went out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.export_file import MAKE, MIME, FileKind
from console.export_table import export_in_words
from console.exports import read_exports
from console.forms import form_key
from console.pages import words
from console.permissions import Permission, may, needs
from console.services import services
from intake.content.bilingual import LANGUAGES
from intake.rules.exporting import (
    GOOD_FOR,
    LONGEST_LINE,
    MOST_A_DAY,
    MOST_ROWS,
    ExportColumns,
    ExportMoveNotAllowed,
    ExportPurpose,
    ExportState,
)
from intake.rules.referral import ReferralStatus
from intake.store.models import Export
from intake.usecases.casework import FormUsed
from intake.usecases.export_rows import ExportRow, Wanted
from intake.usecases.exporting import ExportNotAsked, ExportUnknown, OwnExport, TooManyRows, ask, decide, fetch, look_at
from intake.usecases.staff import record_refusal

pages = Blueprint("exports", __name__)
_FIELDS = ("from_day", "to_day", "program", "status", "language", "columns", "purpose", "line")
_HOURS = int(GOOD_FOR.total_seconds() // 3600)


@dataclass(frozen=True)
class ExportForm:
    """What a person typed, so that nothing is lost. ``key`` belongs to one export: a form that asked already gets a new key."""

    typed: Mapping[str, str] = field(default_factory=dict)
    key: UUID = field(default_factory=uuid4)


@pages.get("/exports")
@needs(Permission.ASK_EXPORT)
def show() -> ResponseReturnValue:
    """The form to ask with, and the exports there are."""
    return _page()


@pages.post("/exports")
@needs(Permission.ASK_EXPORT)
def save() -> ResponseReturnValue:
    """Asks for an export; 422 with all that was typed when it cannot be had, 409 when the form has asked for another."""
    form = ExportForm({name: request.form.get(name, "").strip() for name in _FIELDS}, form_key())
    wanted = _wanted(form.typed)
    if wanted is None:
        return _page(form, "export.choose"), 422
    try:
        ask(services().store, wanted, current_user.id, form.key, now=services().now(), zone=services().time_zone)
    except TooManyRows as many:
        return _page(form, "export.too_many_rows", rows=many.rows, most=MOST_ROWS), 422
    except ExportNotAsked as problem:
        return _page(form, _WHY_NOT[problem.code], most=MOST_A_DAY, longest=LONGEST_LINE), 422
    except FormUsed:
        return _page(ExportForm(form.typed), "export.form_used"), 409
    return redirect(url_for("exports.show", _anchor="list"), 303)


_WHY_NOT = {"days": "export.days", "line": "export.line_missing", "too_many_today": "export.too_many_today"}


@pages.post("/exports/<uuid:export_id>/approve")
@needs(Permission.APPROVE_EXPORT)
def approve(export_id: UUID) -> ResponseReturnValue:
    """A supervisor agrees; 409 when it was decided meanwhile, or is their own."""
    return _decide(export_id, ExportState.APPROVED)


@pages.post("/exports/<uuid:export_id>/refuse")
@needs(Permission.APPROVE_EXPORT)
def refuse(export_id: UUID) -> ResponseReturnValue:
    """A supervisor refuses; 409 when it was decided meanwhile, or is their own."""
    return _decide(export_id, ExportState.REFUSED)


@pages.post("/exports/<uuid:export_id>/download")
@needs(Permission.ASK_EXPORT)
def download(export_id: UUID) -> ResponseReturnValue:
    """The file, for the asker alone and once; the name of the file holds the export's number alone."""
    if request.form.get("kind", "") not in set(FileKind):
        return _page(problem="export.choose_kind"), 422
    kind, store, now = FileKind(request.form["kind"]), services().store, services().now()

    def make(export: Export, rows: Sequence[ExportRow]) -> bytes:
        return MAKE[kind](export_in_words(export, rows, words(), current_user.name, now))

    try:
        file = fetch(store, export_id, current_user.id, make, now=now, zone=services().time_zone)
    except ExportUnknown:
        record_refusal(store, current_user.id, Permission.ASK_EXPORT.value, str(export_id))
        abort(404)
    except ExportMoveNotAllowed:
        return _page(problem="export.not_to_fetch"), 409
    except TooManyRows as many:
        return _page(problem="export.too_many_rows", rows=many.rows, most=MOST_ROWS), 422
    answer = Response(file.data, mimetype=MIME[kind])
    answer.headers.set("Content-Disposition", "attachment", filename=f"growline-{file.number}.{kind}")
    return answer


@pages.post("/exports/<uuid:export_id>/seen")
@needs(Permission.APPROVE_EXPORT)
def seen(export_id: UUID) -> ResponseReturnValue:
    """A supervisor has looked at what went out: its alarm ends."""
    try:
        look_at(services().store, export_id, current_user.id, now=services().now())
    except ExportUnknown:
        abort(404)
    except OwnExport:
        return _own(export_id)
    return redirect(url_for("exports.show", _anchor="list"), 303)


def _decide(export_id: UUID, to: ExportState) -> ResponseReturnValue:
    try:
        decide(services().store, export_id, current_user.id, to, now=services().now())
    except ExportUnknown:
        abort(404)
    except OwnExport:
        return _own(export_id)
    except ExportMoveNotAllowed:
        return _page(problem="export.decided_meanwhile"), 409
    return redirect(url_for("exports.show", _anchor="list"), 303)


def _own(export_id: UUID) -> ResponseReturnValue:
    record_refusal(services().store, current_user.id, Permission.APPROVE_EXPORT.value, str(export_id))
    return _page(problem="export.own"), 409


def _wanted(typed: Mapping[str, str]) -> Wanted | None:
    """What a form asks for; None when it names something that there is not."""
    try:
        return Wanted(
            ExportColumns(typed["columns"]),
            date.fromisoformat(typed["from_day"]),
            date.fromisoformat(typed["to_day"]),
            ExportPurpose(typed["purpose"]),
            typed["line"],
            _one_of(typed["program"], services().content.program_names),
            ReferralStatus(typed["status"]) if typed["status"] else None,
            _one_of(typed["language"], LANGUAGES),
        )
    except ValueError:
        return None


def _one_of(typed: str, known: Mapping[str, object] | Sequence[str]) -> str | None:
    if typed and typed not in known:
        raise ValueError("unknown")
    return typed or None



def _page(form: ExportForm | None = None, problem: str | None = None, **numbers: int) -> str:
    """The page; ``problem`` is the purpose of the text that says what was not done, with the ``numbers`` it names."""
    everybodys, now = may(Permission.APPROVE_EXPORT), services().now()
    form = form or ExportForm()
    return render_template(
        "exports.html",
        form=form,
        typed=form.typed,
        problem=words().text(problem, **numbers) if problem else None,
        exports=read_exports(services().store, current_user.id, everybodys=everybodys, now=now),
        everybodys=everybodys,
        programs=sorted(services().content.program_names, key=words().program),
        statuses=tuple(ReferralStatus),
        languages=LANGUAGES,
        column_sets=tuple(ExportColumns),
        purposes=tuple(ExportPurpose),
        kinds=tuple(FileKind),
        most_rows=MOST_ROWS,
        hours=_HOURS,
        longest_line=LONGEST_LINE,
        today=now.astimezone(services().time_zone).date(),
    )
