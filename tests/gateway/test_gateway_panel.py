"""The list of answers over HTTP, leaving a chat, chats on shared computers, and which sites may speak with the chat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from gateway_bench import PUBLIC_URL, app_of, gateway_settings, messages
from sqlalchemy import select, update
from test_gateway_chat import bearer, begin, read, say

from intake.store.connection import Store
from intake.store.models import Answer, ChatSession, Conversation

SITE = "https://www.agency.example"


def _told(store: Store, item: str, value: str) -> None:
    """As if the family had answered ``item`` with the last message."""
    with store.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        message = messages(store)[-1]
        session.add(Answer(conversation_id=conversation.id, item=item, value=value, message_id=message.id))


def test_answers_are_listed_with_the_words_of_their_questions(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    say(client, token, "parent")
    _told(store, "relation", "parent")
    answers = client.get("/chat/answers", headers=bearer(token)).json()["answers"]
    assert answers == [{"item": "relation", "question": "Who you are to the child", "told": "Parent or guardian"}]


def test_a_tap_is_stored_once_as_a_message_of_the_family(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    say(client, token, "parent")
    _told(store, "relation", "parent")
    for _ in range(2):
        response = client.post("/chat/answers/relation", json={"client_msg_id": "tap"}, headers=bearer(token))
        assert response.status_code == 202
    tapped = [message for message in read(client, token) if message["from"] == "you"]
    assert [message["text"] for message in tapped] == ["parent", "I want to change this answer: Who you are to the child"]
    assert messages(store)[-1].payload == {"change": "relation"}


@pytest.mark.parametrize("item", ["child_name", "consent", "nothing", "%2e%2e", "x" * 80])
def test_what_was_not_told_cannot_be_changed(client: TestClient, item: str) -> None:
    token = begin(client)["token"]
    response = client.post(f"/chat/answers/{item}", json={"client_msg_id": "tap"}, headers=bearer(token))
    assert (response.status_code, response.json()["error"]) == (409, "nothing_to_change")


@pytest.mark.parametrize("way", [("GET", "/chat/answers"), ("POST", "/chat/answers/relation"), ("DELETE", "/chat/sessions")])
def test_without_the_secret_there_is_nothing(client: TestClient, way: tuple[str, str]) -> None:
    begin(client)
    for headers in ({}, bearer("wrong")):
        assert client.request(*way, json={"client_msg_id": "a"}, headers=headers).status_code == 404


def test_a_chat_that_was_left_opens_to_nobody(client: TestClient) -> None:
    token = begin(client)["token"]
    assert client.delete("/chat/sessions", headers=bearer(token)).status_code == 204
    assert client.get("/chat/messages", headers=bearer(token)).status_code == 404
    assert say(client, token, "still here").status_code == 404
    assert client.delete("/chat/sessions", headers=bearer(token)).status_code == 404


def test_on_a_shared_computer_a_chat_lasts_twenty_minutes_from_the_last_message(client: TestClient, store: Store) -> None:
    begun = begin(client, shared=True)
    until = datetime.fromisoformat(begun["expires_at"])
    assert timedelta(minutes=19) < until - datetime.now(UTC) <= timedelta(minutes=20)
    soon = datetime.now(UTC) + timedelta(seconds=30)
    with store.transaction() as session:
        session.execute(update(ChatSession).values(expires_at=soon))
    read(client, begun["token"])  # a page left open must not keep it
    with store.reading() as session:
        assert session.scalars(select(ChatSession.expires_at)).one() == soon
    say(client, begun["token"], "hi")
    with store.reading() as session:
        assert session.scalars(select(ChatSession.expires_at)).one() > soon + timedelta(minutes=15)


def test_on_ones_own_computer_a_message_does_not_shorten_the_chat(client: TestClient, store: Store) -> None:
    begun = begin(client)
    say(client, begun["token"], "hi")
    with store.reading() as session:
        assert session.scalars(select(ChatSession.expires_at)).one() > datetime.now(UTC) + timedelta(hours=70)


# which sites


@pytest.fixture
def embedded(database_url: str, keys: tuple[str, str], store: Store) -> TestClient:
    app = app_of(gateway_settings(database_url, keys, GROWLINE_WIDGET_ORIGINS=f"{SITE}/, https://b.example"))
    return TestClient(app, base_url=PUBLIC_URL, raise_server_exceptions=False)


def test_a_listed_site_may_ask_and_is_handed_the_answer(embedded: TestClient) -> None:
    with embedded as client:
        asked = client.options("/chat/messages", headers={
            "Origin": SITE, "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type"})
        assert asked.status_code == 200 and asked.headers["access-control-allow-origin"] == SITE
        response = client.post("/chat/sessions", json={}, headers={"Origin": SITE})
        assert response.status_code == 201 and response.headers["access-control-allow-origin"] == SITE
        assert "access-control-allow-credentials" not in response.headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://www.agency.example", f"{SITE}.evil.example",
                                    "https://growline.example.evil.example", "https://www.agency.example:8443"])
@pytest.mark.parametrize("path", ["/chat/sessions", "/chat/messages", "/chat/answers/relation"])
def test_c04_another_site_is_refused_whatever_it_sends(embedded: TestClient, origin: str, path: str, store: Store) -> None:
    with embedded as client:
        token = begin(client)["token"]
        before = len(messages(store))
        response = client.post(path, json={"client_msg_id": "a", "text": "x"}, headers={"Origin": origin, **bearer(token)})
        assert response.status_code == 403 and "access-control-allow-origin" not in response.headers
        assert len(messages(store)) == before


def test_our_own_page_is_no_other_site(client: TestClient) -> None:
    assert client.post("/chat/sessions", json={}, headers={"Origin": PUBLIC_URL}).status_code == 201


def test_c02_a_secret_that_comes_with_another_chats_cookie_opens_nothing(client: TestClient) -> None:
    mine, other = begin(client)["token"], begin(client)["token"]
    for name in ("__Host-growline", "growline_chat"):
        headers = {**bearer(mine), "Cookie": f"{name}={other}"}
        assert client.get("/chat/messages", headers=headers).status_code == 404
        headers = {**bearer(mine), "Cookie": f"{name}={mine}"}
        assert client.get("/chat/messages", headers=headers).status_code == 200
