"""Search by a whole phone number, a case number or a name. What is typed stands in no address and in no log."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.permissions import Permission, needs
from console.services import services
from console.sight import sight
from intake.usecases.searching import search

pages = Blueprint("search", __name__)


@pages.get("/search")
@needs(Permission.SEARCH)
def form() -> ResponseReturnValue:
    """The empty form."""
    return render_template("search.html", found=None)


@pages.post("/search")
@needs(Permission.SEARCH)
def find() -> ResponseReturnValue:
    """What was found; the field is empty again, for what was typed need not stay on the screen."""
    typed = request.form.get("looked_for", "")
    prefix = services().content.messages.affiliate.receipt_prefix
    found = search(services().store, typed, current_user.id, prefix, sight()) if typed.strip() else None
    return render_template("search.html", found=found)
