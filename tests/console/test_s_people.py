"""The attacks on the console that aim at accounts: cases S1, S2, S4, S5, S10, S11, S13 and S16 of our list of bad inputs.

More of the same is shown in ``test_console_sign_in`` (S1: a cookie copied before signing out; S4: a person switched off;
S10: one answer for all, growing pauses; S16: addresses to go on to) and ``test_console_protection`` (S16: no framing).
"""

from __future__ import annotations

import re
import statistics
import threading
import time
from typing import Any
from urllib.parse import urljoin
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from console.permissions import Permission, permission_of
from intake.store.connection import Store
from intake.store.models import Staff, StaffLink
from intake.usecases import people
from intake.usecases.second_factors import take_step
from tests.console.authenticator import begin, set_up, sign_in
from tests.console.desk import ADDRESS, PASSWORD, Clock, Desk, audit_lines

INES, ADA = "ines@example.org", "ada@example.org"
COOKIE, HOST = "__Host-growline", "console.example"
MORNING = "2026-11-20T14:00:00Z"
LINK = re.compile(r'id="link">([^<]+)<')


def _cookie(desk: Desk) -> str:
    found = desk.client.get_cookie(COOKIE, domain=HOST)
    assert found is not None
    return found.value


def _signed_in(app: Flask, email: str) -> Desk:
    desk = Desk(app)
    assert desk.sign_in(email).location == "/start"
    return desk


def _rows(store: Store) -> list[tuple[Any, ...]]:
    query = select(Staff.id, Staff.email, Staff.name, Staff.password, Staff.active, Staff.fs_uniquifier).order_by(Staff.id)
    with store.reading() as session:
        return [tuple(row) for row in session.execute(query)]


def _link(desk: Desk, staff: int) -> str:
    """Ada makes a link for somebody and reads it off the page; its path."""
    desk.get(f"/people/{staff}")
    found = LINK.search(desk.post(f"/people/{staff}/link").text)
    assert found
    return found[1].removeprefix("https://console.example")


def test_s01_a_session_planted_before_signing_in_is_worth_nothing_afterwards(app: Flask, ines: int) -> None:
    attacker, victim = Desk(app), Desk(app)
    attacker.get("/login")
    planted = _cookie(attacker)
    victim.client.set_cookie(COOKIE, planted, domain=HOST, secure=True)
    assert victim.sign_in(INES).status_code == 302
    assert _cookie(victim) != planted
    assert attacker.get("/").location.startswith("/login")
    victim.token = attacker.token
    assert victim.post("/logout").status_code == 400


def test_s01_an_invented_session_is_not_accepted(app: Flask, ines: int) -> None:
    for invented in ("ines-1", "eyJfdXNlcl9pZCI6ImluZXMtMSJ9.aR8AAA.AAAAAAAAAAAAAAAAAAAAAAAAAAA"):
        desk = Desk(app)
        desk.client.set_cookie(COOKIE, invented, domain=HOST, secure=True)
        assert desk.get("/").location.startswith("/login")


def _changing_routes(app: Flask) -> list[tuple[str, Permission]]:
    """Path and permission of every route that takes a form."""
    found = []
    for rule in app.url_map.iter_rules():
        needed = permission_of(app, rule.endpoint)
        if "POST" in (rule.methods or set()) and needed is not None and needed is not Permission.CLOSED:
            path = re.sub(r"<uuid:\w+>", str(uuid4()), rule.rule)
            path = re.sub(r"<\w+>", "x", re.sub(r"<int(\(.*?\))?:\w+>", "1", path))
            found.append((path, needed))
    return found


def test_s02_no_form_is_taken_without_its_token_or_from_another_site(app: Flask, ada: int, store: Store) -> None:
    desks = {email: _signed_in(app, email) for email in (INES, ADA)}
    before = _rows(store)
    routes = _changing_routes(app)
    assert len(routes) > 10
    for path, needed in routes:
        desk = desks[ADA if needed is Permission.LOOK_AFTER_PEOPLE else INES]
        token, desk.token = desk.token, ""
        assert desk.post(path).status_code == 400, path
        desk.token = token
        elsewhere = {"Referer": ADDRESS + "/", "Sec-Fetch-Site": "cross-site"}
        assert desk.post(path, headers=elsewhere).status_code == 400, path
        elsewhere = {"Referer": "https://evil.example/"}
        assert desk.post(path, headers=elsewhere).status_code == 400, path
    assert _rows(store) == before


