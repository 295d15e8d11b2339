"""The audit trail and the consent ledger: they only grow, and a line altered behind the database's back is named."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from intake.store.audit import verify, write_audit
from intake.store.connection import Store
from intake.store.models import Consent, Family


def _lines(store: Store, count: int) -> None:
    for number in range(count):
        with store.transaction() as session:
            write_audit(session, "operator", "case.viewed", "conversation", f"case-{number}", "a detail" if number % 2 else None)


def _broken_at(store: Store) -> int | None:
    with store.reading() as session:
        return verify(session)


def _behind_the_triggers(store: Store, statement: str) -> None:
    """What only the database's owner can do: switch the guards off and change rows."""
    with store.engine.begin() as connection:
        connection.execute(text("alter table audit disable trigger user"))
        connection.execute(text(statement))
        connection.execute(text("alter table audit enable trigger user"))


def test_an_untouched_trail_verifies(store: Store) -> None:
    assert _broken_at(store) is None
    _lines(store, 5)
    assert _broken_at(store) is None


@pytest.mark.parametrize("change", ["actor = 'staff:9'", "action = 'nothing'", "object_id = 'other'", "detail = 'x'",
                                    "at = at + interval '1 second'", "object_type = 'child'"])
def test_the_first_altered_line_is_named(store: Store, change: str) -> None:
    _lines(store, 5)
    _behind_the_triggers(store, f"update audit set {change} where seq = 3")
    assert _broken_at(store) == 3


def test_a_line_taken_out_shows_at_the_one_after_it(store: Store) -> None:
    _lines(store, 5)
    _behind_the_triggers(store, "delete from audit where seq = 2")
    assert _broken_at(store) == 3


def test_two_lines_that_changed_places_are_noticed(store: Store) -> None:
    _lines(store, 4)
    _behind_the_triggers(store, "update audit set seq = case seq when 2 then 103 when 3 then 102 end where seq in (2, 3)")
    _behind_the_triggers(store, "update audit set seq = seq - 100 where seq > 100")
    assert _broken_at(store) == 2


@pytest.mark.parametrize("statement", ["update audit set actor = 'nobody'", "delete from audit"])
def test_the_database_itself_refuses_to_change_the_trail(store: Store, statement: str) -> None:
    _lines(store, 2)
    with pytest.raises(DBAPIError, match="never changed or removed"), store.engine.begin() as connection:
        connection.execute(text(statement))
    assert _broken_at(store) is None


@pytest.mark.parametrize("statement", ["update consent set given = true", "delete from consent"])
def test_the_database_itself_refuses_to_change_a_consent(store: Store, statement: str) -> None:
    with store.transaction() as session:
        family = Family()
        session.add(family)
        session.flush()
        session.add(Consent(family_id=family.id, kind="contact", given=False, source="sms", words_shown="introduction-1"))
    with pytest.raises(DBAPIError, match="never changed or removed"), store.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_deed_that_fails_leaves_no_line(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.transaction() as session:
        write_audit(session, "operator", "case.viewed", "conversation", "one")
        raise ZeroDivisionError
    _lines(store, 1)
    assert _broken_at(store) is None


def test_lines_written_at_the_same_instant_still_form_one_chain(store: Store) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: _lines(store, 3), range(6)))
    with store.reading() as session:
        assert session.scalar(text("select count(*) from audit")) == 18
    assert _broken_at(store) is None
