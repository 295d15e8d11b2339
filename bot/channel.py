"""The turn channel: the one way a message reaches the engine and its answer leaves it.

    POST /webhooks/turn/webhook   {"conversation", "message_id", "text", "context"}
        -> {"replies": [{"text": ...}], "receipt": {...} | null, "understood": {...}}
    POST /webhooks/turn/parse     {"text", "context"} -> {"intent", "confidence", "entities"}
    GET  /webhooks/turn/health    200 when a model is loaded and can read a message

`context` is {"language", "channel", "child_name", "expects": {"kind", "id"} | null, "today", "change"?, "picked"?,
"read_as"?}. The engine keeps nothing of a turn: the same request may be sent to any engine, any number of times. `receipt` is the
last custom payload of the turn, and null when an action failed, whatever the others answered.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import remote_action
from bot.log_privacy import keep_messages_out_of_logs
from bot.turn_context import CURRENT_TURN, MalformedTurn, TurnContext, read_turn_context, required_text

logger = logging.getLogger(__name__)

remote_action.apply()
keep_messages_out_of_logs()

# The forms Rasa takes for commands: "/intent", "/intent{...}", "/intent@0.9", "/intent/response".
COMMAND_FORM = re.compile(r"^[\s/]*/\s*(\S+$|\w+\s*[{@])")
HEALTH_TEXT = "hello"
HEALTH_CONTEXT = TurnContext("health", "health", "en", "web", None, "none", None, "2026-01-01")

OnNewMessage = Callable[[UserMessage], Awaitable[Any]]
Handler = Callable[[Request], Awaitable[HTTPResponse]]


class TurnInput(InputChannel):
    """Takes turns over HTTP; see the module's docstring for the routes."""

    @classmethod
    def name(cls) -> str:
        """The channel's name, which is also its place under /webhooks/."""
        return "turn"

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """The three routes, as Sanic takes them."""
        turns = Blueprint("turn_webhook")

        async def take(request: Request) -> HTTPResponse:
            return response.json(
                await take_turn(request.app.ctx.agent, on_new_message, _json_object(request))
            )

        async def parse(request: Request) -> HTTPResponse:
            return response.json(await parse_only(request.app.ctx.agent, _json_object(request)))

        async def health(request: Request) -> HTTPResponse:
            await understand(request.app.ctx.agent, HEALTH_TEXT, HEALTH_CONTEXT)
            return response.json({"status": "ready"})

        turns.add_route(_answering(take), "/webhook", methods=["POST"], name="take")
        turns.add_route(_answering(parse), "/parse", methods=["POST"], name="parse")
        turns.add_route(_answering(health, otherwise=503), "/health", methods=["GET"], name="health")
        return turns


async def take_turn(agent: Any, on_new_message: OnNewMessage, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Understand one message, run what follows from it, and collect what is to be said.

    Raises MalformedTurn for a request that is not a turn, RuntimeError when the turn lost its context.
    """
    message_id = _required_id(payload, "message_id")
    turn = read_turn_context(payload, _required_id(payload, "conversation"), message_id)
    text = _well_formed(required_text(payload, "text"))
    token = CURRENT_TURN.set(turn)
    try:
        parse_data = read_already(text, turn) or await understand(agent, text, turn)
        output = CollectingOutputChannel()
        await on_new_message(
            UserMessage(text, output, message_id, parse_data, TurnInput.name(), message_id, turn.slots())
        )
    finally:
        CURRENT_TURN.reset(token)
    if not turn.tracker_built:
        raise RuntimeError("the turn was taken without its context")
    return {**_spoken(output.messages, turn), "understood": _understood(parse_data)}


async def parse_only(agent: Any, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Understand one message and do nothing about it. Raises MalformedTurn."""
    turn = read_turn_context(payload, "parse", "parse")
    text = _well_formed(required_text(payload, "text"))
    return _understood(read_already(text, turn) or await understand(agent, text, turn))


async def understand(agent: Any, text: str, turn: TurnContext) -> dict[str, Any]:
    """Rasa's parse of a text with the turn in view; spans count from the text's first printing character.

    A text that starts with "/" would be executed by Rasa as a command with full confidence. One in the form
    of a command is out of scope; any other is read without its slashes.
    """
    stripped = text.strip()
    if COMMAND_FORM.match(stripped):
        return {"text": stripped, "intent": {"name": "out_of_scope", "confidence": 1.0}, "entities": []}
    readable = stripped.lstrip("/ \t\r\n")
    message = UserMessage(readable, sender_id=turn.message_id, metadata=turn.slots())
    parse_data: dict[str, Any] = await agent.processor.parse_message(message)
    _shift(parse_data["entities"], len(stripped) - len(readable))
    return {**parse_data, "text": stripped}


def read_already(text: str, turn: TurnContext) -> dict[str, Any] | None:
    """What a tap says, on an answer in the list of answers or on a ready answer, and what was read before the engine was asked;
    None for what has to be read."""
    if turn.change:
        named = {"entity": "item_to_change", "value": turn.change}
        return {"text": text, "intent": {"name": "correct_previous", "confidence": 1.0}, "entities": [named]}
    if turn.read_as:
        return {"text": text, "intent": {"name": turn.read_as, "confidence": 1.0}, "entities": []}
    if turn.picked:
        return {"text": text, "intent": {"name": "inform", "confidence": 1.0}, "entities": []}
    return None


def _shift(entities: list[dict[str, Any]], by: int) -> None:
    for entity in entities:
        if by and "start" in entity:
            entity["start"] += by
            entity["end"] += by


def _spoken(messages: list[dict[str, Any]], turn: TurnContext) -> dict[str, Any]:
    receipts = [message["custom"] for message in messages if "custom" in message]
    return {
        "replies": [{"text": message["text"]} for message in messages if message.get("text")],
        "receipt": receipts[-1] if receipts and not turn.action_failed else None,
    }


def _understood(parse_data: Mapping[str, Any]) -> dict[str, Any]:
    kept = ("entity", "value", "start", "end")
    return {
        "intent": parse_data["intent"]["name"],
        "confidence": round(float(parse_data["intent"]["confidence"]), 4),
        "entities": [
            {key: entity[key] for key in kept if key in entity} for entity in parse_data["entities"]
        ],
    }


def _json_object(request: Request) -> Mapping[str, Any]:
    try:
        payload = json.loads(request.body)
    except (ValueError, RecursionError):
        raise MalformedTurn("the body is not JSON") from None
    if not isinstance(payload, dict):
        raise MalformedTurn("the body is not a JSON object")
    return payload


def _required_id(payload: Mapping[str, Any], field: str) -> str:
    value = required_text(payload, field)
    if not value.strip():
        raise MalformedTurn(f"{field} is empty")
    return value


def _well_formed(text: str) -> str:
    # JSON can carry half of a surrogate pair, which no tokenizer and no encoder takes.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", " ")


def _answering(handle: Handler, otherwise: int = 500) -> Handler:
    """The handler, with failures as answers that repeat nothing of the request."""

    async def answer(request: Request) -> HTTPResponse:
        agent = getattr(request.app.ctx, "agent", None)
        if agent is None or not agent.is_ready():
            return response.json({"error": "no model is loaded"}, status=503)
        try:
            return await handle(request)
        except MalformedTurn as fault:
            return response.json({"error": str(fault)}, status=400)
        except Exception as error:
            logger.error("A turn could not be taken", exc_info=error)
            return response.json({"error": "the turn could not be taken"}, status=otherwise)

    return answer
