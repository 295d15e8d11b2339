"""What Twilio's own list tells: texts that reached our number, and what became of one of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from senders import a_sender
from simulator_bench import PARENT, SERVICE, Bench, wait_until

from intake.usecases.claiming import ToSend
from worker.twilio import SendLater, TwilioSender

SINCE = datetime.now(UTC) - timedelta(hours=1)


def _text(words: str) -> ToSend:
    return ToSend(uuid4(), uuid4(), PARENT, words, tried_before=False, at=datetime.now(UTC))


def test_what_reached_our_number_is_listed_oldest_first_and_nothing_else(twilio: Bench, sender: TwilioSender) -> None:
    sender.send(_text("ours, to the parent"))
    sids = [twilio.text(words, media=media)["sid"] for words, media in (("one", 0), ("two", 2), (None, 1))]
    found = sender.received_since(SINCE)
    assert [(text.sid, text.sender, text.text, text.media_count) for text in found] == [
        (sids[0], PARENT, "one", 0), (sids[1], PARENT, "two", 2), (sids[2], PARENT, "", 1)]
    assert all(text.at.tzinfo is not None for text in found)


def test_a_list_of_many_pages_is_read_to_its_end(twilio: Bench) -> None:
    for number in range(5):
        twilio.text(f"text {number}")
    listed = a_sender(twilio.url, twilio.program.url, page=2).received_since(SINCE)
    assert [text.text for text in listed] == [f"text {number}" for number in range(5)]


def test_what_reached_us_before_is_not_listed(twilio: Bench, sender: TwilioSender) -> None:
    twilio.text("long ago")
    assert sender.received_since(datetime.now(UTC) + timedelta(minutes=1)) == []


def test_without_a_number_everything_for_our_messaging_service_is_listed(twilio: Bench) -> None:
    twilio.text("hola")
    by_service = a_sender(twilio.url, twilio.program.url, service=SERVICE)
    assert [text.text for text in by_service.received_since(SINCE)] == ["hola"]


def test_the_fate_of_a_text_is_told_by_its_id(twilio: Bench, sender: TwilioSender) -> None:
    twilio.faults({"handset": [{"status": "undelivered", "error_code": 30003}]})
    lost, _ = sender.send(_text("one"))
    arrived, _ = sender.send(_text("two"))
    wait_until(lambda: sender.fate(lost) == ("undelivered", "30003"))
    wait_until(lambda: sender.fate(arrived) == ("delivered", None))
    assert sender.fate("SM" + "f" * 32) is None


@pytest.mark.parametrize("token", ["an-old-token", None], ids=["a wrong sign-in", "nobody there"])
def test_a_list_or_a_fate_that_cannot_be_read_is_asked_for_later(twilio: Bench, token: str | None) -> None:
    asked = a_sender(twilio.url, twilio.program.url, token=token) if token else a_sender("http://127.0.0.1:9", "http://127.0.0.1:9")
    with pytest.raises(SendLater):
        asked.received_since(SINCE)
    with pytest.raises(SendLater):
        asked.fate("SM" + "f" * 32)
