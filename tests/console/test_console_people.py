"""The page of people: who is there, links of one use, roles, locks, second factors, and the last administrator."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import time_machine
from flask import Flask

from intake.store.connection import Store
from intake.store.models import Staff
from intake.usecases import people
from intake.usecases.people import PersonNotChanged
from intake.usecases.staff import StaffNotAdded
from tests.console.authenticator import set_up
from tests.console.desk import Desk, audit_lines

ADA, INES = "ada@example.org", "ines@example.org"
NEW_PASSWORD = "nine loud herons sing"
CHANGES: dict[str, Callable[[Store, int, int | None], object]] = {
    "staff.link_made": lambda store, staff, by: people.renew_link(store, staff, by=by),
    "staff.role_changed": lambda store, staff, by: people.change_role(store, staff, "supervisor", by=by),
    "staff.locked": lambda store, staff, by: people.lock(store, staff, by=by),
    "staff.unlocked": lambda store, staff, by: people.unlock(store, staff, by=by),
    "staff.second_factor_reset": lambda store, staff, by: people.reset_second_factor(store, staff, by=by),
}


def _admin(app: Flask) -> Desk:
    desk = Desk(app)
    assert desk.sign_in(ADA).location == "/start"
    return desk


def _uniquifier(store: Store, staff: int) -> str:
    with store.reading() as session:
        return session.get_one(Staff, staff).fs_uniquifier


def _choose(app: Flask, path: str) -> None:
    desk = Desk(app)
    desk.get(path)
    assert desk.post(path, {"password": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code == 302


def test_the_page_shows_role_state_last_sign_in_and_second_factor(app: Flask, ines: int, ada: int, store: Store) -> None:
    with time_machine.travel("2026-11-20T14:00:00Z", tick=False):
        people.invite(store, "luz@example.org", "Luz <b>Marin</b>", "supervisor", by=ada)
        people.lock(store, ines, by=ada)
        page = _admin(app).get("/people").text
    said = ("Ada Cruz", "Nov 20, 9:00", "never signed in", "no second factor", "<b>locked</b>", "has a link until Nov 21")
    for words in said:
        assert words in page.replace("\u202f", " "), words
    assert "Luz &lt;b&gt;Marin" in page


def test_a_person_is_added_by_a_link_and_chooses_the_password(app: Flask, ada: int, store: Store) -> None:
    admin = _admin(app)
    admin.get("/people")
    page = admin.post("/people", {"email": "Luz@Example.org ", "name": "Luz  Marin", "role": "intake"}).text
    path = page.split('id="link">https://console.example')[1].split("<")[0]
    luz = people.id_of(store, "luz@example.org")
    assert luz is not None and "not right" in Desk(app).sign_in("luz@example.org").text
    _choose(app, path)
    assert Desk(app).sign_in("luz@example.org", NEW_PASSWORD).location == "/start"
    added = audit_lines(store, "staff.added")
    assert [(line.actor, line.object_id, line.detail) for line in added] == [(f"staff:{ada}", str(luz), "intake")]


@pytest.mark.parametrize(
    ("email", "name", "role", "said"),
    [
        (INES, "Another Ines", "intake", "there already"),
        ("luz", "Luz", "intake", "no e-mail address"),
        ("luz@example.org", " ", "intake", "name is needed"),
        ("luz@example.org", "Luz", "root", "role from the list"),
    ],
)
def test_a_person_who_cannot_be_added_leaves_nothing_and_the_form_keeps_what_was_typed(
    app: Flask, ada: int, store: Store, email: str, name: str, role: str, said: str
) -> None:
    admin = _admin(app)
    admin.get("/people")
    answer = admin.post("/people", {"email": email, "name": name, "role": role})
    assert answer.status_code == 409 and said in answer.text and f'value="{email}"' in answer.text
    assert len(people.people(store)) == 2 and audit_lines(store, "staff.added") == []


def test_two_passwords_that_differ_change_nothing(app: Flask, ines: int, ada: int, store: Store) -> None:
    path = f"/password/{people.renew_link(store, ines, by=ada).token}"
    desk = Desk(app)
    desk.get(path)
    answer = desk.post(path, {"password": NEW_PASSWORD, "again": NEW_PASSWORD + "s"})
    assert answer.status_code == 409 and "not the same" in answer.text
    _choose(app, path)


@pytest.mark.parametrize("action", CHANGES)
def test_every_change_ends_the_sessions_and_leaves_a_line(ines: int, ada: int, store: Store, action: str) -> None:
    before = _uniquifier(store, ines)
    CHANGES[action](store, ines, ada)
    assert _uniquifier(store, ines) != before
    assert [(line.actor, line.object_id) for line in audit_lines(store, action)] == [(f"staff:{ada}", str(ines))]


@pytest.mark.parametrize("action", CHANGES)
def test_nobody_changes_their_own_account(ada: int, store: Store, action: str) -> None:
    before = _uniquifier(store, ada)
    with pytest.raises(PersonNotChanged) as refused:
        CHANGES[action](store, ada, ada)
    assert refused.value.code == "own_account" and _uniquifier(store, ada) == before


def test_the_page_says_so_when_a_change_is_refused(app: Flask, ines: int, ada: int) -> None:
    admin = _admin(app)
    assert "This is you" in admin.get(f"/people/{ada}").text
    refused = admin.post(f"/people/{ada}/role", {"role": "intake"})
    assert refused.status_code == 409 and "Nobody changes their own account" in refused.text
    unknown = admin.post(f"/people/{ines}/role", {"role": "root"})
    assert unknown.status_code == 409 and "Choose a role from the list" in unknown.text
    assert admin.get("/people/4711").status_code == 404 and admin.post("/people/4711/lock").status_code == 404


@pytest.mark.parametrize("action", ["staff.role_changed", "staff.locked"])
def test_the_last_administrator_stays_even_when_the_operator_asks(ada: int, store: Store, action: str) -> None:
    people.invite(store, "new@example.org", "New Administrator", "administrator", by=None)  # cannot sign in yet
    with pytest.raises(PersonNotChanged) as refused:
        CHANGES[action](store, ada, None)
    assert refused.value.code == "last_administrator"
    found = people.person(store, ada)
    assert found is not None and found.active and found.role == "administrator"


def test_two_administrators_who_lock_each_other_at_once_do_not_both_succeed(
    app: Flask, ines: int, ada: int, store: Store
) -> None:
    people.change_role(store, ines, "administrator", by=ada)
    together, refused = threading.Barrier(2), []

    def lock(staff: int, by: int) -> None:
        together.wait()
        try:
            people.lock(store, staff, by=by)
        except PersonNotChanged as error:
            refused.append(error.code)

    threads = [threading.Thread(target=lock, args=pair) for pair in ((ines, ada), (ada, ines))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_administrator"]
    assert sum(person.active for person in people.people(store)) == 1


def test_a_locked_person_gets_no_link_and_an_open_one_ends(app: Flask, ines: int, ada: int, store: Store) -> None:
    token = people.renew_link(store, ines, by=ada).token
    people.lock(store, ines, by=ada)
    assert Desk(app).get(f"/password/{token}").status_code == 410
    with pytest.raises(PersonNotChanged) as refused:
        people.renew_link(store, ines, by=ada)
    assert refused.value.code == "locked"
    people.unlock(store, ines, by=ada)
    assert Desk(app).get(f"/password/{token}").status_code == 410


def test_after_a_reset_a_new_second_factor_is_set_up(guarded: Flask, ines: int, ada: int, store: Store) -> None:
    with time_machine.travel("2026-11-20T14:00:00Z", tick=False):
        desk = Desk(guarded)
        set_up(desk, INES)
        people.reset_second_factor(store, ines, by=ada)
        assert desk.get("/").location.startswith("/login")
        set_up(Desk(guarded), INES)
        found = people.person(store, ines)
        assert found is not None and found.second_factor


def test_a_refused_person_is_no_half_person(ada: int, store: Store) -> None:
    with pytest.raises(StaffNotAdded):
        people.invite(store, ADA, "Another Ada", "intake", by=ada)
    with pytest.raises(StaffNotAdded):
        people.change_role(store, ada, "root", by=None)
    assert people.id_of(store, "nobody@example.org") is None and people.person(store, 4711) is None
