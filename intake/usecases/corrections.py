"""A later answer corrects an earlier one: "actually he does point", "no, I meant not yet", "wrong birthday"."""

from __future__ import annotations

from intake.rules.corrections import item_meant
from intake.rules.interview import Expects, Kind, previous_question
from intake.rules.triage import AnswerValue
from intake.usecases.flags import refresh_flags
from intake.usecases.scene import Scene


def correct(scene: Scene, reply: str | None) -> Expects | None:
    """Finds the answer that is meant and changes it, or asks that question again when no new value was told.

    The item named in the message wins over the last one answered. What was said before is kept as replaced.
    """
    situation = scene.situation()
    labels = {item: _words_of(scene, item) for item in situation.checklist if item in situation.answers}
    item = item_meant(scene.turn.text, labels)
    if item is None:
        return _correct_previous(scene, reply)
    return _change(scene, item, reply)


def correct_named(scene: Scene, reply: str | None) -> Expects | None:
    """At the read-back: changes the answer that the words name; asks which one when they name none."""
    situation = scene.situation()
    item = item_meant(scene.turn.text, {item: _words_of(scene, item) for item in situation.checklist})
    if item is None:
        scene.say("which_to_change")
        return Expects(Kind.CONFIRM_ANSWERS, "which")
    return _change(scene, item, reply)


def _correct_previous(scene: Scene, reply: str | None) -> Expects | None:
    before = previous_question(scene.situation(), scene.turn.expects)
    if before is None:
        return None
    if before.kind is Kind.MILESTONE and before.id is not None:
        return _change(scene, before.id, reply)
    return reopen(scene, before)


def _change(scene: Scene, item: str, reply: str | None) -> Expects | None:
    if reply not in {value.value for value in AnswerValue}:
        return reopen(scene, Expects(Kind.MILESTONE, item))
    assert reply is not None
    scene.answer(item, reply)
    refresh_flags(scene)
    label = scene.content.questions.question(item).label.in_language(scene.turn.language)
    scene.say(f"corrected_{reply}", label=label)
    return None


def reopen(scene: Scene, expects: Expects) -> Expects:
    """Asks an earlier question again."""
    if expects.item in scene.answers():
        scene.withdraw(expects.item)
    scene.say("ask_again")
    return expects


def go_back(scene: Scene) -> Expects | None:
    """One question back; at the first question there is nothing to go back to."""
    before = previous_question(scene.situation(), scene.turn.expects)
    if before is None or before.kind is Kind.CONSENT:
        scene.say("nothing_before")
        return None
    return reopen(scene, before)


def _words_of(scene: Scene, item: str) -> str:
    question = scene.content.questions.question(item)
    return f"{question.label.en} {question.label.es} {question.question.en} {question.question.es}"
