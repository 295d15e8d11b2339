"""The chat page with scripts blocked: a plain form, an HttpOnly cookie, and the transcript."""

from __future__ import annotations

import re
import shutil
import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from gateway_bench import answer, app_of, gateway_settings, messages
from httpx import Response
from sqlalchemy import update

from gateway.app import create_app
from intake.content.pages import load_chat_page
from intake.content.yaml_source import ContentError
from intake.settings import ROOT
from intake.store.connection import Store
from intake.store.models import ChatSession

COOKIE = "__Host-growline"
CHOICES = {"choices": [{"label": "Yes", "text": "yes"}, {"label": "Not yet", "text": "not yet"}]}


def post(client: TestClient, **fields: str) -> Response:
    return client.post("/chat/form", data=fields)


def soon(store: Store, words: str, seconds: float = 0.4) -> threading.Timer:
    """An answer that comes a little later, as the worker's does."""
    timer = threading.Timer(seconds, answer, (store, words))
    timer.start()
    return timer


def begin(client: TestClient, store: Store, greeting: str = "Hi, I am a computer program.") -> None:
    timer = soon(store, greeting)
    response = post(client, lang="en")
    timer.join()
    assert (response.status_code, response.headers["location"]) == (303, "/chat?lang=en#end")


def test_the_page_speaks_english_or_spanish(client: TestClient) -> None:
    assert (
        '<html lang="es">' in client.get("/chat?lang=es").text
        and '<html lang="en">' in client.get("/chat?lang=en").text
    )
    assert (
        '<html lang="es">'
        in client.get("/chat", headers={"Accept-Language": "fr, es-MX;q=0.8, en;q=0.5"}).text
    )
    for odd in ("../../etc/passwd", "<script>", "pt"):
        page = client.get("/chat", params={"lang": odd}, headers={"Accept-Language": ";;=,-,q"}).text
        assert '<html lang="en">' in page and f"lang={odd}" not in page and "<script>" not in page


def test_the_page_runs_no_script_and_loads_nothing_of_others(client: TestClient) -> None:
    response = client.get("/chat")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", response.text)
    loaded = re.findall(r'(?:src|href)="([^"#]+)"', response.text)
    assert loaded and all(address.startswith(("/chat", "/widget.js", "tel:")) for address in loaded)
    for address in (address for address in loaded if "static" in address):
        assert client.get(address).status_code == 200


