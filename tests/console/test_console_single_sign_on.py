"""Signing in by way of an identity provider: who gets in, what follows, and what administrators and settings change."""

from __future__ import annotations

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from console.app import create_app
from console.content import ConsoleContent
from intake.settings import ConsoleSettings
from intake.store.connection import Store
from intake.store.models import Staff, StaffIdentity
from intake.usecases import people
from tests.console.authenticator import begin, set_up
from tests.console.colleagues import a_colleague, desk_of
from tests.console.conftest import WithProvider
from tests.console.desk import ADDRESS, PASSWORD, Clock, Desk, audit_lines
from tests.console.identity_provider import IdentityProvider
from tests.console.signing_on import INES, LINK, REFUSED, back, sign_in, to_provider


@pytest.fixture
def app(with_provider: WithProvider) -> Flask:
    return with_provider()


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


def test_the_second_factor_is_asked_after_the_provider(
    with_provider: WithProvider, ines: int, store: Store, provider: IdentityProvider
) -> None:
    app = with_provider(second_factor="required")
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
    with_provider: WithProvider, ines: int, store: Store, provider: IdentityProvider
) -> None:
    app = with_provider(second_factor="required", oidc_second_factor="trusted")
    set_up(Desk(app), INES)
    assert sign_in(Desk(app), provider) == "/start"
    assert Desk(app).sign_in(INES).location == "/tf-validate?next=/start"
    assert [line.detail for line in audit_lines(store, "staff.signed_in")] == [None, "oidc"]


def test_a_password_after_a_provider_that_was_given_up_is_no_sign_in_by_the_provider(
    with_provider: WithProvider, ines: int, store: Store, provider: IdentityProvider
) -> None:
    app = with_provider()
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
    for elsewhere in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/" + "x" * 3000):
        other = Desk(app)
        other.get("/login")
        page = other.post("/oidc/start", query_string={"next": elsewhere})
        found = LINK.search(page.text)
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


def test_with_passwords_off_no_password_is_looked_at(
    with_provider: WithProvider, ines: int, store: Store, provider: IdentityProvider
) -> None:
    app = with_provider(passwords="off")
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


def test_with_passwords_off_a_person_is_added_without_a_link(
    with_provider: WithProvider, ada: int, store: Store, provider: IdentityProvider
) -> None:
    app = with_provider(passwords="off")
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
