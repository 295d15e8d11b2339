"""Reads a form that changes an account: only the fields a page offers, each once, and nothing beside them."""

from __future__ import annotations

from flask import abort, request

_TOKEN = "csrf_token"


def only_fields(*offered: str) -> dict[str, str]:
    """The fields ``offered``; a form with any other field was not made by our page and is refused whole (mass assignment)."""
    sent = request.form
    if set(sent) - {*offered, _TOKEN} or any(len(sent.getlist(name)) > 1 for name in sent):
        abort(400)
    return {name: sent.get(name, "") for name in offered}
