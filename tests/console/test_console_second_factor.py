"""The second factor: set up before the first page opens, asked for at every sign-in, replaced by a recovery code once."""

from __future__ import annotations

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text

from intake.store.connection import Store
from intake.store.models import Staff
from tests.console.authenticator import begin, new_recovery_codes, set_up, sign_in
from tests.console.desk import Desk, audit_lines

INES = "ines@example.org"
MORNING = "2026-11-20T14:00:00Z"


def test_no_page_opens_before_a_second_factor_is_set_up(guarded: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False):
        desk = Desk(guarded)
        assert desk.sign_in(INES).location == "/tf-setup"
        for path in ("/", "/account", "/start", "/mf-recovery-codes"):
            assert desk.get(path).location.startswith("/login"), path
        assert audit_lines(store, "staff.signed_in") == []
        desk.sign_in(INES)
        phone = begin(desk)
        assert desk.get("/").location.startswith("/login")
        assert "not right" in desk.post("/tf-validate", {"code": "000000"}).text
        assert desk.post("/tf-validate", {"code": phone.code()}).location == "/start"
        assert desk.get("/").status_code == 200
        assert [line.actor for line in audit_lines(store, "staff.second_factor_set")] == [f"staff:{ines}"]
        assert [line.actor for line in audit_lines(store, "staff.signed_in")] == [f"staff:{ines}"]


