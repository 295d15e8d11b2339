"""Signing in and out of the console, and everything that must not let anybody in."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update

from console.throttle import LONGEST_DELAY_SECONDS, WINDOW_SECONDS, SignInThrottle, TooManyWaiting
from intake.store.connection import Store
from intake.store.models import Staff
from intake.usecases.staff import StaffNotAdded, StaffRole, add_staff, staff_is_known
from tests.console.desk import ADDRESS, PASSWORD, Clock, Desk, audit_lines

INES = "ines@example.org"
WRONG = "The e-mail or the password is not right."


def test_a_member_of_staff_signs_in_and_lands_on_the_queue(app: Flask, ines: int, store: Store) -> None:
    desk = Desk(app)
    answer = desk.sign_in("INES@example.org")
    assert (answer.status_code, answer.location) == (302, "/start")
    assert desk.get("/start").location == "/"
    assert "Nobody is waiting." in desk.get("/").text
    assert [(line.actor, line.object_id) for line in audit_lines(store, "staff.signed_in")] == [
        (f"staff:{ines}", str(ines))
    ]


def test_the_session_cookie_is_for_this_host_over_tls_only(app: Flask, ines: int) -> None:
    desk = Desk(app)
    cookie = desk.sign_in(INES).headers["Set-Cookie"]
    assert cookie.startswith("__Host-growline=")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie


def test_a_wrong_password_an_unknown_person_and_a_disabled_one_get_the_same_answer(
    app: Flask, ines: int, store: Store
) -> None:
    add_staff(store, "gone@example.org", "Gone Person", PASSWORD, StaffRole.INTAKE)
    with store.transaction() as session:
        session.execute(update(Staff).where(Staff.email == "gone@example.org").values(active=False))
    pages = []
    for email, password in (
        (INES, "not the password"),
        ("nobody@example.org", PASSWORD),
        ("gone@example.org", PASSWORD),
    ):
        desk = Desk(app)
        answer = desk.sign_in(email, password)
        pages.append(answer.text.replace(email, "X").replace(desk.token, "T"))
        assert WRONG in answer.text and desk.get("/").location.startswith("/login")
    assert pages[0] == pages[1] == pages[2]
    assert [line.object_id for line in audit_lines(store, "staff.sign_in_failed")] == [
        str(ines),
        None,
        str(ines + 1),
    ]


def test_a_page_asked_for_without_signing_in_is_shown_after_signing_in(app: Flask, ines: int) -> None:
    desk = Desk(app)
    to_sign_in = desk.get("/?language=es").location
    assert to_sign_in.startswith("/login?next=")
    desk.get(to_sign_in)
    assert desk.post(to_sign_in, {"email": INES, "password": PASSWORD}).location.endswith("/?language=es")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(app: Flask, ines: int, elsewhere: str) -> None:
    desk = Desk(app)
    desk.get("/login")
    answer = desk.post("/login", {"email": INES, "password": PASSWORD}, query_string={"next": elsewhere})
    # A browser reads a backslash as a slash.
    assert urljoin(ADDRESS, (answer.location or "").replace("\\", "/")).startswith(ADDRESS + "/")
    desk.get("/account")
    answer = desk.post("/language", {"language": "es", "back": elsewhere})
    assert answer.location == "/start"


def test_signing_out_makes_a_copied_cookie_worthless(app: Flask, desk: Desk, store: Store, ines: int) -> None:
    cookie = desk.client.get_cookie("__Host-growline", domain="console.example")
    assert cookie is not None
    thief = Desk(app)
    thief.client.set_cookie("__Host-growline", cookie.value, domain="console.example", secure=True)
    assert thief.get("/").status_code == 200
    assert desk.post("/logout").location == "/login"
    assert desk.get("/").location.startswith("/login")
    assert thief.get("/").location.startswith("/login")
    assert [line.actor for line in audit_lines(store, "staff.signed_out")] == [f"staff:{ines}"]


def test_signing_out_is_no_link(desk: Desk) -> None:
    assert desk.get("/logout").status_code == 405
    assert desk.get("/").status_code == 200


def test_a_session_ends_after_fifteen_idle_minutes(app: Flask, ines: int) -> None:
    with time_machine.travel("2026-11-20T14:00:00Z", tick=False) as now:
        desk = Desk(app)
        desk.sign_in(INES)
        for _ in range(3):
            now.shift(14 * 60)
            assert desk.get("/").status_code == 200
        now.shift(15 * 60 + 1)
        ended = desk.get("/")
        assert ended.location == "/login?ended=1"
        assert "You were signed out" in desk.get(ended.location).text
        assert desk.get("/").location.startswith("/login")


def test_a_session_ends_after_twelve_hours_however_busy(app: Flask, ines: int) -> None:
    with time_machine.travel("2026-11-20T08:00:00Z", tick=False) as now:
        desk = Desk(app)
        desk.sign_in(INES)
        for _ in range(12 * 6):
            now.shift(10 * 60)
            assert desk.get("/account").status_code == 200
        now.shift(60)
        assert desk.get("/account").location == "/login?ended=1"


def test_a_disabled_person_is_out_at_the_next_request(desk: Desk, store: Store, ines: int) -> None:
    with store.transaction() as session:
        session.execute(update(Staff).where(Staff.id == ines).values(active=False))
    assert desk.get("/").location.startswith("/login")


def test_the_sixth_guess_at_an_account_waits_and_the_right_password_still_works(
    app: Flask, ines: int, clock: Clock
) -> None:
    desk = Desk(app)
    for _ in range(5):
        desk.sign_in(INES, "not the password")
    assert clock.slept == []
    assert WRONG in desk.sign_in(INES, "not the password").text
    assert clock.slept == [1.0]
    assert desk.sign_in(INES).status_code == 302
    assert clock.slept == [1.0, 2.0]


def test_guesses_at_many_accounts_from_one_address_wait_after_twenty() -> None:
    clock = Clock()
    throttle = SignInThrottle(clock.now, clock.sleep)
    for number in range(20):
        assert throttle.delay(f"person{number}@example.org", "192.0.2.7") == 0
        throttle.failed(f"person{number}@example.org", "192.0.2.7")
    assert throttle.delay("somebody@example.org", "192.0.2.7") == 1
    assert throttle.delay("somebody@example.org", "192.0.2.8") == 0


def test_the_wait_never_becomes_a_lock_out() -> None:
    clock = Clock()
    throttle = SignInThrottle(clock.now, clock.sleep)
    for _ in range(500):
        throttle.failed(INES, "192.0.2.7")
    assert throttle.delay(INES, "192.0.2.7") == LONGEST_DELAY_SECONDS
    clock.seconds += WINDOW_SECONDS
    assert throttle.delay(INES, "192.0.2.7") == 0


def test_one_address_has_one_guess_waiting_so_that_colleagues_can_sign_in() -> None:
    clock = Clock()
    refused: list[str] = []

    def others_try_meanwhile(seconds: float) -> None:
        with pytest.raises(TooManyWaiting):
            throttle.pause(INES, "192.0.2.7")
        refused.append("same address")

    throttle = SignInThrottle(clock.now, others_try_meanwhile)
    for _ in range(5):
        throttle.failed(INES, "192.0.2.7")
    throttle.pause(INES, "192.0.2.7")
    assert refused == ["same address"]
    throttle.pause("colleague@example.org", "192.0.2.9")


def test_a_form_without_its_token_is_refused(app: Flask, ines: int, store: Store) -> None:
    desk = Desk(app)
    desk.get("/login")
    desk.token = ""
    assert desk.post("/login", {"email": INES, "password": PASSWORD}).status_code == 400
    assert audit_lines(store, "staff.signed_in") == []


def test_a_form_sent_by_another_site_is_refused(desk: Desk) -> None:
    headers = {"Referer": ADDRESS + "/", "Sec-Fetch-Site": "cross-site"}
    assert desk.post("/logout", headers=headers).status_code == 400
    assert desk.get("/").status_code == 200


def test_there_is_no_registration_and_no_way_to_recover_a_password_by_mail(app: Flask, ines: int) -> None:
    desk = Desk(app)
    assert [desk.get(path).status_code for path in ("/register", "/reset", "/verify")] == [404, 404, 404]


@pytest.mark.parametrize(
    ("email", "name", "password", "role", "remark"),
    [
        ("ines@example.org", "Another Ines", PASSWORD, "intake", "there already"),
        ("INES@example.org ", "Another Ines", PASSWORD, "intake", "there already"),
        ("ines", "Ines", PASSWORD, "intake", "no e-mail"),
        ("luz@example.org", "  ", PASSWORD, "intake", "name"),
        ("luz@example.org", "Luz", "short", "intake", "characters"),
        ("luz@example.org", "Luz", PASSWORD, "root", "role"),
    ],
)
def test_a_person_who_cannot_be_added_leaves_nothing(
    store: Store, ines: int, email: str, name: str, password: str, role: str, remark: str
) -> None:
    with pytest.raises(StaffNotAdded, match=remark):
        add_staff(store, email, name, password, role)
    assert audit_lines(store, "staff.added") == []
    with store.reading() as session:
        assert session.query(Staff).count() == 1


def test_a_person_who_was_added_can_sign_in_and_their_password_is_kept_as_argon2_only(
    app: Flask, store: Store
) -> None:
    assert not staff_is_known(store, "luz@example.org")
    luz = add_staff(store, " Luz@Example.org", "Luz  Marin", PASSWORD, "supervisor")
    assert staff_is_known(store, "LUZ@example.org")
    assert Desk(app).sign_in("luz@example.org").status_code == 302
    assert [(line.actor, line.object_id, line.detail) for line in audit_lines(store, "staff.added")] == [
        ("operator", str(luz), "supervisor")
    ]
    with store.reading() as session:
        kept = session.get_one(Staff, luz).password
    assert kept is not None and kept.startswith("$argon2id$") and PASSWORD not in kept
