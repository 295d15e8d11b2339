"""Security keys and passkeys: set up, asked for after the password, removed; and every answer that must not let anybody in."""

from __future__ import annotations

import json

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from intake.store.connection import Store
from intake.store.models import Staff, StaffWebauthn
from intake.usecases import people
from intake.usecases.security_keys import ANSWER_SECONDS, KeyRefused, NewKey, add_key
from tests.console.authenticator import begin, new_recovery_codes, set_up
from tests.console.authenticator import sign_in as sign_in_with_code
from tests.console.desk import PASSWORD, Desk, audit_lines
from tests.console.software_key import ORIGIN, SoftwareKey, add, answer, asked, question, sign_in

INES, ADA = "ines@example.org", "ada@example.org"
MORNING = "2026-11-20T14:00:00Z"
REFUSED = "This key did not let you in"


def _with_key(app: Flask, key: SoftwareKey, email: str = INES) -> Desk:
    """Signs in for the first time and sets a key up as the very second factor."""
    desk = Desk(app)
    assert desk.sign_in(email).location == "/tf-setup"
    assert add(desk, key) == "/start"
    desk.get("/account")
    return desk


def test_a_key_is_set_up_before_the_first_page_opens_and_no_app_is_needed(guarded: Flask, ines: int, store: Store) -> None:
    desk = Desk(guarded)
    desk.sign_in(INES)
    assert 'href="/security-keys"' in desk.get("/tf-setup").text
    assert add(desk, SoftwareKey()) == "/start"
    assert desk.get("/start").location == "/mf-recovery-codes"
    assert len(new_recovery_codes(desk)) == 10 and desk.get("/start").location == "/"
    assert desk.get("/").status_code == 200
    assert "asks for your security key" in desk.get("/account").text
    for action in ("staff.key_added", "staff.signed_in", "staff.recovery_codes_made"):
        assert [line.actor for line in audit_lines(store, action)] == [f"staff:{ines}"], action
    found = people.person(store, ines)
    assert found is not None and found.second_factor and people.people(store)[0].second_factor


def test_who_has_only_a_key_is_asked_for_it_and_led_on_to_the_page_asked_for(guarded: Flask, ines: int, store: Store) -> None:
    key = SoftwareKey()
    _with_key(guarded, key)
    desk = Desk(guarded)
    desk.get("/login")
    waits = desk.post("/login?next=/?language=es", {"email": INES, "password": PASSWORD}).location
    assert waits.startswith("/wan-signin?next=") and desk.get("/").location.startswith("/login")
    assert desk.get("/tf-validate").location == "/wan-signin"
    page = desk.get(waits).text
    assert "Use my security key or passkey" in page and "code of an app" not in page and "<noscript>" in page
    options, action = asked(desk.post(waits).text)
    assert (options["rpId"], len(options["allowCredentials"])) == ("console.example", 1)
    assert desk.post(action, {"credential": key.sign(options)}).location.endswith("/?language=es")
    assert desk.get("/").status_code == 200
    assert [(line.actor, line.detail) for line in audit_lines(store, "staff.key_used")] == [(f"staff:{ines}", "key 1")]
    with store.reading() as session:
        kept = session.scalars(select(StaffWebauthn)).one()
    assert (kept.sign_count, kept.device_type, kept.usage) == (1, "single_device", "secondary")
    assert kept.lastuse_datetime is not None and kept.lastuse_datetime.tzinfo is not None


