"""What every reader of messages shares: the open question, and the way Rasa runs a component.

A reader is given the question the family was asked last, in the message's metadata (the turn channel puts it
there), because "3" is an answer to one question and a doubt about another.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from ruamel.yaml import YAML

from bot.turn_context import CURRENT_TURN, NOTHING_EXPECTED, STORED_SLOTS

LEXICON = Path(__file__).parent / "lexicon"


@dataclass(frozen=True)
class OpenQuestion:
    """What was asked last, and in which language and on which day the answer is read."""

    kind: str = NOTHING_EXPECTED
    language: str = "en"
    today: date = date(2026, 1, 1)
    child_name: str | None = None
    id: str | None = None


def open_question(message: Message) -> OpenQuestion:
    """The open question: from the message's metadata, else from the turn or conversation at hand."""
    context = message.get("metadata") or {}
    if "expects_kind" not in context:
        turn = CURRENT_TURN.get()
        context = turn.slots() if turn else STORED_SLOTS.get() or {}
    return OpenQuestion(
        kind=context.get("expects_kind") or NOTHING_EXPECTED,
        language=context.get("language") or "en",
        today=_day(context.get("today")),
        child_name=context.get("child_name"),
        id=context.get("expects_id"),
    )


def _day(written: Any) -> date:
    return date.fromisoformat(written) if written else date.today()


def read_lexicon(name: str) -> dict[str, Any]:
    """The word lists of one reader, from its YAML file."""
    content: dict[str, Any] = YAML(typ="safe").load((LEXICON / name).read_text(encoding="utf-8"))
    return content


def add_entities(message: Message, found: list[dict[str, Any]], extractor: str) -> None:
    """Put what a reader found beside what is already known about the message."""
    known = list(message.get(ENTITIES, []))
    message.set(
        ENTITIES, known + [{**entity, "extractor": extractor} for entity in found], add_to_output=True
    )


class MessageReader(GraphComponent):
    """A component that reads each message once and needs no training. Subclasses write `read`."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MessageReader:
        """Rasa's way to build a component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Read every message that has a text."""
        for message in messages:
            if isinstance(message.get(TEXT), str):
                self.read(message, open_question(message))
        return messages

    @abstractmethod
    def read(self, message: Message, question: OpenQuestion) -> None:
        """Add to the message what this reader finds in it."""
