"""The end of a conversation: did the family get what they needed today? Asked of every family (indicator O4)."""

from __future__ import annotations

from intake.rules.interview import NEXT_CHECK, SKIP, Expects, Kind, next_question
from intake.rules.triage import Urgency
from intake.usecases.flags import raise_flag
from intake.usecases.ready_answers import pick_answer
from intake.usecases.scene import Scene


def tell_needs_met(scene: Scene, reply: str) -> Expects | None:
    """Keeps yes, partly or no; a "no" asks staff to look."""
    code = pick_answer(scene, Kind.NEEDS_MET) or {"yes": "yes", "sometimes": "partly", "not_yet": "no"}.get(reply)
    if code is None and reply != SKIP:
        scene.say("please_pick")
        return None
    scene.answer(Kind.NEEDS_MET, code or SKIP)
    if code == "no":
        scene.say("needs_not_met")
        raise_flag(scene.session, scene.conversation, "needs_not_met", "O4", Urgency.STANDARD,
                   message_id=scene.turn.message_id)
    expects = next_question(scene.situation())
    if expects is not None and expects.item == NEXT_CHECK:
        scene.say("finished_by_text")  # before the last question: many leave that one unanswered
    return None
