"""A webhook or receipt that never came is late, not lost: the provider's list is gone through, by one worker at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from a_family import AFamily
from simulator_bench import PARENT, Bench
from sqlalchemy import select, text, update

from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import DeliveryReceipt, Message, SystemTraffic, Watermark
from intake.usecases.receiving import receive_sms
from intake.usecases.reconciling import only_one
from worker.reconcile import Reconciled, reconcile_for_ever, reconcile_once
from worker.twilio import InboundText, SendLater, TwilioSender

Family = Callable[..., AFamily]
NOW = datetime.now(UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class AProvider:
    """Lists what it is given, knows the fates it is given, and fails when told to."""

    listed: list[InboundText] = field(default_factory=list)
    fates: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    down: bool = False
    asked_since: list[datetime] = field(default_factory=list)
    asked_fates: list[str] = field(default_factory=list)

    def received_since(self, since: datetime) -> Iterable[InboundText]:
        self.asked_since.append(since)
        if self.down:
            raise SendLater("down")
        return [one for one in self.listed if one.at >= since]

    def fate(self, sid: str) -> tuple[str, str | None] | None:
        self.asked_fates.append(sid)
        if self.down:
            raise SendLater("down")
        return self.fates.get(sid)


@pytest.fixture
def provider() -> AProvider:
    return AProvider()


def a_text(sid: str, words: str = "hola", *, sender: str = PARENT, ago: timedelta = MINUTE, media_count: int = 0) -> InboundText:
    return InboundText(sid, sender, words, media_count, datetime.now(UTC) - ago)


def inbound(store: Store) -> list[Message]:
    with store.reading() as session:
        return list(session.scalars(select(Message).where(Message.direction == "inbound").order_by(Message.seq)))


def turns_waiting(store: Store) -> int:
    with store.reading() as session:
        return session.scalar(text("select count(*) from procrastinate_jobs where task_name = 'take_turn'")) or 0


def mark(store: Store) -> datetime | None:
    with store.reading() as session:
        return session.scalar(select(Watermark.at).where(Watermark.name == "reconciled"))


def test_texts_no_webhook_brought_are_stored_with_their_turns_once_and_in_order(store: Store, provider: AProvider) -> None:
    receive_sms(store, message_sid="SM1", sender=PARENT, text="one")
    provider.listed = [a_text("SM1", "one"), a_text("SM2", "two", media_count=99), a_text("SM3", "three")]
    assert reconcile_once(store, provider) == Reconciled(complete=True, late=2)
    assert reconcile_once(store, provider) == Reconciled(complete=True)
    assert [(m.text, m.media_count) for m in inbound(store)] == [("one", 0), ("two", 10), ("three", 0)]
    assert turns_waiting(store) == 3


def test_what_no_person_sent_is_kept_apart(store: Store, provider: AProvider) -> None:
    provider.listed = [a_text("SM1", "Your code", sender="32665")]
    assert reconcile_once(store, provider) == Reconciled(complete=True, system=1)
    assert reconcile_once(store, provider) == Reconciled(complete=True)
    with store.reading() as session:
        assert [row.text for row in session.scalars(select(SystemTraffic))] == ["Your code"]
    assert inbound(store) == []


def test_more_than_one_batch_is_gone_through(store: Store, provider: AProvider) -> None:
    provider.listed = [a_text(f"SM{n}", sender="32665") for n in range(501)]
    assert reconcile_once(store, provider).system == 501


def test_the_first_look_goes_a_day_back_and_later_ones_a_quarter_of_an_hour_before_the_last(
        store: Store, provider: AProvider) -> None:
    with time_machine.travel(NOW, tick=False):
        reconcile_once(store, provider)
    with time_machine.travel(NOW + HOUR, tick=False):
        reconcile_once(store, provider)
    assert provider.asked_since == [NOW - 24 * HOUR, NOW - 15 * MINUTE]
    assert mark(store) == NOW + HOUR


def test_a_list_that_cannot_be_read_leaves_the_mark_where_it_was(store: Store, provider: AProvider) -> None:
    provider.down = True
    assert reconcile_once(store, provider) == Reconciled(complete=False)
    assert mark(store) is None
    provider.down, provider.listed = False, [a_text("SM1", ago=23 * HOUR)]
    assert reconcile_once(store, provider).late == 1


def test_a_list_that_breaks_off_keeps_what_was_read_and_leaves_the_mark(store: Store) -> None:
    class BreaksOff(AProvider):
        def received_since(self, since: datetime) -> Iterable[InboundText]:
            yield from (a_text(f"SM{n}", sender="32665") for n in range(500))
            raise SendLater("down")

    assert reconcile_once(store, BreaksOff()) == Reconciled(complete=False, system=500)
    assert mark(store) is None


def test_a_text_that_cannot_be_stored_holds_up_no_other_and_the_mark_stays(store: Store, provider: AProvider) -> None:
    provider.listed = [a_text("x" * 200), a_text("SM2", "two")]  # an id no column holds
    assert reconcile_once(store, provider) == Reconciled(complete=False, late=1)
    assert [m.text for m in inbound(store)] == ["two"] and mark(store) is None


def test_a_text_of_this_minute_is_left_to_its_webhook_and_not_forgotten(store: Store, provider: AProvider) -> None:
    provider.listed = [a_text("SM1", ago=timedelta(seconds=5))]
    assert reconcile_once(store, provider, left_to_webhook=MINUTE) == Reconciled(complete=True)
    with time_machine.travel(datetime.now(UTC) + 5 * MINUTE):
        assert reconcile_once(store, provider, left_to_webhook=MINUTE).late == 1


def test_one_worker_at_a_time_reconciles(store: Store, provider: AProvider) -> None:
    provider.listed = [a_text("SM1")]
    with only_one(store) as mine:
        assert mine and reconcile_once(store, provider) == Reconciled() and provider.asked_since == []
    assert reconcile_once(store, provider).late == 1


def test_no_failure_ends_the_reconciling(store: Store) -> None:
    class Stumbles(AProvider):
        def received_since(self, since: datetime) -> Iterable[InboundText]:
            self.asked_since.append(since)
            if len(self.asked_since) == 1:
                raise RuntimeError("a fault of ours")
            return self.listed

    provider = Stumbles(listed=[a_text("SM1")])

    async def run() -> None:
        task = asyncio.create_task(reconcile_for_ever(store, provider, 0.05))
        async with asyncio.timeout(20):
            while not inbound(store):
                await asyncio.sleep(0.05)
        task.cancel()

    asyncio.run(run())
    assert [m.text for m in inbound(store)] == ["hola"]


def sent(parent: AFamily, sid: str, ago: timedelta) -> UUID:
    """A text of ours that was sent ``ago`` and of which nothing was heard since."""
    message = max((row for row in parent.all(Message) if row.direction == "outbound"), key=lambda row: row.seq).id
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.id == message).values(
            state="sent", twilio_sid=sid, sent_at=datetime.now(UTC) - ago))
    return message


def fate_of(parent: AFamily, message: UUID) -> tuple[str, str | None]:
    row = next(row for row in parent.all(Message) if row.id == message)
    return row.state, row.error_code


def test_a_text_without_a_receipt_is_looked_up_and_ends(family: Family, provider: AProvider) -> None:
    parent = family(until=Kind.RELATION)
    message = sent(parent, "SM9", 11 * MINUTE)
    provider.fates["SM9"] = ("delivered", None)
    assert reconcile_once(parent.store, provider).looked_up == 1
    assert fate_of(parent, message) == ("delivered", None)
    assert {row.state for row in parent.all(DeliveryReceipt)} == {"delivered", "looked_up"}


def test_a_text_whose_receipt_may_still_come_is_not_looked_up(family: Family, provider: AProvider) -> None:
    parent = family(until=Kind.RELATION)
    sent(parent, "SM9", 9 * MINUTE)
    reconcile_once(parent.store, provider)
    assert provider.asked_fates == []


def test_a_text_is_not_looked_up_again_within_the_hour(family: Family, provider: AProvider) -> None:
    parent = family(until=Kind.RELATION)
    message = sent(parent, "SM9", 11 * MINUTE)
    provider.fates["SM9"] = ("sent", None)
    for minutes in (0, 30, 61, 90):
        with time_machine.travel(datetime.now(UTC) + minutes * MINUTE):
            reconcile_once(parent.store, provider)
    assert provider.asked_fates == ["SM9", "SM9"] and fate_of(parent, message) == ("sent", None)


def test_a_provider_that_does_not_answer_is_asked_no_further_and_again_later(family: Family, provider: AProvider) -> None:
    parent = family(until=Kind.RELATION)
    message = sent(parent, "SM9", 11 * MINUTE)
    provider.down = True
    assert reconcile_once(parent.store, provider).looked_up == 0
    provider.down, provider.fates = False, {"SM9": ("delivered", None)}
    reconcile_once(parent.store, provider)
    assert fate_of(parent, message) == ("delivered", None)


def test_after_three_days_without_an_end_a_fate_is_unknown_and_a_late_receipt_still_counts(
        family: Family, provider: AProvider) -> None:
    parent = family(until=Kind.RELATION)
    message = sent(parent, "SM9", 73 * HOUR)
    assert reconcile_once(parent.store, provider) == Reconciled(complete=True, looked_up=1, given_up=1)
    assert fate_of(parent, message) == ("unknown", None)
    provider.fates["SM9"] = ("delivered", None)
    assert reconcile_once(parent.store, provider) == Reconciled(complete=True)


def test_texts_whose_webhook_twilio_lost_are_read_from_its_list(store: Store, twilio: Bench, sender: TwilioSender) -> None:
    twilio.faults({"webhooks": {"drop": 1.0}})
    for words in ("He does not talk yet", "y llora mucho 😢"):
        twilio.text(words)
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=1)):
        assert reconcile_once(store, sender).late == 2
    assert [m.text for m in inbound(store)] == ["He does not talk yet", "y llora mucho 😢"]
    assert twilio.program.received == []


def test_the_fate_of_a_text_whose_receipts_were_lost_is_read_from_twilio(
        family: Family, twilio: Bench, sender: TwilioSender) -> None:
    twilio.faults({"callbacks": {"drop": 1.0}, "handset": [{"status": "undelivered", "error_code": 30005}]})
    sid = str(twilio.twilio().messages.create(to=PARENT, from_="+18605550100", body="hola").sid)
    parent = family(until=Kind.RELATION)
    message = sent(parent, sid, 11 * MINUTE)
    for _ in range(100):
        if sender.fate(sid) == ("undelivered", "30005"):
            break
    reconcile_once(parent.store, sender)
    assert fate_of(parent, message) == ("undelivered", "30005")
