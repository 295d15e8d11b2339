"""Text me the rest, over HTTP: what is answered to whoever types a number, and what is never told about that number."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from gateway_bench import OUR_NUMBER, PARENT, PUBLIC_URL, Twilio, app_of, gateway_settings
from httpx import Response
from sqlalchemy import select
from test_gateway_chat import bearer, begin

from intake.store.connection import Store
from intake.store.models import Conversation, Message


def types(client: TestClient, token: str, phone: str = PARENT) -> Response:
    return client.post("/chat/phone", json={"phone": phone}, headers=bearer(token))


def to_phones(store: Store) -> list[Message]:
    """Texts that are to leave for a phone."""
    with store.reading() as session:
        return list(session.scalars(select(Message).where(Message.direction == "outbound", Message.state == "queued")))


def test_a_phone_is_asked_and_nothing_about_it_is_told(client: TestClient, store: Store) -> None:
    first = types(client, begin(client)["token"])
    assert (first.status_code, first.json()) == (202, {})
    again = types(client, begin(client)["token"])
    assert (again.status_code, again.content) == (202, first.content), "asked lately, stopped or new: the answer is the same"
    assert len(to_phones(store)) == 1


def test_the_number_is_in_no_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0):
        types(client, begin(client)["token"])
        types(client, begin(client)["token"], "555-0142")
    assert "555" not in caplog.text


@pytest.mark.parametrize("typed", ["860", OUR_NUMBER[:6], "the same one", "+44 20 7946 0958"])
def test_what_is_no_number_is_told_in_words(client: TestClient, store: Store, typed: str) -> None:
    answered = types(client, begin(client)["token"], typed)
    assert (answered.status_code, answered.json()["error"]) == (422, "not_a_phone")
    assert "area code" in answered.json()["detail"] and to_phones(store) == []


@pytest.mark.parametrize("typed", ["", "1" * 61])
def test_a_field_out_of_bounds_is_refused(client: TestClient, typed: str) -> None:
    assert types(client, begin(client)["token"], typed).status_code == 422


def test_without_the_secret_no_phone_is_asked(client: TestClient, store: Store) -> None:
    assert client.post("/chat/phone", json={"phone": PARENT}).status_code == 404
    assert types(client, "guess").status_code == 404 and to_phones(store) == []


def test_a_chat_that_was_refused_or_goes_by_text_cannot_be_moved(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    with store.transaction() as session:
        session.scalars(select(Conversation)).one().status = "refused"
    answered = types(client, token)
    assert (answered.status_code, answered.json()["error"]) == (409, "goes_by_text") and to_phones(store) == []


def test_one_chat_has_few_phones_asked(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    for last in range(3):
        assert types(client, token, f"860 555 01{70 + last}").status_code == 202
    answered = types(client, token)
    assert (answered.status_code, answered.json()["error"]) == (429, "asked_too_often")
    assert int(answered.headers["retry-after"]) > 0 and len(to_phones(store)) == 3


def test_one_address_has_not_phones_without_end_asked(database_url: str, keys: tuple[str, str], store: Store) -> None:
    app = app_of(gateway_settings(database_url, keys, GROWLINE_CHAT_SESSIONS_PER_HOUR=5))
    with TestClient(app, base_url=PUBLIC_URL) as client:
        tokens = [begin(client)["token"] for _ in range(4)]
        statuses = [types(client, tokens[number // 2], f"860 555 01{70 + number}").status_code for number in range(8)]
    assert statuses == [202] * 5 + [429] * 3


def test_after_yes_the_chat_goes_on_by_text_and_a_text_of_that_phone_belongs_to_it(
    client: TestClient, store: Store, twilio: Twilio
) -> None:
    types(client, begin(client)["token"])
    assert twilio.send_text(Body="YES").status_code == 200
    with store.reading() as session:
        [asked] = session.scalars(select(Conversation).where(Conversation.asked_for.is_not(None)))
        [heard] = session.scalars(select(Message).where(Message.provider_id == "sms:SM" + "a" * 32))
    assert heard.conversation_id == asked.id, "it is the answer to who spoke last; what it means is the worker's part"
