"""What texting costs: segments and dollars over some days, per finished screening, and how texts fare on their way.

Everything is counted by the database over codes and numbers, so no key is needed and no family is seen. A segment counts once
the provider has taken the text (it has its id there); both directions cost.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from intake.store.connection import Store
from intake.store.models import Conversation, DailySpend, Message

SENT_OUT = (Message.direction == "outbound") & Message.twilio_sid.is_not(None)
CAME_IN = Message.direction == "inbound"
ARRIVED, LOST = "delivered", ("undelivered", "failed")
WAITING = ("queued", "sending")
UNCOUNTED = "?"  # of a text stored before segments were


@dataclass(frozen=True)
class Sum:
    """Texts of one direction and the segments they filled."""

    texts: int = 0
    segments: int = 0


@dataclass(frozen=True)
class Finished:
    """Screenings finished in one language, and the texts of their whole conversations, however old."""

    screenings: int
    sent_out: Sum
    came_in: Sum

    def segments_each(self) -> float:
        """Segments of one screening in the mean, both directions."""
        return (self.sent_out.segments + self.came_in.segments) / self.screenings


@dataclass(frozen=True)
class SmsCost:
    """The figures since ``since``; ``encodings`` counts texts sent out. ``spent_today`` is in segments."""

    since: datetime
    sent_out: Sum
    came_in: Sum
    finished: dict[str, Finished] = field(default_factory=dict)
    encodings: dict[str, int] = field(default_factory=dict)
    arrived: int = 0
    lost: int = 0
    waiting: int = 0
    spent_today: int = 0

    def lost_share(self) -> float | None:
        """The share that did not arrive of the texts whose fate is known; None where none is."""
        known = self.arrived + self.lost
        return self.lost / known if known else None


def sms_cost(store: Store, *, since: datetime, today: date) -> SmsCost:
    """The figures from ``since`` on; ``today`` is the affiliate's day that the daily cap counts by."""
    with store.reading() as session:
        outcomes = _outcomes(session, since)
        return SmsCost(
            since=since, sent_out=_sum(session, since, SENT_OUT), came_in=_sum(session, since, CAME_IN),
            finished=_finished(session, since), encodings=_encodings(session, since), arrived=outcomes.get(ARRIVED, 0),
            lost=sum(outcomes.get(state, 0) for state in LOST), waiting=_waiting(session),
            spent_today=session.scalar(select(DailySpend.segments).where(DailySpend.day == today)) or 0)


def _recent(since: datetime) -> ColumnElement[bool]:
    return (Conversation.channel == "sms") & (Message.created_at >= since) & ~Conversation.practice


def _sum(session: Session, since: datetime, which: ColumnElement[bool]) -> Sum:
    query = select(func.count(Message.id), func.sum(Message.segments)).join(Conversation).where(_recent(since), which)
    texts, segments = session.execute(query).one()
    return Sum(texts, segments or 0)


def _finished(session: Session, since: datetime) -> dict[str, Finished]:
    done = (Conversation.channel == "sms") & (Conversation.finished_at >= since) & ~Conversation.practice
    counted = select(Conversation.language, func.count()).where(done).group_by(Conversation.language)
    query = (select(Conversation.language, Message.direction, func.count(Message.id), func.sum(Message.segments))
             .join(Conversation).where(done, SENT_OUT | CAME_IN).group_by(Conversation.language, Message.direction))
    sums = {(language, direction): Sum(texts, segments or 0) for language, direction, texts, segments in session.execute(query)}
    return {language: Finished(screenings, sums.get((language, "outbound"), Sum()), sums.get((language, "inbound"), Sum()))
            for language, screenings in sorted(_counts(session, counted).items())}


def _encodings(session: Session, since: datetime) -> dict[str, int]:
    encoding = func.coalesce(Message.encoding, UNCOUNTED)
    query = select(encoding, func.count()).select_from(Message).join(Conversation).where(_recent(since), SENT_OUT)
    return _counts(session, query.group_by(encoding).order_by(encoding))


def _outcomes(session: Session, since: datetime) -> dict[str, int]:
    query = select(Message.state, func.count()).select_from(Message).join(Conversation)
    return _counts(session, query.where(_recent(since), Message.direction == "outbound").group_by(Message.state))


def _counts(session: Session, query: Select[str, int]) -> dict[str, int]:
    return {name: count for name, count in session.execute(query)}


def _waiting(session: Session) -> int:
    query = select(func.count()).select_from(Message).join(Conversation).where(
        ~Conversation.practice, Message.direction == "outbound", Message.state.in_(WAITING))
    return session.scalar(query) or 0
