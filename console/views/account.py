"""Where a person lands after signing in, and the page about their own account."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from console.permissions import Permission, may, needs

pages = Blueprint("account", __name__)


@pages.get("/start")
@needs(Permission.SIGNED_IN)
def start() -> ResponseReturnValue:
    """The queue for those who work with families, the account page for the others."""
    return redirect(url_for("queue.show" if may(Permission.SEE_QUEUE) else "account.show"))


@pages.get("/account")
@needs(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Who is signed in, with which role."""
    return render_template("account.html")
