"""Which programs may help this family, what is said about them, and the referral once a parent agrees."""

from __future__ import annotations

import secrets

from sqlalchemy import select

from intake.rules.age import completed_months
from intake.rules.interview import NO, YES, Kind
from intake.rules.receipts import LENGTH, LETTERS
from intake.rules.referral import BarrierCode, MoveSource, Reason, ReferralStatus
from intake.rules.relation import GUARDIAN
from intake.rules.routing import ProgramFit
from intake.rules.triage import AnswerValue
from intake.store.models import Consent, Referral
from intake.usecases.asking import child_name
from intake.usecases.consent_words import shares_nothing
from intake.usecases.flags import case_triage
from intake.usecases.referral_steps import AGENT, Step, begin, take_step
from intake.usecases.scene import Scene

NOT_YET_SENT = frozenset({ReferralStatus.DRAFT, ReferralStatus.READY})
LAST_EARLY_CHECK_UP = 30  # months (https://www.aap.org/en/patient-care/developmental-surveillance-and-screening-patient-care/)


def fitting_programs(scene: Scene) -> tuple[ProgramFit, ...]:
    """The programs that fit by true age, words, worry and place; the best door first."""
    return scene.fitting().programs()


def explain_what_comes_next(scene: Scene) -> None:
    """Says what was told to be worth a talk with the doctor, and which program can help; no score, no reassurance."""
    triage = case_triage(scene)
    name = child_name(scene)
    if scene.situation().checklist:
        scene.say("this_is_not_a_test")
    missing = [item for item, value in scene.answers().items()
               if scene.content.questions.knows(item) and value == AnswerValue.NOT_YET]
    watch = "next_not_flagged_older" if _past_early_check_ups(scene) else "next_not_flagged"
    scene.say("next_flagged" if triage.flagged else watch, child=name, count=len(missing))
    fits = fitting_programs(scene)
    if fits:
        program = scene.content.programs.program(fits[0].program_id)
        scene.say("program", name=program.name.in_language(scene.turn.language),
                  tell=program.tell.in_language(scene.turn.language))


def _past_early_check_ups(scene: Scene) -> bool:
    """Whether the check-ups that are named to parents, the last at 30 months, lie behind the child."""
    born = scene.child.birth_date if scene.child else None
    return born is not None and completed_months(born, max(scene.turn.today, born)) >= LAST_EARLY_CHECK_UP


def make_referrals(scene: Scene, consent: Consent | None) -> list[Referral]:
    """Writes the referral to the program the parent was told of, once; a draft until the family can be reached.

    Without a ``consent`` it was told by somebody who may refer and not accept, and waits for the parent's yes (rule W6).
    Only that one: a parent's yes covers what they have read, so each further program that fits is asked about by itself
    (``intake.usecases.offering``).
    """
    for fit in fitting_programs(scene)[:1]:
        refer_to(scene, fit, consent)
    if scene.conversation.receipt_number is None:
        scene.conversation.receipt_number = new_receipt_number(scene.content.messages.affiliate.receipt_prefix)
    scene.session.flush()
    return referrals_of(scene)


def refer_to(scene: Scene, fit: ProgramFit, consent: Consent | None) -> None:
    """Writes the referral to one program, once; one that has not been sent stands on the newest yes."""
    standing = next((referral for referral in referrals_of(scene) if referral.program_id == fit.program_id), None)
    if standing is None:
        _draft(scene, fit, consent)
    elif consent is not None and standing.status in NOT_YET_SENT | {ReferralStatus.DECLINED}:
        standing.consent_id = consent.id  # a yes said anew is the one that counts
    scene.session.flush()


def referrals_of(scene: Scene) -> list[Referral]:
    """The referrals of this conversation."""
    return list(scene.session.scalars(select(Referral).where(Referral.conversation_id == scene.conversation.id)))


def _draft(scene: Scene, fit: ProgramFit, consent: Consent | None) -> Referral:
    referral = Referral(conversation_id=scene.conversation.id, child_id=scene.conversation.child_id,
                        program_id=fit.program_id, reason_rule=fit.reason_rule, status=ReferralStatus.DRAFT.value,
                        consent_id=consent.id if consent is not None else None)
    begin(scene.session, referral, AGENT, MoveSource.AGENT)
    return referral


def release_referrals(scene: Scene) -> None:
    """Moves drafts to ready once a parent or guardian agreed and there is a phone to reach the family.

    One that the family had declined goes on too when they said yes after that. Where the family goes the way by itself nobody
    needs to reach them, and with their yes they are on it: the agent's own step says so.
    """
    answers = scene.answers()
    if answers.get(Kind.CONTACT_CONSENT) != YES or scene.relation() != GUARDIAN:
        return
    for referral in referrals_of(scene):
        consent = _consent_of(scene, referral)
        alone = shares_nothing(consent)
        if not alone and not scene.phone_to_call():
            continue
        if referral.status == ReferralStatus.DRAFT or _agreed_after_declining(consent, referral):
            move_referral(scene, referral, ReferralStatus.READY, MoveSource.FAMILY)
        if alone and referral.status == ReferralStatus.READY:
            move_referral(scene, referral, ReferralStatus.SENT, MoveSource.AGENT)


def _consent_of(scene: Scene, referral: Referral) -> Consent | None:
    return scene.session.get(Consent, referral.consent_id) if referral.consent_id else None


def _agreed_after_declining(consent: Consent | None, referral: Referral) -> bool:
    return referral.status == ReferralStatus.DECLINED and consent is not None and consent.at > referral.status_at


def take_back_referrals(scene: Scene, program_id: str | None = None) -> None:
    """The family does not want to be contacted, or not about one program: what has not been sent yet is declined, and so is
    what they would have done by themselves, so that no text asks how it went."""
    for referral in referrals_of(scene):
        if program_id not in (None, referral.program_id):
            continue
        alone = referral.status == ReferralStatus.SENT and shares_nothing(_consent_of(scene, referral))
        if referral.status in NOT_YET_SENT or alone:
            move_referral(scene, referral, ReferralStatus.DECLINED, MoveSource.FAMILY, BarrierCode.FAMILY_CHOSE_NOT_TO)


def move_referral(scene: Scene, referral: Referral, to: ReferralStatus, source: MoveSource,
                  reason: Reason | None = None) -> None:
    """Moves one referral on behalf of the agent, as the table of moves allows, and keeps the step with who told us."""
    take_step(scene.session, referral, Step(to, AGENT, source, reason))


def new_receipt_number(prefix: str) -> str:
    """A number that a parent can give on the phone, such as HMG-9EH64M; ``prefix`` is the affiliate's."""
    return f"{prefix}-" + "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def agreed_to_contact(scene: Scene) -> bool:
    """Whether the parent agreed that a person may contact them."""
    return scene.answers().get(Kind.CONTACT_CONSENT, NO) == YES