def test_starting_a_chat_keeps_its_secret_in_a_cookie_no_script_can_read(
    client: TestClient, store: Store
) -> None:
    timer = soon(store, "Hi.")
    cookie = post(client, lang="es").headers["set-cookie"]
    timer.join()
    assert cookie.startswith(f"{COOKIE}=") and {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(
        cookie.split("; ")
    )
    assert "Domain" not in cookie


def test_what_is_said_and_answered_stands_on_the_page(client: TestClient, store: Store) -> None:
    begin(client, store)
    timer = soon(store, "What worries you?")
    begun = time.monotonic()
    response = post(client, lang="en", text="<b>He</b> doesn't talk", client_msg_id="f1")
    assert response.status_code == 303 and time.monotonic() - begun < 3
    timer.join()
    page = client.get("/chat?lang=en").text
    assert "Hi, I am a computer program." in page and "What worries you?" in page
    assert "&lt;b&gt;He&lt;/b&gt; doesn&#39;t talk" in page and "<b>He" not in page


def test_without_an_answer_the_page_says_so(client: TestClient, store: Store) -> None:
    begin(client, store)
    begun = time.monotonic()
    assert post(client, lang="en", text="hello", client_msg_id="f1").status_code == 303
    assert 4 < time.monotonic() - begun < 8
    assert "There is no answer yet" in client.get("/chat?lang=en").text


def test_the_same_form_sent_twice_is_one_message(client: TestClient, store: Store) -> None:
    begin(client, store)
    answered = [soon(store, "ok"), soon(store, "ok", 0.8)]
    for _ in range(2):
        post(client, lang="en", text="hello", client_msg_id="f1")
    [timer.join() for timer in answered]
    assert [m.text for m in messages(store)].count("hello") == 1


def test_other_words_in_a_form_gone_back_to_are_a_new_message(client: TestClient, store: Store) -> None:
    begin(client, store)
    for words in ("hello", "hello again"):
        timer = soon(store, "ok")
        assert post(client, lang="en", text=words, client_msg_id="f1").status_code == 303
        timer.join()
    assert {"hello", "hello again"} <= {m.text for m in messages(store)}


def test_ready_answers_are_buttons_of_the_form(client: TestClient, store: Store) -> None:
    begin(client, store)
    answer(store, "Does Ana say two words?", payload=CHOICES)
    assert '<button name="choice" value="not yet">Not yet</button>' in client.get("/chat?lang=en").text
    timer = soon(store, "ok")
    post(client, lang="en", choice="not yet", client_msg_id="f2")
    timer.join()
    assert (
        "not yet" in {m.text for m in messages(store)}
        and 'name="choice"' not in client.get("/chat?lang=en").text
    )


def test_words_for_a_chat_that_is_closed_are_kept_and_not_sent(client: TestClient, store: Store) -> None:
    begin(client, store)
    with store.transaction() as session:
        session.execute(update(ChatSession).values(expires_at=ChatSession.created_at))
    timer = soon(store, "Hi again.")
    response = post(client, lang="en", text="He doesn't talk", client_msg_id="f1")
    timer.join()
    assert response.status_code == 200 and COOKIE in response.headers["set-cookie"]
    assert "not sent yet" in response.text and "doesn&#39;t talk</textarea>" in response.text
    assert "He doesn't talk" not in {m.text for m in messages(store)}


def test_an_unknown_cookie_shows_the_start(client: TestClient) -> None:
    client.cookies.set(COOKIE, "guessed")
    response = client.get("/chat?lang=en")
    assert (
        response.status_code == 200
        and "This chat is closed" in response.text
        and "Start the chat" in response.text
    )


def test_a_form_of_another_site_is_refused(client: TestClient, store: Store) -> None:
    response = client.post("/chat/form", data={"text": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403 and messages(store) == []


def test_too_long_words_are_kept_and_said_to_be_too_long(client: TestClient, store: Store) -> None:
    begin(client, store)
    response = post(client, lang="es", text="x" * 10_001, client_msg_id="f1")
    assert (
        response.status_code == 413
        and "Envíelo por partes" in response.text
        and "x" * 10_001 in response.text
    )


def test_leaving_forgets_the_chat_and_goes_elsewhere(client: TestClient, store: Store) -> None:
    begin(client, store)
    response = client.get("/chat/leave")
    assert response.status_code == 303 and response.headers["location"].startswith("https://")
    assert "Max-Age=0" in response.headers["set-cookie"]
    assert "Start the chat" in client.get("/chat?lang=en").text


def test_while_the_database_is_down_the_words_stay_in_the_field(keys: tuple[str, str]) -> None:
    with TestClient(
        app_of(gateway_settings("postgresql://nobody@127.0.0.1:9/none", keys)),
        base_url="https://x.example",
    ) as client:
        client.cookies.set(COOKIE, "some-token")
        response = post(client, lang="es", text="No habla", client_msg_id="f1")
        assert (
            response.status_code == 503
            and "No se envió" in response.text
            and "No habla</textarea>" in response.text
        )
        assert client.get("/chat?lang=es").status_code == 503


def test_every_word_of_the_page_promises_nothing_and_calls_nobody_he_or_she() -> None:
    words = load_chat_page(ROOT / "content")
    forbidden = re.compile(
        r"\b(on track|don.t worry|normal|no se preocupe|he|she|él|ella|diagnos\w+)\b", re.IGNORECASE
    )
    for texts in (*words.page.values(), *words.problems.values()):
        for purpose, text in texts.items():
            places = re.findall(r"{(\w+)}", text)
            assert not forbidden.search(text) and places == (["name"] if purpose == "speaker_staff_named" else []), purpose


def test_a_page_text_missing_in_one_language_is_found_with_its_line(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "content", tmp_path / "content")
    file = tmp_path / "content/messages/chat_page.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if line.startswith("  send:"))
    lines[number - 1] = '  send: {en: "Send"}'
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        load_chat_page(tmp_path / "content")
    assert f"chat_page.yaml:{number}:" in str(caught.value) and "page.send.es" in str(caught.value)


def test_a_gateway_with_a_broken_question_does_not_start(tmp_path: Path, keys: tuple[str, str]) -> None:
    """Content is read before anybody is served: the first family to ask for it would wait, and all others with it."""
    shutil.copytree(ROOT / "content", tmp_path / "content")
    file = next((tmp_path / "content/questions").glob("*.yaml"))
    file.write_text(file.read_text(encoding="utf-8").replace("en:", "english:", 1), encoding="utf-8")
    with pytest.raises(ContentError, match=file.name):
        create_app(gateway_settings("postgresql://nobody@127.0.0.1:9/none", keys, GROWLINE_CONTENT=tmp_path / "content"))


@pytest.mark.parametrize("name", ["chat.css", "scripted.js", "visit.css", "print.js"])
def test_static_files_name_no_other_site(client: TestClient, name: str) -> None:
    response = client.get(f"/chat/static/{name}")
    assert response.status_code == 200 and not re.search(r"https?://|innerHTML|eval\(", response.text)
