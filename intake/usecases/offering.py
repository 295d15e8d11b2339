"""Further programs that fit beside the first: each told in its own words, each with its own yes or no.

A yes is a consent of its own with the words it was given to, and a referral. Where a person of ours has to carry it, it waits
for them as any other; where the family goes the way by itself, nothing about it is shared with anybody, it hears what to do,
and the referral counts as sent so that it is asked later how it went. Why one at a time, and how many:
docs/decisions/2026-11-26-further-programs-one-at-a-time.md.
"""

from __future__ import annotations

from intake.content.program_facts import Program
from intake.rules.corrections import takes_back
from intake.rules.interview import NO, OF_PROGRAM, SKIP, YES, Expects, previous_question
from intake.rules.relation import GUARDIAN
from intake.rules.routing import ProgramFit
from intake.rules.triage import Urgency
from intake.usecases.consent import record_consent
from intake.usecases.consent_words import OFFER, OFFER_OWN
from intake.usecases.flags import raise_flag
from intake.usecases.routing import refer_to, release_referrals, take_back_referrals
from intake.usecases.scene import Scene
from intake.usecases.told import answered_offers

LEFT_TO_STAFF = "offers_left"
MOST_OWN_WAYS = 2  # named in the one line after a no to any contact, so that it stays a short text


def agree_to_offer(scene: Scene, program_id: str) -> Expects | None:
    """The family wants this program too. "Actually yes" right after a no speaks of that one, which is asked once more: a yes is
    never taken for a program that may not be meant."""
    program = scene.content.programs.programs.get(program_id)
    if program is None:  # taken out of the directory while the question was open
        return None
    if (refused := _refused_just_before(scene)) is not None and takes_back(scene.turn.text):
        scene.withdraw(refused.item)
        scene.say("ask_again")
        return refused
    fit = next((fit for fit in scene.fitting().programs() if fit.program_id == program_id), ProgramFit(program_id, "words"))
    scene.answer(f"{OF_PROGRAM}{program_id}", YES)
    shown = OFFER_OWN if program.referral.is_taken_by_family else OFFER
    refer_to(scene, fit, record_consent(scene, "contact", given=True, shown=shown))
    release_referrals(scene)
    _say_what_follows(scene, program)
    _leave_the_rest_to_staff(scene)
    return None


def refuse_offer(scene: Scene, program_id: str, value: str = NO) -> Expects | None:
    """Not this one: nothing is made, one made before is taken back, and all else stays as it is."""
    scene.answer(f"{OF_PROGRAM}{program_id}", value)
    take_back_referrals(scene, program_id)
    scene.say("offer_refused")
    _leave_the_rest_to_staff(scene)
    return None


def skip_offer(scene: Scene, program_id: str) -> Expects | None:
    """Left out, as any question may be."""
    return refuse_offer(scene, program_id, SKIP)


def forget_offers(scene: Scene) -> None:
    """The family wants no contact at all: what they said to further programs falls, and is asked anew if they come round."""
    for program_id in answered_offers(scene.answers()):
        scene.withdraw(f"{OF_PROGRAM}{program_id}")


def tell_own_ways(scene: Scene) -> None:
    """After a no to any contact: what the family can do by itself at the programs that fit too; no referral is made."""
    language = scene.turn.language
    fits = (scene.content.programs.program(fit.program_id) for fit in scene.fitting().beside_the_first())
    steps = [f"{program.called.in_language(language)}: {' '.join(_own_way(scene, program))}"
             for program in fits if program.shown_step is not None]
    if steps:
        scene.say("own_ways", steps="\n".join(steps[:MOST_OWN_WAYS]))


def _refused_just_before(scene: Scene) -> Expects | None:
    before = previous_question(scene.situation(), scene.turn.expects)
    refused = before is not None and before.offer is not None and scene.answers().get(before.item) in (NO, SKIP)
    return before if refused else None


def _say_what_follows(scene: Scene, program: Program) -> None:
    step, link = program.shown_step, program.shown_link
    if scene.relation() != GUARDIAN:
        scene.say("contact_thanks_parent_must_agree")
    elif not program.referral.is_taken_by_family or (step is None and link is None):
        scene.say("offer_yes")
    if step is not None:
        scene.say("offer_step", step=step.in_language(scene.turn.language))
    if link is not None:
        scene.say("offer_link", url=link)


def _own_way(scene: Scene, program: Program) -> list[str]:
    step, link = program.shown_step, program.shown_link
    return [part for part in (step.in_language(scene.turn.language) if step else None, link) if part]


def _leave_the_rest_to_staff(scene: Scene) -> None:
    """Once no further program is asked about: each that fits too is a reason for staff to talk it over."""
    further = scene.fitting().further()
    if set(further.offered) - set(answered_offers(scene.answers())):
        return
    for fit in further.left:
        raise_flag(scene.session, scene.conversation, LEFT_TO_STAFF, fit.reason_rule, Urgency.STANDARD, item=fit.program_id,
                   message_id=scene.turn.message_id)
