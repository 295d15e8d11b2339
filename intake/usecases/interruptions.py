"""What a parent may say at any moment that is no answer: a question, a wish, a pause. Each comes back to the open question."""

from __future__ import annotations

from collections.abc import Sequence

from intake.rules.interview import OF_SOMEBODY_ELSE, SKIP, Expects, Kind, is_somebody_else
from intake.rules.triage import Urgency
from intake.store.models import Referral
from intake.usecases.asking import is_finished, why
from intake.usecases.at_home import tell_activities
from intake.usecases.flags import raise_flag
from intake.usecases.outcome import Line
from intake.usecases.routing import referrals_of
from intake.usecases.scene import Scene
from intake.usecases.somebody_else import leave_out

QUESTIONS = frozenset({
    "ask_cost", "ask_privacy", "ask_what_is_this", "ask_how_long", "ask_next_steps", "ask_diagnosis",
    "ask_immigration", "ask_help_me_grow", "ask_birth_to_three", "ask_scam", "ask_my_number", "ask_ages",
    "ask_where", "ask_languages", "ask_hours", "ask_other_ways", "ask_insurance", "ask_text_cost",
    "ask_doctor_needed", "ask_qualify", "ask_who_may_answer", "ask_voluntary", "ask_already_helped",
    "ask_who_is_told", "ask_record", "ask_child_protection", "ask_wait_time", "ask_missed_call",
    "ask_home_visit", "ask_evaluation", "ask_basic_needs", "ask_child_care", "ask_is_test", "ask_outgrow",
    "ask_fault", "ask_cause", "ask_two_languages", "ask_screens", "ask_medical_advice",
})


def _the_open_one(scene: Scene) -> Expects | None:
    """The question as it stood when the message came, with its particulars; None lets the order decide."""
    expects = scene.turn.expects
    if expects is None or expects.kind is Kind.FREE or not expects.id:
        return None
    return expects


def explain(scene: Scene, topic: str) -> Expects | None:
    """Answers a question parents ask (``topic`` is one of QUESTIONS), then asks the open question again."""
    scene.say(f"faq_{topic.removeprefix('ask_')}")
    return _the_open_one(scene)


def suggest_activities(scene: Scene, worries: Sequence[str]) -> Expects | None:
    """What to do at home with the child, by the ``worries`` of this message too; then the open question again."""
    tell_activities(scene, worries)
    return _the_open_one(scene)


def explain_why(scene: Scene) -> Expects | None:
    """Why the open question is asked."""
    expects = scene.turn.expects
    if expects is not None and expects.kind is not Kind.CONSENT and is_somebody_else(scene.answers()):
        scene.say("why_others")
    else:
        scene.before.append(why(expects) if expects is not None else Line("faq_what_is_this"))
    return _the_open_one(scene)


def repeat(scene: Scene) -> Expects | None:
    """The open question once more."""
    return _the_open_one(scene)


def change_language(scene: Scene) -> Expects | None:
    """The parent asked for the other language; the turn already speaks it."""
    scene.say("language_changed")
    return _the_open_one(scene)


def thank(scene: Scene) -> Expects | None:
    """A thank-you in the middle."""
    scene.say("you_are_welcome")
    return _the_open_one(scene)


def pause(scene: Scene) -> Expects | None:
    """The parent goes on later: nothing is asked, everything told is kept."""
    scene.say("paused")
    return Expects(Kind.FREE, "paused")


def ask_for_person(scene: Scene) -> Expects | None:
    """The parent wants a person: staff are told, the number is given, and the conversation may still go on."""
    raise_flag(scene.session, scene.conversation, "wants_person", "T2", Urgency.STANDARD, message_id=scene.turn.message_id)
    scene.say("person_please")
    if not is_finished(scene) and not scene.is_open(Kind.FREE):
        scene.say("meanwhile_here")
    return _the_open_one(scene)


def ask_for_deletion(scene: Scene) -> Expects | None:
    """The parent wants the data deleted: a person does that with them, and nothing more is asked."""
    raise_flag(scene.session, scene.conversation, "delete_data", "privacy", Urgency.STANDARD,
               message_id=scene.turn.message_id)
    scene.say("delete_data")
    return Expects(Kind.FREE, "delete_data")


def ask_for_another_child(scene: Scene) -> Expects | None:
    """Another child: staff are told, so that the second child is not lost, and this child's questions go on."""
    raise_flag(scene.session, scene.conversation, "another_child", "N7", Urgency.STANDARD, message_id=scene.turn.message_id)
    begun = scene.turn.expects is not None and scene.turn.expects.kind is not Kind.CONSENT
    scene.say("another_child_later" if is_finished(scene) else "another_child" if begun else "another_child_first")
    return _the_open_one(scene)


def tell_referral_status(scene: Scene) -> Expects | None:
    """Where the referral stands, by receipt number; nothing about the child is repeated."""
    referrals: list[Referral] = referrals_of(scene)
    if is_somebody_else(scene.answers()):
        scene.say("others_status")
    elif referrals and scene.conversation.receipt_number:
        scene.say("referral_status", receipt=scene.conversation.receipt_number)
    else:
        scene.say("no_referral_yet")
    return _the_open_one(scene)


def not_understood(scene: Scene) -> Expects | None:
    """A message that is neither an answer nor a known wish: say so kindly and ask again, with what can be said."""
    expects = scene.turn.expects
    scene.say("not_understood_milestone" if expects is not None and expects.kind is Kind.MILESTONE else "not_understood")
    return _the_open_one(scene)


def skip(scene: Scene) -> Expects | None:
    """Leaves the open question out; only consent cannot be skipped."""
    expects = scene.turn.expects
    if expects is None or expects.kind in (Kind.CONSENT, Kind.FREE):
        return None
    if expects in OF_SOMEBODY_ELSE:
        return leave_out(scene, expects)
    scene.answer(expects.item, SKIP)
    return None


def resume(scene: Scene) -> Expects | None:
    """Goes on after a pause or a safety message with the question that is open."""
    return None
