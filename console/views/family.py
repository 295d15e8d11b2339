"""A family beyond one case: its children side by side, families that may be the same, joining two and parting them again."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID, uuid4

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.children import SIDE_BY_SIDE, read_children
from console.forms import read_id
from console.pages import words
from console.permissions import Permission, needs
from console.services import services
from intake.usecases.casework import CaseUnknown, FormUsed
from intake.usecases.family_facts import FACTS
from intake.usecases.merging import (
    OTHER,
    THIS,
    AlreadyOneFamily,
    ChangedSinceShown,
    ChildTwice,
    Choice,
    NotToBeMerged,
    Whose,
    compare,
    merge,
    proposed,
)
from intake.usecases.same_family import say_apart, take_back_apart
from intake.usecases.unmerging import ChangedSinceMerge, MergedAgainSince, undo_merge

pages = Blueprint("family", __name__)
_FACT = "fact_"
_WHOSE: Mapping[str, Whose] = {THIS: "this", OTHER: "other", "": "this"}  # none is offered where both told the same
# The facts in the order of the page, with the words that name them; those with ready answers are shown by their labels.
LABELS: Mapping[str, str] = {
    "contact_name": "case.contact_name", "relation": "case.relation", "language": "case.family_language",
    "phone": "case.phone", "best_time": "case.best_time", "place": "case.place", "doctor": "case.doctor",
    "insurance": "case.insurance", "heard_from": "case.heard_from", "race_ethnicity": "case.race_ethnicity"}


@pages.get("/cases/<uuid:conversation_id>/children")
@needs(Permission.SEE_CASE)
def children(conversation_id: UUID) -> ResponseReturnValue:
    """The children of a case's family side by side."""
    try:
        columns = read_children(services().store, conversation_id, current_user.id)
    except CaseUnknown:
        abort(404)
    return render_template("children.html", conversation_id=conversation_id, columns=columns, side_by_side=SIDE_BY_SIDE)


@pages.get("/cases/<uuid:conversation_id>/same-family/<uuid:other_id>")
@needs(Permission.MERGE_FAMILIES)
def side_by_side(conversation_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Both families, what each told, and what to keep."""
    return _merge_page(conversation_id, other_id)


@pages.post("/cases/<uuid:conversation_id>/same-family/<uuid:other_id>")
@needs(Permission.MERGE_FAMILIES)
def join(conversation_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Joins the two families; 409 with both as they are now when one has changed, 422 for children that cannot be one."""
    choice, key = _choice(), read_id(request.form.get("key", ""))
    if choice is None or key is None:
        return _merge_page(conversation_id, other_id, problem="kin.not_chosen", status=422)
    try:
        merge(services().store, conversation_id, other_id, choice, shown=request.form.get("shown", ""),
              staff=current_user.id, form_key=key)
    except CaseUnknown:
        abort(404)
    except ChangedSinceShown:
        return _merge_page(conversation_id, other_id, choice=choice, problem="kin.changed_meanwhile", status=409)
    except ChildTwice:
        return _merge_page(conversation_id, other_id, choice=choice, problem="kin.child_twice", status=422)
    except (AlreadyOneFamily, FormUsed):
        return _refused("kin.already", conversation_id)
    except NotToBeMerged:
        return _refused("kin.not_to_be_merged", conversation_id)
    return _to_case(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/same-family/<uuid:other_id>/apart")
@needs(Permission.MERGE_FAMILIES)
def apart(conversation_id: UUID, other_id: UUID) -> ResponseReturnValue:
    """Keeps that the two are not the same family."""
    try:
        say_apart(services().store, conversation_id, other_id, current_user.id)
    except CaseUnknown:
        abort(404)
    return _to_case(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/apart/<uuid:apart_id>/undo")
@needs(Permission.MERGE_FAMILIES)
def not_apart(conversation_id: UUID, apart_id: UUID) -> ResponseReturnValue:
    """Takes back that two are not the same family."""
    try:
        take_back_apart(services().store, conversation_id, apart_id, current_user.id)
    except CaseUnknown:
        abort(404)
    return _to_case(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/merges/<uuid:merge_id>/undo")
@needs(Permission.MERGE_FAMILIES)
def part(conversation_id: UUID, merge_id: UUID) -> ResponseReturnValue:
    """Makes two families of one again; 409 with what was told since, to be confirmed."""
    try:
        undo_merge(services().store, conversation_id, merge_id, current_user.id, request.form.get("anyway", ""))
    except CaseUnknown:
        abort(404)
    except MergedAgainSince:
        return _refused("kin.merged_again", conversation_id)
    except ChangedSinceMerge as changed:
        return render_template("merge_undo.html", conversation_id=conversation_id, merge_id=merge_id, changed=changed,
                               labels=LABELS), 409
    return _to_case(conversation_id)


def _merge_page(conversation_id: UUID, other_id: UUID, *, choice: Choice | None = None,
                problem: str | None = None, status: int = 200) -> tuple[str, int]:
    try:
        pair = compare(services().store, conversation_id, other_id, current_user.id)
    except CaseUnknown:
        abort(404)
    except AlreadyOneFamily:
        return _refused("kin.already", conversation_id)
    except NotToBeMerged:
        return _refused("kin.not_to_be_merged", conversation_id)
    own = proposed(pair)
    chosen = own if choice is None else Choice({**own.facts, **choice.facts}, choice.same)
    page = render_template("merge.html", conversation_id=conversation_id, other_id=other_id, pair=pair, chosen=chosen,
                           labels=LABELS, problem=problem, key=uuid4())
    return page, status


def _choice() -> Choice | None:
    """What was chosen, or None when the form was not made by our page."""
    facts: dict[str, Whose] = {}
    for fact in FACTS:
        whose = request.form.get(_FACT + fact, "")
        if whose not in _WHOSE:
            return None
        facts.update({fact: _WHOSE[whose]} if whose else {})
    try:
        same = [tuple(UUID(id_) for id_ in pair.split(":")) for pair in request.form.getlist("same")]
    except ValueError:
        return None
    return Choice(facts, frozenset((pair[0], pair[1]) for pair in same)) if all(len(pair) == 2 for pair in same) else None



def _refused(purpose: str, conversation_id: UUID) -> tuple[str, int]:
    return render_template("kin_refused.html", message=words().text(purpose), conversation_id=conversation_id), 409


def _to_case(conversation_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor="kin"), 303)
