"""Texts about a referral: who brings it to its program, in which words it is asked about, and the question that follows a yes.

A family that says yes, or that staff mark as connected, is asked once, some days later, whether it got what it needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import phonenumbers
from phonenumbers import timezone
from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from intake.content.bilingual import Bilingual
from intake.content.library import Content
from intake.rules.outreach import TOO_LATE_AFTER, UNDER_WAY, Carried, OutreachKind, WhyNot, carried_by, due_after
from intake.rules.referral import ENDED, MoveSource, ReferralStatus
from intake.store.connection import Store
from intake.store.models import Conversation, Outreach, Referral, ReferralMove

WAITING, SENT, ANSWERED, CANCELED, UNKNOWN = "waiting", "sent", "answered", "canceled", "unknown"
NO_PHONE_ZONE = "Etc/Unknown"


def zones_of(content: Content, phone: str | None) -> tuple[str, ...]:
    """The affiliate's time zone, then those of the area code of ``phone`` (E.164). An unknown number has the affiliate's."""
    home = content.messages.affiliate.time_zone
    try:
        number = phonenumbers.parse(phone or "")
    except phonenumbers.NumberParseException:
        return (home,)
    return (home, *(zone for zone in timezone.time_zones_for_number(number) if zone not in (home, NO_PHONE_ZONE)))


def carrier_of(session: Session, content: Content, referral: Referral) -> Carried:
    """Who brings the referral to its program; a program that the directory no longer has counts as one that staff write to."""
    program = content.programs.programs.get(referral.program_id)
    told_by = session.scalar(select(ReferralMove.source).where(ReferralMove.referral_id == referral.id,
                                                               ReferralMove.to_status == ReferralStatus.SENT)
                             .order_by(ReferralMove.at.desc()).limit(1))
    return carried_by(program.referral.ways if program is not None else (), content.outreach.familys_ways,
                      sent_by_agent=told_by == MoveSource.AGENT)


def follow_up_words(session: Session, content: Content, rows: Sequence[Outreach]) -> Bilingual:
    """What the follow-ups of ``rows`` ask in one text, by who brings their referrals."""
    referrals = (session.get_one(Referral, row.referral_id) for row in rows)
    carriers = {carrier_of(session, content, referral) for referral in referrals}
    return content.outreach.following[carriers.pop()].text if len(carriers) == 1 else content.outreach.for_both


def may_be_asked(session: Session, row: Outreach) -> bool:
    """Whether there still is something to ask about the referral of ``row``; always for a text about none.

    "Did you get what you needed?" is asked of those who arrived too, also when the referral was closed after that.
    """
    if row.referral_id is None:
        return True
    status = session.get_one(Referral, row.referral_id).status
    if row.kind != OutreachKind.NEEDS_MET:
        return status in UNDER_WAY
    arrived = status == ReferralStatus.CONNECTED or (status == ReferralStatus.CLOSED and _has_arrived(session, row.referral_id))
    return status in UNDER_WAY or arrived


def _has_arrived(session: Session, referral_id: UUID) -> bool:
    return session.scalar(select(ReferralMove.id).where(
        ReferralMove.referral_id == referral_id, ReferralMove.to_status == ReferralStatus.CONNECTED).limit(1)) is not None


def take_back(session: Session, referral_ids: Sequence[UUID], kind: OutreachKind, why: WhyNot) -> None:
    """Gives up what is planned of one kind for these referrals."""
    session.execute(update(Outreach).where(Outreach.referral_id.in_(referral_ids), Outreach.kind == kind,
                                           Outreach.state == WAITING).values(state=CANCELED, why_canceled=why.value))


def end_follow_ups(session: Session, referral: Referral) -> None:
    """To be called when a referral was moved: takes back what is still planned once there is nothing more to ask."""
    if referral.status not in ENDED:
        return
    take_back(session, [referral.id], OutreachKind.FOLLOW_UP, WhyNot.REFERRAL_ENDED)
    if referral.status != ReferralStatus.CONNECTED and not _has_arrived(session, referral.id):
        take_back(session, [referral.id], OutreachKind.NEEDS_MET, WhyNot.REFERRAL_ENDED)


def plan_needs_met(session: Session, content: Content, conversation: Conversation, referral: Referral, since: datetime) -> None:
    """Plans the one question whether the family got what it needed; there is never a second one for a referral."""
    planned = select(Outreach.id).where(Outreach.referral_id == referral.id, Outreach.kind == OutreachKind.NEEDS_MET).limit(1)
    if session.scalar(planned) is None:
        due_at = due_after(since, content.outreach.needs_met_after_days, zones_of(content, conversation.phone))
        session.add(Outreach(conversation_id=conversation.id, kind=OutreachKind.NEEDS_MET.value, referral_id=referral.id,
                             due_at=due_at))
        session.flush()


def arrived_unasked(store: Store, content: Content, now: datetime) -> list[UUID]:
    """The referrals that were connected lately and of which nobody has asked whether the family got what it needed."""
    oldest = now - timedelta(days=content.outreach.needs_met_after_days) - TOO_LATE_AFTER
    planned = exists().where(Outreach.referral_id == Referral.id, Outreach.kind == OutreachKind.NEEDS_MET)
    with store.reading() as session:
        query = (select(Referral.id).join(ReferralMove, ReferralMove.referral_id == Referral.id)
                 .join(Conversation, Conversation.id == Referral.conversation_id)
                 .where(Referral.status.in_((ReferralStatus.CONNECTED, ReferralStatus.CLOSED)), ~planned, ~Conversation.practice,
                        ReferralMove.to_status == ReferralStatus.CONNECTED, ReferralMove.at > oldest,
                        Conversation.channel == "sms").distinct())
        return list(session.scalars(query))


def plan_after_arrival(store: Store, content: Content, referral_id: UUID, now: datetime) -> None:
    """Plans the question for a referral that staff marked as connected, some days after that."""
    with store.transaction() as session:
        # Both rows or none, and never waiting: a turn holds the conversation, a move of staff the referral.
        found = session.execute(
            select(Referral, Conversation).join(Conversation, Conversation.id == Referral.conversation_id)
            .where(Referral.id == referral_id).with_for_update(of=(Referral, Conversation), skip_locked=True)).first()
        if found is None:
            return
        referral, conversation = found
        arrived = session.scalars(select(ReferralMove.at).where(
            ReferralMove.referral_id == referral.id, ReferralMove.to_status == ReferralStatus.CONNECTED)
            .order_by(ReferralMove.at.desc()).limit(1)).first()
        if arrived is not None:
            plan_needs_met(session, content, conversation, referral, arrived)
