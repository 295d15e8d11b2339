"""Exports: asked for with a purpose and a limit, agreed to by another person, fetched once by the asker, looked at afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, select, text

from intake.content.library import Content
from intake.rules.calls import CallOutcome, CallTo
from intake.rules.exporting import (
    ASK_STANDS_FOR,
    GOOD_FOR,
    MOST_A_DAY,
    MOST_ROWS,
    ExportColumns,
    ExportMoveNotAllowed,
    ExportPurpose,
    ExportState,
)
from intake.rules.referral import ReferralStatus
from intake.store.connection import Store
from intake.store.models import Consent, Conversation, Export, Flag, Referral, ReferralMove, Role, Staff
from intake.usecases.alarms import open_alarms
from intake.usecases.calls import CallMade, log_call
from intake.usecases.casework import FormUsed
from intake.usecases.export_rows import ExportRow, Wanted
from intake.usecases.exporting import ExportNotAsked, ExportUnknown, OwnExport, TooManyRows, ask, decide, fetch, look_at
from intake.usecases.merging import Choice, compare, merge
from intake.usecases.staff import StaffRole
from tests.console.colleagues import a_colleague
from tests.console.desk import audit_lines
from tests.console.made_up_families import PHONE, MadeUpCase, a_case

OTHER_PHONE = "+18605550177"
ZONE = ZoneInfo("America/New_York")
TODAY = datetime.now(ZONE).date()
WITHOUT = Wanted(ExportColumns.WITHOUT_NAMES, TODAY - timedelta(days=30), TODAY, ExportPurpose.FUNDER_REPORT, "for the board")
WITH = replace(WITHOUT, columns=ExportColumns.WITH_FAMILIES, purpose=ExportPurpose.FOLLOW_UP_LIST)
Rows = Sequence[ExportRow]


@pytest.fixture
def omar(store: Store) -> int:
    return a_colleague(store)


@pytest.fixture
def luz(store: Store) -> int:
    return a_colleague(store, "Luz Marin", StaffRole.SUPERVISOR)


def now() -> datetime:
    return datetime.now(UTC)


def asks(store: Store, staff: int, wanted: Wanted = WITH, key: UUID | None = None, at: datetime | None = None) -> UUID:
    return ask(store, wanted, staff, key or uuid4(), now=at or now(), zone=ZONE)


def fetches(store: Store, export: UUID, staff: int, at: datetime | None = None,
            make: Callable[[Export, Rows], bytes] | None = None) -> list[ExportRow]:
    kept: list[ExportRow] = []

    def keep(_: Export, rows: Rows) -> bytes:
        kept.extend(rows)
        return b"a file"

    fetch(store, export, staff, make or keep, now=at or now(), zone=ZONE)
    return kept


def approved(store: Store, staff: int, by: int, wanted: Wanted = WITH) -> UUID:
    export = asks(store, staff, wanted)
    decide(store, export, by, ExportState.APPROVED, now=now())
    return export


def stored(store: Store, export: UUID) -> Export:
    with store.reading() as session:
        return session.get_one(Export, export)


def trail(store: Store) -> list[tuple[str, str, str | None]]:
    return [(line.action, line.actor, line.detail) for line in audit_lines(store) if line.action.startswith("export.")]


def alarms(store: Store) -> list[str]:
    with store.reading() as session:
        return [alarm.code for alarm in open_alarms(session)]


def test_s14_names_leave_only_after_another_persons_yes_and_every_step_leaves_its_line(store: Store, omar: int, luz: int) -> None:
    case = a_case(store)
    export = asks(store, omar)
    with pytest.raises(ExportMoveNotAllowed):
        fetches(store, export, omar)
    decide(store, export, luz, ExportState.APPROVED, now=now())
    (row,) = fetches(store, export, omar)
    assert row.family is not None
    assert (row.family.number, row.family.child, row.family.contact) == (case.receipt, "Mateo Luis", "Rosa Delgado-Ortiz")
    days = f"{WITH.from_day} to {WITH.to_day}"
    assert trail(store) == [
        ("export.asked", f"staff:{omar}", f"with_families {days} follow_up_list all all all"),
        ("export.approved", f"staff:{luz}", None),
        ("export.downloaded", f"staff:{omar}", "with_families rows 1"),
    ]
    assert all("Mateo" not in (line.detail or "") for line in audit_lines(store))


def test_s14_a_file_with_families_raises_an_alarm_until_a_supervisor_has_looked(store: Store, omar: int, luz: int) -> None:
    a_case(store)
    without = asks(store, omar, WITHOUT)
    fetches(store, without, omar)
    assert alarms(store) == []
    export = approved(store, omar, luz)
    fetches(store, export, omar)
    assert alarms(store) == [f"export_{stored(store, export).number}"]
    with pytest.raises(OwnExport):
        look_at(store, export, omar, now=now())
    with pytest.raises(ExportUnknown):
        look_at(store, without, luz, now=now())
    for _ in range(2):
        look_at(store, export, luz, now=now())
    assert alarms(store) == [] and [line[:2] for line in trail(store)].count(("export.seen", f"staff:{luz}")) == 1


def test_s14_nobody_approves_what_they_asked_for(store: Store, luz: int) -> None:
    export = asks(store, luz)
    for to in (ExportState.APPROVED, ExportState.REFUSED):
        with pytest.raises(OwnExport):
            decide(store, export, luz, to, now=now())
    assert stored(store, export).state == "asked"
    with pytest.raises(Exception, match="ck_export_decided_by_another"), store.engine.begin() as connection:
        connection.execute(text("update export set decided_by = asked_by"))


def test_s14_a_file_is_fetched_once_by_the_asker_within_a_day(store: Store, omar: int, luz: int) -> None:
    a_case(store)
    export = approved(store, omar, luz)
    with pytest.raises(ExportUnknown):
        fetches(store, export, luz)
    with pytest.raises(ExportMoveNotAllowed):
        fetches(store, export, omar, at=now() + GOOD_FOR)
    assert len(fetches(store, export, omar, at=now() + GOOD_FOR - timedelta(minutes=1))) == 1
    with pytest.raises(ExportMoveNotAllowed):
        fetches(store, export, omar)
    assert stored(store, export).rows == 1


def test_of_two_downloads_at_once_one_gets_the_file(store: Store, omar: int, luz: int) -> None:
    a_case(store)
    export = approved(store, omar, luz)

    def tries(_: int) -> bool:
        try:
            fetches(store, export, omar)
        except ExportMoveNotAllowed:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(tries, range(4))) == [False, False, False, True]


def test_a_file_that_cannot_be_made_is_not_used_up(store: Store, omar: int) -> None:
    export = asks(store, omar, WITHOUT)

    def fails(_: Export, __: Rows) -> bytes:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fetches(store, export, omar, make=fails)
    assert stored(store, export).state == "approved" and fetches(store, export, omar) == []


@pytest.mark.parametrize("change", ["locked", "another_role"])
def test_s14_whoever_is_locked_or_has_another_role_by_now_gets_nothing(
    store: Store, omar: int, luz: int, change: str
) -> None:
    export = approved(store, omar, luz)
    with store.transaction() as session:
        person = session.get_one(Staff, omar)
        if change == "locked":
            person.active = False
        else:
            person.roles = [session.scalars(select(Role).where(Role.name == "supervisor")).one()]
    with pytest.raises(ExportUnknown):
        fetches(store, export, omar)
    assert stored(store, export).state == "approved"


def test_what_was_decided_or_has_expired_is_not_decided_again(store: Store, omar: int, luz: int) -> None:
    export, other = asks(store, omar), asks(store, omar)
    decide(store, export, luz, ExportState.REFUSED, now=now())
    with pytest.raises(ExportMoveNotAllowed):
        decide(store, export, luz, ExportState.APPROVED, now=now())
    with pytest.raises(ExportMoveNotAllowed):
        decide(store, other, luz, ExportState.APPROVED, now=now() + ASK_STANDS_FOR)
    with pytest.raises(ExportUnknown):
        decide(store, uuid4(), luz, ExportState.APPROVED, now=now())


@pytest.mark.parametrize(("wanted", "code"), [
    (replace(WITH, from_day=TODAY, to_day=TODAY - timedelta(days=1)), "days"),
    (replace(WITH, to_day=TODAY + timedelta(days=1)), "days"), (replace(WITH, to_day=date.max), "days"),
    (replace(WITH, line="  "), "line"), (replace(WITH, line="x" * 201), "line"),
])
def test_a_bad_ask_is_not_kept(store: Store, omar: int, wanted: Wanted, code: str) -> None:
    with pytest.raises(ExportNotAsked) as problem:
        asks(store, omar, wanted)
    assert problem.value.code == code and trail(store) == []


def test_s14_nobody_asks_more_often_than_the_limit_of_a_day(store: Store, omar: int, luz: int) -> None:
    for _ in range(MOST_A_DAY):
        asks(store, omar, WITHOUT)
    with pytest.raises(ExportNotAsked):
        asks(store, omar, WITHOUT)
    asks(store, luz, WITHOUT)
    asks(store, omar, replace(WITHOUT, to_day=TODAY), at=now() + timedelta(hours=25))


def test_a_form_sent_twice_asks_once_and_one_with_other_words_is_told(store: Store, omar: int) -> None:
    key = uuid4()
    assert asks(store, omar, key=key) == asks(store, omar, key=key)
    with pytest.raises(FormUsed):
        asks(store, omar, WITHOUT, key=key)
    assert len(trail(store)) == 1


def _many_referrals(store: Store, case: MadeUpCase, count: int) -> None:
    with store.transaction() as session:
        session.add_all([Referral(conversation_id=case.conversation, program_id=f"program_{number}", reason_rule="R1",
                                  status="ready") for number in range(count)])


def test_s14_too_many_rows_are_refused_with_their_number_also_when_they_came_later(store: Store, omar: int) -> None:
    case = a_case(store)
    _many_referrals(store, case, MOST_ROWS - 1)
    export = asks(store, omar, WITHOUT)
    with store.transaction() as session:
        session.add(Referral(conversation_id=case.conversation, program_id="late", reason_rule="R1", status="ready"))
    for attempt in (lambda: asks(store, omar, WITHOUT), lambda: fetches(store, export, omar)):
        with pytest.raises(TooManyRows) as problem:
            attempt()
        assert problem.value.rows == MOST_ROWS + 1
    assert asks(store, omar, replace(WITHOUT, program_id="late")) and stored(store, export).state == "approved"


def test_only_what_was_asked_for_is_in_the_file(store: Store, omar: int) -> None:
    a_case(store, language="es", status=ReferralStatus.SENT)
    a_case(store, language="es")
    a_case(store, status=ReferralStatus.SENT)
    old = a_case(store)
    with store.transaction() as session:
        session.get_one(Referral, old.referral).created_at = now() - timedelta(days=60)
    only = replace(WITHOUT, language="es", status=ReferralStatus.SENT, program_id="birth_to_three")
    assert [(row.language, row.status) for row in fetches(store, asks(store, omar, only), omar)] == [("es", "sent")]
    assert len(fetches(store, asks(store, omar, WITHOUT), omar)) == 3
    assert fetches(store, asks(store, omar, replace(WITHOUT, program_id="easy_breathing")), omar) == []


def test_a_day_begins_and_ends_by_the_affiliates_clock(store: Store, omar: int) -> None:
    case = a_case(store)
    day = TODAY - timedelta(days=3)
    with store.transaction() as session:
        session.get_one(Referral, case.referral).created_at = datetime(day.year, day.month, day.day, 23, 30, tzinfo=ZONE)
    (row,) = fetches(store, asks(store, omar, replace(WITHOUT, from_day=day, to_day=day)), omar)
    assert row.made == day
    assert fetches(store, asks(store, omar, replace(WITHOUT, from_day=day + timedelta(days=1))), omar) == []


def test_without_names_a_row_holds_months_and_codes_alone(store: Store, omar: int) -> None:
    case = a_case(store)
    with store.transaction() as session:
        session.add(ReferralMove(referral_id=case.referral, to_status="ready", actor="agent", source="staff", gap="none_near"))
    (row,) = fetches(store, asks(store, omar, WITHOUT), omar)
    assert row.family is None and row.domains == ("language_communication",) and (row.barrier, row.gap) == (None, "none_near")
    assert row.age_months is not None and row.age_months >= 20
    assert not any(private in repr(row) for private in ("Mateo", "Rosa", "5550142", "06106", "two words", case.receipt))


@pytest.mark.parametrize("why", ["refused", "never_asked", "wants_to_be_forgotten"])
def test_without_a_standing_yes_a_family_is_in_no_export_with_names(store: Store, omar: int, luz: int, why: str) -> None:
    case, other = a_case(store), a_case(store)
    with store.transaction() as session:
        if why == "refused":
            family = session.get_one(Conversation, case.conversation).family_id
            session.add(Consent(family_id=family, conversation_id=case.conversation, kind="contact", given=False, source="sms",
                                words_shown="contact-1", at=now()))
        elif why == "wants_to_be_forgotten":
            session.add(Flag(conversation_id=case.conversation, code="delete_data", rule="privacy", urgency="standard"))
    if why == "never_asked":
        _behind_the_triggers(store, case.conversation)
    rows = fetches(store, approved(store, omar, luz), omar)
    assert [row.family.number for row in rows if row.family] == [other.receipt]
    assert len(fetches(store, asks(store, omar, WITHOUT), omar)) == 2


def _behind_the_triggers(store: Store, conversation: UUID) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("alter table consent disable trigger user"))
        connection.execute(text("update consent set kind = 'sms' where conversation_id = :id"), {"id": conversation})
        connection.execute(text("alter table consent enable trigger user"))


def _joined(store: Store, case: MadeUpCase, other: MadeUpCase, staff: int) -> None:
    """``other`` told another number and another name; the two are joined, and the family is called by those."""
    with store.transaction() as session:
        family = session.get_one(Conversation, other.conversation).family
        family.contact_name, family.phone, family.phone_index = "Abuela", OTHER_PHONE, store.keys.phone_index(OTHER_PHONE)
    pair = compare(store, case.conversation, other.conversation, staff)
    choice = Choice({"phone": "other", "contact_name": "other"})
    merge(store, case.conversation, other.conversation, choice, shown=pair.shown, staff=staff, form_key=uuid4())


def _found_wrong(store: Store, content: Content, case: MadeUpCase, staff: int) -> None:
    made = CallMade(CallTo.FAMILY, CallOutcome.WRONG_NUMBER, now())
    log_call(store, content, case.conversation, made, staff=staff, form_key=uuid4())


def _contacts(store: Store, omar: int, luz: int) -> dict[str | None, tuple[str | None, str | None]]:
    rows = fetches(store, approved(store, omar, luz), omar)
    return {row.family.number: (row.family.contact, row.family.phone) for row in rows if row.family}


def test_a_case_that_was_joined_leaves_with_the_contact_told_in_it(store: Store, omar: int, luz: int) -> None:
    case, other = a_case(store), a_case(store)
    _joined(store, case, other, luz)
    assert _contacts(store, omar, luz) == {case.receipt: ("Rosa Delgado-Ortiz", PHONE), other.receipt: ("Abuela", OTHER_PHONE)}


@pytest.mark.parametrize("joined", [True, False])
def test_a_number_found_wrong_leaves_in_no_file(store: Store, content: Content, omar: int, luz: int, joined: bool) -> None:
    case, other = a_case(store), a_case(store)
    if joined:
        _found_wrong(store, content, case, omar)
        _joined(store, case, other, luz)
        assert _contacts(store, omar, luz) == {
            case.receipt: ("Rosa Delgado-Ortiz", None), other.receipt: ("Abuela", OTHER_PHONE)}
    else:
        _found_wrong(store, content, case, omar)
        assert _contacts(store, omar, luz) == {
            case.receipt: ("Rosa Delgado-Ortiz", None), other.receipt: ("Rosa Delgado-Ortiz", PHONE)}
    with store.reading() as session:
        phones = {session.get_one(Conversation, told.conversation).family.phone for told in (case, other)}
    assert phones == ({OTHER_PHONE} if joined else {PHONE}), "an export changes no family"


def test_the_number_of_queries_does_not_grow_with_the_rows(store: Store, omar: int, luz: int) -> None:
    counted: list[int] = []
    for families in (1, 12):
        for _ in range(families):
            a_case(store)
        export = approved(store, omar, luz)
        statements: list[str] = []

        def count(*told: Any, into: list[str] = statements) -> None:
            into.append(told[2])

        event.listen(store.engine, "before_cursor_execute", count)
        fetches(store, export, omar)
        event.remove(store.engine, "before_cursor_execute", count)
        counted.append(len(statements))
    assert counted[0] == counted[1]
