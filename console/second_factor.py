"""The second factor: a code of an authenticator app after the password, a security key, or one of the recovery codes.

Flask-Security brings the pages and their order. Added here: a code is good once, one time step either side of now is
accepted and no more, five wrong codes within 15 minutes end the guessing (whoever tries has the password, so this locks no
colleague out from outside), recovery codes are kept as hashes, the picture to scan is drawn on this machine, and a second
factor is changed only soon after signing in.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, abort, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user, tf_code_confirmed, tf_profile_changed
from flask_security.forms import TwoFactorSetupForm, TwoFactorVerifyCodeForm
from flask_security.recovery_codes import MfRecoveryCodesForm, MfRecoveryCodesUtil, MfRecoveryForm
from flask_security.tf_plugin import tf_clean_session
from flask_security.totp import Totp
from flask_security.twofactor import is_tf_setup
from markupsafe import Markup
from passlib.exc import TokenError
from qrcode.main import QRCode

from console.addresses import own_path
from console.permissions import Permission
from console.services import services
from intake.store.encryption import KeyRing
from intake.usecases import second_factors

METHOD = "authenticator"
STEP_SECONDS = 30  # RFC 6238's own; one step either side is accepted for slow typing and clocks a little off
PENDING_SECONDS = 15 * 60  # from the right password to the code; setting an app up takes a while
FRESH_SECONDS = 15 * 60
ROUTES = {
    "security.two_factor_setup": Permission.EVERYBODY,
    "security.two_factor_token_validation": Permission.EVERYBODY,
    "security.mf_recovery": Permission.EVERYBODY,
    "security.mf_recovery_codes": Permission.SIGNED_IN,
    "security.two_factor_setup_validate": Permission.CLOSED,
    "security.two_factor_rescue": Permission.CLOSED,
    "security.tf_select": Permission.EVERYBODY,
    "security.wan_signin": Permission.EVERYBODY,
    "security.wan_signin_response": Permission.EVERYBODY,
    "security.wan_register": Permission.CLOSED,
    "security.wan_register_response": Permission.CLOSED,
    "security.wan_delete": Permission.CLOSED,
}
_AFTER_THE_PASSWORD = frozenset(name for name, needed in ROUTES.items() if needed is Permission.EVERYBODY)
_ASKED, _STATE, _WAITS_FOR = "asked_at", "tf_state", "tf_user_id"
_WAY = "way_in"
_READY, _NONE_YET, _SETTING_UP = "ready", "setup_from_login", "validating_profile"
_CHOICE, _CHOOSES = "security.tf_select", "tf_select"
_OF_KEYS = frozenset({"security.wan_signin", "security.wan_signin_response"})
_SIGNED_IN_AT = "fs_paa"  # Flask-Security's name for it


class OneUseTotp(Totp):
    """Codes by time of which each is good once."""

    def verify_totp(self, token: str, totp_secret: str, user: Any, window: int = 0) -> bool:
        """Whether the code is right now, and neither it nor a later one was used before."""
        try:
            match = self._totp.verify(token, totp_secret, window=window, last_counter=user.tf_last_step)
        except TokenError:
            return False
        return second_factors.take_step(services().store, user.id, match.counter)

    def generate_qrcode(self, username: str, totp: str) -> str:
        """The picture to scan, as a drawing inside the page: no address, no style, no script."""
        code = QRCode(border=4)
        code.add_data(self.get_totp_uri(username, totp))
        rows = code.get_matrix()
        dots = (f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
        drawing = Markup('<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-labelledby="scan"><path d="{dots}"/></svg>')
        return drawing.format(size=len(rows), dots="".join(dots))


class HashedRecoveryCodes(MfRecoveryCodesUtil):
    """Recovery codes that are shown once and kept as keyed hashes."""

    def create_recovery_codes(self, user: Any) -> list[str]:
        """New codes, in the clear for this one answer."""
        return second_factors.make_recovery_codes(services().store, user.id)

    def get_recovery_codes(self, user: Any) -> list[str]:
        """None: what is kept cannot be shown."""
        return []

    def check_recovery_code(self, user: Any, code: str) -> bool:
        """Whether the code is right; it is used up by this very question."""
        return second_factors.use_recovery_code(services().store, user.id, code)

    def delete_recovery_code(self, user: Any, code: str) -> bool:
        """Nothing is left to do: the check has used it up."""
        return True


class CodeForm(TwoFactorVerifyCodeForm):
    """The form for a code; guesses are counted."""

    spent = False

    def validate(self, **options: Any) -> bool:
        """Whether the code is right. A sign-in that began before another second factor was set up sets up none."""
        signing_in = session.get(_STATE) == _SETTING_UP and not self.is_setup
        if signing_in and self.user is not None and has_second_factor(self.user):
            return False
        return counted(self, super().validate, options)


class RecoveryForm(MfRecoveryForm):
    """The form for a recovery code; guesses are counted together with those of codes."""

    spent = False

    def validate(self, **options: Any) -> bool:
        """Whether the recovery code is right and unused."""
        return counted(self, super().validate, options)


class SetupForm(TwoFactorSetupForm):
    """The form that begins the setting up; changing a second factor needs a fresh sign-in."""

    stale = False

    def validate(self, **options: Any) -> bool:
        """Whether the setting up may begin; an app is the only method, and nobody switches theirs off."""
        self.stale = current_user.is_authenticated and not is_fresh()
        return not self.stale and self.setup.data == METHOD and bool(super().validate(**options))


class RecoveryCodesForm(MfRecoveryCodesForm):
    """The button that makes new recovery codes; it needs a fresh sign-in, too."""

    stale = False

    def validate(self, **options: Any) -> bool:
        """Whether new codes may be made."""
        self.stale = not is_fresh()
        return not self.stale and has_second_factor(current_user) and bool(super().validate(**options))


def is_fresh() -> bool:
    """Whether the person signed in a short while ago, and not at a desk that was left open since."""
    return time.time() - float(session.get(_SIGNED_IN_AT, 0)) < FRESH_SECONDS


def has_second_factor(person: Any) -> bool:
    """Whether a person has an app or a key."""
    return is_tf_setup(person) or bool(person.webauthn)


def pending_person() -> Any | None:
    """Whose password was right and whose second factor is waited for."""
    return _waited_for() if session.get(_STATE) == _READY else None


def person_setting_up() -> Any | None:
    """Who may set up a second factor now: who is signed in, or whose sign-in waits for the very first one."""
    if current_user.is_authenticated:
        return current_user
    waits = session.get(_STATE) in (_NONE_YET, _SETTING_UP) and not _is_late()
    person = _waited_for() if waits else None
    return None if person is None or has_second_factor(person) else person


def _waited_for() -> Any | None:
    waited_for = session.get(_WAITS_FOR)
    return current_app.extensions["security"].datastore.find_user(fs_uniquifier=waited_for) if waited_for else None


def _is_late() -> bool:
    return time.time() - float(session.get(_ASKED, 0)) > PENDING_SECONDS


def note_first_factor(way: str | None = None) -> None:
    """Starts the clock between the first factor and the code; ``way`` names the first one when it was not the password."""
    session[_ASKED] = time.time()
    session.pop(_WAY, None)
    if way is not None:
        session[_WAY] = way


def way_in() -> str | None:
    """Which first factor this sign-in began with, if not the password; forgets it."""
    way: str | None = session.pop(_WAY, None)
    return way


def configuration(keys: KeyRing, *, required: bool) -> dict[str, Any]:
    """Flask-Security's settings for second factors."""
    secret = base64.urlsafe_b64encode(keys.derived_key("second factors")).decode()
    return {
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_REQUIRED": required,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": [METHOD],
        "SECURITY_TWO_FACTOR_IMPLEMENTATIONS": {
            "code": "flask_security.twofactor.CodeTfPlugin",
            "webauthn": "flask_security.webauthn.WebAuthnTfPlugin",
        },
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": STEP_SECONDS,
        "SECURITY_TWO_FACTOR_ALWAYS_VALIDATE": True,
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_SETUP_TEMPLATE": "second_factor_setup.html",
        "SECURITY_TWO_FACTOR_VERIFY_CODE_TEMPLATE": "second_factor.html",
        "SECURITY_TWO_FACTOR_POST_SETUP_VIEW": "/start",
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_TEMPLATE": "recovery_codes.html",
        "SECURITY_MULTI_FACTOR_RECOVERY_TEMPLATE": "recovery_code.html",
        "SECURITY_TOTP_SECRETS": {"1": secret},
        "SECURITY_TOTP_ISSUER": "Growline",
    }


