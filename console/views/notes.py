"""Notes of staff on a case: writing one, and correcting one by a new one that replaces it."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID, uuid4

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.forms import read_id, several_lines
from console.permissions import Permission, needs
from console.services import services
from console.views.cases import case_page
from intake.usecases.casework import CaseUnknown, FormUsed, NoteTooLong
from intake.usecases.notes import NoteEmpty, NoteReplaced, NoteUnknown, write_note

pages = Blueprint("notes", __name__)


@dataclass(frozen=True)
class NoteForm:
    """What a person typed, so that nothing is lost, and the purpose of the text that says why it was not kept.

    ``key`` belongs to one note; ``replaces`` is the note that it corrects.
    """

    text: str = ""
    replaces: UUID | None = None
    problem: str | None = None
    key: UUID = field(default_factory=uuid4)


@pages.post("/cases/<uuid:conversation_id>/notes")
@needs(Permission.WRITE_NOTE)
def write(conversation_id: UUID) -> ResponseReturnValue:
    """Keeps a note, once for each form; 422 when it cannot be kept, 409 when the note it corrects is corrected already."""
    text, replaces = several_lines("text").strip(), request.form.get("replaces", "")
    key, old = read_id(request.form.get("key", "")), read_id(replaces)
    if key is None or bool(replaces) != bool(old):
        return _again(conversation_id, NoteForm(text, old, "case_note.not_understood"), 422)
    try:
        write_note(services().store, services().content.intake, conversation_id, text, staff=current_user.id, form_key=key,
                   replaces=old)
    except (CaseUnknown, NoteUnknown):
        abort(404)
    except NoteEmpty:
        return _again(conversation_id, NoteForm(text, old, "case_note.empty"), 422)
    except NoteTooLong:
        return _again(conversation_id, NoteForm(text, old, "case_note.too_long"), 422)
    except NoteReplaced:
        # As a note of its own it can still be kept; the correction it was meant for is another by now.
        return _again(conversation_id, NoteForm(text, None, "case_note.corrected_meanwhile"), 409)
    except FormUsed:
        return _again(conversation_id, NoteForm(text, old, "case_note.form_used"), 409)
    return redirect(url_for("cases.show", conversation_id=conversation_id, _anchor="notes"), 303)



def _again(conversation_id: UUID, form: NoteForm, status: int) -> ResponseReturnValue:
    return case_page(conversation_id, noting=form), status
