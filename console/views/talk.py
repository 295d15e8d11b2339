"""Writing with a family: taking over from the agent, what a person writes, taking it back, handing back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.forms import form_key, several_lines
from console.pages import words
from console.permissions import Permission, needs
from console.services import services
from console.talk import Talk, read_talk
from console.views.cases import case_page
from intake.content.bilingual import as_language
from intake.usecases.casework import CaseUnknown, FormUsed, view_case
from intake.usecases.reading_grade import HIGHEST, grade_for
from intake.usecases.stepping_in import (
    CannotWrite,
    NothingWritten,
    NotSteppedIn,
    TakenByColleague,
    TooLate,
    hand_back,
    size_of,
    take_back,
    take_over,
    write,
)

pages = Blueprint("talk", __name__)
_ID = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class TalkForm:
    """What a person typed, so that nothing is lost, and the purpose of the text that says why it did not go."""

    text: str = ""
    problem: str | None = None
    colleague: str = ""


@pages.post("/cases/<uuid:conversation_id>/take-over")
@needs(Permission.WRITE_TO_FAMILY)
def take(conversation_id: UUID) -> ResponseReturnValue:
    """The agent keeps quiet from now on; 409 when a colleague was faster or nobody can be reached."""
    shown = request.form.get("shown", "")
    try:
        take_over(services().store, conversation_id, current_user.id, shown=int(shown) if _ID.fullmatch(shown) else None)
    except CaseUnknown:
        abort(404)
    except TakenByColleague as taken:
        return _again(conversation_id, TalkForm(problem="talk.taken", colleague=taken.name), 409)
    except CannotWrite:
        return _again(conversation_id, TalkForm(problem="talk.cannot_write"), 409)
    return _to_talk(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/texts")
@needs(Permission.WRITE_TO_FAMILY)
def say(conversation_id: UUID) -> ResponseReturnValue:
    """Keeps what was written; it leaves in ten seconds. What cannot go is given back as it was typed."""
    text = several_lines("text")
    key = form_key()
    if request.form.get("for_this_family") != "yes":
        return _again(conversation_id, TalkForm(text, "talk.confirm_first"), 422)
    try:
        write(services().store, services().content.intake, conversation_id, current_user.id, key, text)
    except CaseUnknown:
        abort(404)
    except NothingWritten:
        return _again(conversation_id, TalkForm(text, "talk.nothing_or_too_long"), 422)
    except NotSteppedIn:
        return _again(conversation_id, TalkForm(text, "talk.not_yours_kept"), 409)
    except FormUsed:
        return _again(conversation_id, TalkForm(text, "talk.form_used"), 409)
    except CannotWrite:
        return _again(conversation_id, TalkForm(text, "talk.cannot_write"), 409)
    return _to_talk(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/texts/<uuid:text_id>/take-back")
@needs(Permission.WRITE_TO_FAMILY)
def undo(conversation_id: UUID, text_id: UUID) -> ResponseReturnValue:
    """Takes a text back and puts its words into the form again; 409 when it has left."""
    try:
        words = take_back(services().store, conversation_id, text_id, current_user.id)
    except NotSteppedIn:
        abort(404)
    except TooLate:
        return _again(conversation_id, TalkForm(problem="talk.too_late"), 409)
    return _again(conversation_id, TalkForm(words, "talk.taken_back"), 200)


@pages.post("/cases/<uuid:conversation_id>/hand-back")
@needs(Permission.WRITE_TO_FAMILY)
def give_back(conversation_id: UUID) -> ResponseReturnValue:
    """The agent goes on at the open question."""
    try:
        hand_back(services().store, services().content.intake, conversation_id, current_user.id)
    except CaseUnknown:
        abort(404)
    except NotSteppedIn:
        return _again(conversation_id, TalkForm(problem="talk.not_yours"), 409)
    return _to_talk(conversation_id)


@pages.post("/cases/<uuid:conversation_id>/texts/library")
@needs(Permission.WRITE_TO_FAMILY)
def from_library(conversation_id: UUID) -> ResponseReturnValue:
    """Puts an approved reply, in the family's language, behind what was typed."""
    typed = several_lines("text").strip()
    reply = services().content.replies.get(request.form.get("reply", ""))
    language = as_language(_talk(conversation_id).conversation.language)
    added = reply.in_language(language) if reply else ""
    return _again(conversation_id, TalkForm(f"{typed} {added}".strip()), 200)


@pages.post("/cases/<uuid:conversation_id>/texts/size")
@needs(Permission.WRITE_TO_FAMILY)
def measure(conversation_id: UUID) -> ResponseReturnValue:
    """How many segments a text takes with the name before it, where the talk goes by text, and how hard it is to read."""
    written = request.form.get("text", "")
    try:
        size = size_of(services().store, services().content.intake, conversation_id, current_user.id, written)
        grade = grade_for(services().store, conversation_id, written)
    except CaseUnknown:
        abort(404)
    said = []
    if size is not None:
        purpose = "talk.size_one" if size.segments == 1 else "talk.size"
        said.append(words().text(purpose, segments=size.segments, encoding=size.encoding))
    if grade is not None:
        said.append(words().text("talk.grade_high" if grade > HIGHEST else "talk.grade", grade=grade))
    return " · ".join(said)


@pages.get("/cases/<uuid:conversation_id>/talk")
@needs(Permission.SEE_CASE)
def live(conversation_id: UUID) -> ResponseReturnValue:
    """The conversation alone, which the case page asks for again and again while it is open."""
    talk, known = _talk(conversation_id), request.headers.get("If-None-Match", "")
    if known == talk.etag:
        return "", 304, {"ETag": talk.etag}
    if talk.has_news(known):
        view_case(services().store, conversation_id, current_user.id)
    return render_template("_transcript.html", talk=talk), 200, {"ETag": talk.etag}


def _talk(conversation_id: UUID) -> Talk:
    try:
        return read_talk(services().store, conversation_id)
    except CaseUnknown:
        abort(404)


def _again(conversation_id: UUID, form: TalkForm, status: int) -> ResponseReturnValue:
    return case_page(conversation_id, talking=form), status


def _to_talk(conversation_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor="talk"), 303)