def extensions() -> dict[str, Any]:
    """The classes that Flask-Security is to use instead of its own."""
    return {
        "totp_cls": OneUseTotp,
        "mf_recovery_codes_util_cls": HashedRecoveryCodes,
        "two_factor_setup_form": SetupForm,
        "two_factor_verify_code_form": CodeForm,
        "mf_recovery_form": RecoveryForm,
        "mf_recovery_codes_form": RecoveryCodesForm,
    }


def watch_second_factors(app: Flask) -> None:
    """Keeps the steps after the password in order, and writes down who set up a second factor."""
    app.before_request(_step_in_order)
    # Weak references would let the receivers vanish at once.
    tf_code_confirmed.connect(_code_confirmed, app, weak=False)
    tf_profile_changed.connect(_set_up, app, weak=False)


def _step_in_order() -> ResponseReturnValue | None:
    if request.endpoint not in _AFTER_THE_PASSWORD:
        return None
    going_on = request.args.get("next")
    if going_on is not None and own_path(going_on) != going_on:
        abort(400)
    if request.endpoint == _CHOICE and _CHOOSES not in session:
        abort(404)
    if current_user.is_authenticated:
        setting_up = session.get(_STATE) == _SETTING_UP and request.endpoint not in _OF_KEYS
        out_of_step = request.endpoint != "security.two_factor_setup" and not setting_up
        return redirect(url_for("account.show")) if out_of_step else None
    if _is_late():
        tf_clean_session()  # type: ignore[no-untyped-call]
        return redirect(url_for("security.login"))
    return _to_the_way_they_have()


