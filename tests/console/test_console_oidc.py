"""What is believed of an identity provider: everything that must not let anybody in, a provider that is down, the settings."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import cast
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey

from console.oidc import Provider, ProviderAway, new_question
from intake.settings import SettingsError, SingleSignOnSettings, read_settings
from intake.store.connection import Store
from tests.console.conftest import WithProvider
from tests.console.desk import ADDRESS, Clock, Desk, audit_lines
from tests.console.identity_provider import CLIENT, SECRET, Claims, IdentityProvider
from tests.console.signing_on import AWAY, INES, UNFINISHED, back, sign_in, to_provider


@pytest.fixture
def app(with_provider: WithProvider) -> Flask:
    return with_provider()


def _in_base64(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def _encoded(part: Claims) -> str:
    return _in_base64(json.dumps(part).encode())


def _unsigned(claims: Claims) -> str:
    return ".".join(_encoded(part) for part in ({"alg": "none"}, claims)) + "."


def _by_the_public_key(provider: IdentityProvider) -> Callable[[Claims], str]:
    """The old attack: the published key as the secret of a symmetric signature."""
    def signed(claims: Claims) -> str:
        start = ".".join(_encoded(part) for part in ({"alg": "HS256", "kid": provider.key.kid}, claims))
        return f"{start}.{_in_base64(hmac.digest(provider.key.as_pem(private=False), start.encode(), 'sha256'))}"

    return signed


def _by_another_key(provider: IdentityProvider) -> Callable[[Claims], str]:
    other = RSAKey.generate_key(2048)
    return lambda claims: jwt.encode({"alg": "RS256", "kid": provider.key.kid}, claims, other)


def _with_a_key_inside(provider: IdentityProvider) -> Callable[[Claims], str]:
    other = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "jwk": other.as_dict(private=False)}
    return lambda claims: jwt.encode({**header, "kid": "unknown"}, claims, other)


SIGNATURES: dict[str, Callable[[IdentityProvider], Callable[[Claims], str]]] = {
    "none": lambda provider: _unsigned,
    "HS256 by the public key": _by_the_public_key,
    "another key": _by_another_key,
    "a key it brings along": _with_a_key_inside,
    "PS256": lambda provider: lambda claims: jwt.encode(
        {"alg": "PS256", "kid": provider.key.kid}, claims, provider.key, algorithms=["PS256"]
    ),
    "cut off": lambda provider: lambda claims: provider.signed(claims)[:-4],
    "no token": lambda provider: lambda claims: "",
    "null": lambda provider: cast("Callable[[Claims], str]", lambda claims: None),
    "a word": lambda provider: lambda claims: "token",
}


@pytest.mark.parametrize("way", SIGNATURES)
def test_a_token_without_the_right_signature_proves_nobody(
    app: Flask, ines: int, store: Store, provider: IdentityProvider, way: str
) -> None:
    provider.sign = SIGNATURES[way](provider)
    desk = Desk(app)
    assert sign_in(desk, provider).startswith(UNFINISHED)
    assert desk.get("/").location.startswith("/login")
    [line] = audit_lines(store, "staff.sign_in_failed")
    assert line.object_id is None and (line.detail or "").startswith("oidc token")


CLAIMS: dict[str, Claims] = {
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another-client"},
    "no audience": {"aud": []},
    "several audiences, given to another": {"aud": [CLIENT, "another-client"], "azp": "another-client"},
    "several audiences, given to nobody": {"aud": [CLIENT, "another-client"]},
    "another issuer": {"iss": "https://evil.example"},
    "no subject": {"sub": ""},
    "a subject that is no text": {"sub": 7},
    "a subject without end": {"sub": "7" * 256},
    "a subject that no column takes": {"sub": "7\x00"},
    "an end without end": {"exp": float("inf")},
    "expired": {"exp": int(time.time()) - 3600},
    "no end": {"exp": None},
    "from the future": {"iat": int(time.time()) + 36000},
    "not yet good": {"nbf": int(time.time()) + 36000},
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_token_that_is_not_the_answer_to_this_question_proves_nobody(
    app: Flask, ines: int, store: Store, provider: IdentityProvider, claim: str
) -> None:
    provider.change = lambda claims: claims.update(CLAIMS[claim])
    desk = Desk(app)
    assert sign_in(desk, provider).startswith(UNFINISHED)
    assert desk.get("/").location.startswith("/login")
    assert len(audit_lines(store, "staff.sign_in_failed")) == 1 and audit_lines(store, "staff.signed_in") == []


def test_a_question_of_another_browser_is_no_answer_here(app: Flask, ines: int, store: Store, provider: IdentityProvider) -> None:
    attacker, victim = Desk(app), Desk(app)
    of_attacker = provider.authorize(to_provider(attacker))
    assert back(victim, of_attacker).startswith(UNFINISHED)
    to_provider(victim)
    assert back(victim, of_attacker).startswith(UNFINISHED)
    assert victim.get("/").location.startswith("/login")
    assert [line.detail for line in audit_lines(store, "staff.sign_in_failed")] == ["oidc state"]


def test_an_answer_is_good_once_even_with_the_cookie_of_before(app: Flask, ines: int, provider: IdentityProvider) -> None:
    desk, thief = Desk(app), Desk(app)
    answer = provider.authorize(to_provider(desk))
    cookie = desk.client.get_cookie("__Host-growline", domain="console.example")
    assert cookie is not None
    assert back(desk, answer) == "/start"
    thief.client.set_cookie("__Host-growline", cookie.value, domain="console.example", secure=True)
    assert back(thief, answer).startswith(UNFINISHED)
    desk.get("/account")
    desk.post("/logout")
    assert back(desk, answer).startswith(UNFINISHED)


def test_an_answer_that_comes_late_or_declines_signs_nobody_in(app: Flask, ines: int, provider: IdentityProvider) -> None:
    with time_machine.travel("2026-11-20T14:00:00Z", tick=False) as now:
        desk = Desk(app)
        answer = provider.authorize(to_provider(desk))
        now.shift(15 * 60 + 1)
        assert back(desk, answer).startswith(UNFINISHED)
    state = parse_qs(urlsplit(to_provider(desk)).query)["state"][0]
    assert back(desk, f"{ADDRESS}/oidc/callback?error=access_denied&state={state}").startswith(UNFINISHED)
    state = parse_qs(urlsplit(to_provider(desk)).query)["state"][0]
    assert back(desk, f"{ADDRESS}/oidc/callback?code=a&code=b&state={state}").startswith(UNFINISHED)
    answer = provider.authorize(to_provider(desk)).replace("iss=http", "iss=https")
    assert back(desk, answer).startswith(UNFINISHED)


def test_while_the_provider_is_down_the_page_says_so_and_passwords_serve(
    app: Flask, ines: int, store: Store, provider: IdentityProvider
) -> None:
    provider.broken = {"/.well-known/openid-configuration"}
    desk = Desk(app)
    desk.get("/login")
    page = desk.get(desk.post("/oidc/start").location)
    assert AWAY in page.text and "If you have a password here" in page.text
    asked = len(provider.asked)
    desk.post("/oidc/start")
    assert len(provider.asked) == asked  # it is left alone for a while
    assert desk.sign_in(INES).location == "/start"
    assert audit_lines(store, "staff.sign_in_failed") == []


def test_a_provider_that_fails_while_the_person_is_there_signs_nobody_in(
    app: Flask, ines: int, provider: IdentityProvider
) -> None:
    desk = Desk(app)
    provider.broken = {"/token"}
    assert sign_in(desk, provider).startswith(AWAY)
    provider.broken = set()
    assert sign_in(desk, provider) == "/start"


def test_a_provider_that_calls_itself_otherwise_is_not_asked(app: Flask, ines: int, provider: IdentityProvider) -> None:
    provider.wrong_issuer = True
    desk = Desk(app)
    desk.get("/login")
    assert AWAY in desk.get(desk.post("/oidc/start").location).text


def test_what_the_provider_says_of_itself_is_kept_and_an_unknown_key_asked_for(
    app: Flask, ines: int, provider: IdentityProvider
) -> None:
    assert sign_in(Desk(app), provider) == "/start"
    provider.asked.clear()
    assert sign_in(Desk(app), provider) == "/start"
    assert provider.asked == ["/token"]
    provider.rotate()
    provider.asked.clear()
    assert sign_in(Desk(app), provider) == "/start"
    assert provider.asked == ["/token", "/keys"]


def test_a_provider_is_asked_again_after_a_pause_and_after_an_hour(provider: IdentityProvider) -> None:
    clock = Clock()
    known = SingleSignOnSettings.model_validate(
        {"GROWLINE_OIDC_ISSUER": provider.issuer, "GROWLINE_OIDC_CLIENT_ID": CLIENT, "GROWLINE_OIDC_CLIENT_SECRET": SECRET}
    )
    asking = Provider(known, clock.now)
    provider.broken = {"/keys"}
    for _ in range(3):
        with pytest.raises(ProviderAway):
            asking.address("https://console.example/oidc/callback", new_question("/start"))
    assert len(provider.asked) == 2
    provider.broken = set()
    clock.seconds += 11
    assert asking.address("https://console.example/oidc/callback", new_question("/start")).startswith(provider.issuer)
    clock.seconds += 3601
    asking.address("https://console.example/oidc/callback", new_question("/start"))
    assert len(provider.asked) == 6 and asking.name == "127.0.0.1"


def test_an_address_that_only_the_second_answer_tells_is_believed_of_the_same_account_alone(
    app: Flask, ines: int, provider: IdentityProvider
) -> None:
    provider.person = {"sub": "person-7"}
    provider.userinfo = {"sub": "person-8", "email": INES, "email_verified": True}
    assert sign_in(Desk(app), provider).startswith(UNFINISHED)
    provider.userinfo["sub"] = "person-7"
    assert sign_in(Desk(app), provider) == "/start"


def test_the_log_holds_no_address_no_code_and_no_token(
    app: Flask, ines: int, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    desk = Desk(app)
    answer = provider.authorize(to_provider(desk))
    assert back(desk, answer) == "/start"
    provider.sign = _unsigned
    other = provider.authorize(to_provider(stranger := Desk(app)))
    assert back(stranger, other).startswith(UNFINISHED)
    queries = [parse_qs(urlsplit(address).query) for address in (answer, other)]
    sent = [query[name][0] for query in queries for name in ("code", "state")]
    for private in (INES, "person-7", "an-access-token", "a+secret", SECRET, *sent):
        assert private not in caplog.text, private


GIVEN = {"ISSUER": "https://login.example", "CLIENT_ID": CLIENT, "CLIENT_SECRET": "shh-not-shown"}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"CLIENT_SECRET": ""}, "all three or none"),
        ({"CLIENT_ID": ""}, "all three or none"),
        ({"ISSUER": ""}, "all three or none"),
        ({"ISSUER": "http://login.example"}, "begins with https://"),
        ({"ISSUER": "https://login.example?x=1"}, "begins with https://"),
        ({"ISSUER": "https://user:word@login.example"}, "begins with https://"),
        ({"ISSUER": "https://login.example:port"}, "begins with https://"),
        ({"ISSUER": "login.example"}, "begins with https://"),
        ({"SECOND_FACTOR": "sometimes"}, "GROWLINE_OIDC_SECOND_FACTOR"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], said: str) -> None:
    for name, value in {**GIVEN, **changed}.items():
        monkeypatch.setenv(f"GROWLINE_OIDC_{name}", value)
    with pytest.raises(SettingsError) as stopped:
        read_settings(SingleSignOnSettings)
    assert said in str(stopped.value) and "shh-not-shown" not in str(stopped.value)


def test_settings_that_can_work_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROWLINE_PASSWORDS", "off")
    with pytest.raises(SettingsError, match="nobody could sign in"):
        read_settings(SingleSignOnSettings)
    for name, value in GIVEN.items():
        monkeypatch.setenv(f"GROWLINE_OIDC_{name}", value)
    for issuer in ("https://login.example/tenant/", "http://127.0.0.1:9000", "http://localhost:9000/realm"):
        monkeypatch.setenv("GROWLINE_OIDC_ISSUER", issuer)
        found = read_settings(SingleSignOnSettings)
        assert found.oidc_issuer == issuer and found.passwords == "off"
    assert found.oidc_shown_name == "localhost"
