"""Worries in own words, several at once, and what is said to be fine."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from bot.components.concern_reader import ConcernReader, find_concerns, states_worry
from bot.components.reader import OpenQuestion

LANGUAGE, MOVEMENT, SLEEP, FEEDING = "language_communication", "movement_physical", "sleep", "feeding_eating"


@pytest.mark.parametrize(
    ("text", "worries", "fine"),
    [
        ("talks great, but won't walk", {MOVEMENT}, {LANGUAGE}),
        ("no habla", {LANGUAGE}, set()),
        ("habla muy bien", set(), {LANGUAGE}),
        ("no problems with sleep", set(), {SLEEP}),
        ("no habla but he understands todo", {LANGUAGE}, set()),
        ("doesn't talk well", {LANGUAGE}, set()),
        ("he wont eat or sleep", {FEEDING, SLEEP}, set()),
        ("no habla ni camina", {LANGUAGE, MOVEMENT}, set()),
        ("walks and talks fine but doesn't sleep", {SLEEP}, {MOVEMENT, LANGUAGE}),
        ("come bien, duerme bien, pero no hace caso", {"behavior"}, {FEEDING, SLEEP}),
        ("no tiene berrinches, pero no come", {FEEDING}, {"behavior"}),
        ("no me preocupa el sueño, me preocupa que no camina", {MOVEMENT}, {SLEEP}),
        ("tantrums, biting, won't sleep", {"behavior", SLEEP}, set()),
        ("his speech", {LANGUAGE}, set()),
        ("he used to say mama but not anymore", {LANGUAGE, "regression"}, set()),
        ("is lead in the walls a thing", {"housing_lead"}, set()),
        ("could it be autism", {"autism_question"}, set()),
        ("my landlord wont fix the heat and my son has asthma", {"housing_lead", "asthma_breathing"}, set()),
        ("I'm overwhelmed and need diapers", {"family_support"}, set()),
        ("not potty trained", {"toileting"}, set()),
        ("se tapa los oídos con los ruidos", {"sensory"}, set()),
        ("creo que no oye bien", {"hearing_vision"}, set()),
        ("everything is fine", set(), set()),
    ],
)
def test_worries_and_what_is_fine_are_told_apart(text: str, worries: set[str], fine: set[str]) -> None:
    found = find_concerns(text, asked=True)
    assert (set(found.worries), set(found.fine)) == (worries, fine)


def _entities(text: str, kind: str) -> list[tuple[str, str]]:
    message = Message(
        {"text": text, "metadata": {"expects_kind": kind, "language": "en", "today": "2026-11-22"}}
    )
    ConcernReader().process([message])
    return [(entity["entity"], entity["value"]) for entity in message.get("entities", [])]


def test_a_message_carries_an_entity_per_domain() -> None:
    assert _entities("talks great, but won't walk", "worry") == [("concern", MOVEMENT), ("fine", LANGUAGE)]


def test_an_answer_to_a_milestone_is_no_worry_unless_it_says_so() -> None:
    assert _entities("no he doesn't walk", "milestone") == []
    assert _entities("no and I'm worried he doesn't talk", "milestone") == [("concern", LANGUAGE)]


def test_a_name_is_never_a_worry() -> None:
    assert _entities("Walker Worryman does not sleep", "child_name") == []


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.booleans())
def test_no_text_raises_and_nothing_is_both_a_worry_and_fine(text: str, asked: bool) -> None:
    found = find_concerns(text, asked)
    assert not set(found.worries) & set(found.fine)


@pytest.mark.parametrize("kind", ["birth_date", "relation", "place", "phone", "consent", "insurance", "best_time"])
@pytest.mark.parametrize("text", ["she stopped talking", "ya no dice mamá ni agua como antes", "he lost his words last month"])
def test_a_lost_skill_is_heard_whatever_was_asked(text: str, kind: str) -> None:
    assert states_worry(text, OpenQuestion(kind, "en", date(2026, 11, 22)))
    assert "regression" in find_concerns(text, asked=False).worries


def test_turning_when_called_is_no_worry_about_moving() -> None:
    assert "movement_physical" not in find_concerns("no voltea cuando la llamo", asked=True).worries
