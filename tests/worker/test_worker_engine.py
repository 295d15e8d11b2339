"""The engine client: no receipt, no success, and no word of a parent in what is raised or logged."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from uuid import uuid4

import pytest
from a_family import AFamily
from small_engine import Answering, SmallEngine, answers, answers_with, hangs

from intake.rules.interview import Kind
from intake.store.models import Message
from intake.usecases.taking import EngineTurn
from worker.engine import Engine, EngineUnavailable
from worker.turns import TurnNotTaken, take_turn

WORDS = "Anselmo no habla"
TURN = EngineTurn("a-public-id", uuid4(), WORDS, {"language": "es", "expects": {"kind": "worry", "id": None}})
SICK: dict[str, Answering] = {
    "without a receipt": answers_with(receipt=None),
    "with another turn's receipt": answers_with(receipt={"receipt": str(uuid4())}),
    "with a receipt that is no object": answers_with(receipt=str(TURN.message_id)),
    "with an error": lambda turn: (500, turn["text"].encode()),
    "with no model": lambda turn: (503, b"{}"),
    "with words instead of JSON": lambda turn: (200, f"sorry, {turn['text']}".encode()),
    "with a list": lambda turn: (200, b"[]"),
    "with broken bytes": lambda turn: (200, b"\xff\xfe"),
    "too late": hangs(0.6),
}


def _client(engine: SmallEngine) -> Engine:
    return Engine([engine.url], turn_seconds=0.3)


def test_a_turn_goes_out_whole_and_its_answer_comes_back(small_engine: SmallEngine) -> None:
    answer = _client(small_engine).take_turn(TURN)
    assert small_engine.turns == [{"conversation": "a-public-id", "message_id": str(TURN.message_id), "text": WORDS,
                                   "context": TURN.context}]
    assert answer.texts == ("Thank you.", "What worries you?")
    assert answer.receipt["receipt"] == str(TURN.message_id) and answer.understood == {"intent": "inform"}


@pytest.mark.parametrize("how", SICK)
def test_an_engine_that_does_not_prove_the_turn_has_not_taken_it(small_engine: SmallEngine, how: str) -> None:
    small_engine.answering = SICK[how]
    with pytest.raises(EngineUnavailable) as told:
        _client(small_engine).take_turn(TURN)
    assert "Anselmo" not in str(told.value)
    assert "Anselmo" not in "".join(traceback.format_exception(told.value))


@pytest.mark.parametrize("place", [0, 1])
def test_where_one_engine_is_down_another_is_asked_at_once(small_engine: SmallEngine, place: int) -> None:
    urls = ["http://127.0.0.1:9", "http://127.0.0.1:9"]
    urls.insert(place, small_engine.url)
    engine = Engine(urls)
    assert [engine.take_turn(TURN).understood for _ in range(4)] == [{"intent": "inform"}] * 4
    assert len(small_engine.turns) == 4


def test_an_engine_that_took_the_turn_and_failed_is_not_replaced_by_another_at_once(small_engine: SmallEngine) -> None:
    small_engine.answering = answers_with(receipt=None)
    with pytest.raises(EngineUnavailable):
        Engine([small_engine.url, small_engine.url]).take_turn(TURN)
    assert len(small_engine.turns) == 1


def test_nobody_there_is_an_engine_that_is_unavailable() -> None:
    with pytest.raises(EngineUnavailable, match="ConnectError"):
        Engine(["http://127.0.0.1:9"]).take_turn(TURN)


def test_several_engines_take_turns(small_engine: SmallEngine) -> None:
    with SmallEngine() as other:
        client = Engine([small_engine.url, other.url])
        for _ in range(4):
            client.take_turn(TURN)
        assert len(small_engine.turns) == len(other.turns) == 2


def test_a_proxy_in_the_environment_never_sees_a_parents_words(
        small_engine: SmallEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert _client(small_engine).take_turn(TURN).texts


def test_a_taken_turn_is_stored_with_its_answer(family: Callable[..., AFamily], small_engine: SmallEngine) -> None:
    parent = family(until=Kind.WORRY)
    message = parent.writes(WORDS)
    take_turn(parent.store, parent.content, _client(small_engine), message)
    replies = [row.text for row in parent.all(Message) if row.in_reply_to == message]
    assert replies == ["Thank you.\nWhat worries you?"]
    take_turn(parent.store, parent.content, _client(small_engine), message)
    assert len(small_engine.turns) == 1, "a turn that is done is not taken again"


def test_a_turn_that_is_not_taken_stays_open_sends_the_same_again_and_tells_at_the_third_try(
        family: Callable[..., AFamily], small_engine: SmallEngine, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    parent = family(until=Kind.WORRY)
    message = parent.writes(WORDS)
    small_engine.answering = SICK["without a receipt"]
    for tries in (1, 2, 3, 4):
        with pytest.raises(TurnNotTaken) as told:
            take_turn(parent.store, parent.content, _client(small_engine), message)
        assert told.value.tries == tries
    said = [row.text for row in parent.all(Message) if row.in_reply_to == message]
    assert said == [parent.content.messages.system("not_saved_yet", "es")]
    small_engine.answering = answers
    take_turn(parent.store, parent.content, _client(small_engine), message)
    assert all(turn == small_engine.turns[0] for turn in small_engine.turns) and len(small_engine.turns) == 5
    assert "Anselmo" not in caplog.text and "not taken" in caplog.text
