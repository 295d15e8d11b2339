"""F7: delivery receipts come twice, out of order, late, not at all, or for texts that are none of ours. States move forward."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest
from people import Phone
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from intake.store.models import Conversation, DeliveryReceipt, Message
from tests.faults.judging import Bench, wait_until

pytestmark = pytest.mark.system


def _states(bench: Bench, phone: Phone) -> list[str]:
    with bench.store.reading() as session:
        query = (select(Message.state).join(Conversation, Message.conversation_id == Conversation.id)
                 .where(Conversation.phone_index == bench.store.keys.phone_index(phone.number), Message.direction == "outbound"))
        return list(session.scalars(query))


@pytest.mark.parametrize("faults", [{"duplicate": True}, {"shuffle": True}, {"duplicate": True, "shuffle": True},
                                    {"late_seconds": 2}], ids=str)
def test_receipts_that_misbehave_still_end_in_delivered(faults: dict[str, object], phone: Phone, bench: Bench) -> None:
    bench.faults(callbacks=faults)
    phone.says("hi")
    phone.says("yes")
    wait_until(lambda: set(_states(bench, phone)) == {"delivered"}, 20)
    bench.judge([phone.number])


def test_a_text_without_any_receipt_counts_as_sent_and_is_not_sent_again(phone: Phone, bench: Bench) -> None:
    bench.faults(callbacks={"drop": 1.0})
    phone.says("hi")
    wait_until(lambda: set(_states(bench, phone)) == {"sent"}, 20)
    bench.judge([phone.number])
    assert len(phone.received()) == len(_states(bench, phone))


def test_a_receipt_for_a_text_that_is_none_of_ours_is_taken_and_changes_nothing(phone: Phone, bench: Bench) -> None:
    phone.says("hi")
    wait_until(lambda: set(_states(bench, phone)) == {"delivered"}, 20)
    strange = str(uuid4())
    assert _report(bench, strange, "failed") == 204
    assert set(_states(bench, phone)) == {"delivered"}
    with bench.store.reading() as session:
        kept = session.scalars(select(DeliveryReceipt).where(DeliveryReceipt.told_of == strange)).one()
        assert (kept.known, kept.state) == (False, "failed")


def _report(bench: Bench, told_of: str, state: str) -> int:
    """Posts a signed receipt as Twilio would; returns the answer's status."""
    environment = bench.system.environment
    url = f"{environment['GROWLINE_PUBLIC_URL']}/sms/status/{told_of}"
    form = {"MessageSid": "SM" + uuid4().hex, "MessageStatus": state, "AccountSid": environment["TWILIO_ACCOUNT_SID"],
            "From": environment["TWILIO_FROM"], "To": "+18605550142"}
    signature = RequestValidator(environment["TWILIO_AUTH_TOKEN"]).compute_signature(url, form)
    answer = httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}, trust_env=False, timeout=15)
    return answer.status_code
