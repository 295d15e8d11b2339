"""Signing in by way of an identity provider, and everything that must not let anybody in that way."""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy import select, update

from console.app import create_app
from console.content import ConsoleContent
from console.oidc import Provider, ProviderAway, new_question
from console.throttle import SignInThrottle
from intake.settings import ConsoleSettings, SettingsError, SingleSignOnSettings, read_settings
from intake.store.connection import Store
from intake.store.models import Staff, StaffIdentity
from intake.usecases import people
from tests.console.authenticator import begin, set_up
from tests.console.colleagues import a_colleague, desk_of
from tests.console.desk import ADDRESS, PASSWORD, Clock, Desk, audit_lines
from tests.console.identity_provider import CLIENT, SECRET, Claims, IdentityProvider, running

INES = "ines@example.org"
REFUSED = "You cannot sign in here with this account of Agency Login."
UNFINISHED = "Signing in with Agency Login was not completed."
AWAY = "Agency Login does not answer right now."
_LINK = re.compile(r'<a href="(http://127[^"]+)"')
Make = Callable[..., Flask]


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def make(
    settings: ConsoleSettings, store: Store, console_content: ConsoleContent, clock: Clock, provider: IdentityProvider
) -> Make:
    """Makes a console that knows the provider, with other settings as asked."""

    def made(**others: Any) -> Flask:
        given = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SecretStr(SECRET)}
        changed = settings.model_copy(update={**given, "oidc_name": "Agency Login", **others})
        return create_app(changed, store=store, content=console_content, throttle=SignInThrottle(clock.now, clock.sleep))

    return made


@pytest.fixture
def app(make: Make) -> Flask:
    return make()


def to_provider(desk: Desk, to_sign_in: str = "/login") -> str:
    """Presses the button; the address at the provider."""
    page = desk.get(to_sign_in)
    form = re.search(r'action="(/oidc/start[^"]*)"', page.text)
    assert form, page.text
    answer = desk.post(unescape(form[1]))
    found = _LINK.search(answer.text)
    assert answer.status_code == 200 and found, answer.text
    address = unescape(found[1])
    assert answer.headers["Refresh"] == f"0; url={address}"
    return address


def back(desk: Desk, address: str) -> str:
    """Comes back from the provider; where the console leads then, or what its sign-in page says."""
    assert address.startswith(ADDRESS + "/oidc/callback?")
    answer = desk.client.get(address.removeprefix(ADDRESS), base_url=ADDRESS)
    assert answer.status_code == 302 and "code=" not in answer.location
    if answer.location.startswith("/login"):
        said = re.search(r'role="alert" id="problem">([^<]+)<', desk.get(answer.location).text)
        return said[1] if said else "signed out"
    return answer.location


def sign_in(desk: Desk, provider: IdentityProvider) -> str:
    return back(desk, provider.authorize(to_provider(desk)))


def test_a_known_person_signs_in_and_is_bound_to_that_account(
    app: Flask, ines: int, store: Store, provider: IdentityProvider
) -> None:
    desk = Desk(app)
    assert sign_in(desk, provider) == "/start"
    assert desk.post("/logout").status_code == 400  # the form token of the time before is worth nothing
    assert desk.get("/").status_code == 200
    with store.reading() as session:
        assert [(row.staff_id, row.issuer, row.subject) for row in session.scalars(select(StaffIdentity))] == [
            (ines, provider.issuer, "person-7")
        ]
        assert session.get_one(Staff, ines).last_login_at is not None
    assert [(line.actor, line.detail) for line in audit_lines(store, "staff.identity_bound")] == [(f"staff:{ines}", "oidc")]
    assert [(line.actor, line.detail) for line in audit_lines(store, "staff.signed_in")] == [(f"staff:{ines}", "oidc")]
    assert desk.post("/logout").location == "/login"
    assert desk.get("/").location.startswith("/login")


