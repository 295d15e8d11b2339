"""Where a person lands after signing in, the page about their own account, and the page where they choose a password."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.accounts import HASHING
from console.forms import only_fields
from console.permissions import Permission, may, needs
from console.services import services
from intake.usecases import people
from intake.usecases.staff import PASSWORD_LONGEST, PASSWORD_SHORTEST, PasswordRefused

pages = Blueprint("account", __name__)
_OK, _REFUSED, _GONE = 200, 409, 410


@pages.get("/start")
@needs(Permission.SIGNED_IN)
def start() -> ResponseReturnValue:
    """The queue for those who work with families, the account page for the others; recovery codes come first."""
    if current_user.tf_primary_method and not current_user.mf_recovery_codes:
        return redirect(url_for("security.mf_recovery_codes"))
    return redirect(url_for("queue.show" if may(Permission.SEE_QUEUE) else "account.show"))


@pages.get("/account")
@needs(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Who is signed in, with which role and which second factor."""
    return render_template("account.html")


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
    if form["password"] != form["again"]:
        return _choosing(token, "not_the_same")
    try:
        with HASHING:
            kept = people.choose_password(services().store, token, form["password"])
    except PasswordRefused as refused:
        return _choosing(token, refused.code)
    return redirect(url_for("security.login", chosen="1")) if kept else _gone()


def _choosing(token: str, problem: str | None = None) -> ResponseReturnValue:
    email = people.email_of_link(services().store, token)
    if email is None:
        return _gone()
    limits = {"shortest": PASSWORD_SHORTEST, "longest": PASSWORD_LONGEST}
    page = render_template("choose_password.html", email=email, problem=problem, **limits)
    return page, _REFUSED if problem else _OK


def _gone() -> ResponseReturnValue:
    return render_template("choose_password.html", email=None), _GONE
