"""What open pages ask for by themselves every few seconds: the queue as it is now, and who else has a case open.

Such a look does not count as the person's activity (``console.sessions``): a page left open still signs out.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.desk import who_is_viewing
from console.permissions import Permission, needs
from console.queue import read_queue
from console.queue_filter import filter_from
from console.services import services
from console.sight import mode
from console.views.queue import etag_of, looking_now, told_in, what_rows_need
from intake.usecases.casework import record_queue_view

pages = Blueprint("live", __name__)


@pages.get("/live/queue")
@needs(Permission.SEE_QUEUE)
def rows() -> ResponseReturnValue:
    """The part of the queue's page that changes; 304 while nothing has, 409 when the page shows what is not shown now.

    A line is written into the audit trail when it tells anything about families that this page has not shown yet.
    """
    if request.args.get("mode", "") != mode():  # the page was opened before practice was switched on or off
        return "", 409
    wanted = filter_from(request.args)
    queue = read_queue(services().store, wanted, looking_now())
    etag, had = etag_of(queue), request.headers.get("If-None-Match", "")
    if had == etag:
        return "", 304, {"ETag": etag}
    if not had.startswith(f'"{told_in(queue)}-'):
        record_queue_view(services().store, current_user.id, queue.page)
    return render_template("_queue_rows.html", **what_rows_need(wanted, queue)), 200, {"ETag": etag}


@pages.get("/live/cases/<uuid:conversation_id>/viewing")
@needs(Permission.SEE_CASE, of_program=True)
def viewing(conversation_id: UUID) -> ResponseReturnValue:
    """Who else has the case open, in words; empty when nobody has."""
    names = who_is_viewing(services().store, conversation_id, looking_now())
    return render_template("_viewing.html", names=names)
