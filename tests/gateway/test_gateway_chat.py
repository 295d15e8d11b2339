"""The web-chat interface: a chat is begun, spoken in, read, and closed to everybody without its token."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from gateway_bench import answer, app_of, gateway_settings, messages, turns_waiting
from httpx import Client, Response
from sqlalchemy import update

from gateway.limits import Rate
from intake.store.connection import Store
from intake.store.models import ChatSession

PAYLOAD = {"choices": [{"label": "Sí", "text": "yes"}], "expects": {"kind": "milestone", "id": "m18.talks"}}


def begin(client: TestClient | Client, **wished: Any) -> dict[str, str]:
    """A chat's conversation, token and headers."""
    response = client.post("/chat/sessions", json=wished)
    assert response.status_code == 201
    return dict(response.json())


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def say(client: TestClient | Client, token: str, text: str, id: str = "m1") -> Response:
    return client.post("/chat/messages", json={"client_msg_id": id, "text": text}, headers=bearer(token))


def read(client: TestClient | Client, token: str, **query: Any) -> list[dict[str, Any]]:
    response = client.get("/chat/messages", params=query, headers=bearer(token))
    assert response.status_code == 200
    return list(response.json()["messages"])


def test_a_chat_begins_with_a_secret_an_expiry_and_a_turn_for_the_greeting(
    client: TestClient, store: Store
) -> None:
    begun = begin(client, language="es")
    assert len(begun["token"]) >= 43 and begun["conversation"] != begun["token"]
    assert datetime.fromisoformat(begun["expires_at"]) > datetime.now(UTC) + timedelta(hours=71)
    assert turns_waiting(store) == 1 and read(client, begun["token"]) == []


def test_a_chat_begins_without_a_body_too(client: TestClient) -> None:
    assert client.post("/chat/sessions").status_code == 201


def test_what_is_said_is_read_back_with_answers_choices_and_expectation(
    client: TestClient, store: Store
) -> None:
    token = begin(client)["token"]
    said = say(client, token, "He does not talk").json()["seq"]
    heard = answer(store, "¿Dice palabras?", payload={**PAYLOAD, "progress": {"number": 7, "total": 30, "minutes": 4}})
    mine, theirs = read(client, token)
    assert (mine["seq"], mine["from"], mine["text"], mine["choices"], mine["expects"]) == (
        said,
        "you",
        "He does not talk",
        [],
        None,
    )
    assert theirs == {"seq": heard, "from": "bot", "name": None, "text": "¿Dice palabras?", "at": theirs["at"],
                      "progress": {"number": 7, "total": 30, "minutes": 4}, **PAYLOAD}
    assert datetime.fromisoformat(theirs["at"]).tzinfo is not None
    assert [m["seq"] for m in read(client, token, after=said)] == [heard] and read(
        client, token, after=heard
    ) == []


def test_the_same_client_msg_id_is_one_message(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    first, again = say(client, token, "hola"), say(client, token, "hola")
    assert (first.status_code, again.status_code) == (202, 202) and first.json() == again.json()
    assert len(messages(store)) == 2 and turns_waiting(store) == 2  # the greeting's and this one


def test_the_same_client_msg_id_with_another_text_is_a_conflict(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    say(client, token, "hola")
    response = say(client, token, "adiós")
    assert (response.status_code, response.json()["error"]) == (409, "same_id_other_text")
    assert [m["text"] for m in read(client, token)] == ["hola"]


def test_two_chats_may_use_the_same_client_msg_id(client: TestClient) -> None:
    for token in (begin(client)["token"], begin(client)["token"]):
        assert say(client, token, "hola", id="1").status_code == 202


@pytest.mark.parametrize("id", ["x" * 64, "\u0000\u0007", "ñ" * 64, "' or 1=1 --"])
def test_any_client_msg_id_of_64_characters_will_do(client: TestClient, id: str) -> None:
    token = begin(client)["token"]
    assert say(client, token, "hola", id=id).json() == say(client, token, "hola", id=id).json()


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE message;--",
        "{{7*7}} ${jndi:ldap://x} %s%n",
        "a\nb",
        "👶🏽",
    ],
)
def test_words_are_kept_and_given_back_as_they_are(client: TestClient, text: str) -> None:
    token = begin(client)["token"]
    say(client, token, text)
    assert read(client, token)[0]["text"] == text


