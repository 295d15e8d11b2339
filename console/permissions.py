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
from intake.usecases.staff import CASEWORK, StaffRole, record_refusal

View = TypeVar("View", bound=Callable[..., Any])
_MARK = "needed_permission"


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
    WRITE_NOTE = "write_note"
    CALL_OFF_TEXT = "call_off_text"
    SEE_TRAIL = "see_trail"


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
        Permission.WRITE_NOTE,
        Permission.CALL_OFF_TEXT,
        Permission.SEE_TRAIL,
    }
)

# An administrator looks after accounts and sees no family (45 CFR 164.502(b), minimum necessary).
ALLOWED: Mapping[str, frozenset[Permission]] = MappingProxyType(
    {
        **{role.value: _CASEWORK for role in CASEWORK},
        StaffRole.ADMINISTRATOR.value: frozenset({Permission.SIGNED_IN, Permission.LOOK_AFTER_PEOPLE}),
    }
)


def needs(permission: Permission) -> Callable[[View], View]:
    """Names the permission a view needs."""

    def mark(view: View) -> View:
        setattr(view, _MARK, permission)
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
    return current_user.is_authenticated and permission in allowed(role.name for role in current_user.roles)


def guard() -> ResponseReturnValue | None:
    """Runs before every view: lets it pass, asks to sign in, or answers 404 and writes the attempt down."""
    if request.endpoint is None:
        return None
    permission = permission_of(current_app, request.endpoint)
    if permission is None or permission is Permission.CLOSED:
        abort(404)
    if permission is Permission.EVERYBODY or may(permission):
        return None
    if not current_user.is_authenticated:
        return redirect(
            url_for("security.login", next=request.full_path.rstrip("?") if request.method == "GET" else None)
        )
    record_refusal(services().store, current_user.id, permission.value, _object_asked_for())
    abort(404)


def _object_asked_for() -> str | None:
    arguments = request.view_args or {}
    return next((str(value) for value in arguments.values()), None)
