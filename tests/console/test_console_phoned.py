"""A case that staff open for a family that phoned: it is in the queue, has its consent and its referral, and nothing typed
is ever lost.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from console.content import ConsoleContent
from intake.content.bilingual import LANGUAGES
from intake.rules.outreach import UNDER_WAY
from intake.rules.referral import ReferralStatus
from intake.store.audit import verify
from intake.store.connection import Store
from intake.store.models import Child, Concern, Consent, Conversation, Family, Flag, Message, Referral, ReferralMove
from intake.usecases.agreed_by_phone import WORDS_READ_OUT
from intake.usecases.case_view import view_case
from intake.usecases.staff import StaffRole, add_staff
from tests.console.desk import PASSWORD, Desk, audit_lines

PATH = "/cases/phoned"
KEY = re.compile(r'name="key" value="([0-9a-f-]{36})"')
BORN = (datetime.now(UTC) - timedelta(days=600)).date()
WHOLE = {
    "child_name": "Lucía",
    "birth_date": BORN.isoformat(),
    "worry": "no dice ni mamá, y antes sí",
    "domain": ["language_communication"],
    "contact_name": "Marisol Peña",
    "relation": "parent",
    "phone": "(860) 555-0177",
    "best_time": "evening",
    "language": "es",
    "agreed": "yes",
    "how_agreed": "phone",
}
FINGERPRINT = "phoned-1 53516284"
Fields = dict[str, str | list[str]]


def _send(desk: Desk, key: str | None = None, **changes: str | list[str]) -> TestResponse:
    key = key or _key(desk.get(PATH).text)
    return desk.post(PATH, {"key": key, **WHOLE, **changes})


def _key(page: str) -> str:
    found = KEY.search(page)
    assert found, "the form has no key"
    return found[1]


def _count(store: Store, table: type) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_family_that_phoned_is_in_the_queue_with_its_words_and_a_receipt_number(desk: Desk, store: Store) -> None:
    answer = _send(desk)
    assert answer.status_code == 303
    with store.reading() as session:
        conversation = session.scalars(select(Conversation)).one()
        child, family = session.scalars(select(Child)).one(), session.scalars(select(Family)).one()
        assert (conversation.channel, conversation.language, conversation.flagged) == ("phone", "es", True)
        assert (child.name, child.birth_date, child.birth_is_exact) == ("Lucía", BORN, True)
        assert (family.phone, family.contact_name, family.best_time) == ("+18605550177", "Marisol Peña", "evening")
        assert conversation.receipt_number is not None and re.fullmatch(r"HMG-\w{6}", conversation.receipt_number)
        assert answer.location == f"/cases/{conversation.id}"
    queue, page = desk.get("/").text, desk.get(answer.location).text
    assert "no dice ni mamá, y antes sí" in queue and "phone call" in queue
    for part in (conversation.receipt_number, "Lucía", "Marisol Peña", "Worry: talking and understanding", "Evenings"):
        assert part in page, part


def test_the_worry_is_the_familys_message_and_staff_sorted_it(desk: Desk, store: Store) -> None:
    _send(desk, domain=["sleep", "regression", "made_up"])
    with store.reading() as session:
        message = session.scalars(select(Message)).one()
        assert (message.speaker, message.state, message.text) == ("you", "done", WHOLE["worry"])
        rows = [(c.domain, c.coded_by, c.message_id) for c in session.scalars(select(Concern).order_by(Concern.domain))]
        assert rows == [("regression", "staff", message.id), ("sleep", "staff", message.id)]
        flags = {(f.code, f.item, f.urgency, f.message_id) for f in session.scalars(select(Flag))}
        assert flags == {("lost_skill", None, "urgent", message.id), ("worry", "sleep", "standard", message.id)}


def test_a_worry_that_is_not_sorted_flags_the_case_too(desk: Desk, store: Store) -> None:
    _send(desk, domain=[])
    with store.reading() as session:
        assert [(flag.code, flag.item) for flag in session.scalars(select(Flag))] == [("worry", None)]


@pytest.mark.parametrize("how", ["phone", "writing"])
def test_the_ledger_says_how_the_family_agreed_and_by_which_words(desk: Desk, store: Store, ines: int, how: str) -> None:
    answer = _send(desk, how_agreed=how)
    with store.reading() as session:
        consent = session.scalars(select(Consent)).one()
        assert (consent.kind, consent.given, consent.source, consent.words_shown) == ("contact", True, how, "phoned-1")
        assert consent.message_id == session.scalars(select(Message.id)).one()
    [line] = audit_lines(store, "case.opened")
    assert (line.actor, line.detail, answer.location) == (f"staff:{ines}", how, f"/cases/{line.object_id}")
    page = desk.get(answer.location).text
    assert "phone call" in page if how == "phone" else "in writing" in page
    with store.reading() as session:
        assert verify(session) is None


def test_the_words_read_out_are_those_of_their_version(console_content: ConsoleContent) -> None:
    said = "|".join(console_content.texts.text("phoned.read_out", language) for language in LANGUAGES)
    assert f"{WORDS_READ_OUT} {hashlib.sha256(said.encode()).hexdigest()[:8]}" == FINGERPRINT, "new words, new version"


@pytest.mark.parametrize(("relation", "status"), [("parent", "ready"), ("family", "draft"), ("provider", "draft")])
def test_the_referral_follows_the_rules_and_waits_for_a_parent(
    desk: Desk, store: Store, relation: str, status: str
) -> None:
    _send(desk, relation=relation)
    with store.reading() as session:
        referral = session.scalars(select(Referral)).one()
        assert (referral.program_id, referral.reason_rule, referral.status) == ("birth_to_three", "W1", status)
        assert referral.consent_id == session.scalars(select(Consent.id)).one()
        moves = session.scalars(select(ReferralMove).order_by(ReferralMove.at)).all()
    assert [move.to_status for move in moves] == ["draft", "ready"][: 2 if status == "ready" else 1]
    assert {move.source for move in moves} == {"family"}


def test_an_older_child_is_referred_by_true_age(desk: Desk, store: Store) -> None:
    _send(desk, birth_date="", age_months="50")
    with store.reading() as session:
        assert session.scalars(select(Referral.program_id)).one() == "early_childhood_special_education"
        assert session.scalars(select(Child.birth_is_exact)).one() is False


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"child_name": " "}, "Type a first name"),
        ({"child_name": "x" * 61}, "at most 60 letters"),
        ({"birth_date": ""}, "Give the birth date, or the age"),
        ({"birth_date": "31/02/2025"}, "no date or no whole number"),
        ({"birth_date": "", "age_months": "one and a half"}, "no date or no whole number"),
        ({"birth_date": "2999-01-01"}, "in the future"),
        ({"birth_date": "2001-01-01"}, "up to the ninth birthday"),
        ({"age_months": "3"}, "do not fit"),
        ({"worry": "?!"}, "Type what worries the family"),
        ({"worry": "x" * 2_001}, "at most 2,000 letters"),
        ({"contact_name": ""}, "Type a first name"),
        ({"relation": ""}, "Choose from the list"),
        ({"phone": "555-0177"}, "no US phone number"),
        ({"phone": "+34 612 555 010"}, "no US phone number"),
        ({"language": "fr"}, "Choose from the list"),
        ({"agreed": ""}, "A case needs the caller&#39;s yes"),
        ({"how_agreed": ""}, "Say how they agreed"),
    ],
)
def test_what_is_wrong_is_said_in_words_and_nothing_typed_is_lost(
    desk: Desk, store: Store, changes: Fields, words: str
) -> None:
    answer = _send(desk, **changes)
    assert answer.status_code == 422 and words in answer.text
    page = unescape(answer.text)
    for name, value in {**WHOLE, **changes}.items():
        if isinstance(value, str) and name not in ("relation", "best_time", "language", "agreed", "how_agreed"):
            assert value in page, name
    assert page.count(" checked") == 1 + (changes.get("agreed") != "") + (changes.get("how_agreed") != "")
    assert [_count(store, table) for table in (Conversation, Family, Child, Message, Consent)] == [0] * 5
    assert audit_lines(store, "case.opened") == []


def test_everything_that_is_wrong_is_said_at_once_in_spanish_too(desk: Desk) -> None:
    desk.client.set_cookie("console_language", "es", domain="console.example")
    answer = _send(desk, child_name="", phone="none", agreed="")
    for part in ("Escriba un nombre", "Ese no es un número de teléfono", "hace falta el sí"):
        assert answer.text.count(part) == 2, part  # at the top, and at the field
    assert answer.text.count("May we write down") == 1 and answer.text.count("¿Nos permite anotar") == 1


def test_s18_the_same_form_sent_twice_opens_one_case(desk: Desk, store: Store) -> None:
    key = _key(desk.get(PATH).text)
    first, second = _send(desk, key), _send(desk, key)
    assert (first.status_code, second.status_code) == (303, 303) and first.location == second.location
    counted = [_count(store, table) for table in (Conversation, Family, Child, Message, Consent, Referral)]
    assert counted == [1] * 6
    assert len(audit_lines(store, "case.opened")) == 1


def test_a_used_form_filled_in_for_another_family_is_not_swallowed(desk: Desk, store: Store) -> None:
    key = _key(desk.get(PATH).text)
    first = _send(desk, key)
    answer = _send(desk, key, child_name="Amir", phone="860-555-0178")
    assert answer.status_code == 409 and "Amir" in answer.text and first.location in answer.text
    assert _key(answer.text) != key
    assert _send(desk, _key(answer.text), child_name="Amir", phone="860-555-0178").status_code == 303
    assert _count(store, Conversation) == 2


def test_s07_s08_a_name_with_markup_or_tricks_of_direction_is_text_on_the_case(desk: Desk) -> None:
    answer = _send(desk, child_name="<svg/onload=alert(1)>Ana", worry="<script>alert(1)</script> \u202eolleh")
    page = desk.get(answer.location).text
    assert "&lt;svg/onload=alert(1)&gt;Ana" in page and "<svg/onload" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; olleh" in page and "\u202e" not in page


def test_s05_fields_that_the_form_does_not_have_change_nothing(desk: Desk, store: Store) -> None:
    _send(desk, urgency="none", receipt_number="HMG-MINE", channel="sms", staff_id="1", public_id="x")
    with store.reading() as session:
        conversation = session.scalars(select(Conversation)).one()
    assert (conversation.channel, conversation.staff_id, conversation.urgency) == ("phone", None, "standard")
    assert conversation.receipt_number != "HMG-MINE" and conversation.public_id.startswith("phone-")


def test_no_text_goes_out_from_a_case_opened_by_phone(desk: Desk, store: Store) -> None:
    _send(desk)
    with store.reading() as session:
        conversation = session.scalars(select(Conversation)).one()
    assert conversation.phone is None and conversation.expects_kind == "free" and conversation.finished_at is not None
    assert ReferralStatus.READY not in UNDER_WAY
    assert conversation.phone_index is None
    case = view_case(store, actor="operator", receipt_or_conversation=conversation.receipt_number)
    assert (case["channel"], case["messages"]) == ("phone", {"inbound": 1, "outbound": 0})


def test_opening_a_case_needs_the_form_token_and_the_permission(app: Flask, desk: Desk, store: Store) -> None:
    key = _key(desk.get(PATH).text)
    assert desk.post(PATH, {"key": key, **WHOLE, "csrf_token": "made-up"}).status_code == 400
    add_staff(store, "ada@example.org", "Ada Cruz", PASSWORD, StaffRole.ADMINISTRATOR)
    ada = Desk(app)
    ada.sign_in("ada@example.org")
    assert ada.get(PATH).status_code == 404 and ada.post(PATH, {"key": key, **WHOLE}).status_code == 404
    assert _count(store, Conversation) == 0
