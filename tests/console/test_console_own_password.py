"""A person changes their own password: with the present one, soon after signing in, and every other session ends."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask

from intake.store.connection import Store
from intake.store.encryption import KeyRing
from intake.store.models import Staff
from intake.usecases import own_password, people
from tests.console.desk import PASSWORD, Clock, Desk, audit_lines

INES = "ines@example.org"
NEW = "nine loud herons sing"
MORNING = "2026-11-20T14:00:00Z"


def _change(desk: Desk, current: str = PASSWORD, wanted: str = NEW, again: str | None = None) -> str:
    desk.get("/account/password")
    answer = desk.post("/account/password", {"current": current, "password": wanted, "again": wanted if again is None else again})
    assert answer.status_code in (302, 409)
    return answer.location or answer.text


def _signed_in(app: Flask) -> Desk:
    desk = Desk(app)
    assert desk.sign_in(INES).location == "/start"
    return desk


def test_a_person_changes_their_password_and_stays_while_every_other_session_ends(app: Flask, ines: int, store: Store) -> None:
    here, elsewhere = _signed_in(app), _signed_in(app)
    assert 'href="/account/password"' in here.get("/account").text
    assert _change(here) == "/account?password=1"
    page = here.get("/account?password=1")
    assert page.status_code == 200 and "signed out everywhere else" in page.text
    assert elsewhere.get("/account").location.startswith("/login")
    assert "not right" in Desk(app).sign_in(INES).text
    assert Desk(app).sign_in(INES, NEW).location == "/start"
    assert [line.actor for line in audit_lines(store, "staff.password_changed")] == [f"staff:{ines}"]


def test_the_session_goes_on_with_another_form_token(app: Flask, ines: int) -> None:
    desk = _signed_in(app)
    before = desk.token
    _change(desk)
    desk.get("/account")
    assert desk.token != before
    assert desk.post("/logout").status_code == 302
    assert desk.get("/account").location.startswith("/login")


def test_a_cookie_copied_before_the_change_is_worth_nothing(app: Flask, ines: int) -> None:
    desk = _signed_in(app)
    copied = desk.client.get_cookie("__Host-growline", domain="console.example")
    _change(desk)
    thief = Desk(app)
    thief.client.set_cookie("__Host-growline", copied.value, domain="console.example", secure=True)
    assert thief.get("/account").location.startswith("/login")


def test_without_the_present_password_nothing_changes_and_a_line_is_left(app: Flask, ines: int, store: Store) -> None:
    desk, elsewhere = _signed_in(app), _signed_in(app)
    assert "password you have now is not right" in _change(desk, current="not the password")
    assert elsewhere.get("/account").status_code == 200
    assert [line.actor for line in audit_lines(store, "staff.password_not_changed")] == [f"staff:{ines}"]
    assert audit_lines(store, "staff.password_changed") == []


@pytest.mark.parametrize(
    ("wanted", "again", "said"),
    [
        ("short", "short", "too short"),
        ("password1234", "password1234", "tried first"),
        ("ines@example.org", "ines@example.org", "tried first"),
        ("x" * 129, "x" * 129, "too long"),
        (NEW, NEW + "!", "not the same"),
        (PASSWORD, PASSWORD, "already"),
    ],
)
def test_a_weak_or_mistyped_one_is_refused(app: Flask, ines: int, wanted: str, again: str, said: str) -> None:
    assert said in _change(_signed_in(app), wanted=wanted, again=again)
    assert Desk(app).sign_in(INES).location == "/start"


def test_at_a_desk_left_open_nobody_changes_it(app: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        desk = _signed_in(app)
        for _ in range(2):
            now.shift(8 * 60)
            desk.get("/account")
        assert "signed in a while ago" in desk.get("/account/password").text
        assert "signed in a while ago" in _change(desk)
    assert audit_lines(store, "staff.password_changed") == []


def test_guesses_of_the_present_one_are_slowed_down_as_at_the_sign_in_page(app: Flask, ines: int, clock: Clock) -> None:
    desk = _signed_in(app)
    for number in range(5):
        _change(desk, current=f"guess number {number}")
    assert clock.slept == []
    _change(desk, current="one more guess")
    assert clock.slept == [1.0]
    assert _change(desk) == "/account?password=1"
    assert clock.slept == [1.0, 2.0]
    Desk(app).sign_in(INES, NEW)
    assert clock.slept == [1.0, 2.0]


def test_a_form_with_a_field_more_is_refused_whole(app: Flask, ines: int) -> None:
    desk = _signed_in(app)
    desk.get("/account/password")
    form = {"current": PASSWORD, "password": NEW, "again": NEW, "email": "eve@example.org"}
    assert desk.post("/account/password", form).status_code == 400


def test_a_password_that_was_taken_away_meanwhile_does_not_come_back(app: Flask, ines: int, store: Store) -> None:
    desk = _signed_in(app)
    desk.get("/account/password")
    people.renew_link(store, ines, by=None)
    answer = desk.post("/account/password", {"current": PASSWORD, "password": NEW, "again": NEW})
    assert answer.location.startswith("/login")
    found = people.person(store, ines)
    assert found is not None and not found.has_password


def test_a_password_that_was_changed_meanwhile_is_not_changed_again_with_the_old_one(
    ines: int, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else with the old password asks at the same moment: the first change stands."""
    looked_at = own_password.password_is_right

    def slowly(keys: KeyRing, kept: str, password: str) -> bool:
        monkeypatch.setattr(own_password, "password_is_right", looked_at)
        own_password.change_own_password(store, ines, PASSWORD, NEW)
        return looked_at(keys, kept, password)

    monkeypatch.setattr(own_password, "password_is_right", slowly)
    with pytest.raises(own_password.OwnPasswordRefused) as refused:
        own_password.change_own_password(store, ines, PASSWORD, "six quick herons dive")
    assert refused.value.code == "wrong"
    with store.reading() as session:
        assert looked_at(store.keys, session.get_one(Staff, ines).password or "", NEW)


def test_neither_password_is_in_the_log_or_in_an_address(app: Flask, ines: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    assert NEW.split()[0] not in _change(_signed_in(app))
    assert PASSWORD not in caplog.text and NEW not in caplog.text


def test_the_page_speaks_spanish(app: Flask, ines: int) -> None:
    page = _signed_in(app).get("/account/password", headers={"Accept-Language": "es"}).text
    assert "La contraseña que tiene ahora" in page and '<html lang="es">' in page
