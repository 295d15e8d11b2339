"""Signing in by way of the identity provider of the settings: the way there, and the way back.

The way there begins with a form, so that no other site begins it. Its answer is a page that goes on by itself: a redirect from
a form would need the provider, and everybody it asks in turn, in the policy of where forms may lead (``console.headers``).
What came back in the address is used up here and the browser goes on to an address without it.
"""

from __future__ import annotations

import time

from flask import Blueprint, abort, current_app, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, login_user
from flask_security.tf_plugin import tf_clean_session

from console.accounts import pause_guessing
from console.addresses import START, address_outside, own_path
from console.oidc import NotProved, Provider, ProviderAway, Question, new_question
from console.permissions import Permission, needs
from console.second_factor import note_first_factor
from console.services import services
from console.sessions import SIGN_ON_PROBLEM
from intake.usecases.single_sign_on import WAY, NotLetIn, recognize
from intake.usecases.staff import record_failed_sign_in

pages = Blueprint("single_sign_on", __name__, url_prefix="/oidc")
_ASKED = "oidc"  # in the cookie: the question that waits for its answer
_WAITING_SECONDS = 15 * 60  # a password and a code at the provider take a while
_ANSWER_LONGEST = 4096  # characters of one part of the answer
_PATH_LONGEST = 1000  # characters; a cookie has room for some 4,000


@pages.post("/start")
@needs(Permission.EVERYBODY)
def start() -> ResponseReturnValue:
    """Leads to the provider."""
    provider, going_on = _provider(), own_path(request.args.get("next") or START)
    if current_user.is_authenticated:
        return redirect(START)
    if len(going_on) > _PATH_LONGEST:
        going_on = START
    tf_clean_session()  # type: ignore[no-untyped-call]
    question = new_question(going_on)
    try:
        address = provider.address(_back(), question)
    except ProviderAway:
        return _not_signed_in("away", going_on)
    session[_ASKED] = question.kept()
    page = make_response(render_template("going_on.html", address=address))
    page.headers["Refresh"] = f"0; url={address}"
    return page


@pages.get("/callback")
@needs(Permission.EVERYBODY)
def callback() -> ResponseReturnValue:
    """Takes the provider's answer to the question of this very browser, once."""
    provider = _provider()
    if current_user.is_authenticated:
        return redirect(START)
    kept = session.pop(_ASKED, None)
    if kept is None or time.time() - kept["asked_at"] > _WAITING_SECONDS:
        return _not_signed_in("unfinished", START)
    question, address = Question(**kept), request.remote_addr or ""
    pause_guessing(None, address)
    try:
        staff = recognize(services().store, provider.identity(_back(), question, _answer()))
    except ProviderAway:
        return _not_signed_in("away", question.going_on)
    except (NotProved, NotLetIn) as refused:
        services().throttle.failed(None, address)
        if isinstance(refused, NotLetIn):
            return _not_signed_in("refused", question.going_on)
        record_failed_sign_in(services().store, None, f"{WAY} {refused.code}")
        return _not_signed_in("unfinished", question.going_on)
    return _let_in(staff, question.going_on, trusted=provider.trusted)


def _let_in(staff: int, going_on: str, *, trusted: bool) -> ResponseReturnValue:
    """Goes on as after a right password: the second factor, unless the provider's is trusted; then the session begins."""
    security = current_app.extensions["security"]
    person = security.datastore.find_user(id=staff)
    note_first_factor(WAY)
    if not trusted:
        asked: ResponseReturnValue | None = security.two_factor_plugins.tf_enter(person, False, WAY, next_loc=going_on)
        if asked is not None:
            return asked
    login_user(person, remember=False, authn_via=[WAY])
    return redirect(going_on)


def _provider() -> Provider:
    return services().provider or abort(404)


def _back() -> str:
    return address_outside(url_for("single_sign_on.callback"))


def _answer() -> dict[str, str]:
    """What the browser brought; a part that stands twice, or is too long to be one, is none."""
    parts = request.args.to_dict(flat=False)
    return {name: values[0] for name, values in parts.items() if len(values) == 1 and len(values[0]) <= _ANSWER_LONGEST}


def _not_signed_in(problem: str, going_on: str) -> ResponseReturnValue:
    session[SIGN_ON_PROBLEM] = problem
    return redirect(url_for("security.login", next=None if going_on == START else going_on))
