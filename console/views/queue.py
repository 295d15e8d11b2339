"""The queue: whom to call first, and why; and the views of it that a person keeps by name."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.flagged import Looking
from console.pages import words
from console.permissions import Permission, needs
from console.queue import Queue, read_queue
from console.queue_filter import CHANNELS, URGENCIES, QueueFilter, filter_from
from console.services import services
from console.sight import sight
from intake.content.bilingual import LANGUAGES
from intake.usecases.casework import record_queue_view
from intake.usecases.saved_views import NAME_LIMIT, ViewNotSaved, ViewUnknown, delete_view, save_view, views_of

pages = Blueprint("queue", __name__)
_FINGERPRINT_LENGTH = 24


@pages.get("/")
@needs(Permission.SEE_QUEUE)
def show() -> ResponseReturnValue:
    """One page of the flagged conversations, gravest and longest waiting first."""
    return queue_page(filter_from(request.args))


@pages.post("/views")
@needs(Permission.SEE_QUEUE)
def save() -> ResponseReturnValue:
    """Keeps the filter that is shown under a name; 422 with the name kept in its field when it cannot be."""
    wanted, name = filter_from(request.form), request.form.get("name", "")
    try:
        save_view(services().store, current_user.id, name, wanted.parts())
    except ViewNotSaved:
        return queue_page(wanted, view_name=name, problem="view.not_saved"), 422
    return redirect(url_for("queue.show", **wanted.parts()), 303)


@pages.post("/views/<uuid:view_id>/delete")
@needs(Permission.SEE_QUEUE)
def forget(view_id: UUID) -> ResponseReturnValue:
    """Deletes one of the person's own views."""
    try:
        delete_view(services().store, current_user.id, view_id)
    except ViewUnknown:
        abort(404)
    return redirect(url_for("queue.show"), 303)


def queue_page(
    wanted: QueueFilter, *, view_name: str = "", problem: str | None = None, who: str | None = None
) -> str:
    """The queue as a page; ``problem`` is the purpose of the text that says what could not be done, ``who`` a
    colleague it names. The look is written down before anything is read.
    """
    record_queue_view(services().store, current_user.id, wanted.page)
    queue = read_queue(services().store, wanted, looking_now())
    return render_template(
        "queue.html",
        **what_rows_need(wanted, queue),
        etag=etag_of(queue),
        views=views_of(services().store, current_user.id),
        view_name=view_name,
        name_limit=NAME_LIMIT,
        problem=problem,
        who=who,
        programs=_programs_to_choose(wanted),
    )


def _programs_to_choose(wanted: QueueFilter) -> list[str]:
    """The programs that the queue can be narrowed to, by name: those that the person sees, and the one that is asked for."""
    seen = sight().programs
    known = services().content.program_names if seen is None else seen
    chosen = {*known, *([wanted.program] if wanted.program else [])}
    return sorted(chosen, key=lambda program: words().program(program).casefold())


def what_rows_need(wanted: QueueFilter, queue: Queue) -> dict[str, object]:
    """What the part of the page that is kept fresh is made of."""
    return {
        "queue": queue,
        "wanted": wanted,
        "urgencies": URGENCIES,
        "languages": LANGUAGES,
        "channels": CHANNELS,
    }


def looking_now() -> Looking:
    """The person signed in, this moment, the affiliate's calendar, and what may be seen."""
    return Looking(current_user.id, services().now(), services().content.messages.affiliate.calendar(), sight())


def etag_of(queue: Queue) -> str:
    """Names what is shown: first what is told about families, then who works on them and the minute.

    It is keyed, so that nobody can name what they have not been shown.
    """
    now = services().now().replace(second=0, microsecond=0)
    viewed = [row.viewers for row in queue.rows]
    return f'"{told_in(queue)}-{_fingerprint((viewed, queue.counts, now))}"'


def told_in(queue: Queue) -> str:
    """Changes whenever something else is told about families than before."""
    rows = [
        (row.conversation_id, row.urgency, row.child_name, row.place, row.assignee_id, row.flags, row.referrals)
        for row in queue.rows
    ]
    return _fingerprint(rows)


def _fingerprint(shown: object) -> str:
    key = services().store.keys.derived_key("what the queue shows")
    return hmac.digest(key, repr(shown).encode(), hashlib.sha256).hex()[:_FINGERPRINT_LENGTH]