def test_the_question_names_the_address_of_the_settings_and_nothing_of_a_request(
    app: Flask, ines: int, provider: IdentityProvider
) -> None:
    desk = Desk(app)
    desk.get("/login")
    answer = desk.client.post(
        "/oidc/start", base_url="https://evil.example", data={"csrf_token": desk.token}, headers={"Host": "console.example",
        "X-Forwarded-Host": "evil.example", "Referer": ADDRESS + "/"},
    )
    assert answer.status_code == 400 or "evil.example" not in answer.text
    sent = parse_qs(urlsplit(to_provider(desk)).query)
    assert sent["redirect_uri"] == [ADDRESS + "/oidc/callback"]
    assert set(sent["scope"][0].split()) == {"openid", "email"}
    assert len(sent["state"][0]) >= 43 and len(sent["nonce"][0]) >= 43 and len(sent["code_challenge"][0]) == 43


def test_from_then_on_the_account_counts_and_not_the_address(app: Flask, ines: int, provider: IdentityProvider) -> None:
    assert sign_in(Desk(app), provider) == "/start"
    provider.person.update(email="married@example.org", email_verified=False)
    assert sign_in(Desk(app), provider) == "/start"


def test_another_account_with_the_address_of_a_bound_person_is_refused(
    app: Flask, ines: int, store: Store, provider: IdentityProvider
) -> None:
    assert sign_in(Desk(app), provider) == "/start"
    provider.person["sub"] = "person-8"
    assert sign_in(Desk(app), provider).startswith(REFUSED)
    assert [(line.object_id, line.detail) for line in audit_lines(store, "staff.sign_in_failed")] == [
        (str(ines), "oidc other_account")
    ]


def test_an_account_that_is_bound_to_somebody_opens_no_other_account(
    app: Flask, ines: int, store: Store, provider: IdentityProvider
) -> None:
    omar = a_colleague(store)
    assert sign_in(Desk(app), provider) == "/start"
    provider.person["email"] = "omar@example.org"
    desk = Desk(app)
    assert sign_in(desk, provider) == "/start"
    assert INES in desk.get("/account").text
    assert [line.actor for line in audit_lines(store, "staff.signed_in")] == [f"staff:{ines}"] * 2 != [f"staff:{omar}"]


def test_unknown_unverified_and_locked_people_get_the_same_answer(
    app: Flask, ines: int, store: Store, provider: IdentityProvider
) -> None:
    omar = a_colleague(store)
    people.lock(store, omar, by=None)
    said = []
    for claims in (
        {"email": "nobody@example.org"},
        {"email_verified": False},
        {"email_verified": None},
        {"email": "omar@example.org"},
        {"email": None},
    ):
        provider.person = {"sub": "person-9", "email": INES, "email_verified": True, **claims}
        said.append(sign_in(Desk(app), provider))
    assert len(set(said)) == 1 and said[0].startswith(REFUSED)
    assert [line.detail for line in audit_lines(store, "staff.sign_in_failed")] == [
        "oidc unknown", "oidc unverified", "oidc unverified", "oidc locked", "oidc unverified",
    ]
    with store.reading() as session:
        assert session.scalars(select(StaffIdentity)).all() == []


def test_a_person_locked_after_being_bound_is_refused(app: Flask, ines: int, store: Store, provider: IdentityProvider) -> None:
    assert sign_in(Desk(app), provider) == "/start"
    with store.transaction() as session:
        session.execute(update(Staff).where(Staff.id == ines).values(active=False))
    desk = Desk(app)
    assert sign_in(desk, provider).startswith(REFUSED)
    assert desk.get("/").location.startswith("/login")


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


def test_the_second_factor_is_asked_after_the_provider(make: Make, ines: int, store: Store, provider: IdentityProvider) -> None:
    app = make(second_factor="required")
    with time_machine.travel("2026-11-20T14:00:00Z", tick=False) as now:
        desk = Desk(app)
        assert sign_in(desk, provider) == "/tf-setup"
        phone = begin(desk)
        assert desk.get("/").location.startswith("/login")
        assert desk.post("/tf-validate", {"code": phone.code()}).location == "/start"
        now.shift(60)
        again = Desk(app)
        assert sign_in(again, provider) == "/tf-validate?next=/start"
        assert again.get("/").location.startswith("/login")
        again.get("/tf-validate")
        assert "not right" in again.post("/tf-validate", {"code": phone.code(-600)}).text
        assert again.post("/tf-validate", {"code": phone.code()}).location == "/start"
        assert [line.detail for line in audit_lines(store, "staff.signed_in")] == ["oidc", "oidc"]