def expired(client: TestClient, store: Store) -> str:
    token = begin(client)["token"]
    with store.transaction() as session:
        session.execute(update(ChatSession).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    return token


def test_absent_foreign_and_expired_tokens_are_answered_alike(client: TestClient, store: Store) -> None:
    conversation = begin(client)["conversation"]
    headers: list[dict[str, str]] = [
        {},
        bearer("x" * 43),
        bearer(conversation),
        bearer(expired(client, store)),
        {"Authorization": "Basic eDp5"},
        {"Authorization": "Bearer "},
    ]
    for call in (
        lambda h: client.get("/chat/messages?wait=5", headers=h),
        lambda h: client.get("/chat/events", headers=h),
        lambda h: client.post("/chat/messages", json={"client_msg_id": "1", "text": "x"}, headers=h),
    ):
        answers = {(response.status_code, response.text) for response in map(call, headers)}
        assert len(answers) == 1 and answers.pop()[0] == 404


def test_an_unknown_token_stays_unknown_however_often_it_is_tried(client: TestClient) -> None:
    assert {say(client, "x" * 43, "hola").status_code for _ in range(15)} == {404}


def test_one_chat_cannot_read_or_speak_in_another(client: TestClient, store: Store) -> None:
    mine, theirs = begin(client), begin(client)
    body = {"client_msg_id": "1", "text": "hola", "conversation": theirs["conversation"], "sender": "bot"}
    assert client.post("/chat/messages", json=body, headers=bearer(mine["token"])).status_code == 202
    assert [m["from"] for m in read(client, mine["token"])] == ["you"] and read(client, theirs["token"]) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"client_msg_id": "1", "text": ""}, 422),
        ({"client_msg_id": "", "text": "x"}, 422),
        ({"client_msg_id": "x" * 65, "text": "x"}, 422),
        ({"client_msg_id": "1", "text": "x" * 10_001}, 422),
        ({"client_msg_id": 1, "text": "x"}, 422),
        ({"text": "x"}, 422),
        ([], 422),
        ("{", 400),
        ('{"text":"a","text":"b","client_msg_id":"1"}', 400),
        ('{"client_msg_id":"1","text":NaN}', 400),
        ('{"client_msg_id":"1","text":1e999}', 400),
        ("[" * 10_000, 400),
        ('{"client_msg_id":"1","text":"' + "x" * 17_000 + '"}', 413),
        (b"\xff\xfe", 400),
        ('{"client_msg_id":"1","text":"\\ud800"}', 422),
        ('{"a":' + "9" * 5000 + "}", 400),
    ],
)
def test_a_body_that_is_not_as_agreed_is_refused_and_not_stored(
    client: TestClient, store: Store, body: Any, status: int
) -> None:
    token = begin(client)["token"]
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    response = client.post(
        "/chat/messages", content=content, headers=bearer(token) | {"Content-Type": "application/json"}
    )
    assert response.status_code == status and set(response.json()) == {"error", "detail"}
    assert len(messages(store)) == 1


def test_a_body_that_says_it_is_text_is_refused(client: TestClient) -> None:
    token = begin(client)["token"]
    response = client.post(
        "/chat/messages",
        content='{"client_msg_id":"1","text":"x"}',
        headers=bearer(token) | {"Content-Type": "text/plain"},
    )
    assert response.status_code == 422


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=99999999999999999999", "wait=26", "wait=-1", "wait=nan", "wait=x"]
)
def test_a_query_out_of_bounds_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/chat/messages?{query}", headers=bearer(begin(client)["token"])).status_code == 422


