"""Accounts and sessions of the console: Flask-Security over the staff and role tables.

Flask-Security wants classes with its mixins. They are mapped here, in a registry of their own, onto the very
tables of the store: intake stays free of the web framework, and there is no second definition of a column.
What follows the password stands in ``console.second_factor``.
"""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, abort, request, session
from flask_security import (
    RoleMixin,
    Security,
    SQLAlchemySessionUserDatastore,
    UserMixin,
    WebAuthnMixin,
    user_authenticated,
)
from flask_security.forms import LoginForm
from sqlalchemy.orm import DeclarativeBase, Mapped, relationship, scoped_session, sessionmaker

from console import second_factor, security_keys
from console.addresses import START, own_path
from console.permissions import Permission, allowed, name_permission
from console.services import services
from console.sessions import SIGN_ON_PROBLEM, begin_session
from console.throttle import TooManyWaiting
from intake.store.connection import Store
from intake.store.models import Base, Role, Staff, StaffWebauthn, staff_role
from intake.usecases.staff import PASSWORD_SHORTEST, password_key, record_failed_sign_in, record_sign_in

# An argon2 hash takes 64 MiB; two at a time keep a flood of sign-ins from taking the memory.
HASHING = threading.BoundedSemaphore(2)
_ROUTES = {
    "security.login": Permission.EVERYBODY,
    "security.logout": Permission.SIGNED_IN,
    "security.verify": Permission.CLOSED,
    "security.static": Permission.CLOSED,
    "static": Permission.EVERYBODY,
    **second_factor.ROUTES,
}


class _Accounts(DeclarativeBase):
    metadata = Base.metadata


class AccountRole(_Accounts, RoleMixin):
    """A role as Flask-Security sees it; its permissions stand in ``console.permissions``."""

    __table__ = Role.__table__

    def get_permissions(self) -> set[str]:
        """The permissions of this role."""
        return {permission.value for permission in allowed([self.name])}


class AccountKey(_Accounts, WebAuthnMixin):
    """A security key or passkey as Flask-Security sees it."""

    __table__ = StaffWebauthn.__table__

    def get_user_mapping(self) -> dict[str, Any]:
        """Whose key it is, as the datastore looks people up."""
        return {"id": self.staff_id}  # type: ignore[attr-defined]


class Account(_Accounts, UserMixin):
    """A member of staff as Flask-Security sees them."""

    __table__ = Staff.__table__
    # Keys, too, are added and removed by a use case.
    webauthn: Mapped[list[AccountKey]] = relationship(AccountKey, viewonly=True, order_by=StaffWebauthn.id)  # type: ignore[assignment]
    # Only read here: roles are given by a use case, through Staff.roles.
    roles: Mapped[list[AccountRole]] = relationship(AccountRole, secondary=staff_role, viewonly=True)  # type: ignore[assignment]


class SignInForm(LoginForm):
    """The sign-in form: throttled, at most two passwords checked at a time, no "remember me" on a shared
    desk.
    """

    remember = None
    refused = False  # no password is looked at, whosever it is

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Reads the form; an address to go on to that is not ours is dropped, for it says nothing about the
        password.
        """
        super().__init__(*arguments, **options)
        self.next.data = own_path(self.next.data or "")

    def validate(self, **options: Any) -> bool:
        """Whether the address and password are right; every failure counts and is written down."""
        self.refused = not services().passwords
        if self.refused:
            return False
        account, address = (self.email.data or "").strip().lower(), request.remote_addr or ""
        pause_guessing(account, address)
        with HASHING:
            right = bool(super().validate(**options))
        if right:
            services().throttle.succeeded(account)
            second_factor.note_first_factor()
        else:
            services().throttle.failed(account, address)
            record_failed_sign_in(services().store, self.user.id if self.user else None)
        return right


def pause_guessing(account: str | None, address: str) -> None:
    """Waits as the failures so far ask for; answers 429 when too many are waiting already."""
    try:
        services().throttle.pause(account, address)
    except TooManyWaiting:
        abort(429)


def set_up_accounts(app: Flask, store: Store, *, second_factor_required: bool) -> None:
    """Configures Flask-Security on ``app``: argon2, sign-in and sign-out, second factors."""
    app.config.update(_configuration(store))
    app.config.update(second_factor.configuration(store.keys, required=second_factor_required))
    app.config.update(security_keys.configuration())
    # Without autoflush: a row it had changed would stay locked, and what a use case writes to it would wait for ever.
    account_session = scoped_session(sessionmaker(store.engine, expire_on_commit=False, autoflush=False))
    app.teardown_appcontext(lambda error: account_session.remove())
    datastore = SQLAlchemySessionUserDatastore(account_session, Account, AccountRole, AccountKey)
    Security(app, datastore, login_form=SignInForm, **second_factor.extensions(), **security_keys.extensions())
    app.extensions["security"].login_context_processor(lambda: {"sso_problem": session.pop(SIGN_ON_PROBLEM, None)})
    second_factor.watch_second_factors(app)
    security_keys.set_up_key_pages(app)
    # Weak references would let the receiver vanish at once.
    user_authenticated.connect(_signed_in, app, weak=False)
    for endpoint, permission in _ROUTES.items():
        name_permission(app, endpoint, permission)


def _configuration(store: Store) -> dict[str, Any]:
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SALT": password_key(store.keys),
        "SECURITY_PASSWORD_LENGTH_MIN": PASSWORD_SHORTEST,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_REGISTERABLE": False,
        "SECURITY_RECOVERABLE": False,
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_LOGOUT_CSRF": True,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        # An address is a name to sign in with here; nothing is mailed to it.
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"globally_deliverable": False},
        "SECURITY_LOGIN_USER_TEMPLATE": "sign_in.html",
        "SECURITY_POST_LOGIN_VIEW": START,
        "SECURITY_POST_LOGOUT_VIEW": "/login",
    }


def _signed_in(app: Flask, user: Account, **details: Any) -> None:
    begin_session(session)
    record_sign_in(services().store, user.id, second_factor.way_in())