def test_a_trusted_provider_is_enough_and_passwords_still_need_the_second_factor(
    make: Make, ines: int, store: Store, provider: IdentityProvider
) -> None:
    app = make(second_factor="required", oidc_second_factor="trusted")
    set_up(Desk(app), INES)
    assert sign_in(Desk(app), provider) == "/start"
    assert Desk(app).sign_in(INES).location == "/tf-validate?next=/start"
    assert [line.detail for line in audit_lines(store, "staff.signed_in")] == [None, "oidc"]


def test_a_password_after_a_provider_that_was_given_up_is_no_sign_in_by_the_provider(
    make: Make, ines: int, store: Store, provider: IdentityProvider
) -> None:
    app = make()
    with time_machine.travel("2026-11-20T14:00:00Z", tick=False) as now:
        first = Desk(app)
        first.sign_in(INES)
        phone = begin(first)
        first.post("/tf-validate", {"code": phone.code()})
        now.shift(60)
        desk = Desk(app)
        assert sign_in(desk, provider) == "/tf-validate?next=/start"
        assert desk.sign_in(INES).location == "/tf-validate?next=/start"
        desk.get("/tf-validate")
        desk.post("/tf-validate", {"code": phone.code()})
    assert [line.detail for line in audit_lines(store, "staff.signed_in")] == [None, None]


def test_the_page_asked_for_is_shown_afterwards_and_never_another_site(app: Flask, ines: int, provider: IdentityProvider) -> None:
    desk = Desk(app)
    to_sign_in = desk.get("/?language=es").location
    assert back(desk, provider.authorize(to_provider(desk, to_sign_in))) == "/?language=es"
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"):
        other = Desk(app)
        other.get("/login")
        page = other.post("/oidc/start", query_string={"next": elsewhere})
        found = _LINK.search(page.text)
        assert found and back(other, provider.authorize(unescape(found[1]))) == "/start"


def test_many_failed_answers_from_one_address_wait(app: Flask, ines: int, provider: IdentityProvider, clock: Clock) -> None:
    provider.person["email"] = "nobody@example.org"
    desk = Desk(app)
    for _ in range(20):
        sign_in(desk, provider)
    assert clock.slept == []
    sign_in(desk, provider)
    assert clock.slept == [1.0]


def test_no_other_site_begins_it_and_no_link_does(app: Flask, ines: int) -> None:
    desk = Desk(app)
    assert desk.get("/oidc/start").status_code == 405
    desk.get("/login")
    assert desk.post("/oidc/start", headers={"Referer": ADDRESS + "/", "Sec-Fetch-Site": "cross-site"}).status_code == 400
    desk.token = ""
    assert desk.post("/oidc/start").status_code == 400


def test_who_is_signed_in_stays_who_they_are(app: Flask, ines: int, store: Store, provider: IdentityProvider) -> None:
    a_colleague(store)
    omar = desk_of(app, "Omar")
    assert omar.post("/oidc/start").location == "/start"
    stranger = Desk(app)
    answer = provider.authorize(to_provider(stranger))
    assert omar.get(answer.removeprefix(ADDRESS)).location == "/start"
    assert "omar@example.org" in omar.get("/account").text


