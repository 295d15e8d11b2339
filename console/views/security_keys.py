"""The page where a person sets up a security key or passkey, sees those they have, and removes one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console import security_keys as ceremony
from console.addresses import START
from console.forms import only_fields
from console.permissions import Permission, needs
from console.second_factor import is_fresh, person_setting_up
from console.services import services
from intake.usecases import security_keys
from intake.usecases.security_keys import NAME_LONGEST, KeyRefused

pages = Blueprint("security_keys", __name__, url_prefix="/security-keys")
_OK, _REFUSED = 200, 409


@pages.get("")
@needs(Permission.EVERYBODY)
def show() -> ResponseReturnValue:
    """The keys of a person, and the form for one more; for whoever is signed in, or sets up their first second factor."""
    person = person_setting_up()
    return redirect(url_for("security.login")) if person is None else _page(person)


@pages.post("/new")
@needs(Permission.EVERYBODY)
def begin() -> ResponseReturnValue:
    """Takes the name of a new key and asks the browser for it."""
    person, name = person_setting_up(), only_fields("name")["name"]
    if person is None:
        return redirect(url_for("security.login"))
    try:
        _check_fresh()
        name = security_keys.checked_name(services().store, person.id, name)
    except KeyRefused as refused:
        return _page(person, refused.code, name)
    return render_template("security_key_new.html", options=ceremony.creation_options(person), name=name)


@pages.post("")
@needs(Permission.EVERYBODY)
def add() -> ResponseReturnValue:
    """Keeps the key; whose sign-in has waited for it is in now."""
    person, form = person_setting_up(), only_fields("name", "credential")
    if person is None:
        return redirect(url_for("security.login"))
    signing_in = not current_user.is_authenticated
    try:
        _check_fresh()
        key = ceremony.checked_key(person, form["credential"])
        security_keys.add_key(services().store, person.id, form["name"], key, first=signing_in)
    except KeyRefused as refused:
        return _page(person, refused.code, form["name"])
    if not signing_in:
        return redirect(url_for("security_keys.show", added="1"))
    current_app.extensions["security"].two_factor_plugins.tf_complete(person, True)
    return redirect(START)


@pages.post("/<int(max=999999999):key_id>/remove")
@needs(Permission.SIGNED_IN)
def remove(key_id: int) -> ResponseReturnValue:
    """Removes one of the person's own keys, unless it is the last second factor where one is required."""
    only_fields()
    required = bool(current_app.config["SECURITY_TWO_FACTOR_REQUIRED"])
    try:
        _check_fresh()
        security_keys.remove_key(services().store, current_user.id, key_id, required=required)
    except KeyRefused as refused:
        return _page(current_user, refused.code)
    return redirect(url_for("security_keys.show", removed="1"))


def _check_fresh() -> None:
    if current_user.is_authenticated and not is_fresh():
        raise KeyRefused("stale", "this person signed in too long ago")


def _page(person: Any, problem: str | None = None, name: str = "") -> ResponseReturnValue:
    keys = security_keys.keys_of(services().store, person.id) if current_user.is_authenticated else []
    page = render_template(
        "security_keys.html", keys=keys, problem=problem, name=name, usable=ceremony.are_usable(), longest=NAME_LONGEST
    )
    return page, _REFUSED if problem else _OK
