"""Inbound webhooks and delivery receipts: signed for Twilio's own validator, and tried as often as told."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from simulator_bench import ACCOUNT, OLD_TOKEN, PARENT, PROGRAM, SERVICE, TOKEN, Bench, Received, wait_until
from twilio.request_validator import RequestValidator

from simulator.webhooks import RetryRules, read_retry_rules


def is_signed(received: Received, url: str, token: str = TOKEN) -> bool:
    signature = received.headers["x-twilio-signature"]
    return bool(RequestValidator(token).validate(url, received.form, signature))


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "",
        "  spaces kept  ",
        "mi niña no habla todavía",
        "😟👶🏽",
        "a+b & c=d %41",
        "a\nb",
        "nul\x00",
    ],
)
def test_a_parents_text_arrives_signed_and_unchanged(bench: Bench, text: str) -> None:
    answer = bench.text(text)
    (received,) = bench.program.at("/sms/inbound", 1)
    assert answer == {"sid": received.form["MessageSid"], "webhook_status": 200, "attempts": 1}
    assert received.form["Body"] == text
    assert is_signed(received, f"{bench.program.url}/sms/inbound")
    assert not is_signed(received, f"{bench.program.url}/sms/inbound", OLD_TOKEN)
    assert not is_signed(received, f"{bench.program.url}/sms/other")


def test_the_webhook_holds_the_fields_twilio_sends(bench: Bench) -> None:
    sid = bench.text("hola", media=2)["sid"]
    form = bench.program.at("/sms/inbound", 1)[0].form
    assert form["MessageSid"] == form["SmsSid"] == sid
    assert (form["AccountSid"], form["From"], form["To"]) == (ACCOUNT, PARENT, PROGRAM)
    assert (form["NumMedia"], form["NumSegments"], form["SmsStatus"]) == ("2", "1", "received")
    assert (form["ApiVersion"], form["MessagingServiceSid"]) == ("2010-04-01", SERVICE)
    assert {"MediaUrl0", "MediaUrl1", "MediaContentType0", "FromCity", "FromState", "FromZip"} <= form.keys()
    assert "OptOutType" not in form


def test_a_picture_can_come_without_any_body(bench: Bench) -> None:
    bench.text(None, media=1)
    (received,) = bench.program.at("/sms/inbound", 1)
    assert "Body" not in received.form
    assert is_signed(received, f"{bench.program.url}/sms/inbound")


def test_a_test_can_add_fields_twilio_may_invent(bench: Bench) -> None:
    bench.text("hola", fields={"NewField": "1", "NumMedia": "abc"})
    (received,) = bench.program.at("/sms/inbound", 1)
    assert (received.form["NewField"], received.form["NumMedia"]) == ("1", "abc")
    assert is_signed(received, f"{bench.program.url}/sms/inbound")


def test_the_same_sid_twice_is_one_message_and_two_webhooks(bench: Bench) -> None:
    sid = "SM" + "a" * 32
    bench.text("once", sid=sid)
    bench.text("once", sid=sid)
    assert [received.form["MessageSid"] for received in bench.program.at("/sms/inbound", 2)] == [sid, sid]
    assert [message.sid for message in bench.twilio().messages.list()] == [sid]
    assert len(bench.thread()["messages"]) == 1


def test_a_5xx_is_not_tried_again_and_the_message_stays_in_the_list(bench: Bench) -> None:
    bench.program.answers[:] = [503]
    answer = bench.text("did this arrive?")
    assert (answer["webhook_status"], answer["attempts"]) == (503, 1)
    assert len(bench.program.received) == 1
    (message,) = bench.twilio().messages.list(to=PROGRAM)
    assert (message.body, message.direction, message.status) == ("did this arrive?", "inbound", "received")


def test_a_failed_connection_is_tried_once_more(bench_with: Callable[..., Any]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with bench_with(webhook_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/sms") as bench:
            answer = bench.text("anybody there?")
            assert (answer["webhook_status"], answer["attempts"]) == (None, 2)
            assert [message.body for message in bench.twilio().messages.list()] == ["anybody there?"]


def test_the_address_can_ask_for_more_tries_and_its_fragment_is_not_signed(
    bench_with: Callable[..., Any], bench: Bench
) -> None:
    with bench_with(webhook_url=f"{bench.program.url}/again#rc=3&rp=5xx,ct") as other:
        bench.program.answers[:] = [500, 503]
        assert other.text("hola")["attempts"] == 3
    received = bench.program.at("/again", 3)
    assert all(is_signed(each, f"{bench.program.url}/again") for each in received)
    assert len({each.headers["i-twilio-idempotency-token"] for each in received}) == 1


def test_retry_rules_stay_within_twilios_ranges() -> None:
    assert read_retry_rules("") == RetryRules()
    rules = read_retry_rules("rc=99&ct=1&rt=4000&tt=900000&rp=all")
    assert (rules.retries, rules.connect, rules.read, rules.total) == (5, 0.1, 4.0, 15.0)
    assert rules.retries_on("4xx") and not rules.retries_on(None)


def test_the_signature_covers_the_public_address(bench_with: Callable[..., Any], bench: Bench) -> None:
    public = "https://grow.example.org/pilot"
    local = f"{bench.program.url}/sms/inbound?a=1"
    with bench_with(webhook_url=local, signing_url=public) as other:
        other.text("hola")
        (inbound,) = bench.program.at("/sms/inbound", 1)
        assert is_signed(inbound, f"{public}/sms/inbound?a=1")
        callback = f"{public}/sms/status/77"
        other.twilio().messages.create(to=PARENT, from_=PROGRAM, body="hola", status_callback=callback)
        assert all(is_signed(each, callback) for each in bench.program.at("/sms/status/77", 2))


def test_receipts_come_signed_and_in_order(bench: Bench) -> None:
    callback = f"{bench.program.url}/sms/status/1?o=abc"
    sid = bench.twilio().messages.create(to=PARENT, from_=PROGRAM, body="hola", status_callback=callback).sid
    received = bench.program.at("/sms/status/1", 2)
    assert [each.form["MessageStatus"] for each in received] == ["sent", "delivered"]
    assert {each.form["MessageSid"] for each in received} == {sid}
    assert all(is_signed(each, callback) for each in received)


def test_a_service_reports_queued_first(bench: Bench) -> None:
    callback = f"{bench.program.url}/sms/status/2"
    bench.twilio().messages.create(
        to=PARENT, messaging_service_sid=SERVICE, body="hola", status_callback=callback
    )
    received = bench.program.at("/sms/status/2", 3)
    assert [each.form["MessageStatus"] for each in received] == ["queued", "sent", "delivered"]


def test_without_a_callback_address_nothing_is_posted(bench: Bench) -> None:
    bench.twilio().messages.create(to=PARENT, from_=PROGRAM, body="hola")
    wait_until(lambda: bench.thread()["messages"][0]["status"] == "delivered")
    assert bench.program.received == []
