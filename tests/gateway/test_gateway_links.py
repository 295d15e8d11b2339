"""Links of one use over HTTP: a button first, then what it opens, then nothing; and the page for the doctor."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient
from gateway_bench import messages
from sqlalchemy import select
from test_gateway_chat import bearer, begin, read, say

from intake.store.connection import Store
from intake.store.models import Answer, Concern, Conversation


def _link(client: TestClient, token: str, purpose: str) -> str:
    response = client.post("/chat/links", json={"purpose": purpose}, headers=bearer(token))
    assert response.status_code == 201
    return str(response.json()["path"])


def test_looking_at_a_link_uses_nothing_up_and_pressing_its_button_does(client: TestClient) -> None:
    token = begin(client)["token"]
    path = _link(client, token, "chat")
    for _ in range(3):  # messengers look, too
        shown = client.get(path)
        assert shown.status_code == 200 and f'action="{path}"' in shown.text
        assert shown.headers["cache-control"] == "no-store" and shown.headers["x-robots-tag"] == "noindex"
    assert client.post(path).status_code == 303
    assert client.post(path).status_code == 410 and client.get(path).status_code == 410


def test_a_link_opens_the_same_chat_in_another_browser_with_and_without_scripts(client: TestClient) -> None:
    token = begin(client)["token"]
    say(client, token, "hello")
    cookie = client.post(_link(client, token, "chat")).headers["set-cookie"]
    secret = re.match(r"__Host-growline=([^;]+); ", cookie)
    assert secret is not None and "HttpOnly" in cookie and "SameSite=strict" in cookie
    plain = client.get("/chat", headers={"Cookie": f"__Host-growline={secret[1]}"})
    assert "hello" in plain.text
    client.cookies.clear()
    mine = client.post("/chat/sessions/mine", headers={"Cookie": f"__Host-growline={secret[1]}"})
    assert mine.status_code == 200 and 'Max-Age=0' in mine.headers["set-cookie"]
    client.cookies.clear()
    assert [message["text"] for message in read(client, mine.json()["chat"]["token"])] == ["hello"]
    assert client.get("/chat/messages", headers=bearer(secret[1])).status_code == 404


def test_who_has_no_cookie_has_no_chat_to_take_over(client: TestClient) -> None:
    assert client.post("/chat/sessions/mine").json() == {"chat": None}


@pytest.mark.parametrize("path", ["/l/x", "/l/" + "a" * 64, "/l/%00", "/l/..%2f..%2f"])
def test_a_link_that_nobody_made_opens_nothing(client: TestClient, path: str) -> None:
    assert client.get(path).status_code in (404, 410)
    assert client.post(path).status_code in (404, 405, 410)


def test_without_the_secret_no_link_is_made(client: TestClient) -> None:
    assert client.post("/chat/links", json={"purpose": "chat"}).status_code == 404
    token = begin(client)["token"]
    assert client.post("/chat/links", json={"purpose": "console"}, headers=bearer(token)).status_code == 422


def test_the_page_for_the_doctor_says_what_was_told_as_text_and_no_more(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    say(client, token, "<b>he bites</b> & screams")
    with store.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        message = messages(store)[-1]
        session.add(Concern(conversation_id=conversation.id, domain="behavior", words="<b>he bites</b> & screams",
                            message_id=message.id))
        session.add(Answer(conversation_id=conversation.id, item="lost_skills", value="yes", message_id=message.id))
    page = client.post(_link(client, token, "visit"))
    assert page.status_code == 200 and page.headers["cache-control"] == "no-store"
    assert "&lt;b&gt;he bites&lt;/b&gt; &amp; screams" in page.text and "<b>he bites" not in page.text
    assert "stopped doing something" in page.text and "dejó de hacer algo" in page.text
    for word in ("score of", "delay", "autism", "behavior", "urgent", "flag"):
        assert word not in page.text.lower()


def test_so_many_links_and_no_more(client: TestClient) -> None:
    token = begin(client)["token"]
    for _ in range(6):
        _link(client, token, "visit")
    response = client.post("/chat/links", json={"purpose": "visit"}, headers=bearer(token))
    assert response.status_code == 429 and int(response.headers["retry-after"]) > 0