def test_the_log_holds_no_address_no_code_and_no_token(
    app: Flask, ines: int, provider: IdentityProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    answer = provider.authorize(to_provider(Desk(app)))
    desk = Desk(app)
    answer = provider.authorize(to_provider(desk))
    assert back(desk, answer) == "/start"
    provider.sign = _unsigned
    other = provider.authorize(to_provider(stranger := Desk(app)))
    assert back(stranger, other).startswith(UNFINISHED)
    sent = [value for address in (answer, other) for name in ("code", "state") for value in parse_qs(urlsplit(address).query)[name]]
    for private in (INES, "person-7", "an-access-token", "a+secret", SECRET, *sent):
        assert private not in caplog.text, private


def test_with_passwords_off_no_password_is_looked_at(make: Make, ines: int, store: Store, provider: IdentityProvider) -> None:
    app = make(passwords="off")
    desk = Desk(app)
    page = desk.get("/login").text
    assert 'name="password"' not in page and "Sign in with Agency Login" in page
    answer = desk.post("/login", {"email": INES, "password": PASSWORD})
    assert answer.status_code == 200 and "Passwords are switched off here." in answer.text
    assert desk.get("/").location.startswith("/login")
    assert audit_lines(store, "staff.signed_in") == [] == audit_lines(store, "staff.sign_in_failed")
    link = people.renew_link(store, ines, by=None)
    assert desk.get(f"/password/{link.token}").status_code == 410
    assert desk.post(f"/password/{link.token}", {"password": "nine loud herons", "again": "nine loud herons"}).status_code == 410
    assert sign_in(desk, provider) == "/start"
    assert "Change my password" not in desk.get("/account").text
    assert "switched off" in desk.get("/account/password").text


def test_who_has_no_password_is_not_offered_to_change_it(app: Flask, ines: int, store: Store, provider: IdentityProvider) -> None:
    desk = Desk(app)
    assert sign_in(desk, provider) == "/start"
    assert "Change my password" in desk.get("/account").text
    with store.transaction() as session:
        session.execute(update(Staff).where(Staff.id == ines).values(password=None))
    assert "Change my password" not in desk.get("/account").text
    answer = desk.post("/account/password", {"current": "", "password": "nine loud herons", "again": "nine loud herons"})
    assert answer.status_code == 409 and "You have no password here" in answer.text


def test_an_administrator_forgets_the_account_and_the_person_comes_with_another(
    app: Flask, ines: int, ada: int, store: Store, provider: IdentityProvider
) -> None:
    desk = Desk(app)
    assert sign_in(desk, provider) == "/start"
    admin = desk_of(app, "Ada")
    assert "Forget the account at the provider" in admin.get(f"/people/{ines}").text
    assert admin.post(f"/people/{ines}/identity").location == f"/people/{ines}?changed=1"
    assert "Forget the account at the provider" not in admin.get(f"/people/{ines}").text
    assert desk.get("/").location.startswith("/login")
    provider.person["sub"] = "person-8"
    assert sign_in(Desk(app), provider) == "/start"
    assert [(line.actor, line.object_id) for line in audit_lines(store, "staff.identity_forgotten")] == [
        (f"staff:{ada}", str(ines))
    ]


def test_with_passwords_off_a_person_is_added_without_a_link(make: Make, ada: int, store: Store, provider: IdentityProvider) -> None:
    app = make(passwords="off")
    admin = desk_of(app, "Ada")
    assert "Make a new link" not in admin.get("/people/1").text
    admin.get("/people")
    added = admin.post("/people", {"email": "luz@example.org", "name": "Luz Marin", "role": "intake"})
    page = admin.get(added.location).text
    assert "They can sign in with Agency Login now." in page and "can sign in with Agency Login" in page
    provider.person.update(sub="luz", email="LUZ@example.org")
    assert sign_in(Desk(app), provider) == "/start"
    assert "signs in with Agency Login" in admin.get(added.location).text


def test_an_administrator_who_signs_in_by_the_provider_counts_as_one_who_can(
    app: Flask, ada: int, store: Store, provider: IdentityProvider
) -> None:
    with pytest.raises(people.PersonNotChanged):
        people.lock(store, ada, by=None)
    luz = people.add_without_link(store, "luz@example.org", "Luz Marin", "administrator", by=None)
    provider.person.update(sub="luz", email="luz@example.org")
    assert sign_in(Desk(app), provider) == "/start"
    people.lock(store, ada, by=None)
    with pytest.raises(people.PersonNotChanged):
        people.lock(store, luz, by=None)


def test_without_the_settings_there_is_no_button_and_no_way_in(settings: ConsoleSettings, store: Store,
                                                              console_content: ConsoleContent) -> None:
    desk = Desk(create_app(settings, store=store, content=console_content))
    assert "/oidc/" not in desk.get("/login").text
    assert desk.post("/oidc/start").status_code == 404 and desk.get("/oidc/callback?code=a&state=b").status_code == 404


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