def test_the_page_for_the_code_offers_both_ways_when_both_exist(guarded: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        desk, key = Desk(guarded), SoftwareKey()
        phone = set_up(desk, INES)
        assert add(desk, key) == "/security-keys?added=1"
        now.shift(60)
        desk = Desk(guarded)
        assert desk.sign_in(INES).location == "/tf-select?next=/start"
        assert desk.get("/tf-select?next=/start").location == "/tf-validate?next=/start"
        page = desk.get("/tf-validate?next=/start").text
        assert 'name="code"' in page and "Use my security key or passkey" in page
        options, action = asked(desk.post("/wan-signin?next=/start").text)
        assert answer(desk, action, key.sign(options)) == "/start"
        other = Desk(guarded)
        other.sign_in(INES)
        other.get("/tf-select?next=/start")
        assert other.post("/tf-validate?next=/start", {"code": phone.code()}).location == "/start"


def test_who_has_only_an_app_is_not_asked_for_a_key(guarded: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        phone = set_up(Desk(guarded), INES)
        now.shift(60)
        desk = Desk(guarded)
        desk.sign_in(INES)
        assert desk.get("/wan-signin").location == "/tf-validate"
        assert "security key" not in desk.get("/tf-validate").text
        assert sign_in_with_code(Desk(guarded), INES, phone.code()) == "/start"


def test_site_and_origin_come_from_the_settings_and_never_from_the_host_header(guarded: Flask, ines: int) -> None:
    desk = Desk(guarded)
    desk.sign_in(INES)
    desk.get("/security-keys")
    cookie = desk.client.get_cookie("__Host-growline", domain="console.example")
    desk.client.set_cookie("__Host-growline", cookie.value, domain="evil.example", secure=True)
    form, headers = {"csrf_token": desk.token, "name": "blue key"}, {"Referer": "https://evil.example/"}
    page = desk.client.post("/security-keys/new", base_url="https://evil.example", data=form, headers=headers)
    assert asked(page.text)[0]["rp"] == {"id": "console.example", "name": "Growline"}
    key = SoftwareKey(origin="https://evil.example", site="evil.example")
    assert "was too late or not right" in add(desk, key)


@pytest.mark.parametrize(
    ("origin", "site"),
    [("https://evil.example", "console.example"), (ORIGIN, "evil.example"), ("http://console.example", "console.example")],
)
def test_an_answer_for_another_origin_or_site_lets_nobody_in(
    guarded: Flask, ines: int, store: Store, origin: str, site: str
) -> None:
    key = SoftwareKey()
    _with_key(guarded, key)
    key.origin, key.site = origin, site
    desk = Desk(guarded)
    assert REFUSED in sign_in(desk, INES, key)
    assert desk.get("/").location.startswith("/login")
    assert [line.actor for line in audit_lines(store, "staff.second_factor_failed")] == [f"staff:{ines}"]
    assert audit_lines(store, "staff.key_used") == []


def test_an_answer_sent_once_more_lets_nobody_in(guarded: Flask, ines: int) -> None:
    key = SoftwareKey()
    _with_key(guarded, key)
    desk, thief = Desk(guarded), Desk(guarded)
    options, action = question(desk, INES)
    sent = key.sign(options)
    assert answer(desk, action, sent) == "/start"
    thief.sign_in(INES)
    thief.get("/wan-signin")
    assert REFUSED in answer(thief, action, sent)


def test_a_key_without_a_counter_is_good_for_one_answer_too(guarded: Flask, ines: int) -> None:
    key = SoftwareKey()
    _with_key(guarded, key)
    for _ in range(2):
        key.count = -1  # passkeys that are kept in several places always say nought
        assert sign_in(Desk(guarded), INES, key) == "/start"
    desk, thief = Desk(guarded), Desk(guarded)
    options, action = question(desk, INES)
    key.count = -1
    sent = key.sign(options)
    assert answer(desk, action, sent) == "/start"
    thief.sign_in(INES)
    thief.get("/wan-signin")
    assert REFUSED in answer(thief, action, sent)


def test_an_answer_to_an_earlier_question_or_a_late_one_is_refused(guarded: Flask, ines: int) -> None:
    key = SoftwareKey()
    _with_key(guarded, key)
    desk = Desk(guarded)
    options, action = question(desk, INES)
    question(Desk(guarded), INES)
    assert REFUSED in answer(desk, action, key.sign(options))
    with time_machine.travel(MORNING, tick=False) as now:
        desk = Desk(guarded)
        options, action = question(desk, INES)
        now.shift(ANSWER_SECONDS + 1)
        assert answer(desk, action, key.sign(options)) != "/start"
        assert desk.get("/").location.startswith("/login")


def test_a_counter_that_goes_back_lets_nobody_in_and_says_that_there_may_be_a_copy(
    guarded: Flask, ines: int, store: Store
) -> None:
    key = SoftwareKey()
    _with_key(guarded, key)
    key.count = 40
    assert sign_in(Desk(guarded), INES, key) == "/start"
    key.count = 10
    assert REFUSED in sign_in(Desk(guarded), INES, key)
    assert [(line.actor, line.detail) for line in audit_lines(store, "staff.key_counter_went_back")] == [
        (f"staff:{ines}", "key 1")
    ]
    impostor = SoftwareKey(count=3, credential_id=key.credential_id)
    assert REFUSED in sign_in(Desk(guarded), INES, impostor)
    assert len(audit_lines(store, "staff.key_counter_went_back")) == 1
    key.count = 41
    assert sign_in(Desk(guarded), INES, key) == "/start"


def test_a_key_opens_no_account_but_its_owners(guarded: Flask, ines: int, ada: int, store: Store) -> None:
    of_ines, of_ada = SoftwareKey(), SoftwareKey()
    _with_key(guarded, of_ines)
    _with_key(guarded, of_ada, ADA)
    desk = Desk(guarded)
    assert REFUSED in sign_in(desk, INES, of_ada)
    assert desk.get("/account").location.startswith("/login")
    options, action = question(desk, INES)
    of_ines.handle = "somebody else"
    assert REFUSED in answer(desk, action, of_ines.sign(options))
    with store.reading() as session:
        of_ines.handle = session.get_one(Staff, ines).fs_webauthn_user_handle
    assert sign_in(desk, INES, of_ines) == "/start"


def test_wrong_answers_and_wrong_codes_are_counted_together(guarded: Flask, ines: int, clock: object) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        desk, key = Desk(guarded), SoftwareKey()
        phone = set_up(desk, INES)
        add(desk, key)
        now.shift(60)
        desk, wrong = Desk(guarded), SoftwareKey(credential_id=key.credential_id)
        desk.sign_in(INES)
        desk.get("/tf-select")
        for _ in range(3):
            assert "not right" in desk.post("/tf-validate", {"code": "000000"}).text
        for _ in range(2):
            options, action = asked(desk.post("/wan-signin").text)
            assert REFUSED in answer(desk, action, wrong.sign(options))
        options, action = asked(desk.post("/wan-signin").text)
        assert "Too many wrong codes" in answer(desk, action, key.sign(options))
        assert "Too many wrong codes" in desk.post("/tf-validate", {"code": phone.code()}).text


@pytest.mark.parametrize("sent", ["", "{}", "[]", "no json", '{"id": 1}', json.dumps({"id": "x", "rawId": "x"}), "x" * 20_000])
def test_anything_that_is_no_answer_of_a_key_is_refused(guarded: Flask, ines: int, sent: str) -> None:
    desk = Desk(guarded)
    desk.sign_in(INES)
    desk.get("/security-keys")
    desk.post("/security-keys/new", {"name": "blue key"})
    assert "was too late or not right" in desk.post("/security-keys", {"name": "blue key", "credential": sent}).text
    _with_key(guarded, SoftwareKey())
    desk = Desk(guarded)
    _, action = question(desk, INES)
    assert REFUSED in answer(desk, action, sent)


def test_without_the_password_first_there_is_no_page_for_keys(guarded: Flask, ines: int) -> None:
    desk = _with_key(guarded, SoftwareKey())
    assert desk.get("/wan-signin").location == "/account" and desk.get("/tf-select").status_code == 404
    desk = Desk(guarded)
    for path in ("/wan-signin", "/security-keys"):
        assert desk.get(path).location == "/login", path
    assert desk.get("/tf-select").status_code == 404
    desk.get("/login")
    for path in ("/wan-signin", "/wan-signin/x", "/security-keys", "/security-keys/new"):
        assert desk.post(path, {"name": "x", "credential": "x"} if "keys" in path else {}).status_code in (302, 400), path
    assert [desk.get(path).status_code for path in ("/wan-register", "/wan-delete", "/wan-verify")] == [404, 404, 404]


def test_a_sign_in_that_waits_for_its_key_sets_up_no_other(guarded: Flask, ines: int) -> None:
    _with_key(guarded, SoftwareKey())
    desk = Desk(guarded)
    desk.sign_in(INES)
    desk.get("/wan-signin")
    assert desk.get("/security-keys").location == "/login"
    assert desk.post("/security-keys/new", {"name": "mine"}).location == "/login"
    assert desk.get("/tf-setup").location == "/login"


def test_a_sign_in_that_began_before_another_second_factor_was_set_up_sets_up_none(
    guarded: Flask, ines: int, store: Store
) -> None:
    with time_machine.travel(MORNING, tick=False):
        thief, thief_with_app = Desk(guarded), Desk(guarded)
        thief.sign_in(INES)
        thief_with_app.sign_in(INES)
        phone = begin(thief_with_app)
        thief.get("/security-keys")
        options, action = asked(thief.post("/security-keys/new", {"name": "mine"}).text)
        _with_key(guarded, SoftwareKey())
        assert thief.post(action, {"name": "mine", "credential": SoftwareKey().make(options)}).location == "/login"
        with pytest.raises(KeyRefused, match="began before"):
            add_key(store, ines, "mine", NewKey(b"x", b"y", 0, [], "single_device", False), first=True)
        assert thief_with_app.post("/tf-validate", {"code": phone.code()}).location != "/start"
        for desk in (thief, thief_with_app):
            assert desk.get("/account").location.startswith("/login")


def test_a_key_is_added_only_soon_after_signing_in(guarded: Flask, ines: int, store: Store) -> None:
    with time_machine.travel(MORNING, tick=False) as now:
        desk = _with_key(guarded, SoftwareKey())
        options, action = asked(desk.post("/security-keys/new", {"name": "second"}).text)
        for _ in range(2):
            now.shift(8 * 60)
            desk.get("/account")
        assert "signed in a while ago" in desk.post("/security-keys/new", {"name": "second"}).text
        sent = SoftwareKey().make(options)
        assert "signed in a while ago" in desk.post(action, {"name": "second", "credential": sent}).text
        assert "signed in a while ago" in desk.post("/security-keys/1/remove").text
        assert len(audit_lines(store, "staff.key_added")) == 1


def test_the_list_says_since_when_and_used_when_and_names_are_told_apart(guarded: Flask, ines: int) -> None:
    with time_machine.travel(MORNING, tick=False):
        key = SoftwareKey()
        desk = _with_key(guarded, key)
        page = desk.get("/security-keys").text
        assert "blue key" in page and "never used to sign in" in page and "added " in page
        sign_in(Desk(guarded), INES, key)
        assert "last used Nov 20, 9:00 AM" in desk.get("/security-keys").text.replace("\u202f", " ")
        assert "with this name already" in desk.post("/security-keys/new", {"name": " Blue  KEY "}).text
        assert "needs a name" in desk.post("/security-keys/new", {"name": "x" * 65}).text
        refused = desk.post("/security-keys/new", {"name": ""})
        assert refused.status_code == 409 and "needs a name" in refused.text
        assert "set up already" in add(desk, key, "the same once more")


def test_a_key_is_removed_but_not_the_last_second_factor_where_one_is_required(guarded: Flask, ines: int, store: Store) -> None:
    first, second = SoftwareKey(), SoftwareKey()
    desk = _with_key(guarded, first)
    assert "your only second factor" in desk.post("/security-keys/1/remove").text
    assert add(desk, second, "spare") == "/security-keys?added=1"
    assert desk.post("/security-keys/1/remove").location == "/security-keys?removed=1"
    assert "no such key" in desk.post("/security-keys/1/remove").text
    assert [(line.actor, line.detail) for line in audit_lines(store, "staff.key_removed")] == [(f"staff:{ines}", "key 1")]
    assert REFUSED in sign_in(Desk(guarded), INES, first)
    assert sign_in(Desk(guarded), INES, second) == "/start"


def test_nobody_removes_the_key_of_another(guarded: Flask, ines: int, ada: int, store: Store) -> None:
    _with_key(guarded, SoftwareKey())
    desk = _with_key(guarded, SoftwareKey(), ADA)
    assert "no such key" in desk.post("/security-keys/1/remove").text
    found = people.person(store, ines)
    assert found is not None and found.second_factor


def test_where_it_is_optional_the_last_one_goes_with_its_recovery_codes(app: Flask, ines: int, store: Store) -> None:
    desk = Desk(app)
    assert desk.sign_in(INES).location == "/start"
    add(desk, SoftwareKey())
    new_recovery_codes(desk)
    assert desk.post("/security-keys/1/remove").location == "/security-keys?removed=1"
    with store.reading() as session:
        assert session.get_one(Staff, ines).mf_recovery_codes is None
    assert Desk(app).sign_in(INES).location == "/start"


def test_a_lost_key_is_replaced_by_a_recovery_code(guarded: Flask, ines: int) -> None:
    desk = _with_key(guarded, SoftwareKey())
    code = new_recovery_codes(desk)[0]
    desk = Desk(guarded)
    desk.sign_in(INES)
    assert 'href="/mf-recovery"' in desk.get("/wan-signin").text
    desk.get("/mf-recovery")
    assert desk.post("/mf-recovery", {"code": code}).location == "/start"
    assert add(desk, SoftwareKey(), "new key") == "/security-keys?added=1"
    assert desk.post("/security-keys/1/remove").location == "/security-keys?removed=1"


def test_an_administrator_who_resets_the_second_factor_removes_the_keys(
    guarded: Flask, ines: int, ada: int, store: Store
) -> None:
    key = SoftwareKey()
    desk, admin = _with_key(guarded, key), _with_key(guarded, SoftwareKey(), ADA)
    waiting = Desk(guarded)
    options, action = question(waiting, INES)
    assert "Reset the second factor" in admin.get(f"/people/{ines}").text
    assert admin.post(f"/people/{ines}/second-factor").status_code == 302
    assert desk.get("/account").location.startswith("/login")
    assert answer(waiting, action, key.sign(options)) in ("/login", None) or waiting.get("/").location.startswith("/login")
    found = people.person(store, ines)
    assert found is not None and not found.second_factor
    assert Desk(guarded).sign_in(INES).location == "/tf-setup"


def test_who_is_locked_while_the_key_is_asked_for_does_not_get_in(guarded: Flask, ines: int, store: Store) -> None:
    key = SoftwareKey()
    _with_key(guarded, key)
    desk = Desk(guarded)
    options, action = question(desk, INES)
    people.lock(store, ines, by=None)
    assert desk.post(action, {"credential": key.sign(options)}).location == "/login"
    assert desk.get("/").location.startswith("/login")


def test_under_a_bare_address_the_page_says_why_there_are_no_keys(guarded: Flask, ines: int) -> None:
    guarded.config["CONSOLE_URL"] = "http://127.0.0.1:8081"
    desk = Desk(guarded)
    desk.sign_in(INES)
    page = desk.get("/security-keys").text
    assert "need the console to have a name" in page and 'name="name"' not in page


@pytest.mark.parametrize(("language", "said"), [("es", "Llaves de seguridad"), ("en", "Security keys and passkeys")])
def test_the_pages_for_keys_speak_the_persons_language(guarded: Flask, ines: int, language: str, said: str) -> None:
    desk = _with_key(guarded, SoftwareKey())
    assert said in desk.get("/security-keys", headers={"Accept-Language": language}).text