def test_each_sign_in_asks_for_the_code_and_leads_on_to_the_page_asked_for(guarded: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        now.shift(60)
        desk = Desk(guarded)
        desk.get("/login")
        asked = desk.post("/login?next=/?language=es", {"email": INES, "password": "seven quiet otters"}).location
        assert asked.startswith("/tf-validate?next=")
        desk.get(asked)
        assert desk.post(asked, {"code": phone.code()}).location.endswith("/?language=es")
        assert desk.get("/").status_code == 200


def test_where_it_is_optional_only_those_who_have_one_are_asked(app: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        desk = Desk(app)
        assert desk.sign_in(INES).location == "/start"
        assert "Set up a second factor" in desk.get("/account").text
        phone = begin(desk)
        assert desk.post("/tf-validate", {"code": phone.code()}).location == "/start"
        now.shift(60)
        assert sign_in(Desk(app), INES, phone.code()) == "/start"


def test_nobody_switches_theirs_off(app: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False):
        desk = Desk(app)
        desk.sign_in(INES)
        phone = begin(desk)
        desk.post("/tf-validate", {"code": phone.code()})
        desk.get("/tf-setup")
        desk.post("/tf-setup", {"setup": "disable"})
        with store.reading() as session:
            assert session.get_one(Staff, ines).tf_primary_method == "authenticator"


def test_the_picture_to_scan_is_drawn_in_the_page_and_the_key_is_shown_beside_it(guarded: Flask, ines: int) -> None:
    desk = Desk(guarded)
    desk.sign_in(INES)
    desk.get("/tf-setup")
    page = desk.post("/tf-setup", {"setup": "authenticator"})
    assert '<svg class="qr" viewBox="0 0 ' in page.text and '<path d="M' in page.text
    assert "<img" not in page.text and "data:" not in page.text and 'class="secret"' in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_the_key_is_sealed_in_the_database_and_in_the_cookie(guarded: Flask, ines: int, store: Store) -> None:
    desk = Desk(guarded)
    desk.sign_in(INES)
    desk.get("/tf-setup")
    page = desk.post("/tf-setup", {"setup": "authenticator"}).text
    key = page.split('<code class="secret">')[1].split("<")[0].replace("-", "").replace(" ", "")
    with desk.client.session_transaction(base_url="https://console.example") as session:
        assert len(key) == 32 and key not in str(dict(session))
    phone = begin(desk)
    desk.post("/tf-validate", {"code": phone.code()})
    with store.engine.connect() as connection:
        kept = bytes(connection.execute(text("select tf_totp_secret from staff")).scalar_one())
    assert b"enckey" not in kept and b'"key"' not in kept


def test_the_code_page_without_a_password_first_leads_to_the_sign_in_page(guarded: Flask, ines: int) -> None:
    for path in ("/tf-validate", "/tf-setup", "/mf-recovery"):
        assert Desk(guarded).get(path).location == "/login", path


def test_the_wait_for_the_code_ends_after_a_quarter_of_an_hour(guarded: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        now.shift(60)
        desk = Desk(guarded)
        desk.sign_in(INES)
        now.shift(15 * 60 + 1)
        assert desk.post("/tf-validate", {"code": phone.code()}).location == "/login"
        assert desk.get("/account").location.startswith("/login")


def test_a_link_to_the_code_page_signs_nobody_out(guarded: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False):
        desk = Desk(guarded)
        set_up(desk, INES)
        for path in ("/tf-validate", "/mf-recovery"):
            assert desk.get(path).location == "/account", path
        assert desk.get("/account").status_code == 200


def test_the_librarys_other_ways_are_closed(guarded: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False):
        desk = Desk(guarded)
        set_up(desk, INES)
        tried = [desk.get("/tf-rescue"), desk.get("/tf-select"), desk.post("/tf-setup/x"), desk.get("/verify")]
        assert [answer.status_code for answer in tried] == [404, 404, 404, 404]


def test_recovery_codes_come_first_and_each_lets_in_once(guarded: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False):
        desk = Desk(guarded)
        set_up(desk, INES)
        assert desk.get("/start").location == "/mf-recovery-codes"
        codes = new_recovery_codes(desk)
        assert len(set(codes)) == 10 and desk.get("/start").location == "/"
        assert all(code not in desk.get("/mf-recovery-codes?show_codes=1").text for code in codes)
        other = Desk(guarded)
        assert "none of your recovery codes" in _recover(other, "0000-0000-0000")
        assert _recover(other, f" {codes[3].upper().replace('-', ' ')} ") == "/start"
        assert "left: 9" in other.get("/account").text
        assert "none of your recovery codes" in _recover(Desk(guarded), codes[3])
        assert [line.detail for line in audit_lines(store, "staff.recovery_code_used")] == ["9 left"]


def _recover(desk: Desk, code: str) -> str:
    assert desk.sign_in(INES).location == "/tf-validate?next=/start"
    desk.get("/mf-recovery")
    answer = desk.post("/mf-recovery", {"code": code})
    return answer.location or answer.text


def test_recovery_codes_are_kept_as_hashes_and_new_ones_end_the_old(guarded: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False):
        desk = Desk(guarded)
        set_up(desk, INES)
        old, new = new_recovery_codes(desk), new_recovery_codes(desk)
        with store.reading() as session:
            kept = str(session.get_one(Staff, ines).mf_recovery_codes)
        assert not any(code in kept or code.replace("-", "") in kept for code in new)
        assert "none of your recovery codes" in _recover(Desk(guarded), old[0])
        assert _recover(Desk(guarded), new[0]) == "/start"


def test_the_second_factor_is_changed_only_soon_after_signing_in(guarded: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        desk = Desk(guarded)
        old = set_up(desk, INES)
        for _ in range(2):
            now.shift(8 * 60)
            desk.get("/account")
        assert "signed in a while ago" in desk.post("/tf-setup", {"setup": "authenticator"}).text
        assert new_recovery_codes(desk) == []
        assert "signed in a while ago" in desk.post("/mf-recovery-codes", {"generate_new_codes": "1"}).text
        desk = Desk(guarded)
        assert sign_in(desk, INES, old.code()) == "/start"
        phone = begin(desk)
        now.shift(30)
        assert desk.post("/tf-validate", {"code": phone.code()}).location == "/start"
        now.shift(30)
        assert "not right" in sign_in(Desk(guarded), INES, old.code())
        assert sign_in(Desk(guarded), INES, phone.code()) == "/start"
        assert len(audit_lines(store, "staff.second_factor_set")) == 2


@pytest.mark.parametrize(("language", "said"), [("es", "Configure el segundo paso"), ("en", "Set up your second factor")])
def test_the_pages_speak_the_persons_language(guarded: Flask, ines: int, language: str, said: str) -> None:
    desk = Desk(guarded)
    desk.sign_in(INES)
    assert said in desk.get("/tf-setup", headers={"Accept-Language": language}).text
