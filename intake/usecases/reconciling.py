"""Compares what the provider lists with what arrived: a webhook it never delivered is late, not lost.

The same for receipts: a text of ours that is only ``sent`` is looked up, and after three days without an end its fate is
``unknown``. The provider is asked by the worker, with no transaction open.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import String, cast, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from intake.rules.phones import is_person
from intake.store.connection import Store
from intake.store.models import DeliveryReceipt, Message, SystemTraffic, Watermark
from intake.usecases.receiving import keep_system_traffic, receive_sms

MOST_MEDIA = 10
FIRST_LOOK_BACK = timedelta(hours=24)
OVERLAP = timedelta(minutes=15)  # the provider's list may show a text late, and clocks differ
RECEIPT_DUE = timedelta(minutes=10)
LOOK_AGAIN = timedelta(hours=1)
GIVEN_UP = timedelta(hours=72)  # GOV.UK Notify waits as long for a delivery receipt (alphagov/notifications-api)
MOST_LOOKED_UP = 200
_MARK = "reconciled"
_LOOKED_UP = "looked_up"  # beside the provider's own states: that we asked, and when
_LOCK = 0x67726F776C696E65  # "growline", as the number of an advisory lock


@dataclass(frozen=True)
class Unsettled:
    """A text of ours whose end was never told, and the provider's id for it."""

    message_id: UUID
    provider_sid: str


@contextmanager
def only_one(store: Store) -> Iterator[bool]:
    """Holds the right to reconcile; False when another worker has it. A worker that dies gives it back."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        mine = bool(connection.scalar(select(func.pg_try_advisory_lock(_LOCK))))
        try:
            yield mine
        finally:
            if mine:
                connection.scalar(select(func.pg_advisory_unlock(_LOCK)))


def listed_from(store: Store, now: datetime) -> datetime:
    """From when on the provider's list is to be gone through: a little before the mark, at first a day back."""
    with store.reading() as session:
        mark = session.get(Watermark, _MARK)
        return now - FIRST_LOOK_BACK if mark is None else mark.at - OVERLAP


def move_mark(store: Store, at: datetime) -> None:
    """Everything listed up to ``at`` is stored."""
    with store.transaction() as session:
        new = insert(Watermark).values(name=_MARK, at=at)
        session.execute(new.on_conflict_do_update(index_elements=["name"], set_={"at": new.excluded.at}))


def not_yet_here(store: Store, sids: list[str]) -> set[str]:
    """Those of the provider's ids under which nothing was taken in."""
    ids = {f"sms:{sid}": sid for sid in sids}
    with store.reading() as session:
        for table in (Message, SystemTraffic):
            for known in session.scalars(select(table.provider_id).where(table.provider_id.in_(list(ids)))):
                ids.pop(known, None)  # type: ignore[arg-type]
    return set(ids.values())


def take_in_late(store: Store, *, message_sid: str, sender: str, text: str, media_count: int) -> bool:
    """Stores a listed text as its webhook would have been. Whether it came from a person."""
    if not is_person(sender):
        keep_system_traffic(store, message_sid=message_sid, sender=sender, text=text)
        return False
    receive_sms(store, message_sid=message_sid, sender=sender, text=text, media_count=min(max(media_count, 0), MOST_MEDIA))
    return True


def unsettled(store: Store, now: datetime) -> list[Unsettled]:
    """Texts sent over ten minutes ago without an end, oldest first, at most 200, none asked about within the hour."""
    asked = exists().where(DeliveryReceipt.told_of == cast(Message.id, String), DeliveryReceipt.state == _LOOKED_UP,
                           DeliveryReceipt.at > now - LOOK_AGAIN)
    query = (select(Message.id, Message.twilio_sid)
             .where(Message.direction == "outbound", Message.state == "sent", Message.sent_at < now - RECEIPT_DUE,
                    Message.twilio_sid.is_not(None), ~asked)
             .order_by(Message.sent_at).limit(MOST_LOOKED_UP))
    with store.reading() as session:
        return [Unsettled(row.id, row.twilio_sid or "") for row in session.execute(query)]


def remember_look_up(store: Store, text: Unsettled, now: datetime) -> None:
    """The provider was asked about ``text`` at ``now``."""
    with store.transaction() as session:
        new = insert(DeliveryReceipt).values(id=uuid4(), told_of=str(text.message_id), provider_sid=text.provider_sid[:40],
                                             state=_LOOKED_UP, known=True, at=now)
        session.execute(new.on_conflict_do_update(index_elements=["told_of", "provider_sid", "state"],
                                                  set_={"at": new.excluded.at}))


def give_up_waiting(store: Store, now: datetime) -> int:
    """Texts sent three days ago without an end become ``unknown``; returns how many. A late receipt still counts."""
    with store.transaction() as session:
        texts = update(Message).where(Message.direction == "outbound", Message.state == "sent",
                                      Message.sent_at < now - GIVEN_UP)
        return len(session.execute(texts.values(state="unknown").returning(Message.id)).all())