def test_s02_looking_at_any_address_changes_no_account(app: Flask, ada: int, store: Store) -> None:
    desk = _signed_in(app, ADA)
    before = _rows(store)
    for path, _ in _changing_routes(app):
        assert desk.get(path).status_code in (200, 302, 404, 405, 410), path
    assert _rows(store) == before
    assert desk.get("/account").status_code == 200


def test_s04_a_changed_role_counts_at_the_next_request(app: Flask, ines: int, ada: int, store: Store) -> None:
    desk, admin = _signed_in(app, INES), _signed_in(app, ADA)
    assert desk.get("/").status_code == 200
    admin.get(f"/people/{ines}")
    assert admin.post(f"/people/{ines}/role", {"role": "administrator"}).status_code == 302
    assert desk.get("/").location.startswith("/login")
    again = _signed_in(app, INES)
    assert again.get("/").status_code == 404 and again.get("/people").status_code == 200
    assert [(line.actor, line.object_id, line.detail) for line in audit_lines(store, "staff.role_changed")] == [
        (f"staff:{ada}", str(ines), "administrator")
    ]


def test_s04_a_locked_person_is_out_at_the_next_request_and_cannot_come_back(
    app: Flask, ines: int, ada: int, store: Store
) -> None:
    desk, admin = _signed_in(app, INES), _signed_in(app, ADA)
    admin.get(f"/people/{ines}")
    admin.post(f"/people/{ines}/lock")
    assert desk.get("/").location.startswith("/login")
    assert "not right" in Desk(app).sign_in(INES).text
    admin.post(f"/people/{ines}/unlock")
    assert desk.get("/").location.startswith("/login")
    assert _signed_in(app, INES).get("/").status_code == 200


