"""A later answer corrects an earlier one: "actually he does point", "no, I meant not yet", "wrong birthday"."""

from __future__ import annotations

from intake.rules.corrections import FACTS, item_meant, kind_meant
from intake.rules.interview import FIXED, NO, Expects, Kind, previous_question, questions
from intake.rules.triage import AnswerValue
from intake.usecases.about_child import Birth, tell_birth_date
from intake.usecases.flags import refresh_flags
from intake.usecases.milestones import answer_milestone
from intake.usecases.ready_answers import relation_reader
from intake.usecases.scene import Scene
from intake.usecases.somebody_else import correct_relation

_FOLLOW_UPS = frozenset({"which", "weeks"})


def correct(scene: Scene, reply: str | None, birth: Birth | None = None) -> Expects | None:
    """Finds the answer that is meant and changes it, or asks that question again when no new value was told.

    The item named in the message wins over the last one answered. What was said before is kept as replaced.
    """
    situation = scene.situation()
    now = scene.turn.expects
    told = relation_reader(scene.content).says_of_oneself(scene.turn.text)
    if told is not None and scene.answers().get(Kind.RELATION) not in (None, told.code):
        return correct_relation(scene, told)
    if now is not None and now.reading is not None and _item_meant(scene) in (None, now.milestone):
        # "No, I meant sometimes" to a read-back speaks of the answer that is read back, not of the one before it.
        return answer_milestone(scene, reply or NO)
    if birth is not None or kind_meant(scene.turn.text, FACTS) is Kind.BIRTH_DATE:
        return _correct_birth(scene, birth)
    item = _item_meant(scene)
    if item is not None:
        return _change(scene, item, reply)
    fact = kind_meant(scene.turn.text, FACTS)
    return reopen(scene, Expects(fact)) if fact is not None and fact in situation.answers else _correct_previous(scene, reply)


def _item_meant(scene: Scene) -> str | None:
    """The milestone that the words name, of all in the list: one not asked yet must not pass for one that was."""
    situation = scene.situation()
    words = {item: _words_of(scene, item) for item in situation.checklist}
    answered = {item: words[item] for item in situation.checklist if item in situation.answers}
    named = item_meant(scene.turn.text, words)
    return named or item_meant(scene.turn.text, answered)


def _correct_birth(scene: Scene, birth: Birth | None) -> Expects | None:
    if birth is None or (birth.dob is None and birth.months is None):
        return reopen(scene, Expects(Kind.BIRTH_DATE))
    scene.say("changed")
    return tell_birth_date(scene, birth)


def correct_named(scene: Scene, reply: str | None) -> Expects | None:
    """At the read-back: changes the answer that the words name; asks which one when they name none."""
    situation = scene.situation()
    item = item_meant(scene.turn.text, {item: _words_of(scene, item) for item in situation.checklist})
    if item is None:
        scene.say("which_to_change")
        return Expects(Kind.CONFIRM_ANSWERS, "which")
    return _change(scene, item, reply)


def _correct_previous(scene: Scene, reply: str | None) -> Expects | None:
    now = scene.turn.expects
    if now is not None and now.id in _FOLLOW_UPS:  # "no wait, I meant no": the answer that led to this follow-up
        return reopen(scene, Expects(now.kind))
    if now is not None and now.id is not None and _was_reopened(scene, now):
        return _change(scene, now.id, reply)
    before = previous_question(scene.situation(), scene.turn.expects)
    if before is None:
        return None
    if before.kind is Kind.MILESTONE and before.id is not None:
        return _change(scene, before.id, reply)
    return reopen(scene, before)


def _was_reopened(scene: Scene, now: Expects) -> bool:
    """Whether the open milestone is asked once more: a later one of the list has been answered."""
    situation = scene.situation()
    if now.kind is not Kind.MILESTONE or now.id not in situation.checklist:
        return False
    later = situation.checklist[situation.checklist.index(now.id) + 1:]
    return any(item in situation.answers for item in later)


def _change(scene: Scene, item: str, reply: str | None) -> Expects | None:
    if reply not in {value.value for value in AnswerValue}:
        return reopen(scene, Expects(Kind.MILESTONE, item))
    assert reply is not None
    scene.answer(item, reply)
    refresh_flags(scene)
    label = scene.content.questions.question(item).label.in_language(scene.turn.language)
    scene.say(f"corrected_{reply}", label=label)
    return None


def change_named(scene: Scene, item: str) -> Expects | None:
    """Asks the question of ``item`` again, which was picked from the list of answers; the open one when it has no answer."""
    asked = next((question for question in questions(scene.situation()) if question.item == item), None)
    if asked is None or asked.kind in FIXED or item not in scene.answers():
        return None
    return reopen(scene, asked)


def reopen(scene: Scene, expects: Expects) -> Expects:
    """Asks an earlier question again."""
    if expects.item in scene.answers():
        scene.withdraw(expects.item)
        refresh_flags(scene)
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
