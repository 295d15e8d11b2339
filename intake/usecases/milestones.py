"""The answers to the checklist of milestones, one at a time."""

from __future__ import annotations

from intake.rules.concerns import ConcernDomain
from intake.rules.interview import YES, Expects, Kind
from intake.rules.triage import AnswerValue
from intake.usecases.asking import child_name
from intake.usecases.flags import refresh_flags
from intake.usecases.outcome import Line
from intake.usecases.scene import Scene

LOST_SKILL = "lost_skill"


def answer_milestone(scene: Scene, reply: str) -> Expects | None:
    """Keeps yes, sometimes, not yet, not sure or skip for the open milestone; "not any more" is not yet and a lost skill."""
    item = _open_item(scene)
    if item is None:
        return None
    if reply == LOST_SKILL:
        _lost(scene, item)
    else:
        scene.answer(item, AnswerValue(reply).value)
    refresh_flags(scene)
    return None


def _lost(scene: Scene, item: str) -> None:
    scene.answer(item, AnswerValue.NOT_YET.value)
    if scene.answers().get(Kind.LOST_SKILLS) != YES:
        scene.answer(Kind.LOST_SKILLS, YES)
        scene.say("lost_skill_call_doctor")
    scene.note_concerns([ConcernDomain.REGRESSION.value], scene.turn.text)


def give_example(scene: Scene) -> Expects | None:
    """What the open milestone question means, by an example; for other questions, why they are asked."""
    expects = scene.turn.expects
    if expects is None or expects.kind is not Kind.MILESTONE or expects.id is None:
        scene.say(f"why_{expects.kind.value}" if expects is not None else "faq_what_is_this")
        return expects if expects is not None and expects.id else None
    question = scene.content.questions.question(expects.id)
    example = question.example.in_language(scene.turn.language).format(child=child_name(scene))
    scene.before.append(Line("example", {"example": example}))
    return expects


def _open_item(scene: Scene) -> str | None:
    expects = scene.turn.expects
    if expects is None or expects.kind is not Kind.MILESTONE:
        return None
    return expects.id
