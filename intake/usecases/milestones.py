"""The answers to the checklist of milestones, one at a time."""

from __future__ import annotations

from intake.rules.concerns import ConcernDomain
from intake.rules.interview import NO, YES, Expects, Kind
from intake.rules.triage import AnswerValue
from intake.usecases.asking import child_name, why
from intake.usecases.asking_again import answered_again, watch
from intake.usecases.flags import refresh_flags
from intake.usecases.outcome import Line
from intake.usecases.scene import Scene

LOST_SKILL = "lost_skill"


def answer_milestone(scene: Scene, reply: str, *, sure: bool = True) -> Expects | None:
    """Keeps yes, sometimes, not yet, not sure or skip for the open milestone; "not any more" is not yet and a lost skill.

    An answer that was not ``sure`` to be understood is kept only after the family was asked whether it was meant so. A second
    one of that kind is asked for plainly, with the answers one can give: nobody is read back twice in a row.
    """
    expects = scene.turn.expects
    if expects is None or expects.milestone is None:
        return None
    if expects.reading is not None:
        return _read_back_answered(scene, expects, expects.reading, reply, sure)
    if not sure:
        return expects.read_back(reply)
    return _keep(scene, expects.milestone, reply, scene.turn.text)


def _read_back_answered(scene: Scene, expects: Expects, reading: str, reply: str, sure: bool) -> Expects | None:
    item = expects.item
    if reply == YES and sure:
        return _keep(scene, item, reading, scene.words_before())
    picked_a_number = scene.turn.text.strip().rstrip(".)").isdigit()  # "2" may be "no" or the second of five answers
    if reply == NO or not sure or picked_a_number:
        scene.say("not_understood_milestone")
        return Expects(Kind.MILESTONE, item)
    return _keep(scene, item, reply, scene.turn.text)


def _keep(scene: Scene, item: str, reply: str, words: str) -> Expects | None:
    """Keeps the answer; the next milestone that was brought up with this one, where it was (``asking_again``)."""
    if reply == LOST_SKILL:
        _lost(scene, item, words)
    else:
        scene.answer(item, AnswerValue(reply).value, own_words=words)
    refresh_flags(scene)
    together = answered_again(scene, item, reply)
    if reply == AnswerValue.NOT_SURE:
        watch(scene, item)
    return together


def _lost(scene: Scene, item: str, words: str) -> None:
    scene.answer(item, AnswerValue.NOT_YET.value, own_words=words)
    if scene.answers().get(Kind.LOST_SKILLS) != YES:
        scene.answer(Kind.LOST_SKILLS, YES, own_words=words)
        scene.say("lost_skill_call_doctor")
    scene.note_concerns([ConcernDomain.REGRESSION.value], words)


def give_example(scene: Scene) -> Expects | None:
    """What the open milestone question means, by an example; for other questions, why they are asked."""
    expects = scene.turn.expects
    if expects is None or expects.milestone is None:
        scene.before.append(why(expects) if expects is not None else Line("faq_what_is_this"))
        return expects if expects is not None and expects.id else None
    question = scene.content.questions.question(expects.milestone)
    example = question.example.in_language(scene.turn.language).format(child=child_name(scene))
    scene.before.append(Line("example", {"example": example}))
    return Expects(Kind.MILESTONE, expects.milestone)
