"""The page where administrators look after the people at the console."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.addresses import address_outside
from console.forms import only_fields
from console.pages import words
from console.permissions import Permission, needs
from console.services import services
from intake.store.connection import Store
from intake.usecases import people
from intake.usecases.sight import programs_of
from intake.usecases.staff import CASEWORK, StaffNotAdded, StaffRole

pages = Blueprint("people", __name__, url_prefix="/people")
_ROLES = tuple(StaffRole)
_REFUSED = 409
_TICK = "program_"  # how the name of a program's tick begins
_ALL = "all_families"


@dataclass(frozen=True)
class LimitForm:
    """What was ticked of whom a person sees."""

    programs: frozenset[str]
    sees_all: bool = False


@pages.get("")
@needs(Permission.LOOK_AFTER_PEOPLE)
def show() -> ResponseReturnValue:
    """Everybody with an account, and the form for one more."""
    return _everybody()


@pages.post("")
@needs(Permission.LOOK_AFTER_PEOPLE)
def add() -> ResponseReturnValue:
    """Adds a person and shows their link, this once."""
    form = only_fields("email", "name", "role")
    try:
        if not services().passwords:
            added = people.add_without_link(services().store, form["email"], form["name"], form["role"], by=current_user.id)
            return redirect(url_for("people.one", staff_id=added, added="1"))
        link = people.invite(services().store, form["email"], form["name"], form["role"], by=current_user.id)
    except StaffNotAdded as refused:
        return _everybody(refused.code, form), _REFUSED
    return _link(link)


@pages.get("/<int(max=999999):staff_id>")
@needs(Permission.LOOK_AFTER_PEOPLE)
def one(staff_id: int) -> ResponseReturnValue:
    """One person, with everything that can be changed."""
    return _one(staff_id)


@pages.post("/<int(max=999999):staff_id>/role")
@needs(Permission.LOOK_AFTER_PEOPLE)
def change_role(staff_id: int) -> ResponseReturnValue:
    """Gives a person another role."""
    role = only_fields("role")["role"]
    return _changed(staff_id, lambda store, by: people.change_role(store, staff_id, role, by=by))


@pages.post("/<int(max=999999):staff_id>/lock")
@needs(Permission.LOOK_AFTER_PEOPLE)
def lock(staff_id: int) -> ResponseReturnValue:
    """Keeps a person out from now on."""
    only_fields()
    return _changed(staff_id, lambda store, by: people.lock(store, staff_id, by=by))


@pages.post("/<int(max=999999):staff_id>/unlock")
@needs(Permission.LOOK_AFTER_PEOPLE)
def unlock(staff_id: int) -> ResponseReturnValue:
    """Lets a person sign in again."""
    only_fields()
    return _changed(staff_id, lambda store, by: people.unlock(store, staff_id, by=by))


@pages.post("/<int(max=999999):staff_id>/second-factor")
@needs(Permission.LOOK_AFTER_PEOPLE)
def reset_second_factor(staff_id: int) -> ResponseReturnValue:
    """Takes a person's second factor away, for example because the phone is lost."""
    only_fields()
    return _changed(staff_id, lambda store, by: people.reset_second_factor(store, staff_id, by=by))


@pages.post("/<int(max=999999):staff_id>/identity")
@needs(Permission.LOOK_AFTER_PEOPLE)
def forget_identity(staff_id: int) -> ResponseReturnValue:
    """Lets a person sign in with another account of the identity provider."""
    only_fields()
    return _changed(staff_id, lambda store, by: people.forget_identity(store, staff_id, by=by))


@pages.post("/<int(max=999999):staff_id>/programs")
@needs(Permission.LOOK_AFTER_PEOPLE)
def limit(staff_id: int) -> ResponseReturnValue:
    """Limits a person to the programs that are ticked; to none only when it is said that they see all families."""
    ticked = only_fields(_ALL, *(_TICK + program for program in _programs(staff_id)))
    sees_all = bool(ticked.pop(_ALL))
    wanted = [name.removeprefix(_TICK) for name, value in ticked.items() if value]
    if sees_all == bool(wanted):
        problem = "all_and_programs" if sees_all else "no_programs"
        return _one(staff_id, problem, LimitForm(frozenset(wanted), sees_all)), 422
    return _changed(staff_id, lambda store, by: people.limit_to_programs(store, staff_id, wanted, by=by))


@pages.post("/<int(max=999999):staff_id>/link")
@needs(Permission.LOOK_AFTER_PEOPLE)
def renew_link(staff_id: int) -> ResponseReturnValue:
    """Takes a person's password away and shows the link to choose another, this once."""
    only_fields()
    try:
        return _link(people.renew_link(services().store, staff_id, by=current_user.id))
    except people.PersonNotChanged as refused:
        return _one(staff_id, refused.code), _REFUSED


def _changed(staff_id: int, change: Callable[[Store, int], None]) -> ResponseReturnValue:
    try:
        change(services().store, current_user.id)
    except (people.PersonNotChanged, StaffNotAdded) as refused:
        return _one(staff_id, refused.code), _REFUSED
    return redirect(url_for("people.one", staff_id=staff_id, changed="1"))


def _everybody(problem: str | None = None, form: dict[str, str] | None = None) -> str:
    everybody = people.people(services().store)
    return render_template("people.html", people=everybody, roles=_ROLES, problem=problem, form=form or {})


def _limited_to(staff_id: int) -> list[str]:
    with services().store.reading() as session:
        return programs_of(session, staff_id)


def _programs(staff_id: int) -> list[str]:
    """The programs there are, and those this person is limited to that there are no more: without a tick for them, saving the
    form would open every family to somebody who was limited."""
    return sorted({*services().content.program_names, *_limited_to(staff_id)}, key=words().program)


def _one(staff_id: int, problem: str | None = None, form: LimitForm | None = None) -> str:
    found = people.person(services().store, staff_id)
    if found is None:
        abort(404)
    limited_to = _limited_to(staff_id)
    return render_template("person.html", one=found, roles=_ROLES, problem=problem, programs=_programs(staff_id),
                           limited_to=limited_to, limits=form or LimitForm(frozenset(limited_to)), tick=_TICK, all_families=_ALL,
                           casework=CASEWORK)


def _link(link: people.OneTimeLink) -> str:
    whole = address_outside(url_for("account.choose_password", token=link.token))
    found = people.person(services().store, link.staff)
    return render_template("one_time_link.html", link=whole, until=link.until, one=found)
