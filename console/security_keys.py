"""Security keys and passkeys (WebAuthn) as a second factor: limits and lines as for codes, addresses as the settings say.

Flask-Security brings the pages of signing in; what a key signs is checked with py_webauthn. Beyond the library: site and origin
come from the settings and not from a request's Host header, a challenge is kept here and good for one answer, and a key opens
the account of the person whose password was right and no other. Setting a key up is our own page, since the library's asks for
somebody who is signed in already, and a first second factor comes before that.
"""

from __future__ import annotations

import ipaddress
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import webauthn
from flask import Flask, current_app, session
from flask_security import WebauthnUtil
from flask_security.forms import Form
from flask_security.webauthn import WebAuthnSigninResponseForm
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    options_to_json,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from console.addresses import CONSOLE_URL
from console.second_factor import counted, pending_person
from console.services import now, services
from intake.usecases import security_keys
from intake.usecases.security_keys import ANSWER_SECONDS, KeyRefused, NewKey

SITE_NAME = "Growline"
REFUSED = "key_refused"
_BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)
_BROWSER_MILLISECONDS = 120_000
_ANSWER_LONGEST = 16 * 1024  # characters; an answer of a key has a few hundred


def site() -> str:
    """The name of the site that keys are bound to, as the settings say."""
    return urlsplit(current_app.config[CONSOLE_URL]).hostname or ""


def origin() -> str:
    """Where the console's pages come from, as the settings say."""
    parts = urlsplit(current_app.config[CONSOLE_URL])
    return f"{parts.scheme}://{parts.netloc}"


def are_usable() -> bool:
    """Whether browsers use keys here at all: they bind them to a name, never to a bare address."""
    try:
        ipaddress.ip_address(site())
    except ValueError:
        return True
    return False


class KeyCeremony(WebauthnUtil):
    """What Flask-Security asks about this site when somebody signs in with a key."""

    def generate_challenge(self, nbytes: int | None = None) -> str:
        """A challenge for the person whose password was right; it is kept, and good for one answer."""
        challenge: str = super().generate_challenge(nbytes)
        person = pending_person()
        if person is not None:
            security_keys.ask(services().store, person.id, challenge)
        return challenge

    def origin(self) -> str:
        """The console's own origin."""
        return origin()

    def authentication_options(self, user: Any, usage: list[str], existing_options: dict[str, Any]) -> dict[str, Any]:
        """The library's options for this site."""
        options: dict[str, Any] = super().authentication_options(user, usage, existing_options)
        return {**options, "rp_id": site()}


class KeySignInForm(WebAuthnSigninResponseForm):
    """The answer of a key after the password; wrong ones are counted together with wrong codes."""

    spent = False

    def validate(self, **options: Any) -> bool:
        """Whether a key of the very person whose password was right has signed what it was asked."""
        self.user = pending_person()
        if self.user is None:
            return False
        right = counted(self, self._is_right, options)
        if not right:
            session[REFUSED] = "spent" if self.spent else "refused"
        return right

    def _is_right(self, **options: Any) -> bool:
        person: Any = self.user
        asked = security_keys.take_answer(services().store, person.id, self.challenge)
        if not (asked and Form.validate(self, **options)):
            return False
        try:
            answer = _answer(self.credential.data)
            _check_handle(answer, person.fs_webauthn_user_handle)
            key = next(key for key in person.webauthn if key.credential_id == answer.raw_id)
            return self._lets_in(person, key, answer)
        except (*_BROKEN, StopIteration):
            return False

    def _lets_in(self, person: Any, key: Any, answer: AuthenticationCredential) -> bool:
        try:
            verified = _verify(answer, self.challenge, key, key.sign_count)
        except WebAuthnException:
            _verify(answer, self.challenge, key, 0)  # raises, unless the counter is all that is wrong
            security_keys.note_copied(services().store, person.id, key.id)
            return False
        self.cred, self.authentication_verification = key, verified
        return security_keys.note_use(services().store, person.id, answer.raw_id, verified.new_sign_count)


def configuration() -> dict[str, Any]:
    """Flask-Security's settings for keys."""
    return {
        "SECURITY_WEBAUTHN": True,
        "SECURITY_WAN_ALLOW_AS_FIRST_FACTOR": False,
        "SECURITY_WAN_ALLOW_AS_MULTI_FACTOR": False,
        "SECURITY_WAN_ALLOW_AS_VERIFY": None,
        "SECURITY_DATETIME_FACTORY": now,
        "SECURITY_WAN_RP_NAME": SITE_NAME,
        "SECURITY_WAN_SIGNIN_TIMEOUT": _BROWSER_MILLISECONDS,
        "SECURITY_WAN_SIGNIN_WITHIN": timedelta(seconds=ANSWER_SECONDS),
        "SECURITY_WAN_SIGNIN_TEMPLATE": "security_key.html",
    }


def extensions() -> dict[str, Any]:
    """The classes that Flask-Security is to use instead of its own."""
    return {"webauthn_util_cls": KeyCeremony, "wan_signin_response_form": KeySignInForm}


def set_up_key_pages(app: Flask) -> None:
    """Tells the page that asks for a key what went wrong, and which other ways the person has."""
    app.extensions["security"].wan_signin_context_processor(
        lambda: {"refused": session.pop(REFUSED, None), "waiting": pending_person()}
    )


def creation_options(person: Any) -> str:
    """What a browser needs to set up a key for ``person``, as JSON; the challenge in it is good once."""
    challenge, store = secrets.token_urlsafe(), services().store
    security_keys.ask(store, person.id, challenge)
    options = webauthn.generate_registration_options(
        rp_id=site(),
        rp_name=SITE_NAME,
        user_id=security_keys.user_handle(store, person.id).encode(),
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge.encode(),
        timeout=_BROWSER_MILLISECONDS,
        # The password comes first: a touch is enough, and nothing needs to be kept inside the key.
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.DISCOURAGED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in person.webauthn],
    )
    return options_to_json(options)


def checked_key(person: Any, sent: str) -> NewKey:
    """The key that a browser has set up for ``person``; raises KeyRefused for anything that is not a right and fresh answer."""
    try:
        answer = parse_registration_credential_json(_short(sent))
        challenge = parse_client_data_json(answer.response.client_data_json).challenge
        if not security_keys.take_answer(services().store, person.id, challenge.decode()):
            raise KeyRefused("refused", "this was not asked, was answered before, or is too old")
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site(), expected_origin=origin()
        )
    except _BROKEN:
        raise KeyRefused("refused", "the answer of the key is not right") from None
    ways = [way.value for way in answer.response.transports or []]
    device = str(made.credential_device_type.value)
    return NewKey(made.credential_id, made.credential_public_key, made.sign_count, ways, device, made.credential_backed_up)


def _answer(sent: str | None) -> AuthenticationCredential:
    return parse_authentication_credential_json(_short(sent))


def _short(sent: str | None) -> str:
    if not sent or len(sent) > _ANSWER_LONGEST:
        raise ValueError
    return sent


def _check_handle(answer: AuthenticationCredential, handle: str | None) -> None:
    told = answer.response.user_handle
    if told and told != (handle or "").encode():
        raise ValueError


def _verify(answer: AuthenticationCredential, challenge: str, key: Any, count: int) -> VerifiedAuthentication:
    return webauthn.verify_authentication_response(
        credential=answer,
        expected_challenge=challenge.encode(),
        expected_rp_id=site(),
        expected_origin=origin(),
        credential_public_key=key.public_key,
        credential_current_sign_count=count,
    )
