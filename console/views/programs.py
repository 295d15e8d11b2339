"""The directory of programs for staff. Nothing of a family stands in it; what is typed to find one is in no address or log."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from console.directory import LONGEST_SEARCH, directory, is_web_address
from console.pages import words
from console.permissions import Permission, needs
from console.services import services

pages = Blueprint("programs", __name__)


@pages.get("/programs")
@needs(Permission.SEE_PROGRAMS)
def show() -> ResponseReturnValue:
    """All programs and crisis lines; a link leads to one of them by its id."""
    return _page("")


@pages.post("/programs")
@needs(Permission.SEE_PROGRAMS)
def narrow() -> ResponseReturnValue:
    """Those that hold what was typed."""
    return _page(request.form.get("looked_for", "").strip()[:LONGEST_SEARCH])


def _page(typed: str) -> str:
    today = services().now().astimezone(services().time_zone).date()
    everything = directory(services().content.intake.programs, words(), today)
    found = everything.narrowed(typed) if typed else everything
    return render_template("programs.html", found=found, typed=typed, longest=LONGEST_SEARCH, is_web_address=is_web_address)