def test_s04_who_waits_for_the_code_while_being_locked_does_not_get_in(guarded: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        now.shift(60)
        desk = Desk(guarded)
        assert desk.sign_in(INES).location == "/tf-validate?next=/start"
        people.lock(store, ines, by=None)
        desk.post("/tf-validate", {"code": phone.code()})
        assert desk.get("/account").location.startswith("/login")


@pytest.mark.parametrize("field", ["password", "active", "id", "tf_totp_secret", "roles", "fs_uniquifier"])
def test_s05_a_field_the_form_does_not_offer_is_refused_whole(app: Flask, ada: int, store: Store, field: str) -> None:
    admin = _signed_in(app, ADA)
    before = _rows(store)
    admin.get("/people")
    new = {"email": "luz@example.org", "name": "Luz Marin", "role": "intake"}
    assert admin.post("/people", {**new, field: "1"}).status_code == 400
    assert admin.post("/people/1/role", {"role": "supervisor", field: "1"}).status_code == 400
    assert _rows(store) == before


def test_s05_choosing_a_password_gives_nobody_another_role(app: Flask, ines: int, ada: int, store: Store) -> None:
    path = _link(_signed_in(app, ADA), ines)
    desk = Desk(app)
    desk.get(path)
    form = {"password": "nine loud herons sing", "again": "nine loud herons sing"}
    assert desk.post(path, {**form, "role": "administrator"}).status_code == 400
    assert desk.post(path, form).location == "/login?chosen=1"
    found = people.person(store, ines)
    assert found is not None and found.role == "intake"


def test_s05_nobody_else_may_change_roles_not_even_their_own(app: Flask, ines: int, ada: int, store: Store) -> None:
    desk = _signed_in(app, INES)
    tried = [desk.get("/people"), desk.post(f"/people/{ines}/role", {"role": "administrator"}), desk.post("/people", {})]
    assert [answer.status_code for answer in tried] == [404, 404, 404]
    found = people.person(store, ines)
    assert found is not None and found.role == "intake"
    assert len(audit_lines(store, "access.refused")) == 3


def test_s10_one_password_tried_on_many_people_is_slowed_down(app: Flask, ines: int, clock: Clock) -> None:
    desk = Desk(app)
    for number in range(20):
        desk.sign_in(f"person{number}@example.org", "Winter2026!Winter")
    assert clock.slept == []
    desk.sign_in("person20@example.org", "Winter2026!Winter")
    assert clock.slept == [1.0]


def test_s10_an_unknown_person_takes_as_long_as_a_known_one(app: Flask, ines: int, store: Store) -> None:
    people.invite(store, "new@example.org", "New Person", "intake", by=None)  # has no password yet
    taken: dict[str, list[float]] = {INES: [], "nobody@example.org": [], "new@example.org": []}
    desk = Desk(app)
    desk.get("/login")
    for _ in range(5):
        for email, times in taken.items():
            begun = time.perf_counter()
            desk.post("/login", {"email": email, "password": "not the password"})
            times.append(time.perf_counter() - begun)
    typical = [statistics.median(times) for times in taken.values()]
    assert max(typical) < 3 * min(typical), typical  # without the hash for nobody it would be fiftyfold


@pytest.mark.parametrize(
    "common",
    ["password1234", "123456789012", "qwertyuiop12", "iloveyou1234", "letmein12345", "Password2026!", "aaaaaaaaaaaaa",
     "ines vega 2026", "abcdefghijkl"],
)
def test_s10_a_password_among_those_tried_first_is_refused(app: Flask, ines: int, ada: int, store: Store, common: str) -> None:
    path = _link(_signed_in(app, ADA), ines)
    desk = Desk(app)
    desk.get(path)
    answer = desk.post(path, {"password": common, "again": common})
    assert answer.status_code == 409 and "tried first" in answer.text
    assert "no password" not in desk.get(path).text and audit_lines(store, "staff.password_chosen") == []


def test_s10_a_stolen_password_alone_opens_no_page(guarded: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False):
        owner = Desk(guarded)
        set_up(owner, INES)
        thief = Desk(guarded)
        assert thief.sign_in(INES).location == "/tf-validate?next=/start"
        for path in ("/", "/account", "/people", "/mf-recovery-codes"):
            assert thief.get(path).location.startswith("/login"), path
        assert thief.sign_in(INES).location == "/tf-validate?next=/start"
        assert thief.post("/tf-setup", {"setup": "authenticator"}).location == "/login"
        assert len(audit_lines(store, "staff.signed_in")) == 1


def test_s10_the_sixth_guess_at_a_code_is_not_looked_at(guarded: Flask, ines: int, clock: Clock) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        now.shift(60)
        desk = Desk(guarded)
        desk.sign_in(INES)
        wrong = f"{(int(phone.code()) + 1) % 1_000_000:06}"
        for _ in range(5):
            assert "not right" in desk.post("/tf-validate", {"code": wrong}).text
        assert "Too many wrong codes" in desk.post("/tf-validate", {"code": phone.code()}).text
        assert "Too many wrong codes" in sign_in(Desk(guarded), INES, phone.code())
        clock.seconds += 15 * 60
        assert desk.post("/tf-validate", {"code": phone.code()}).location == "/start"


def test_s11_a_code_is_good_for_one_sign_in(guarded: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        assert "used already" in sign_in(Desk(guarded), INES, phone.code())
        now.shift(30)
        used = phone.code()
        assert sign_in(Desk(guarded), INES, used) == "/start"
        assert "used already" in sign_in(Desk(guarded), INES, used)
        now.shift(30)
        assert "used already" in sign_in(Desk(guarded), INES, used)
        assert len(audit_lines(store, "staff.second_factor_failed")) == 3


def test_s11_of_two_sign_ins_with_one_code_at_once_one_gets_in(store: Store, ines: int) -> None:
    let_in: list[bool] = []
    together = threading.Barrier(4)

    def enter() -> None:
        together.wait()
        let_in.append(take_step(store, ines, 59_000_000))

    threads = [threading.Thread(target=enter) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(let_in) == [False, False, False, True]


@pytest.mark.parametrize("seconds_off", [-30, 30])
def test_s11_a_clock_one_step_off_is_accepted(guarded: Flask, ines: int, seconds_off: int) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        now.shift(300)
        assert sign_in(Desk(guarded), INES, phone.code(seconds_off)) == "/start"


@pytest.mark.parametrize("seconds_off", [-90, 90])
def test_s11_a_clock_ninety_seconds_off_is_refused_with_a_hint(guarded: Flask, ines: int, seconds_off: int) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        now.shift(300)
        page = sign_in(Desk(guarded), INES, phone.code(seconds_off))
        assert "look at the phone&#39;s clock" in page and "It must set itself" not in page


def test_s13_an_administrator_hands_a_link_over_and_never_sees_a_password(
    app: Flask, ines: int, ada: int, store: Store
) -> None:
    desk, admin = _signed_in(app, INES), _signed_in(app, ADA)
    for page in (admin.get("/people"), admin.get(f"/people/{ines}")):
        assert 'type="password"' not in page.text
    path = _link(admin, ines)
    assert desk.get("/").location.startswith("/login")
    assert "not right" in Desk(app).sign_in(INES).text
    assert path not in admin.get(f"/people/{ines}").text and path not in admin.get("/people").text
    new = "nine loud herons sing"
    chooser = Desk(app)
    assert chooser.get(path).status_code == 200
    assert chooser.post(path, {"password": new, "again": new}).location == "/login?chosen=1"
    assert Desk(app).sign_in(INES, new).location == "/start"
    assert chooser.get(path).status_code == 410
    assert chooser.post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 410
    assert [line.actor for line in audit_lines(store, "staff.link_made")] == [f"staff:{ada}"]
    assert [line.actor for line in audit_lines(store, "staff.password_chosen")] == [f"staff:{ines}"]


def test_s13_a_link_ends_after_a_day_and_only_its_hash_is_kept(app: Flask, ines: int, ada: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        link = people.renew_link(store, ines, by=ada)
        with store.reading() as session:
            kept = session.scalars(select(StaffLink)).one()
            assert link.token.encode() not in kept.token_hash and len(kept.token_hash) == 32
        now.shift(24 * 60 * 60 - 1)
        assert Desk(app).get(f"/password/{link.token}").status_code == 200
        now.shift(2)
        assert Desk(app).get(f"/password/{link.token}").status_code == 410


def test_s13_a_newer_link_ends_the_older_one(app: Flask, ines: int, ada: int, store: Store) -> None:
    older, newer = (people.renew_link(store, ines, by=ada).token for _ in range(2))
    assert [Desk(app).get(f"/password/{token}").status_code for token in (older, newer)] == [410, 200]


def test_s16_no_page_about_accounts_may_be_framed(app: Flask, ines: int, ada: int) -> None:
    admin = _signed_in(app, ADA)
    for path in ("/login", "/people", f"/people/{ines}", "/tf-setup", "/mf-recovery-codes", "/password/x"):
        assert "frame-ancestors 'none'" in admin.get(path).headers["Content-Security-Policy"], path


def test_s16_a_link_is_built_from_the_settings_whatever_host_is_asked_for(app: Flask, ines: int, ada: int) -> None:
    admin = _signed_in(app, ADA)
    admin.get(f"/people/{ines}")
    admin.client.set_cookie(COOKIE, _cookie(admin), domain="evil.example", secure=True)
    asked = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "Referer": "https://evil.example/"}
    page = admin.post(f"/people/{ines}/link", headers=asked).text
    found = LINK.search(page)
    assert found and found[1].startswith("https://console.example/password/") and "evil.example" not in page


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_s16_the_code_never_leads_to_another_site(guarded: Flask, ines: int, elsewhere: str) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        now.shift(60)
        desk = Desk(guarded)
        desk.sign_in(INES)
        answer = desk.post("/tf-validate", {"code": phone.code()}, query_string={"next": elsewhere})
        answer_next = desk.post("/tf-validate", {"code": phone.code(), "next": elsewhere})
        for location in (answer.location, answer_next.location):
            assert urljoin(ADDRESS, (location or "").replace("\\", "/")).startswith(ADDRESS)


def test_s11_a_sign_in_begun_earlier_cannot_replace_a_second_factor(guarded: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        thief = Desk(guarded)
        thief.sign_in(INES)
        theirs = begin(thief)
        owner = Desk(guarded)
        phone = set_up(owner, INES)
        now.shift(60)
        assert thief.post("/tf-validate", {"code": theirs.code()}).status_code == 200
        assert thief.get("/account").location.startswith("/login")
        assert sign_in(Desk(guarded), INES, phone.code()) == "/start"
