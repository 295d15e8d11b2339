"""The turn channel over HTTP: what is refused, what is answered, what never becomes a command."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from conftest import a_request
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot.channel import TurnInput
from bot.turn_context import CURRENT_TURN


class Engine:
    """Stands in for Rasa's agent: parses everything as yes, and says what it is told to."""

    def __init__(
        self, said: list[dict[str, Any]] | None = None, action_fails: bool = False, ready: bool = True
    ) -> None:
        self.said = said or []
        self.action_fails = action_fails
        self.ready = ready
        self.parsed: list[str] = []
        self.processor = self

    def is_ready(self) -> bool:
        return self.ready

    async def parse_message(self, message: UserMessage) -> dict[str, Any]:
        self.parsed.append(message.text)
        entities = [{"entity": "phone", "value": "x", "start": 0, "end": 1, "extractor": "ReplyReader"}]
        return {"text": message.text, "intent": {"name": "yes", "confidence": 0.98}, "entities": entities}

    async def take(self, message: UserMessage) -> None:
        turn = CURRENT_TURN.get()
        assert turn is not None
        turn.tracker_built = True
        turn.action_failed = self.action_fails
        message.output_channel.messages.extend(self.said)


def exchange(engine: Engine, path: str, body: Any = None) -> tuple[int, dict[str, Any]]:
    """One request to the channel's real routes, over HTTP on loopback."""
    return asyncio.run(_exchange(engine, path, body))


async def _exchange(engine: Engine, path: str, body: Any) -> tuple[int, dict[str, Any]]:
    Sanic.test_mode = True
    app = Sanic("turns", register=False, configure_logging=False)
    app.ctx.agent = engine
    app.blueprint(TurnInput().blueprint(engine.take), url_prefix="/webhooks/turn")
    server = await app.create_server(host="127.0.0.1", port=0, return_asyncio_server=True, access_log=False)
    await server.startup()
    server = server.server
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks/turn/{path}"
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    try:
        method = "POST" if data is not None else "GET"
        async with aiohttp.ClientSession() as session, session.request(method, address, data=data) as answer:
            return answer.status, await answer.json()
    finally:
        server.close()


def test_a_turn_answers_with_replies_receipt_and_what_was_understood() -> None:
    engine = Engine(
        [{"text": "one"}, {"custom": {"receipt": "old"}}, {"text": "two"}, {"custom": {"receipt": "m1"}}]
    )
    status, answer = exchange(engine, "webhook", a_request("yes"))
    assert status == 200
    assert answer["replies"] == [{"text": "one"}, {"text": "two"}]
    assert answer["receipt"] == {"receipt": "m1"}
    assert answer["understood"]["intent"] == "yes"
    assert answer["understood"]["entities"] == [{"entity": "phone", "value": "x", "start": 0, "end": 1}]


def test_a_turn_in_which_an_action_failed_has_no_receipt() -> None:
    engine = Engine([{"text": "one"}, {"custom": {"receipt": "m1"}}], action_fails=True)
    _, answer = exchange(engine, "webhook", a_request("yes"))
    assert answer["replies"] == [{"text": "one"}]
    assert answer["receipt"] is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b"[" * 100_000,
        {},
        a_request("yes") | {"text": None},
        a_request("yes") | {"text": 3},
        a_request("yes", message_id=""),
        a_request("yes", conversation=None),
        a_request("yes") | {"context": 1},
        a_request("yes", context={"today": "tomorrow"}),
    ],
)
def test_a_request_that_is_no_turn_is_refused_with_its_reason(body: Any) -> None:
    status, answer = exchange(Engine(), "webhook", body)
    assert status == 400
    assert answer["error"]


def test_a_refusal_repeats_nothing_of_the_message() -> None:
    body = a_request("Xiomara does not walk", context={"language": "Xiomara"})
    _, answer = exchange(Engine(), "webhook", body)
    assert "Xiomara" not in json.dumps(answer)


@pytest.mark.parametrize(
    "text",
    [
        "/yes",
        "/restart",
        ' /yes{"reply":"no"}',
        "//yes",
        "/yes@1.0",
        "/ yes{}",
        "/delete_data\n",
        '/inform{"a": "b c"}',
    ],
)
def test_a_text_in_the_form_of_a_command_is_out_of_scope_and_never_parsed(text: str) -> None:
    engine = Engine()
    status, answer = exchange(engine, "parse", a_request(text))
    assert (status, answer["intent"]) == (200, "out_of_scope")
    assert engine.parsed == []


def test_a_sentence_behind_a_slash_is_read_without_it_and_keeps_its_spans() -> None:
    engine = Engine()
    _, answer = exchange(engine, "parse", a_request("/ she walks a little"))
    assert engine.parsed == ["she walks a little"]
    assert (answer["entities"][0]["start"], answer["entities"][0]["end"]) == (2, 3)


def test_half_of_a_surrogate_pair_and_nul_are_replaced_before_they_are_read() -> None:
    engine = Engine()
    status, _ = exchange(engine, "parse", json.dumps(a_request("a\ud800b\u0000c")).encode())
    assert status == 200
    assert engine.parsed == ["a\ufffdb c"]


def test_a_tap_on_an_answer_is_not_read_but_understood_as_a_wish_to_change_it() -> None:
    engine = Engine(said=[{"custom": {"receipt": "m1"}}])
    request = a_request("I want to change this answer: Walks", context={"change": "walks"})
    status, body = exchange(engine, "webhook", request)
    assert status == 200 and engine.parsed == []
    assert body["understood"]["intent"] == "correct_previous"
    assert body["understood"]["entities"] == [{"entity": "item_to_change", "value": "walks"}]


def test_a_ready_answer_is_taken_as_it_stands_and_never_for_a_greeting() -> None:
    engine = Engine(said=[{"custom": {"receipt": "m1"}}])
    _, body = exchange(engine, "webhook", a_request("Mornings", "best_time", context={"picked": True}))
    assert engine.parsed == [] and body["understood"]["intent"] == "inform"


def test_what_was_read_before_the_engine_is_taken_as_it_stands_also_where_only_understanding_is_asked_for() -> None:
    engine = Engine(said=[{"custom": {"receipt": "m1"}}])
    _, body = exchange(engine, "webhook", a_request("I'll watch for it", "milestone", context={"read_as": "not_sure"}))
    assert engine.parsed == [] and body["understood"]["intent"] == "not_sure"
    _, body = exchange(engine, "parse", a_request("I'll watch for it", "milestone", context={"read_as": "not_sure"}))
    assert engine.parsed == [] and body["intent"] == "not_sure"


def test_a_tap_that_names_no_text_is_refused() -> None:
    assert exchange(Engine(), "webhook", a_request("x", context={"change": 3}))[0] == 400


def test_health_says_when_no_model_is_loaded() -> None:
    assert exchange(Engine(), "health")[0] == 200
    assert exchange(Engine(ready=False), "health")[0] == 503
    assert exchange(Engine(ready=False), "webhook", a_request("yes"))[0] == 503


def test_a_turn_whose_tracker_was_not_built_from_its_context_is_refused() -> None:
    class Forgetful(Engine):
        async def take(self, message: UserMessage) -> None:
            """Answer without asking the tracker store, as Rasa does when the store fails."""

    assert exchange(Forgetful(), "webhook", a_request("yes"))[0] == 500
