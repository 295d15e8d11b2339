"""My day: a person's own work by due time, and the notes that one shift leaves the next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.day import read_day
from console.forms import read_id, several_lines
from console.permissions import Permission, needs
from console.services import services
from console.sight import sight
from console.views.queue import looking_now
from intake.usecases.assigning import ColleagueUnknown
from intake.usecases.casework import NoteTooLong, record_day_view
from intake.usecases.hand_over import NOTE_LIMIT, NoteChanged, write_note

pages = Blueprint("day", __name__)
TEAM = "team"
_LONGEST_ID = 9


@pages.get("/day")
@needs(Permission.SEE_QUEUE)
def show() -> ResponseReturnValue:
    """The page of the person signed in, with the notes for whom the address names: the team, or a colleague."""
    return _page(_somebody(request.args.get("for", "")) or TEAM)


@pages.post("/day/notes")
@needs(Permission.SEE_QUEUE)
def note() -> ResponseReturnValue:
    """Writes a note to the team or a colleague; an empty one says that the open note is done.

    409 with what was typed kept when somebody wrote meanwhile, 422 when it cannot be kept.
    """
    to, typed = _somebody(request.form.get("to", "")), several_lines("text")
    if sight().practice:
        return _page(TEAM, typed, "note.not_in_practice"), 409
    if to is None or (sight().limited and to != _mine()):
        return _page(TEAM, typed, "note.choose"), 422
    try:
        write_note(
            services().store,
            current_user.id,
            typed,
            to=_staff(to),
            shown=read_id(request.form.get("shown", "")),
        )
    except NoteTooLong:
        return _page(to, typed, "note.too_long"), 422
    except ColleagueUnknown:
        return _page(TEAM, typed, "note.choose"), 422
    except NoteChanged:
        return _page(to, typed, "note.changed_meanwhile"), 409
    shown: dict[str, Any] = {"for": to}
    return redirect(url_for("day.show", **shown, _anchor="notes"), 303)


def _page(to: str, typed: str | None = None, problem: str | None = None) -> str:
    """The page; ``typed`` is None unless a note could not be kept."""
    record_day_view(services().store, current_user.id)
    to = _mine() if sight().limited else to
    return render_template(
        "day.html",
        day=read_day(services().store, looking_now(), _staff(to)),
        to=to,
        typed=typed,
        problem=problem,
        note_limit=NOTE_LIMIT,
        sight=sight(),
    )


def _mine() -> str:
    return str(current_user.id)


def _somebody(to: str) -> str | None:
    """The team, or what may be a colleague's id."""
    return to if to == TEAM or (to.isascii() and to.isdigit() and len(to) <= _LONGEST_ID) else None


def _staff(to: str) -> int | None:
    return None if to == TEAM else int(to)

