"""What every page has in common: the words in the person's language, the form token, who is signed in."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask_login import AnonymousUserMixin
from flask_security import current_user
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import ServiceUnavailable

from console import plain_text
from console.permissions import Permission, may
from console.services import services
from console.sight import in_practice, mode
from console.words import Words, pick_language
from intake.content.bilingual import LANGUAGES

LANGUAGE_COOKIE = "console_language"
_LINE_LENGTH = 180


def words() -> Words:
    """The words for this request."""
    if "words" not in g:
        accepted = request.accept_languages.best_match(LANGUAGES)
        language = pick_language(request.cookies.get(LANGUAGE_COOKIE), accepted)
        g.words = Words(services().content, language, services().time_zone, services().now())
    return g.words  # type: ignore[no-any-return]


def set_up_pages(app: Flask) -> None:
    """Gives the templates of ``app`` their words and filters."""
    app.context_processor(_context)
    for name in ("visible", "mask_phone", "mask_phones", "show_phone", "initials"):
        app.add_template_filter(getattr(plain_text, name), name)
    app.add_template_filter(lambda line: plain_text.shortened(line, _LINE_LENGTH), "shortened")
    for status in (400, 404, 405, 409, 413, 429, 500, 503):
        app.register_error_handler(status, _error)
    app.register_error_handler(OperationalError, _database_away)


def _context() -> dict[str, Any]:
    return {
        **_words_only(),
        "may": may,
        "Permission": Permission,
        "person": current_user,
        "provider": services().provider,
        "passwords": services().passwords,
    }


def _words_only() -> dict[str, Any]:
    return {"t": words().text, "w": words(), "language": words().language, "in_practice": in_practice(), "mode": mode()}


def _error(error: Any) -> tuple[str, int]:
    status = getattr(error, "code", None) or 500
    purpose = f"error.{status}" if words().content.texts.knows(f"error.{status}") else "error.other"
    message = words().text(purpose)
    if status < 500:
        return render_template("error.html", message=message), status
    # The database may be away, so this page must not ask it who is signed in: no context processor runs here.
    page = current_app.jinja_env.get_template("error.html")
    return page.render(_words_only(), person=AnonymousUserMixin(), message=message), status


def _database_away(error: Exception) -> tuple[str, int]:
    current_app.logger.error("the database does not answer: %s", type(error).__name__)
    return _error(ServiceUnavailable())
