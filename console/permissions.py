"""Who may do what: each route names one permission, and one guard checks it before any view runs.

A route that names none is closed, so that forgetting fails safe; a test walks the routes and finds it.
Somebody without the right gets the same 404 as for a page that does not exist, and the attempt is written to
the audit trail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from console.services import services
from console.sight import guard_case, in_practice, sight
from intake.usecases.staff import CASEWORK, StaffRole, record_refusal

View = TypeVar("View", bound=Callable[..., Any])
_MARK, _OF_PROGRAM = "needed_permission", "of_program"


class Permission(StrEnum):
    """What a route needs."""

    EVERYBODY = "everybody"  # the sign-in page, health, the style sheet
    CLOSED = "closed"  # a route a library brings that we do not offer
    SIGNED_IN = "signed_in"
    SEE_QUEUE = "see_queue"
    SEE_CASE = "see_case"
    SEE_PHONE = "see_phone"
    MOVE_REFERRAL = "move_referral"
    SORT_WORRY = "sort_worry"
    LOOK_AFTER_PEOPLE = "look_after_people"
    LOG_CALL = "log_call"
    OPEN_CASE = "open_case"
    SEE_PACKET = "see_packet"
    WRITE_TO_FAMILY = "write_to_family"
    CLEAR_FLAG = "clear_flag"
    ASSIGN = "assign"
    SEARCH = "search"
    ASK_EXPORT = "ask_export"
    APPROVE_EXPORT = "approve_export"
    MERGE_FAMILIES = "merge_families"
    SEE_FIGURES = "see_figures"
    WRITE_NOTE = "write_note"
    CALL_OFF_TEXT = "call_off_text"
    SEE_TRAIL = "see_trail"
    SEE_PROGRAMS = "see_programs"


_CASEWORK = frozenset(
    {
        Permission.SIGNED_IN,
        Permission.SEE_QUEUE,
        Permission.SEE_CASE,
        Permission.SEE_PHONE,
        Permission.MOVE_REFERRAL,
        Permission.SORT_WORRY,
        Permission.LOG_CALL,
        Permission.OPEN_CASE,
        Permission.SEE_PACKET,
        Permission.WRITE_TO_FAMILY,
        Permission.CLEAR_FLAG,
        Permission.ASSIGN,
        Permission.SEARCH,
        Permission.ASK_EXPORT,
        Permission.MERGE_FAMILIES,
        Permission.SEE_FIGURES,
        Permission.WRITE_NOTE,
        Permission.CALL_OFF_TEXT,
        Permission.SEE_TRAIL,
        Permission.SEE_PROGRAMS,
    }
)

# An administrator looks after accounts and sees no family (45 CFR 164.502(b), minimum necessary).
ALLOWED: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        **{role.value: _CASEWORK for role in CASEWORK},
        StaffRole.SUPERVISOR.value: _CASEWORK | {Permission.APPROVE_EXPORT},
        StaffRole.ADMINISTRATOR.value: frozenset({Permission.SIGNED_IN, Permission.LOOK_AFTER_PEOPLE}),
    }
)

# Who is limited to a program sees what the packet tells, and does what that program does: the rest is the team's.
_NOT_FOR_A_PROGRAM = frozenset(
    {
        Permission.OPEN_CASE,
        Permission.WRITE_TO_FAMILY,
        Permission.CLEAR_FLAG,
        Permission.SORT_WORRY,
        Permission.ASK_EXPORT,
        Permission.APPROVE_EXPORT,
        Permission.SEE_FIGURES,
        Permission.MERGE_FAMILIES,
        Permission.WRITE_NOTE,
        Permission.CALL_OFF_TEXT,
        Permission.SEE_TRAIL,
    }
)
# These are about real families; while a person practices they are not there.
_NOT_IN_PRACTICE = frozenset(
    {Permission.ASK_EXPORT, Permission.APPROVE_EXPORT, Permission.SEE_FIGURES, Permission.MERGE_FAMILIES}
)


def needs(permission: Permission, *, of_program: bool = False) -> Callable[[View], View]:
    """Names the permission a view needs. One that shows or changes a case is closed to those who are limited to a
    program, unless it is marked ``of_program``: it then keeps to what ``console.sight`` lets them see.
    """

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
        setattr(view, _OF_PROGRAM, of_program)
        return view

    return mark


def name_permission(app: Flask, endpoint: str, permission: Permission) -> None:
    """Names the permission of a view that a library registered."""
    view = app.view_functions[endpoint]

    # A library registers one function in every application, so it is wrapped here rather than marked itself.
    def named(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        return current_app.ensure_sync(view)(*args, **kwargs)  # type: ignore[no-any-return]

    app.view_functions[endpoint] = needs(permission)(named)


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """The permission an endpoint names, or None."""
    return getattr(app.view_functions.get(endpoint), _MARK, None)


def allowed(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything that people with these roles may do."""
    return frozenset().union(*(ALLOWED.get(role, frozenset()) for role in roles))


def may(permission: Permission) -> bool:
    """Whether the person signed in has the permission; roles are read afresh on every request."""
    if not current_user.is_authenticated or permission not in allowed(role.name for role in current_user.roles):
        return False
    if permission in _NOT_IN_PRACTICE and in_practice():
        return False
    return permission not in _NOT_FOR_A_PROGRAM or not sight().limited


def guard() -> ResponseReturnValue | None:
    """Runs before every view: lets it pass, asks to sign in, or answers 404 and writes the attempt down."""
    if request.endpoint is None:
        return None
    permission = permission_of(current_app, request.endpoint)
    if permission is None or permission is Permission.CLOSED:
        abort(404)
    if permission is Permission.EVERYBODY:
        return None
    if may(permission):
        return None
    if not current_user.is_authenticated:
        return redirect(
            url_for("security.login", next=request.full_path.rstrip("?") if request.method == "GET" else None)
        )
    record_refusal(services().store, current_user.id, permission.value, _object_asked_for())
    abort(404)


def guard_of_case() -> None:
    """Runs after the form's token was checked: a case out of sight is not there, whatever the permission."""
    if request.endpoint is None:
        return
    permission = permission_of(current_app, request.endpoint)
    if permission is not None and current_user.is_authenticated:
        view = current_app.view_functions[request.endpoint]
        guard_case(permission.value, of_program=getattr(view, _OF_PROGRAM, False))


def _object_asked_for() -> str | None:
    arguments = request.view_args or {}
    return next((str(value) for value in arguments.values()), None)
