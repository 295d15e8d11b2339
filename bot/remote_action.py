"""The one change to Rasa itself: how it calls the action server.

Rasa 3.6 checks the JSON schema of every answer with `jsonschema.validate`, which first validates the schema
against its meta-schema and then walks the answer, on every call; that took half of a turn when profiled.
The same schema is compiled once here. Rasa also waits up to 300 seconds for an action and tells nobody that
an action failed; here an action has 10 seconds, and a failure is noted on the turn, so that a receipt of a
turn that partly failed is never passed on.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import fastjsonschema
import rasa.core.actions.action as rasa_action
from rasa.core.actions.action import RemoteAction
from rasa.shared.exceptions import RasaException

from bot.turn_context import CURRENT_TURN

# A parent waits for this call, and the turn is taken again when it fails; a slower answer helps nobody.
ACTION_TIME_LIMIT_SECONDS = 10

_rasa_run = RemoteAction.run


@lru_cache(maxsize=1)
def _answer_validator() -> Callable[[Any], Any]:
    return fastjsonschema.compile(RemoteAction.action_response_format_spec())


def validate_answer(_action: RemoteAction, result: dict[str, Any]) -> bool:
    """True for an answer in the agreed form. Raises RasaException, without the answer's values, otherwise."""
    if _is_plain(result):
        return True
    try:
        _answer_validator()(result)
    except fastjsonschema.JsonSchemaValueException as error:
        raise RasaException(f"The action server's answer breaks its schema at {error.path}") from None
    return True


def _is_plain(result: Any) -> bool:
    """Whether the answer only sets slots and says something, as nearly all of ours do; told in a hundredth of the time.

    The schema tries one kind of event after another for each event, which took a seventh of a turn when profiled.
    """
    if not isinstance(result, dict):
        return False
    events, responses = result.get("events", []), result.get("responses", [])
    return (
        isinstance(events, list)
        and isinstance(responses, list)
        and all(isinstance(response, dict) for response in responses)
        and all(_sets_a_slot(event) for event in events)
    )


def _sets_a_slot(event: Any) -> bool:
    return (
        isinstance(event, dict)
        and event.keys() == {"event", "timestamp", "name", "value"}
        and event["event"] == "slot"
        and event["timestamp"] is None
        and isinstance(event["name"], str)
    )


async def run_and_note_failure(action: RemoteAction, *args: Any, **kwargs: Any) -> Any:
    """Run the action as Rasa does, and note on the turn when it failed. Raises what Rasa raises."""
    try:
        return await _rasa_run(action, *args, **kwargs)
    except Exception:
        turn = CURRENT_TURN.get()
        if turn is not None:
            turn.action_failed = True
        raise


def apply() -> None:
    """Put the compiled validator, the time limit and the note of failure in place. Safe to call twice."""
    RemoteAction._validate_action_result = validate_answer
    RemoteAction.run = run_and_note_failure
    rasa_action.DEFAULT_REQUEST_TIMEOUT = ACTION_TIME_LIMIT_SECONDS
    _answer_validator()
