"""Switches the console between English and Spanish; the choice is kept in a cookie of its own."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from console.addresses import own_path
from console.pages import LANGUAGE_COOKIE
from console.permissions import Permission, needs
from console.services import services
from intake.content.bilingual import LANGUAGES

pages = Blueprint("language", __name__)
_ONE_YEAR = 365 * 24 * 60 * 60


@pages.post("/language")
@needs(Permission.EVERYBODY)
def switch() -> ResponseReturnValue:
    """Keeps the language asked for and goes back to the page it was asked on."""
    language = request.form.get("language")
    if language not in LANGUAGES:
        abort(400)
    response = redirect(own_path(request.form.get("back", "")))
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_ONE_YEAR,
        secure=not services().cookies_over_http,
        httponly=True,
        samesite="Lax",
    )
    return response
