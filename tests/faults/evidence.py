"""Reads the history of a run for the checker: from the simulator, which keeps all that happened, and from the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.store import audit
from intake.store.connection import Store
from intake.store.models import Conversation, Message, Referral, Suppression, SystemTraffic, Turn
from tests.faults import history
from tests.faults.history import Accepted, History, Inbound, OptOut, Outbound, Sent

PAGE = 5000
SMS = "sms:"


def events_of(simulator: str, after: int = 0) -> Iterator[dict[str, Any]]:
    """Every event of the simulator since number ``after``, in order, in pages."""
    with httpx.Client(timeout=60, trust_env=False) as client:
        while True:
            answer = client.get(f"{simulator}/simulator/history", params={"after": after, "limit": PAGE})
            page = answer.raise_for_status().json()["events"]
            yield from page
            after += len(page)
            if len(page) < PAGE:
                return


def gather(store: Store, events: Collection[dict[str, Any]], phones: Collection[str]) -> History:
    """The history of these ``phones``, their whole life long. ``events`` are all of the simulator's."""
    with store.reading() as session:
        conversations = {row.id: row for row in session.scalars(select(Conversation).where(
            Conversation.phone_index.in_([store.keys.phone_index(phone) for phone in phones])))}
        messages = list(session.scalars(select(Message).where(Message.conversation_id.in_(conversations))))
        return History(
            sent=list(_sent(events, phones)), accepted=list(_accepted(events, phones)),
            inbound=[_inbound(row) for row in messages if row.direction == "inbound"],
            outbound=[_outbound(row, conversations[row.conversation_id]) for row in messages if row.direction == "outbound"],
            turns=list(_turns(session, conversations)), opt_outs=list(_opt_outs(session, store, phones)),
            referrals=[(str(row.conversation_id), row.program_id) for row in session.scalars(
                select(Referral).where(Referral.conversation_id.in_(conversations)))],
            kept_apart=frozenset(sid.removeprefix(SMS) for sid in session.scalars(select(SystemTraffic.provider_id))),
            broken_audit_line=audit.verify(session))


def _sent(events: Collection[dict[str, Any]], phones: Collection[str]) -> Iterator[Sent]:
    acknowledged = {event["sid"] for event in events if event["event"] == "webhook_posted" and event["answered"] == 200}
    for event in events:
        if event["event"] == "inbound_received" and event["phone"] in phones:
            yield Sent(event["sid"], event["phone"], event["sid"] in acknowledged)


def _accepted(events: Collection[dict[str, Any]], phones: Collection[str]) -> Iterator[Accepted]:
    for event in events:
        if event["event"] == "message_accepted" and event["phone"] in phones:
            callback = event["callback"] or ""
            yield Accepted(event["sid"], callback.rsplit("/", 1)[-1] or None)


def _inbound(row: Message) -> Inbound:
    return Inbound(str(row.id), (row.provider_id or "").removeprefix(SMS), str(row.conversation_id), row.seq, row.state,
                   _text(row.read_with))


def _outbound(row: Message, conversation: Conversation) -> Outbound:
    confirms = row.purpose == "opt_out" or bool((row.payload or {}).get("opt_out_confirmation"))
    return Outbound(str(row.id), str(row.conversation_id), conversation.phone or "", row.seq, row.state, row.text,
                    in_reply_to=_text(row.in_reply_to), position=row.position, attempted_at=row.attempted_at,
                    unclear=row.unclear_since is not None, confirms=confirms, resend_of=_text(row.resend_of))


def _turns(session: Session, conversations: Collection[Any]) -> Iterator[history.Turn]:
    query = select(Turn.message_id, Turn.conversation_id, Turn.committed_at).where(Turn.conversation_id.in_(conversations))
    for row in session.execute(query):
        yield history.Turn(str(row.message_id), str(row.conversation_id), row.committed_at)


def _opt_outs(session: Session, store: Store, phones: Collection[str]) -> Iterator[OptOut]:
    """``since`` is when the transaction began, which then waited for a text being taken up; the text's own ``done_at`` is
    later than that wait and earlier than the commit."""
    by_index = {store.keys.phone_index(phone): phone for phone in phones}
    query = (select(Suppression, Message.done_at).outerjoin(Message, Suppression.message_id == Message.id)
             .where(Suppression.phone_index.in_(list(by_index))))
    for row, done_at in session.execute(query):
        yield OptOut(by_index[row.phone_index], max(row.since, done_at or row.since), row.lifted_at)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
