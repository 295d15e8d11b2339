"""The queue: whom to call first, and why."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.permissions import Permission, needs
from console.queue import QueueFilter, read_queue
from console.services import services
from intake.content.bilingual import LANGUAGES
from intake.rules.triage import Urgency
from intake.usecases.casework import record_queue_view

pages = Blueprint("queue", __name__)
URGENCIES = tuple(urgency for urgency in Urgency if urgency is not Urgency.NONE)
_LAST_PAGE = 1_000_000


@pages.get("/")
@needs(Permission.SEE_QUEUE)
def show() -> ResponseReturnValue:
    """One page of the flagged conversations, gravest and longest waiting first."""
    wanted = filter_from(request.args)
    record_queue_view(services().store, current_user.id, wanted.page)
    queue = read_queue(services().store, wanted)
    return render_template("queue.html", queue=queue, wanted=wanted, urgencies=URGENCIES, languages=LANGUAGES)


def filter_from(arguments: dict[str, str]) -> QueueFilter:
    """The filter an address asks for; what is unknown is left out."""
    urgency, language, page = arguments.get("urgency"), arguments.get("language"), arguments.get("page", "")
    return QueueFilter(
        Urgency(urgency) if urgency in URGENCIES else None,
        language if language in LANGUAGES else None,
        min(int(page), _LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 8 else 1,
    )