def _to_the_way_they_have() -> ResponseReturnValue | None:
    """One page asks for both; who has only an app, or only keys, is asked for that."""
    if request.endpoint == _CHOICE:
        session[_STATE] = _READY
        session.pop(_CHOOSES)
        return _go_on_to("security.two_factor_token_validation")
    person = pending_person()
    if request.endpoint in _OF_KEYS and person is None:
        return redirect(url_for("security.login"))
    if request.endpoint in _OF_KEYS and person is not None and not person.webauthn:
        return _go_on_to("security.two_factor_token_validation")
    if request.endpoint == "security.two_factor_token_validation" and person is not None and not is_tf_setup(person):
        return _go_on_to("security.wan_signin")
    return None


def _go_on_to(endpoint: str) -> ResponseReturnValue:
    return redirect(url_for(endpoint, next=request.args.get("next")))


def counted(form: Any, check: Callable[..., bool], options: dict[str, Any]) -> bool:
    """What ``check`` says, unless this person's wrong codes of the last minutes are too many."""
    throttle, staff = services().throttle, form.user.id
    form.spent = throttle.codes_are_spent(staff)
    if form.spent:
        return False
    right = bool(check(**options))
    if right:
        throttle.right_code(staff)
    else:
        throttle.wrong_code(staff)
        second_factors.record_failed_second_factor(services().store, staff)
    return right


def _code_confirmed(app: Flask, user: Any, **details: Any) -> None:
    if session.get(_STATE) == _SETTING_UP:
        _set_up(app, user)


def _set_up(app: Flask, user: Any, **details: Any) -> None:
    second_factors.record_second_factor(services().store, user.id)
