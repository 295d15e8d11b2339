"""Receipts for texts of ours: each is kept once, and whatever order they come in, a text only moves forward."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest
from gateway_bench import Twilio, answer, messages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from intake.store.connection import Store
from intake.store.models import DeliveryReceipt, Message


def receipts(store: Store) -> list[DeliveryReceipt]:
    with store.reading() as session:
        return list(session.scalars(select(DeliveryReceipt).order_by(DeliveryReceipt.at)))


def a_sent_text(twilio: Twilio, store: Store) -> Message:
    twilio.send_text()
    seq = answer(store, "Thank you.")
    message = next(message for message in messages(store) if message.seq == seq)
    with store.transaction() as session:
        session.get_one(Message, message.id).state = "sending"
    return message


def state_of(store: Store, message: Message) -> tuple[str, str | None]:
    with store.reading() as session:
        row = session.get_one(Message, message.id)
        return row.state, row.error_code


def settles(twilio: Twilio) -> None:
    """On a busy machine a receipt may have gone by way of the spool: waits until it has been taken in."""
    spool, end = twilio.client.app.state.edge.spool, time.monotonic() + 20  # type: ignore[union-attr]
    while spool.figures().waiting:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_receipts_move_a_text_forward_only(twilio: Twilio, store: Store) -> None:
    """W26."""
    message = a_sent_text(twilio, store)
    for state in ("sent", "delivered", "sent", "a_state_of_the_future"):
        response = twilio.post(f"/sms/status/{message.id}", {"MessageSid": "SM5", "MessageStatus": state})
        assert response.status_code == 204 and response.content == b""
    settles(twilio)
    assert state_of(store, message) == ("delivered", None)
    assert [row.state for row in receipts(store)] == ["sent", "delivered", "a_state_of_the_future"]


def test_a_receipt_of_failure_keeps_the_reason(twilio: Twilio, store: Store) -> None:
    message = a_sent_text(twilio, store)
    twilio.post(
        f"/sms/status/{message.id}",
        {"MessageSid": "SM5", "MessageStatus": "undelivered", "ErrorCode": "30006"},
    )
    assert state_of(store, message) == ("undelivered", "30006")


@pytest.mark.parametrize("id", ["7f1f3f0e-5a52-4c53-9a0e-2f5f4f6d1b10", "not-an-id", "1", "x" * 200])
def test_a_receipt_for_an_unknown_text_is_kept_all_the_same(twilio: Twilio, store: Store, id: str) -> None:
    """W26."""
    fields = {"MessageSid": "SM5", "MessageStatus": "failed", "ErrorCode": "30003"}
    assert [twilio.post(f"/sms/status/{id}", fields).status_code for _ in range(2)] == [204, 204]
    [row] = receipts(store)
    told = (row.told_of, row.provider_sid, row.state, row.error_code, row.known)
    assert told == (id[:64], "SM5", "failed", "30003", False)


def test_a_receipt_with_fields_no_column_could_hold_is_taken(twilio: Twilio, store: Store) -> None:
    message = a_sent_text(twilio, store)
    fields = {"MessageSid": "S\x00" * 100, "MessageStatus": "failed", "ErrorCode": "9" * 500}
    assert twilio.post(f"/sms/status/{message.id}", fields).status_code == 204
    assert state_of(store, message) == ("failed", "9" * 24)


def test_a_forged_receipt_is_forbidden_and_changes_nothing(twilio: Twilio, store: Store) -> None:
    """W27."""
    message = a_sent_text(twilio, store)
    response = twilio.post(
        f"/sms/status/{message.id}", {"MessageSid": "SM5", "MessageStatus": "failed"}, signature="x"
    )
    assert response.status_code == 403 and state_of(store, message) == ("sending", None)
    assert receipts(store) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25)
@given(state=st.text(max_size=60), sid=st.text(max_size=60), error=st.text(max_size=40))
def test_whatever_stands_in_a_receipt_it_is_taken(twilio: Twilio, state: str, sid: str, error: str) -> None:
    surrogates = {code: None for code in range(0xD800, 0xE000)}  # no form can carry half a character
    fields = {"MessageSid": sid, "MessageStatus": state, "ErrorCode": error}
    told = {name: text.translate(surrogates) for name, text in fields.items()}
    assert twilio.post(f"/sms/status/{uuid4()}", told).status_code == 204
