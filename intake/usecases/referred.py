"""The parent of a child whom somebody else referred: the two cases are joined, and only the parent's yes moves anything.

Joined by the phone that the doctor or teacher gave for the parent, or by the case's number that they handed on. Who holds a
number need not be the parent, so nothing of the other case is ever said here, not even whether there is one; staff see both.
A yes takes the waiting draft over into the parent's own case, where only the parent's words stand; a no declines it (rule W6,
https://www.birth23.org/).
"""

from __future__ import annotations

from sqlalchemy import select

from intake.rules.interview import SKIP, YES, Expects, Kind
from intake.rules.referral import BarrierCode, MoveSource, ReferralStatus
from intake.rules.relation import GUARDIAN
from intake.rules.same_family import is_referred_child
from intake.rules.triage import Urgency
from intake.store.models import Consent, Conversation, Family, Flag, Referral
from intake.usecases.asking import is_finished
from intake.usecases.family_facts import known_child
from intake.usecases.flags import clear_flags_of, raise_flag
from intake.usecases.referral_steps import AGENT, Step, take_step
from intake.usecases.replying import REFUSED
from intake.usecases.routing import fitting_programs, referrals_of
from intake.usecases.scene import Scene
from intake.usecases.told import wrote_somebody_else

PARENT_MUST_AGREE = "parent_must_agree"  # the flag of a referrer's case: a person calls the parent, whose yes it waits for
REFERRED_CHILD = "referred_child"  # the flag of both cases: look at the other one too


def note_number(scene: Scene, number: str) -> Expects | None:
    """Keeps that this talk names another case. The same is said whether there is such a case or not."""
    referrer = scene.session.scalar(select(Conversation).where(Conversation.receipt_number == number))
    if referrer is not None and _is_of_somebody_else(scene, referrer):
        _join(scene, referrer)
    scene.say("number_noted")
    expects = scene.turn.expects
    return expects if expects is not None and expects.id and expects.kind is not Kind.FREE and not is_finished(scene) else None


def join_by_phone(scene: Scene) -> None:
    """Joins the newest case in which somebody else gave a phone of this parent, and which still waits for the parent."""
    told = scene.answers().get(Kind.PHONE)
    own = [scene.conversation.phone_index, scene.phone_index(told) if told and told != SKIP else None]
    if scene.conversation.referred_from is not None or scene.conversation.practice or scene.relation() != GUARDIAN:
        return
    waits = select(Flag.conversation_id).where(Flag.code == PARENT_MUST_AGREE, Flag.cleared_at.is_(None))
    query = (select(Conversation).join(Family, Family.id == Conversation.family_id)
             .where(Family.phone_index.in_([index for index in own if index is not None]), Conversation.id.in_(waits))
             .order_by(Conversation.started_at.desc()))
    for referrer in scene.session.scalars(query):
        if _is_of_somebody_else(scene, referrer):
            _join(scene, referrer)
            return


def _is_of_somebody_else(scene: Scene, referrer: Conversation) -> bool:
    if referrer.id == scene.conversation.id or referrer.practice or referrer.status == REFUSED:
        return False
    return wrote_somebody_else(scene.session, referrer)


def _join(scene: Scene, referrer: Conversation) -> None:
    scene.conversation.referred_from = referrer.id
    if scene.answers().get(Kind.CONSENT) == YES:
        tell_staff(scene)


def tell_staff(scene: Scene) -> None:
    """Flags both cases for each other, once the parent has agreed to go on; before that nothing is kept of it for staff."""
    referrer = _referrer(scene)
    if referrer is None:
        return
    for conversation in (scene.conversation, referrer):
        message = scene.turn.message_id if conversation is scene.conversation else None
        raise_flag(scene.session, conversation, REFERRED_CHILD, "W6", Urgency.STANDARD, message_id=message)


def _referrer(scene: Scene) -> Conversation | None:
    referred_from = scene.conversation.referred_from
    return None if referred_from is None else scene.session.get(Conversation, referred_from, with_for_update=True)


def take_over_draft(scene: Scene, consent: Consent) -> None:
    """The parent's yes: the draft that waited for it goes on in this case, when it is about the same child and program.

    Otherwise it stays where it is, and a person looks at both cases.
    """
    referrer = _of_the_same_child(scene)
    fits = fitting_programs(scene)[:1]
    if referrer is None or not fits or any(own.program_id == fits[0].program_id for own in referrals_of(scene)):
        return
    for draft in _drafts(scene, referrer):
        if draft.program_id == fits[0].program_id:
            draft.conversation_id, draft.child_id = scene.conversation.id, scene.conversation.child_id
            draft.consent_id = consent.id
            clear_flags_of(scene.session, referrer, PARENT_MUST_AGREE)
    scene.session.flush()


def decline_draft(scene: Scene) -> None:
    """The parent's no: what somebody else's draft waited for will not come, and nobody calls for it."""
    referrer = _of_the_same_child(scene)
    if referrer is None:
        return
    for draft in _drafts(scene, referrer):
        take_step(scene.session, draft, Step(ReferralStatus.DECLINED, AGENT, MoveSource.FAMILY, BarrierCode.FAMILY_CHOSE_NOT_TO))
    clear_flags_of(scene.session, referrer, PARENT_MUST_AGREE)


def _of_the_same_child(scene: Scene) -> Conversation | None:
    """The case of somebody else that is joined to this parent's, when both speak of one child."""
    join_by_phone(scene)
    referrer = _referrer(scene)
    if referrer is None or scene.relation() != GUARDIAN or scene.child is None or referrer.child is None:
        return None
    same = is_referred_child(known_child(scene.child), known_child(referrer.child), scene.turn.today)
    return referrer if same else None


def _drafts(scene: Scene, referrer: Conversation) -> list[Referral]:
    query = select(Referral).where(Referral.conversation_id == referrer.id, Referral.status == ReferralStatus.DRAFT.value)
    return list(scene.session.scalars(query.with_for_update()))
