"""An action's answer is validated, has ten seconds, and a failure is noted on the turn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import rasa.core.actions.action as rasa_action
from conftest import ActionServer
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig

from bot import remote_action
from bot.turn_context import CURRENT_TURN, TurnContext

remote_action.apply()


def a_turn() -> TurnContext:
    return TurnContext("c1", "m1", "en", "sms", None, "milestone", "walks", "2026-11-22")


def run_action(url: str) -> tuple[TurnContext, list[Any] | Exception]:
    async def run() -> tuple[TurnContext, list[Any] | Exception]:
        CURRENT_TURN.set(turn := a_turn())
        action = RemoteAction("action_answer", EndpointConfig(url, enable_selective_domain=True))
        tracker = DialogueStateTracker("m1", [])
        nlg = TemplatedNaturalLanguageGenerator({})
        try:
            return turn, await action.run(CollectingOutputChannel(), nlg, tracker, Domain.empty())
        except Exception as error:
            return turn, error

    return asyncio.run(run())


def test_a_good_answer_becomes_events(action_server: ActionServer) -> None:
    action_server.body = {"events": [], "responses": [{"text": "noted"}]}
    turn, events = run_action(action_server.url)
    assert [event.text for event in events] == ["noted"]  # type: ignore[union-attr]
    assert not turn.action_failed


@pytest.mark.parametrize("body", [{"events": "none"}, {"responses": [1]}, {"events": [{"event": 3}]}, []])
def test_an_answer_in_another_form_is_a_failure_noted_on_the_turn(
    action_server: ActionServer, body: Any
) -> None:
    action_server.body = body
    turn, error = run_action(action_server.url)
    assert isinstance(error, RasaException)
    assert turn.action_failed


def test_a_failing_answer_is_noted_on_the_turn(action_server: ActionServer) -> None:
    action_server.status = 500
    turn, error = run_action(action_server.url)
    assert isinstance(error, RasaException)
    assert turn.action_failed


def test_the_validators_message_holds_no_value_of_the_answer() -> None:
    with pytest.raises(RasaException) as refused:
        remote_action.validate_answer(RemoteAction("a", None), {"events": "Xiomara said so"})
    assert "Xiomara" not in str(refused.value)


def test_the_compiled_validator_judges_as_rasas_own_schema() -> None:
    from jsonschema import Draft7Validator

    schema = Draft7Validator(RemoteAction.action_response_format_spec())
    answers: list[Any] = [
        {}, {"events": [], "responses": []}, {"events": [{"event": "slot", "name": "a", "value": 1}]},
        {"events": [{"name": "a"}]}, {"responses": ["hi"]}, {"responses": [{}]}, {"events": None},
        *({"events": [{"event": "slot", "timestamp": at, "name": name, "value": value}]}
          for at in (None, 1.5, "now") for name in ("a", 1, None) for value in (None, "b", [1], {"c": 2})),
        {"events": [{"event": "slot", "timestamp": None, "name": "a", "value": 1}, {"event": 3}]},
        {"events": [{"event": "slot", "timestamp": None, "name": "a", "value": 1, "more": 2}]}, {"responses": {}},
    ]  # fmt: skip
    for answer in answers:
        try:
            accepted = remote_action.validate_answer(RemoteAction("a", None), answer)
        except RasaException:
            accepted = False
        assert accepted == schema.is_valid(answer), answer


def test_an_action_has_ten_seconds() -> None:
    assert rasa_action.DEFAULT_REQUEST_TIMEOUT == 10
