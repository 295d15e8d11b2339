"""How long a sign-in lasts: 15 minutes without activity, 12 hours in all (NIST SP 800-63B, AAL2).

The cookie is signed, so its times cannot be moved. Signing out changes the account's session id in the
database, which makes every copy of the cookie worthless.
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, g, redirect, request, session, url_for
from flask.sessions import SessionMixin
from flask.typing import ResponseReturnValue
from flask_login import user_logged_out

from console.services import services
from intake.usecases.staff import sign_out

IDLE_SECONDS = 15 * 60
LONGEST_SECONDS = 12 * 60 * 60
_REFRESHED_AFTER = 20  # seconds; not every request needs a new cookie
# What an open page asks for by itself is no activity of a person: a screen left alone still signs out.
UNATTENDED = frozenset({"live.rows", "live.viewing", "talk.live"})
_BEGAN, _SEEN, _PERSON, _CSRF = "began", "seen", "_user_id", "csrf_token"
PRACTICE = "practice"  # in the cookie: this person practices with made-up families
SIGN_ON_PROBLEM = "oidc_problem"  # in the cookie: what the sign-in page says once
COOKIE, COOKIE_OVER_HTTP = "__Host-growline", "growline_console"


def set_up_sessions(app: Flask, *, cookies_over_http: bool) -> None:
    """Configures the session cookie and the checks of its age. A browser accepts the name __Host-… over TLS
    only.
    """
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE_OVER_HTTP if cookies_over_http else COOKIE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=not cookies_over_http,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        PERMANENT_SESSION_LIFETIME=LONGEST_SECONDS,
    )
    app.before_request(end_old_session)
    user_logged_out.connect(_signed_out, app, weak=False)


def begin_session(cookie: SessionMixin) -> None:
    """Starts the clocks of a session, and forgets the form token of the time before signing in."""
    cookie[_BEGAN] = cookie[_SEEN] = time.time()
    cookie.pop(_CSRF, None)
    cookie.pop(PRACTICE, None)  # whoever sat here before may have practiced
    g.pop(_CSRF, None)


def go_on_as(cookie: SessionMixin, begun: str) -> None:
    """Lets this session go on under the account's new session id, with a form token of its own."""
    cookie[_PERSON] = begun
    cookie.pop(_CSRF, None)
    g.pop(_CSRF, None)


def end_old_session() -> ResponseReturnValue | None:
    """Runs before every request: a session that is too old is emptied, and the person signs in again."""
    if _PERSON not in session or request.endpoint == "static":
        return None
    moment = time.time()
    idle, age = moment - session.get(_SEEN, 0), moment - session.get(_BEGAN, 0)
    if idle > IDLE_SECONDS or age > LONGEST_SECONDS:
        session.clear()
        return redirect(url_for("security.login", ended="1"))
    if idle > _REFRESHED_AFTER and request.endpoint not in UNATTENDED:
        session[_SEEN] = moment
    return None


def _signed_out(app: Flask, user: Any, **details: Any) -> None:
    session.pop(PRACTICE, None)
    if user.is_authenticated:
        sign_out(services().store, user.id)