def test_a_reader_who_waits_gets_the_answer_when_it_comes(client: TestClient, store: Store) -> None:
    token = begin(client)["token"]
    late = threading.Timer(0.5, answer, (store, "Hola"))
    late.start()
    begun = time.monotonic()
    assert [m["text"] for m in read(client, token, wait=10)] == ["Hola"]
    assert 0.4 < time.monotonic() - begun < 3
    late.join()


def test_a_reader_who_waits_in_vain_gets_nothing_in_time(client: TestClient) -> None:
    token = begin(client)["token"]
    begun = time.monotonic()
    assert read(client, token, wait=0.7) == []
    assert 0.6 < time.monotonic() - begun < 2


def events(url: str, count: int, headers: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """The first ``count`` events of the stream: id and message."""
    with httpx.stream("GET", f"{url}/chat/events", headers=headers, timeout=5) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = (line for line in response.iter_lines() if line.startswith(("id:", "data:")))
        return [(next(lines)[4:], json.loads(next(lines)[6:])) for _ in range(count)]


def test_events_carry_the_same_messages_and_resume_after_the_last_id(served: str, store: Store) -> None:
    with httpx.Client(base_url=served) as client:
        token = begin(client)["token"]
        first = answer(store, "uno", payload=PAYLOAD)
        late = threading.Timer(0.5, answer, (store, "dos"))
        late.start()
        [one, two] = events(served, 2, bearer(token))
        late.join()
        assert [one[1], two[1]] == read(client, token) and one[0] == str(first)
    assert events(served, 1, bearer(token) | {"Last-Event-ID": one[0]}) == [two]


def test_more_than_ten_messages_at_once_are_too_fast(app: FastAPI, client: TestClient) -> None:
    app.state.edge.message_rate = Rate(per_second=1, burst=10, clock=lambda: 0.0)  # at once, however slow the machine is
    token = begin(client)["token"]
    responses = [say(client, token, "x", id=str(n)) for n in range(11)]
    assert [r.status_code for r in responses] == [202] * 10 + [429]
    assert int(responses[-1].headers["retry-after"]) >= 1 and responses[-1].json()["error"] == "too_fast"
    assert say(client, begin(client)["token"], "another chat is not held back").status_code == 202


def test_only_so_many_chats_begin_from_one_address(
    database_url: str, keys: tuple[str, str], store: Store
) -> None:
    app = app_of(gateway_settings(database_url, keys, GROWLINE_CHAT_SESSIONS_PER_HOUR=3))
    with TestClient(app) as client:
        responses = [
            client.post("/chat/sessions", headers={"Accept-Language": "es-PR,es;q=0.9,en;q=0.5"})
            for _ in range(4)
        ]
    assert [r.status_code for r in responses] == [201, 201, 201, 429]
    assert 1100 < int(responses[-1].headers["retry-after"]) <= 1201
    assert (
        "1-800-505-7000" in responses[-1].json()["detail"] and "demasiados" in responses[-1].json()["detail"]
    )


def test_only_five_readers_of_one_chat_may_wait(client: TestClient) -> None:
    token = begin(client)["token"]
    statuses: list[int] = []
    readers = [
        threading.Thread(
            target=lambda: statuses.append(
                client.get("/chat/messages?wait=1.5", headers=bearer(token)).status_code
            )
        )
        for _ in range(6)
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sorted(statuses) == [200] * 5 + [429]


def test_while_the_database_is_down_nothing_is_called_sent(keys: tuple[str, str]) -> None:
    with TestClient(app_of(gateway_settings("postgresql://nobody@127.0.0.1:9/none", keys))) as client:
        response = say(client, "x" * 43, "hola")
        assert response.status_code == 503 and response.headers["retry-after"]
        assert client.get("/health/live").status_code == 200
