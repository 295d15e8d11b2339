"""Reads what a form sends: text of several lines, ids, the key that makes a form sent twice one deed, and, where an account is
changed, only the fields the page offers.
"""

from __future__ import annotations

from uuid import UUID, uuid4

from flask import abort, request

_TOKEN = "csrf_token"


def only_fields(*offered: str) -> dict[str, str]:
    """The fields ``offered``; a form with any other field was not made by our page and is refused whole (mass assignment)."""
    sent = request.form
    if set(sent) - {*offered, _TOKEN} or any(len(sent.getlist(name)) > 1 for name in sent):
        abort(400)
    return {name: sent.get(name, "") for name in offered}


def several_lines(name: str) -> str:
    """The text of the field ``name`` with the line ends that we keep."""
    return request.form.get(name, "").replace("\r\n", "\n")


def read_id(typed: str) -> UUID | None:
    """The id that ``typed`` is, or None."""
    try:
        return UUID(typed)
    except ValueError:
        return None


def form_key() -> UUID:
    """The form's key; one that was lost on the way is made anew, so that nothing typed is refused for it."""
    return read_id(request.form.get("key", "")) or uuid4()
