"""The context a turn arrives with: the language, the open question, the child's first name, today's date.

The engine keeps no conversation, so whoever sends a message also sends what is needed to read it. While the
turn is being taken its context stands in a context variable, where the tracker store, the readers of replies
and the action calls find it; it is gone when the turn is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

LANGUAGES = ("en", "es")
CHANNELS = ("sms", "web")
NOTHING_EXPECTED = "none"
EXPECTED_KINDS = (
    "consent", "relation", "child_name", "birth_date", "early_birth", "worry", "lost_skills", "milestone",
    "confirm_answers", "contact_consent", "contact_name", "phone", "place", "best_time", "doctor",
    "insurance", "heard_from", "race_ethnicity", "needs_met", "free", NOTHING_EXPECTED,
)  # fmt: skip


class MalformedTurn(ValueError):
    """A request that is not a turn. Its message names the field and never repeats what was written in it."""


@dataclass
class TurnContext:
    """One turn's context, and what the engine notes about the turn while it is being taken.

    ``change`` is the answer that a tap on the list of answers asks to change; such a turn is not read, for nobody wrote it.
    ``picked``: the text is one of the answers offered with the question, word for word, and there is nothing to be guessed.
    ``read_as``: the reply that the rules before the engine have read already.
    """

    conversation: str
    message_id: str
    language: str
    channel: str
    child_name: str | None
    expects_kind: str
    expects_id: str | None
    today: str
    change: str | None = None
    picked: bool = False
    read_as: str | None = None
    tracker_built: bool = False
    action_failed: bool = False

    def slots(self) -> dict[str, Any]:
        """Slot values a fresh tracker starts with; also the metadata a message's readers are given."""
        return {
            "language": self.language,
            "channel": self.channel,
            "child_name": self.child_name,
            "expects_kind": self.expects_kind,
            "expects_id": self.expects_id,
            "conversation": self.conversation,
            "message_id": self.message_id,
            "today": self.today,
        }


CURRENT_TURN: ContextVar[TurnContext | None] = ContextVar("growline_turn", default=None)
# Without a turn (`rasa shell`) the slots of the conversation Rasa retrieved last stand for its context.
STORED_SLOTS: ContextVar[Mapping[str, Any] | None] = ContextVar("growline_stored_slots", default=None)


def read_turn_context(payload: Mapping[str, Any], conversation: str, message_id: str) -> TurnContext:
    """Check the `context` object of a request and give it back as a value.

    Raises MalformedTurn, naming the field at fault.
    """
    context = _object(payload, "context")
    expects_kind, expects_id = _expected(context.get("expects"))
    return TurnContext(
        conversation=conversation,
        message_id=message_id,
        language=_one_of(context, "language", LANGUAGES),
        channel=_one_of(context, "channel", CHANNELS),
        child_name=_optional_text(context.get("child_name"), "context.child_name"),
        expects_kind=expects_kind,
        expects_id=expects_id,
        today=_iso_date(context.get("today")),
        change=_optional_text(context.get("change"), "context.change"),
        picked=context.get("picked") is True,
        read_as=_optional_text(context.get("read_as"), "context.read_as"),
    )


def required_text(payload: Mapping[str, Any], field: str) -> str:
    """The text in `field`, which may be empty but not missing. Raises MalformedTurn."""
    value = payload.get(field)
    if not isinstance(value, str):
        raise MalformedTurn(f"{field} is missing or is not text")
    return value


def _object(payload: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = payload.get(field)
    if not isinstance(value, Mapping):
        raise MalformedTurn(f"{field} is missing or is not an object")
    return value


def _one_of(context: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> str:
    value = context.get(field)
    if value not in allowed:
        raise MalformedTurn(f"context.{field} must be one of {', '.join(allowed)}")
    return str(value)


def _optional_text(value: Any, field: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise MalformedTurn(f"{field} must be text or null")
    return value


def _expected(expects: Any) -> tuple[str, str | None]:
    if expects is None:
        return NOTHING_EXPECTED, None
    if not isinstance(expects, Mapping) or expects.get("kind") not in EXPECTED_KINDS:
        raise MalformedTurn("context.expects must be null or an object with a known kind")
    return str(expects["kind"]), _optional_text(expects.get("id"), "context.expects.id")


def _iso_date(value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise MalformedTurn("context.today must be a date written YYYY-MM-DD") from None
