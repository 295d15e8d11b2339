"""Speaks with the engine: sends a turn, gets the replies and the receipt back.

No receipt, no success: an engine that answers while the action server is down would thank the parent for answers that were
never saved (seen with plain Rasa).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import httpx

from intake.usecases.taking import EngineTurn

TURN_SECONDS = 15.0  # longer than the engine's own limit of 10 s for an action, so that its answer is heard
PARSE_SECONDS = 5.0


class EngineUnavailable(Exception):
    """The turn was not taken: engine down, action server down, or no receipt. ``reason`` holds no words of the parent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """The engine's answer to a turn: the ``texts`` to say, the ``receipt``, what was ``understood``."""

    texts: tuple[str, ...]
    receipt: dict[str, Any]
    understood: dict[str, Any]


class Engine:
    """One or several engines; any of them can take any turn."""

    def __init__(self, urls: list[str], turn_seconds: float = TURN_SECONDS) -> None:
        self._engines = len(urls)
        self._urls = itertools.cycle(urls)
        self._turn_seconds = turn_seconds
        # A proxy in the environment must not come between the worker and an engine on loopback.
        self._client = httpx.Client(trust_env=False)

    def take_turn(self, turn: EngineTurn) -> Answer:
        """Sends ``turn``; raises EngineUnavailable unless it comes back with its own receipt."""
        body = {"conversation": turn.conversation, "message_id": str(turn.message_id), "text": turn.text,
                "context": turn.context}
        answer = self._post("/webhooks/turn/webhook", body, self._turn_seconds)
        receipt = answer.get("receipt")
        if not isinstance(receipt, dict) or receipt.get("receipt") != str(turn.message_id):
            raise EngineUnavailable("the turn came back without its receipt")
        texts = tuple(reply["text"] for reply in answer.get("replies") or () if reply.get("text"))
        return Answer(texts, receipt, answer.get("understood") or {})

    def parse(self, text: str, context: dict[str, Any]) -> dict[str, Any]:
        """What the engine understands of ``text``: intent, confidence, entities. Raises EngineUnavailable."""
        return self._post("/webhooks/turn/parse", {"text": text, "context": context}, PARSE_SECONDS)

    def _post(self, path: str, body: dict[str, Any], seconds: float) -> dict[str, Any]:
        try:
            response = self._ask_one_that_is_up(path, body, seconds)
            response.raise_for_status()
            answer = response.json()
        except (httpx.HTTPError, ValueError) as error:
            raise EngineUnavailable(f"{path}: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise EngineUnavailable(f"{path}: the answer is no JSON object")
        return answer

    def _ask_one_that_is_up(self, path: str, body: dict[str, Any], seconds: float) -> httpx.Response:
        """The answer of the engine whose turn it is, or of the next one where nobody is at home. Raises httpx.HTTPError."""
        for _ in range(self._engines - 1):
            try:
                return self._client.post(next(self._urls) + path, json=body, timeout=seconds)
            except httpx.ConnectError:  # not asked at all, so another may be asked at once
                continue
        return self._client.post(next(self._urls) + path, json=body, timeout=seconds)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
