"""S15: a line of the audit trail that was changed behind the programs' back is named, and raises an alarm by itself."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from typer.testing import CliRunner

from growline.cli import app as growline
from intake.store.audit import write_audit
from intake.store.connection import Store, open_store
from intake.store.encryption import KeyRing, new_key
from intake.usecases.alarms import open_alarms
from intake.usecases.audit_check import AUDIT_BROKEN, CHECK_EVERY, check_audit_when_due

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
TAMPERING = [
    ("edited", "update audit set actor = 'staff:9' where seq = 3", 3),
    ("removed", "delete from audit where seq = 2", 3),
    ("re-ordered", "update audit set seq = case seq when 2 then 4 else 2 end where seq in (2, 4)", 2),
]


def _lines(store: Store, count: int = 5) -> None:
    for number in range(count):
        with store.transaction() as session:
            write_audit(session, "operator", "case.viewed", "conversation", f"case-{number}")


def _tamper(store: Store, statement: str) -> None:
    """What only the database's owner can do: switch the guards off and change rows."""
    with store.engine.begin() as connection:
        connection.execute(text("alter table audit disable trigger user"))
        connection.execute(text("alter table audit drop constraint pk_audit"))
        connection.execute(text(statement))
        connection.execute(text("alter table audit add constraint pk_audit primary key (seq)"))
        connection.execute(text("alter table audit enable trigger user"))


def _alarms(store: Store) -> list[str]:
    with store.reading() as session:
        return [alarm.code for alarm in open_alarms(session)]


@pytest.mark.parametrize(("how", "statement", "line"), TAMPERING)
def test_s15_a_trail_that_was_tampered_with_raises_an_alarm_and_names_the_line(
    store: Store, caplog: pytest.LogCaptureFixture, how: str, statement: str, line: int
) -> None:
    _lines(store)
    _tamper(store, statement)
    assert check_audit_when_due(store, NOW)
    assert _alarms(store) == [AUDIT_BROKEN] and f"broken at line {line}" in caplog.text, how


@pytest.fixture
def operators(store: Store, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The empty store as the operator's command opens it, by its own keys."""
    data, index = new_key(), new_key()
    for name, value in (("DATABASE_URL", database_url), ("DATA_KEYS", data), ("INDEX_KEY", index)):
        monkeypatch.setenv(f"GROWLINE_{name}", value)
    opened = open_store(database_url, KeyRing([data], index))
    yield opened
    opened.close()


@pytest.mark.parametrize(("how", "statement", "line"), TAMPERING)
def test_s15_the_operators_command_names_the_line_and_ends_with_an_error(
    operators: Store, how: str, statement: str, line: int
) -> None:
    _lines(operators)
    assert CliRunner().invoke(growline, ["audit", "verify"]).exit_code == 0
    _tamper(operators, statement)
    told = CliRunner().invoke(growline, ["audit", "verify"])
    assert told.exit_code == 1 and f"broken at line {line}" in told.output, how


def test_s15_a_whole_trail_raises_nothing_and_ends_the_alarm(store: Store) -> None:
    _lines(store)
    _tamper(store, "update audit set actor = 'staff:9' where seq = 3")
    check_audit_when_due(store, NOW)
    _tamper(store, "update audit set actor = 'operator' where seq = 3")
    assert check_audit_when_due(store, NOW + CHECK_EVERY) and _alarms(store) == []


def test_the_trail_is_walked_once_a_day_whoever_looks(store: Store) -> None:
    _lines(store)
    assert [check_audit_when_due(store, NOW) for _ in range(2)] == [True, False]
    _tamper(store, "delete from audit where seq = 2")
    assert not check_audit_when_due(store, NOW + CHECK_EVERY - timedelta(seconds=1)) and _alarms(store) == []
    with ThreadPoolExecutor(3) as threads:
        walked = list(threads.map(lambda _: check_audit_when_due(store, NOW + CHECK_EVERY), range(3)))
    assert sorted(walked) == [False, False, True] and _alarms(store) == [AUDIT_BROKEN]


def test_a_walk_that_is_broken_off_is_done_again(store: Store) -> None:
    _lines(store)
    _rename(store, "audit", "audit_away")
    try:
        with pytest.raises(ProgrammingError):
            check_audit_when_due(store, NOW)
    finally:
        _rename(store, "audit_away", "audit")
    assert check_audit_when_due(store, NOW)


def _rename(store: Store, table: str, to: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(f"alter table {table} rename to {to}"))
