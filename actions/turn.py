"""Between Rasa and a use case: reads the turn from the tracker, and says an outcome through the dispatcher."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar
from uuid import NAMESPACE_URL, UUID, uuid5

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from intake import failpoints
from intake.rules.interview import Expects, Kind
from intake.usecases import danger, interruptions, somebody_else, worry
from intake.usecases.outcome import Line, Outcome
from intake.usecases.receiving import receive_in_shell
from intake.usecases.scene import Scene, Turn
from intake.usecases.turns import Desk

Deed = Callable[[Scene], Expects | None]
NO_QUESTION = "none"
SURE = 0.85  # an answer understood with less is read back before it is kept (docs/understanding.md says why)
AGREEMENTS = frozenset({Kind.CONSENT, Kind.CONTACT_CONSENT, Kind.CONFIRM_ANSWERS, Kind.EARLY_BIRTH, Kind.NEEDS_MET})
REPLIES = frozenset({"yes", "sometimes", "not_yet", "not_sure"})
GRAVE_WISHES = frozenset({"go_back", "another_child", "delete_data"})
SHELL = "shell"  # Rasa's own shell: no gateway stored its message, and no turn context came with it


class NotReady(RuntimeError):
    """An action was called before the program gave it a desk."""


class StepAction(Action, ABC):  # type: ignore[misc]  # rasa-sdk carries no types
    """One step of the conversation. Subclasses name the step and choose the deed from what the engine understood."""

    desk: ClassVar[Desk | None] = None
    step: ClassVar[str] = ""
    keeps_worries: ClassVar[bool] = False
    """True where the deed itself keeps the worries it hears; for all other steps a worry told on the way is kept as well."""

    def name(self) -> str:
        return f"action_{self.step}"

    @abstractmethod
    def deed(self, heard: Heard) -> Deed:
        """The use case to call for ``heard``."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        if self.desk is None:
            raise NotReady("actions.turn.StepAction.desk is not set")
        heard = Heard(tracker)
        if heard.turn.channel == SHELL:
            await asyncio.to_thread(receive_in_shell, self.desk.store, public_id=heard.turn.conversation,
                                    message_id=heard.turn.message_id, text=heard.turn.text)
        deed = interruptions.not_understood if heard.is_doubtful else self.deed(heard)
        deed = somebody_else.heeding(deed)
        deed = deed if self.keeps_worries else worry.keeping(deed, heard.all("concern"))
        deed = danger.heeding(deed, heard.one("danger"), heard.all("concern"))
        outcome = await asyncio.to_thread(self.desk.take_step, heard.turn, self.step, deed)
        failpoints.reach("step_done")
        say(dispatcher, outcome, self.desk, heard.turn)
        return context_events(outcome)


class Heard:
    """What the engine understood of this turn: the ``turn`` itself, the ``intent`` and the entities."""

    def __init__(self, tracker: Tracker) -> None:
        message = tracker.latest_message
        self.intent: str = message.get("intent", {}).get("name") or "out_of_scope"
        self.sure: bool = float(message.get("intent", {}).get("confidence") or 0.0) >= SURE
        self._entities: list[dict[str, Any]] = message.get("entities") or []
        self.turn = _turn(tracker, message)

    @property
    def is_doubtful(self) -> bool:
        """Hardly understood, and not to be guessed: a yes or no to an agreement, or a wish that undoes or ends something."""
        expects = self.turn.expects
        agreement = expects is not None and expects.kind in AGREEMENTS and self.intent in REPLIES
        return not self.sure and (agreement or self.intent in GRAVE_WISHES)

    def all(self, entity: str) -> list[str]:
        """The values of every ``entity``, in order, each once."""
        return list(dict.fromkeys(e["value"] for e in self._entities if e["entity"] == entity))

    def one(self, entity: str) -> Any | None:
        """The value of the first ``entity``, or None."""
        return next((e["value"] for e in self._entities if e["entity"] == entity), None)

    @property
    def reply(self) -> str:
        """The reply word: that of a correction, else the intent."""
        return self.one("reply") or self.intent


def _turn(tracker: Tracker, message: dict[str, Any]) -> Turn:
    slots = tracker.slots
    kind = slots.get("expects_kind")
    expects = None if kind in (None, NO_QUESTION) else Expects(Kind(kind), slots.get("expects_id"))
    return Turn(
        conversation=slots.get("conversation") or tracker.sender_id,
        message_id=_message_id(slots.get("message_id") or message.get("message_id") or tracker.sender_id),
        text=message.get("text") or "",
        language="es" if slots.get("language") == "es" else "en",
        channel=slots.get("channel") or SHELL,
        expects=expects,
        today=date.fromisoformat(slots["today"]) if slots.get("today") else date.today(),
    )


def _message_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:  # Rasa's own shell makes ids that are no UUIDs
        return uuid5(NAMESPACE_URL, text)


def say(dispatcher: CollectingDispatcher, outcome: Outcome, desk: Desk, turn: Turn) -> None:
    """Utters every line by name, then the receipt as the last custom payload of the turn."""
    for line in outcome.lines:
        dispatcher.utter_message(response=f"utter_{line.name}", **_with_affiliate(line, outcome, desk))
    dispatcher.utter_message(json_message=receipt(outcome, turn))


def _with_affiliate(line: Line, outcome: Outcome, desk: Desk) -> dict[str, Any]:
    child = outcome.child_name or desk.content.messages.system("child_unnamed", outcome.language)
    return {**desk.content.named(outcome.language), "child": child, **line.variables}


def receipt(outcome: Outcome, turn: Turn) -> dict[str, Any]:
    """The proof that this turn was committed, with what is open next, the ready answers, how many lines ask, and how far the
    family is."""
    expects = outcome.expects
    return {
        "receipt": str(turn.message_id),
        "expects": None if expects is None else {"kind": expects.kind.value, "id": expects.id},
        "choices": [{"label": choice.label, "text": choice.text} for choice in outcome.choices],
        "asks": outcome.asks,
        "progress": None if outcome.progress is None else asdict(outcome.progress),
    }


def context_events(outcome: Outcome) -> list[dict[str, Any]]:
    """The context of the next turn as slot events, for Rasa's own tools, which keep an ordinary tracker.

    The turn ends here: the open question has changed, so the rule that led here no longer fits the slots and must not be
    asked what comes after.
    """
    expects = outcome.expects
    return [
        SlotSet("expects_kind", NO_QUESTION if expects is None else expects.kind.value),
        SlotSet("expects_id", None if expects is None else expects.id),
        SlotSet("language", outcome.language),
        SlotSet("child_name", outcome.child_name),
        FollowupAction("action_listen"),
    ]
