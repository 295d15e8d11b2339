"""What is asked of an identity provider and what is believed of its answer: OpenID Connect, authorization code flow with PKCE.

Nothing is believed but an ID token for this console, signed with RS256 by a key that the provider publishes, in answer to the
very question this browser was sent with. The framework-free parts of authlib build the question, joserfc checks the token.
Flask-Security's own way would find people by the address alone and build its addresses from a request's Host header.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote_plus

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey

from intake.settings import SingleSignOnSettings, is_protected_address
from intake.usecases.single_sign_on import Identity

_log = logging.getLogger(__name__)
_SECONDS = 4.0  # for each answer of the provider; a person waits for it
_KEPT_SECONDS = 60 * 60.0  # what the provider says about itself, and its keys
_PAUSE_SECONDS = 10.0  # a provider that did not answer is left alone this long: nobody waits for it in vain
_AT_ONCE = 2  # a slow provider must not take all threads of the console
_LEEWAY_SECONDS = 60
_SUBJECT_LONGEST = 255
_SCOPE = "openid email"
_SIGNED_BY = ["RS256"]
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class ProviderAway(Exception):
    """The provider does not answer, or with something that is no answer; nothing is known of the person."""


class NotProved(Exception):
    """What came back proves nobody; ``code`` says why, to the audit trail and to nobody else."""

    def __init__(self, code: str) -> None:
        super().__init__("the answer of the identity provider is not believed")
        self.code = code


@dataclass(frozen=True)
class Question:
    """What one sign-in is recognized by: kept in the browser's signed cookie, good for one answer."""

    state: str
    nonce: str
    verifier: str
    asked_at: float
    going_on: str

    def kept(self) -> dict[str, Any]:
        """As it is kept in the cookie."""
        return asdict(self)


def new_question(going_on: str) -> Question:
    """A fresh question for somebody who wants to go on to the path ``going_on`` afterwards."""
    return Question(secrets.token_urlsafe(), secrets.token_urlsafe(), secrets.token_urlsafe(48), time.time(), going_on)


