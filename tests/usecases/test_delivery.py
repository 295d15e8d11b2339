"""What becomes of a text: states only move forward, an opted-out phone gets none but the one confirmation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from a_family import PHONE, AFamily, a_conversation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outbox import flags, spent
from sqlalchemy import select, update

from intake.content.library import Content
from intake.rules.interview import Kind
from intake.store.connection import Store
from intake.store.models import Conversation, DeliveryReceipt, Message, Suppression
from intake.usecases.claiming import SendingRules, ToSend
from intake.usecases.delivery import (
    LEFT_TWICE,
    RANK,
    claim,
    record_failure,
    record_not_sent,
    record_sent,
    record_unclear,
    record_unknown,
    report,
    sids_of_others,
)

Family = Callable[..., AFamily]
RULES = SendingRules(unclear_seconds=0)
RECEIPTS = ["accepted", "queued", "sending", "sent", "delivered", "undelivered", "failed", "read", "canceled", "a new name"]


def _queued(parent: AFamily) -> UUID:
    return max((row for row in parent.all(Message) if row.state == "queued"), key=lambda row: row.seq).id


def _row(parent: AFamily, message: UUID) -> Message:
    return next(row for row in parent.all(Message) if row.id == message)


def test_a_queued_text_is_claimed_with_its_phone_and_words(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    text = claim(parent.store, _queued(parent))
    assert text is not None
    assert (text.phone, text.text, text.tried_before) == (PHONE, "consent_thanks\nask_relation\nchoices", False)


def test_a_text_claimed_again_says_that_it_may_have_left_before(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    message = _queued(parent)
    claim(parent.store, message)
    again = claim(parent.store, message)
    assert again is not None and again.tried_before and _row(parent, message).tries == 1, "a look-up is no try"


def test_a_text_that_was_sent_and_a_message_that_came_in_are_nothing_to_send(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    message = _queued(parent)
    record_sent(parent.store, message, "SM9", 2)
    inbound = next(row.id for row in parent.all(Message) if row.direction == "inbound")
    assert [claim(parent.store, one) for one in (message, inbound, uuid4())] == [None, None, None]
    assert (_row(parent, message).twilio_sid, _row(parent, message).segments) == ("SM9", 2)


def test_a_phone_that_opted_out_gets_nothing_more_but_the_one_confirmation(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    waiting = _queued(parent)
    parent.is_taken("please stop texting me")
    confirmation = _queued(parent)
    with parent.store.transaction() as session:  # as if it had been queued after the withdrawal
        session.execute(update(Message).where(Message.id == waiting).values(state="queued"))
    assert claim(parent.store, waiting) is None and _row(parent, waiting).state == "canceled"
    text = claim(parent.store, confirmation)
    assert text is not None and text.text == parent.content.messages.system("opted_out", "en")


@pytest.mark.parametrize("told_by", ["the refusal of the send", "a receipt"])
def test_a_phone_that_opted_out_at_the_carrier_is_put_on_our_own_list(family: Family, told_by: str) -> None:
    parent = family(until=Kind.RELATION)
    message = _queued(parent)
    for _ in range(2):
        if told_by == "a receipt":
            report(parent.store, message, "undelivered", "SM9", "21610")
        else:
            record_failure(parent.store, message, "21610")
    assert [row.reason for row in parent.all(Suppression)] == ["carrier"]
    parent.is_taken("hello?")
    assert max(parent.all(Message), key=lambda row: row.seq).state == "suppressed"


def test_another_failure_leaves_the_phone_off_the_list(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    message = _queued(parent)
    record_failure(parent.store, message, "30003")
    assert (_row(parent, message).state, _row(parent, message).error_code) == ("failed", "30003")
    assert parent.all(Suppression) == []


def test_receipts_of_messages_we_do_not_know_are_refused(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    inbound = next(row.id for row in parent.all(Message) if row.direction == "inbound")
    assert report(parent.store, uuid4(), "sent", "SM9", None) is False
    assert report(parent.store, inbound, "sent", "SM9", None) is False


def test_an_unknown_fate_gives_way_to_a_receipt_and_never_the_other_way_round(family: Family) -> None:
    parent = family(until=Kind.RELATION)
    message = _queued(parent)
    claim(parent.store, message)
    record_unknown(parent.store, message)
    assert _row(parent, message).state == "unknown"
    report(parent.store, message, "delivered", "SM9", None)
    record_unknown(parent.store, message)
    assert _row(parent, message).state == "delivered"


@pytest.fixture
def one_text(store: Store, content: Content) -> tuple[AFamily, UUID]:
    parent = a_conversation(store, content, Kind.RELATION)
    return parent, _queued(parent)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(receipts=st.lists(st.sampled_from(RECEIPTS), max_size=8))
def test_whatever_order_receipts_come_in_the_state_only_moves_forward(
        one_text: tuple[AFamily, UUID], receipts: list[str]) -> None:
    parent, message = one_text
    with parent.store.transaction() as session:
        session.execute(update(Message).where(Message.id == message).values(state="queued"))
    seen = ["queued"]
    for receipt in receipts:
        assert report(parent.store, message, receipt, "SM9", None) is True
        with parent.store.reading() as session:
            seen.append(session.get_one(Message, message).state)
    ranks = [RANK[state] for state in seen]
    assert ranks == sorted(ranks)
    assert seen[-1] == "delivered" or not {"delivered", "read"} & set(receipts)


def test_the_ids_of_other_texts_are_known_so_that_none_is_taken_for_this_one(family: Family) -> None:
    parent = family(until=Kind.CHILD_NAME)
    first, second = sorted((row for row in parent.all(Message) if row.state == "queued"), key=lambda row: row.seq)[:2]
    record_sent(parent.store, first.id, "SM1", 1)
    text = claim(parent.store, second.id)
    assert text is not None
    assert sids_of_others(parent.store, text, first.created_at) == {"SM1"}


def _tried(parent: AFamily, message: UUID, not_found: int | None = None) -> ToSend:
    """The text, taken up for a try."""
    text = claim(parent.store, message, RULES, not_found=not_found)
    assert isinstance(text, ToSend) and not text.tried_before
    return text


@pytest.mark.parametrize("late", ["a refusal", "nothing left", "no answer"])
def test_what_is_told_of_an_old_try_undoes_nothing_of_a_newer_one(family: Family, late: str) -> None:
    parent = family(until=Kind.CONSENT)
    message = _queued(parent)
    old = _tried(parent, message)
    new = _tried(parent, message, not_found=old.tries)
    if late == "a refusal":
        record_failure(parent.store, message, "21211", old.tries)
    elif late == "nothing left":
        record_not_sent(parent.store, old)
    else:
        record_unclear(parent.store, old)
    stands = _row(parent, message)
    assert (stands.state, stands.tries, stands.error_code) == ("sending", new.tries, None)
    assert flags(parent) == [] and stands.attempted_at is not None


def test_an_id_that_an_old_try_brings_back_is_kept(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    message = _queued(parent)
    old = _tried(parent, message)
    new = _tried(parent, message, not_found=old.tries)
    record_sent(parent.store, message, "SM-old", 1)
    record_failure(parent.store, message, "21211", new.tries)
    record_not_sent(parent.store, new)
    assert (_row(parent, message).state, _row(parent, message).twilio_sid) == ("sent", "SM-old")


def test_a_second_id_for_one_text_is_counted(family: Family, caplog: pytest.LogCaptureFixture) -> None:
    parent = family(until=Kind.CONSENT)
    message = _queued(parent)
    for sid in ("SM-one", "SM-one", "SM-two", "SM-two"):
        record_sent(parent.store, message, sid, 1)
    twice = [row.provider_sid for row in parent.all(DeliveryReceipt) if row.state == LEFT_TWICE]
    assert twice == ["SM-two"] and _row(parent, message).twilio_sid == "SM-one"
    assert f"text {message} left twice" in caplog.text


def test_a_send_that_surely_left_nothing_puts_the_text_back(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    message = _queued(parent)
    record_not_sent(parent.store, _tried(parent, message), RULES)
    assert (_row(parent, message).state, spent(parent)) == ("queued", 0)
    assert not _tried(parent, message).tried_before


def test_a_text_that_was_unclear_once_is_looked_up_also_after_a_try_that_left_nothing(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    message = _queued(parent)
    first = _tried(parent, message)
    record_unclear(parent.store, first)
    since = _row(parent, message).unclear_since
    record_not_sent(parent.store, _tried(parent, message, not_found=first.tries), RULES)
    again = claim(parent.store, message, RULES)
    assert isinstance(again, ToSend) and again.tried_before
    assert _row(parent, message).unclear_since == since


@pytest.mark.parametrize("told", ["queued", "sent", "delivered"])
def test_a_receipt_settles_an_unclear_send_at_once(family: Family, told: str) -> None:
    parent = family(until=Kind.CONSENT)
    message = _queued(parent)
    record_unclear(parent.store, _tried(parent, message))
    report(parent.store, message, told, "SM9", None)
    assert claim(parent.store, message, RULES) is None
    stands = _row(parent, message)
    assert stands.state == ("delivered" if told == "delivered" else "sent") and stands.sent_at is not None


def test_the_ids_of_the_same_phones_other_conversation_are_known_too(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    first = _queued(parent)
    record_sent(parent.store, first, "SM1", 1)
    with parent.store.transaction() as session:  # as after a wrong number: the phone's next text begins anew
        session.execute(update(Conversation).values(status="wrong_person"))
        old = session.scalars(select(Conversation)).one()
        session.add(Conversation(public_id="another", family_id=old.family_id, channel="sms", phone=PHONE,
                                 phone_index=old.phone_index))
    with parent.store.transaction() as session:
        another = session.scalars(select(Conversation).where(Conversation.public_id == "another")).one()
        text = ToSend(uuid4(), another.id, PHONE, "hi", tried_before=True, at=datetime.now(UTC))
    assert sids_of_others(parent.store, text, _row(parent, first).created_at) == {"SM1"}
