"""The peer's custom actions, served by rasa-sdk's own server: the form's check of answers, and taking one back.

An ordinary bot keeps its answers in slots; there is no database behind these.
"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

QUESTIONS = ("points", "names_things", "two_words", "follows_request", "pretends", "runs", "kicks_ball",
             "eats_with_spoon")


class ValidateMilestonesForm(FormValidationAction):  # type: ignore[misc]
    """Called on every turn of the form, as Rasa does where a form has a validator."""

    def name(self) -> str:
        return "validate_milestones_form"


class ActionTakeBack(Action):  # type: ignore[misc]
    """Empties the slot answered last, so that the form asks for it again."""

    def name(self) -> str:
        return "action_take_back"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker,
            domain: dict[str, Any]) -> list[dict[str, Any]]:
        answered = [question for question in QUESTIONS if tracker.get_slot(question) is not None]
        return [SlotSet(answered[-1], None)] if answered else []
