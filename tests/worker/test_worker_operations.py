"""Health and figures of the worker: counts that tell whether texts flow, and no word of a family."""

from __future__ import annotations

from collections.abc import Callable

from a_family import AFamily
from fastapi.testclient import TestClient

from intake.rules.interview import Kind
from intake.store.connection import Store, open_store
from intake.store.encryption import KeyRing
from intake.store.models import Conversation, Message
from intake.store.models import Family as FamilyRow
from intake.usecases.alarms import clear_alarm, raise_alarm
from worker.operations import create_app

Family = Callable[..., AFamily]


def _figures(store: Store) -> str:
    return TestClient(create_app(store)).get("/metrics").text


def test_open_messages_waiting_texts_and_alarms_are_counted(family: Family) -> None:
    parent = family(until=Kind.CONSENT)
    parent.writes("yes please, Anselmo needs help")
    with parent.store.transaction() as session:
        raise_alarm(session, "spend_cap")
    told = _figures(parent.store)
    assert "growline_messages_open 1.0" in told and "growline_texts_queued 1.0" in told
    assert 'growline_alarms_open{code="spend_cap"} 1.0' in told
    assert "Anselmo" not in told and "5550142" not in told


def test_a_made_up_family_counts_for_nothing_whatever_its_messages_say(family: Family) -> None:
    store = family().store
    with store.transaction() as session:
        made_up = FamilyRow(practice=True)
        session.add(made_up)
        session.flush()
        conversation = Conversation(public_id="made-up", family_id=made_up.id, channel="sms", practice=True)
        session.add(conversation)
        session.flush()
        for seq, (direction, state) in enumerate((("inbound", "received"), ("outbound", "queued"), ("outbound", "sending"))):
            session.add(Message(conversation_id=conversation.id, seq=seq, direction=direction, speaker="you", text="hi",
                                state=state))
    told = _figures(store)
    assert "growline_messages_open 0.0" in told and "growline_texts_queued 0.0" in told


def test_an_alarm_that_is_over_is_not_shown(family: Family) -> None:
    parent = family()
    with parent.store.transaction() as session:
        raise_alarm(session, "spend_cap")
        clear_alarm(session, "spend_cap")
    assert "growline_alarms_open{" not in _figures(parent.store)


def test_a_worker_without_its_database_lives_and_is_not_ready(key_ring: KeyRing) -> None:
    store = open_store("postgresql://nobody@127.0.0.1:9/none", key_ring)
    client = TestClient(create_app(store))
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503