class Provider:
    """The identity provider of the settings; what it says about itself is asked when first needed, and kept for an hour."""

    def __init__(self, settings: SingleSignOnSettings, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` can be replaced in a test."""
        self.name, self.trusted = settings.oidc_shown_name, settings.oidc_second_factor == "trusted"
        self._issuer, self._client = settings.oidc_issuer, settings.oidc_client_id
        self._secret, self._clock = settings.oidc_client_secret, clock
        self._about: dict[str, Any] = {}
        self._keys: dict[str | None, RSAKey] = {}
        self._good_until = self._away_until = float("-inf")
        self._asking, self._places = threading.Lock(), threading.BoundedSemaphore(_AT_ONCE)

    def address(self, back: str, question: Question) -> str:
        """Where the browser asks; ``back`` is the console's own address for the answer. Raises ProviderAway."""
        about = self._known()
        challenge = create_s256_code_challenge(question.verifier)
        found: str = prepare_grant_uri(
            about["authorization_endpoint"], self._client, "code", redirect_uri=back, scope=_SCOPE, state=question.state,
            nonce=question.nonce, code_challenge=challenge, code_challenge_method="S256",
        )
        return found

    def identity(self, back: str, question: Question, answer: dict[str, str]) -> Identity:
        """Who it is, from what the browser brought back; raises NotProved, or ProviderAway."""
        if not hmac.compare_digest(answer.get("state", "").encode(), question.state.encode()):
            raise NotProved("state")
        if answer.get("iss", self._issuer) != self._issuer:  # RFC 9207
            raise NotProved("issuer")
        if answer.get("error") or not answer.get("code"):
            raise NotProved("declined")
        about = self._known()
        if not self._places.acquire(timeout=_SECONDS):
            raise ProviderAway
        try:
            tokens = self._tokens(about, back, question, answer["code"])
            claims = self._claims(tokens.get("id_token"), question.nonce)
            return Identity(self._issuer, claims["sub"], self._verified_email(about, claims, tokens.get("access_token")))
        finally:
            self._places.release()

    def _known(self) -> dict[str, Any]:
        with self._asking:
            if self._clock() >= self._good_until:
                self._ask()
            return self._about

    def _ask(self) -> None:
        """What the provider says about itself (OpenID Connect Discovery 1.0), and its keys."""
        if self._clock() < self._away_until:
            raise ProviderAway
        self._away_until = self._clock() + _PAUSE_SECONDS
        about = _fetched("GET", self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        addresses = [about.get(name) for name in _ENDPOINTS]
        if about.get("issuer") != self._issuer or not all(isinstance(a, str) and is_protected_address(a) for a in addresses):
            _log.error("the identity provider says of itself what does not fit the settings")
            raise ProviderAway
        self._keys = _keys_at(about["jwks_uri"])
        self._about, self._good_until, self._away_until = about, self._clock() + _KEPT_SECONDS, float("-inf")

    def _tokens(self, about: dict[str, Any], back: str, question: Question, code: str) -> dict[str, Any]:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": question.verifier}
        ways = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        secret = self._secret.get_secret_value()
        if "client_secret_basic" in ways or "client_secret_post" not in ways:
            # RFC 6749, 2.3.1: both are encoded as in a form before they go into the header.
            return _fetched("POST", about["token_endpoint"], data=form, auth=(quote_plus(self._client), quote_plus(secret)))
        return _fetched("POST", about["token_endpoint"], data={**form, "client_id": self._client, "client_secret": secret})

    def _claims(self, token: Any, nonce: str) -> dict[str, Any]:
        """What the ID token says, checked as OpenID Connect Core 1.0, 3.1.3.7 asks."""
        needed = jwt.JWTClaimsRegistry(
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
        )
        try:
            claims = jwt.decode(token, self._key, algorithms=_SIGNED_BY).claims
            needed.validate(claims)
        except JoseError as refused:
            raise NotProved(f"token {type(refused).__name__}") from None
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            raise NotProved("token") from None
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._client) != self._client:
            raise NotProved("token")
        if len(claims["sub"]) > _SUBJECT_LONGEST or not claims["sub"].isprintable():
            raise NotProved("token")
        return claims

    def _key(self, signed: Any) -> RSAKey:
        """The published key that a token says it is signed with; one that is not known yet is asked for."""
        wanted = signed.headers().get("kid")
        with self._asking:
            if wanted not in self._keys:
                self._keys = _keys_at(self._about["jwks_uri"])
            if wanted is None and len(self._keys) == 1:
                return next(iter(self._keys.values()))
            return self._keys[wanted]

    def _verified_email(self, about: dict[str, Any], claims: dict[str, Any], access_token: Any) -> str | None:
        """The address, if the provider says that it is verified; some say so in a second answer only (Core 1.0, 5.4)."""
        told, place = claims, about.get("userinfo_endpoint")
        if "email" not in claims and isinstance(access_token, str) and isinstance(place, str) and is_protected_address(place):
            told = _fetched("GET", place, headers={"Authorization": f"Bearer {access_token}"})
            if told.get("sub") != claims["sub"]:
                raise NotProved("userinfo")
        email, verified = told.get("email"), told.get("email_verified")
        said = isinstance(email, str) and email.isprintable() and (verified is True or verified == "true")
        return email if said else None


def _keys_at(address: str) -> dict[str | None, RSAKey]:
    """The keys for signatures that are published at ``address``, by their ids."""
    found = _fetched("GET", address)
    try:
        keys = KeySet.import_key_set(found).keys  # type: ignore[arg-type]
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        raise ProviderAway from None
    return {key.kid: key for key in keys if isinstance(key, RSAKey) and key.get("use") in (None, "sig")}


def _fetched(method: str, address: str, **options: Any) -> dict[str, Any]:
    """The JSON object at ``address``; raises NotProved when the provider refuses what was sent, ProviderAway when it fails."""
    try:
        answer = httpx.request(method, address, timeout=_SECONDS, follow_redirects=False, **options)
        found = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        _log.warning("the identity provider gives no answer")
        raise ProviderAway from None
    if method == "POST" and answer.status_code == httpx.codes.BAD_REQUEST:
        raise NotProved("code")
    if answer.status_code != httpx.codes.OK or not isinstance(found, dict):
        _log.warning("the identity provider answers with status %s", answer.status_code)
        raise ProviderAway
    return found
