"""Where a person lands after signing in, the page about their own account, and the page where they choose a password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.accounts import HASHING, pause_guessing
from console.forms import only_fields
from console.permissions import Permission, may, needs
from console.second_factor import has_second_factor, is_fresh
from console.services import services
from console.sessions import go_on_as
from intake.usecases import people
from intake.usecases.own_password import OwnPasswordRefused, change_own_password
from intake.usecases.staff import PASSWORD_LONGEST, PASSWORD_SHORTEST, PasswordRefused

pages = Blueprint("account", __name__)
_OK, _REFUSED, _GONE = 200, 409, 410
_LIMITS: dict[str, int] = {"shortest": PASSWORD_SHORTEST, "longest": PASSWORD_LONGEST}


@pages.get("/start")
@needs(Permission.SIGNED_IN)
def start() -> ResponseReturnValue:
    """The queue for those who work with families, the account page for the others; recovery codes come first."""
    if not current_user.mf_recovery_codes and has_second_factor(current_user):
        return redirect(url_for("security.mf_recovery_codes"))
    return redirect(url_for("queue.show" if may(Permission.SEE_QUEUE) else "account.show"))


@pages.get("/account")
@needs(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Who is signed in, with which role and which second factor."""
    return render_template("account.html")


@pages.get("/account/password")
@needs(Permission.SIGNED_IN)
def own_password() -> ResponseReturnValue:
    """The page where a person gives themselves another password."""
    return _own_password(_why_not(), _OK)


@pages.post("/account/password")
@needs(Permission.SIGNED_IN)
def change_password() -> ResponseReturnValue:
    """Changes the password; wrong guesses of the present one are slowed down as at the sign-in page."""
    form = only_fields("current", "password", "again")
    problem = _why_not() or ("not_the_same" if form["password"] != form["again"] else None)
    if problem:
        return _own_password(problem)
    email, throttle = current_user.email.lower(), services().throttle
    pause_guessing(email, request.remote_addr or "")
    try:
        with HASHING:
            begun = change_own_password(services().store, current_user.id, form["current"], form["password"])
    except (OwnPasswordRefused, PasswordRefused) as refused:
        if refused.code == "wrong":
            throttle.failed(email, request.remote_addr or "")
        return _own_password(refused.code)
    throttle.succeeded(email)
    go_on_as(session, begun)
    return redirect(url_for("account.show", password="1"))


def _why_not() -> str | None:
    """What keeps a person from the form for another password."""
    if not services().passwords:
        return "off"
    if current_user.password is None:
        return "none"
    return None if is_fresh() else "stale"


def _own_password(problem: str | None, status: int = _REFUSED) -> ResponseReturnValue:
    return render_template("own_password.html", problem=problem, **_LIMITS), status


@pages.get("/password/<token>")
@needs(Permission.EVERYBODY)
def choose_password(token: str) -> ResponseReturnValue:
    """The page behind a link of one use; looking at it does not use the link up."""
    return _choosing(token)


@pages.post("/password/<token>")
@needs(Permission.EVERYBODY)
def keep_password(token: str) -> ResponseReturnValue:
    """Keeps the password a person chose for themselves."""
    form = only_fields("password", "again")
    if not services().passwords:
        return _gone()
    if form["password"] != form["again"]:
        return _choosing(token, "not_the_same")
    try:
        with HASHING:
            kept = people.choose_password(services().store, token, form["password"])
    except PasswordRefused as refused:
        return _choosing(token, refused.code)
    return redirect(url_for("security.login", chosen="1")) if kept else _gone()


def _choosing(token: str, problem: str | None = None) -> ResponseReturnValue:
    email = people.email_of_link(services().store, token) if services().passwords else None
    if email is None:
        return _gone()
    page = render_template("choose_password.html", email=email, problem=problem, **_LIMITS)
    return page, _REFUSED if problem else _OK


def _gone() -> ResponseReturnValue:
    return render_template("choose_password.html", email=None), _GONE
