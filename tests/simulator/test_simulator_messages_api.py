"""The real Twilio client against the simulator: send, list, look up, redact, delete, and every refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from simulator_bench import ACCOUNT, OLD_TOKEN, PARENT, PROGRAM, SERVICE, TOKEN, Bench, wait_until
from twilio.base.exceptions import TwilioRestException


def finished(bench: Bench, sid: str) -> Any:
    """The message once it has reached the handset."""
    message = bench.twilio().messages(sid)
    wait_until(lambda: message.fetch().status == "delivered")
    return message.fetch()


def test_a_sent_message_is_queued_and_then_delivered(bench: Bench) -> None:
    message = bench.twilio().messages.create(to=PARENT, from_=PROGRAM, body="Hola, ¿cómo está?")
    assert (message.status, message.direction, message.from_, message.to) == (
        "queued",
        "outbound-api",
        PROGRAM,
        PARENT,
    )
    assert message.sid.startswith("SM") and len(message.sid) == 34
    assert message.num_segments == "1"
    assert message.date_sent is None
    delivered = finished(bench, message.sid)
    assert delivered.status == "delivered"
    assert abs(delivered.date_sent - datetime.now(UTC)) < timedelta(seconds=5)
    assert delivered.body == "Hola, ¿cómo está?"


def test_a_message_through_a_service_is_accepted_before_it_has_a_sender(bench: Bench) -> None:
    message = bench.twilio().messages.create(to=PARENT, messaging_service_sid=SERVICE, body="Hello")
    assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
    delivered = finished(bench, message.sid)
    assert (delivered.from_, delivered.num_segments) == (PROGRAM, "1")
    assert delivered.messaging_service_sid == SERVICE


def test_an_api_key_and_either_token_open_the_account(bench: Bench) -> None:
    bench.twilio(OLD_TOKEN).messages.create(to=PARENT, from_=PROGRAM, body="a")
    bench.twilio("key-secret", username="SK" + "0" * 32).messages.create(to=PARENT, from_=PROGRAM, body="b")
    assert len(bench.events("message_accepted")) == 2


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        pytest.param({"to": "+1860555"}, 400, 21211, id="to is too short for North America"),
        pytest.param({"to": "not a number"}, 400, 21211, id="to is no number"),
        pytest.param({"to": "+10005550142"}, 400, 21211, id="to has an area code that cannot be"),
        pytest.param({"to": ""}, 400, 21604, id="no to"),
        pytest.param({"body": ""}, 400, 21602, id="no body"),
        pytest.param({"body": "x" * 1601}, 400, 21617, id="body one character too long"),
        pytest.param({"from_": "+18605550199"}, 400, 21606, id="a number of somebody else"),
        pytest.param({"from_": ""}, 400, 21603, id="no sender"),
        pytest.param({"messaging_service_sid": "MG" + "9" * 32}, 404, 21701, id="unknown service"),
        pytest.param({"status_callback": "sms/status/1"}, 400, 21609, id="callback is no address"),
        pytest.param({"validity_period": 36001}, 400, 20001, id="validity of more than ten hours"),
        pytest.param({"media_url": ["http://127.0.0.1/a.jpg"]}, 400, 20001, id="pictures are not simulated"),
    ],
)
def test_a_send_is_refused_with_its_own_code(
    bench: Bench, fields: dict[str, Any], status: int, code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        bench.twilio().messages.create(**({"to": PARENT, "from_": PROGRAM, "body": "Hello"} | fields))
    assert (refused.value.status, refused.value.code) == (status, code)
    assert bench.events("message_accepted") == []


def test_the_longest_body_is_taken(bench: Bench) -> None:
    message = bench.twilio().messages.create(to=PARENT, from_=PROGRAM, body="x" * 1600)
    assert message.num_segments == "11"


@pytest.mark.parametrize("token", ["wrong", "", "first-token-sign", "first-token-signs "])
def test_wrong_credentials_are_refused(bench: Bench, token: str) -> None:
    client = bench.twilio(token or "x")
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=PARENT, from_=PROGRAM, body="Hello")
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_a_request_without_credentials_or_for_another_account_is_refused(bench: Bench) -> None:
    own, other = ACCOUNT, "AC" + "9" * 32
    assert bench.http.get(f"/2010-04-01/Accounts/{own}/Messages.json").status_code == 401
    answer = bench.http.get(f"/2010-04-01/Accounts/{other}/Messages.json", auth=(own, TOKEN))
    assert answer.json()["code"] == 20003


def test_an_unknown_message_is_not_found(bench: Bench) -> None:
    with pytest.raises(TwilioRestException) as refused:
        bench.twilio().messages("SM" + "f" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_the_list_filters_by_both_numbers_and_by_time(bench: Bench) -> None:
    client = bench.twilio()
    client.messages.create(to=PARENT, from_=PROGRAM, body="to the first")
    client.messages.create(to="+18605550143", from_=PROGRAM, body="to the second")
    bench.text("from the first")
    now = datetime.now(UTC)

    def bodies(**filters: Any) -> list[str]:
        return [message.body for message in client.messages.list(**filters)]

    assert bodies() == ["from the first", "to the second", "to the first"]
    assert bodies(to=PARENT) == ["to the first"]
    assert bodies(to=PROGRAM) == ["from the first"]
    assert bodies(from_=PROGRAM, to="+18605550143") == ["to the second"]
    assert len(bodies(date_sent_after=now - timedelta(minutes=1))) == 3
    assert bodies(date_sent_after=now + timedelta(minutes=1)) == []
    assert bodies(date_sent_before=now - timedelta(minutes=1)) == []
    assert len(bodies(date_sent=now)) == 3
    assert bodies(date_sent=now - timedelta(days=1)) == []


def test_pages_neither_repeat_nor_miss_a_message_when_new_ones_arrive(bench: Bench) -> None:
    client = bench.twilio()
    for number in range(5):
        bench.text(f"text {number}")
    first = client.messages.page(page_size=2)
    seen = [message.body for message in first]
    bench.text("arrived meanwhile")
    page = first.next_page()
    while page is not None:
        seen += [message.body for message in page]
        page = page.next_page()
    assert seen == ["text 4", "text 3", "text 2", "text 1", "text 0"]
    assert len(client.messages.list(page_size=2)) == 6


def test_redacting_empties_twilios_copy_and_not_the_phone(bench: Bench) -> None:
    sid = bench.twilio().messages.create(to=PARENT, from_=PROGRAM, body="private").sid
    finished(bench, sid)
    assert bench.twilio().messages(sid).update(body="").body == ""
    assert bench.twilio().messages(sid).fetch().body == ""
    assert [message["text"] for message in bench.thread()["messages"]] == ["private"]


def test_a_message_cannot_be_rewritten(bench: Bench) -> None:
    sid = bench.text("as it was")["sid"]
    with pytest.raises(TwilioRestException) as refused:
        bench.twilio().messages(sid).update(body="something else")
    assert refused.value.code == 20001
    assert bench.twilio().messages(sid).fetch().body == "as it was"


def test_a_deleted_message_is_gone_from_twilio(bench: Bench) -> None:
    sid = bench.text("forget me")["sid"]
    assert bench.twilio().messages(sid).delete() is True
    assert bench.twilio().messages.list() == []
    with pytest.raises(TwilioRestException):
        bench.twilio().messages(sid).fetch()


def test_a_message_on_its_way_can_neither_be_redacted_nor_deleted(bench_with: Callable[..., Any]) -> None:
    with bench_with(receipt_delay=60) as slow:
        sid = slow.twilio().messages.create(to=PARENT, from_=PROGRAM, body="on its way").sid
        for change in (lambda m: m.update(body=""), lambda m: m.delete()):
            with pytest.raises(TwilioRestException) as refused:
                change(slow.twilio().messages(sid))
            assert (refused.value.status, refused.value.code) == (409, 20009)
