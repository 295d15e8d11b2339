"""The worker walks the audit trail by itself, and goes on looking when the database was away."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from intake.store.audit import write_audit
from intake.store.connection import Store, open_store
from intake.store.encryption import KeyRing
from intake.usecases.alarms import open_alarms
from worker.audit import check_audit_for_ever

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def _runs_for(store: Store, seconds: float) -> None:
    async def run() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(check_audit_for_ever(store, 0.01, lambda: NOW), seconds)

    asyncio.run(run())


def test_s15_a_tampered_trail_raises_its_alarm_while_the_worker_runs(store: Store) -> None:
    with store.transaction() as session:
        write_audit(session, "operator", "case.viewed", "conversation", "one")
    with store.engine.begin() as connection:
        connection.execute(text("alter table audit disable trigger user"))
        connection.execute(text("update audit set actor = 'nobody'"))
        connection.execute(text("alter table audit enable trigger user"))
    _runs_for(store, 1.0)
    with store.reading() as session:
        assert [alarm.code for alarm in open_alarms(session)] == ["audit_broken"]


def test_a_database_that_is_away_is_asked_again(key_ring: KeyRing, caplog: pytest.LogCaptureFixture) -> None:
    _runs_for(open_store("postgresql://nobody@127.0.0.1:9/none", key_ring), 1.0)
    assert caplog.text.count("walking the audit trail failed: OperationalError") > 1
