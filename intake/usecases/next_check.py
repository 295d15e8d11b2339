"""The invitation to the next checklist: asked for at the end, planned for the day the next age is reached, begun with a GO.

The text names no child and asks nothing, so it may leave after a silence in which other texts may not; who answers it after so
long is first asked whether it is them (``wrong_person``). docs/decisions says why.
"""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.rules.interview import NEXT_CHECK, NO, YES, Expects, Kind
from intake.rules.next_check import is_over_age, reached_on
from intake.rules.outreach import OutreachKind, WhyNot
from intake.rules.referral import ENDED
from intake.rules.texting_hours import next_allowed
from intake.store.models import Conversation, Outreach
from intake.usecases.consent import record_consent
from intake.usecases.flags import refresh_flags
from intake.usecases.follow_through import ANSWERED, CANCELED, SENT, WAITING, zones_of
from intake.usecases.routing import referrals_of
from intake.usecases.scene import Scene
from intake.usecases.told import next_age_of

# Asked anew with the next list; what happened meanwhile may have changed the answer.
_ASKED_ANEW = (Kind.WORRY, Kind.CONFIRM_ANSWERS, Kind.NEEDS_MET)


def agree_to_next_check(scene: Scene) -> Expects | None:
    """The family wants one text when the child reaches the next age: written down, and planned for that morning."""
    scene.answer(NEXT_CHECK, YES)
    record_consent(scene, NEXT_CHECK, given=True)
    coming = next_age_of(scene.content, scene.conversation, scene.turn.today)
    if coming is not None:
        _take_back(scene)
        _plan(scene, coming.months, coming.day)
    scene.say("next_check_thanks")
    return None


def refuse_next_check(scene: Scene) -> Expects | None:
    """The family wants no such text; one that was planned before is taken back."""
    scene.answer(NEXT_CHECK, NO)
    record_consent(scene, NEXT_CHECK, given=False)
    _take_back(scene)
    scene.say("next_check_refused")
    return None


def _take_back(scene: Scene) -> None:
    for row in _rows(scene):
        if row.state == WAITING:
            row.state, row.why_canceled = CANCELED, WhyNot.REFUSED.value
    scene.session.flush()


def _rows(scene: Scene) -> list[Outreach]:
    return list(scene.session.scalars(select(Outreach).where(Outreach.conversation_id == scene.conversation.id,
                                                             Outreach.kind == OutreachKind.NEXT_CHECK)))


def _plan(scene: Scene, months: int, day: date) -> None:
    """One row per age: a yes said twice, or taken back and said again, is one text."""
    zones = zones_of(scene.content, scene.conversation.phone)
    row = next((row for row in _rows(scene) if row.number == months), None)
    if row is not None and row.state != CANCELED:
        return
    if row is None:
        row = Outreach(conversation_id=scene.conversation.id, kind=OutreachKind.NEXT_CHECK.value, number=months)
        scene.session.add(row)
    row.state, row.why_canceled, row.due_at = WAITING, None, _morning(scene.content, day, zones)
    scene.session.flush()


def _morning(content: Content, day: date, zones: tuple[str, ...]) -> datetime:
    at = datetime.combine(day, time(content.outreach.next_check.hour), ZoneInfo(zones[0]))
    return next_allowed(at, zones)


def reached_at(content: Content, conversation: Conversation, row: Outreach, zones: tuple[str, ...]) -> datetime | None:
    """When the age of an invitation is reached by the birth date as it stands now, which may have been corrected."""
    child = conversation.child
    if child is None or child.birth_date is None:
        return None
    return _morning(content, reached_on(child.birth_date, child.weeks_early, row.number), zones)


def invitation_waits(session: Session, conversation: Conversation) -> bool:
    """Whether an invitation was sent that nobody has followed."""
    query = select(Outreach.id).where(Outreach.conversation_id == conversation.id, Outreach.state == SENT,
                                      Outreach.kind == OutreachKind.NEXT_CHECK).limit(1)
    return session.scalar(query) is not None


def is_too_old(conversation: Conversation, day: date) -> bool:
    """Whether the child is no longer served on ``day``, or nothing is known of its age any more."""
    child = conversation.child
    return child is None or child.birth_date is None or is_over_age(child.birth_date, day)


def begin_next_check(scene: Scene) -> Expects | None:
    """The family came back for the next list: the questions begin with the worries; nothing is asked that is known.

    What was told before stays. A yes to be contacted stands while a referral is on its way, else it is asked for anew.
    """
    scene.conversation.checked_on = scene.turn.today
    for item in _ASKED_ANEW:
        scene.withdraw(item)
    scene.withdraw(NEXT_CHECK)
    answers = scene.answers()
    if answers.get(Kind.LOST_SKILLS) != YES:  # a skill that was lost stays urgent until staff have seen to it
        scene.withdraw(Kind.LOST_SKILLS)
    if answers.get(Kind.CONTACT_CONSENT) != YES or all(row.status in ENDED for row in referrals_of(scene)):
        scene.withdraw(Kind.CONTACT_CONSENT)
    for row in _rows(scene):
        if row.state == SENT:
            row.state, row.answer, row.answered_in = ANSWERED, "go", scene.turn.message_id
    refresh_flags(scene)
    scene.say("next_check_begins")
    return None
