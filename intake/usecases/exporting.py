"""Taking cases out as a file: a person asks, a supervisor agrees where families are named, the asker fetches it once.

Each step leaves its line in the audit trail, and a file with families raises an alarm until a supervisor has looked at it. The
rows are read when the file is fetched, and the file is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intake.rules.exporting import (
    LONGEST_LINE,
    MOST_A_DAY,
    MOST_ROWS,
    ExportColumns,
    ExportPurpose,
    ExportState,
    as_it_stands,
    begins_as,
    check_move,
)
from intake.rules.referral import ReferralStatus
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Export, Staff
from intake.usecases.alarms import clear_alarm, raise_alarm
from intake.usecases.casework import FormUsed
from intake.usecases.export_rows import ExportRow, Wanted, count_rows, read_rows
from intake.usecases.staff import CASEWORK, StaffRole, actor_of

_DETAIL = 120  # characters that a line of the audit trail has room for
_DAY = timedelta(hours=24)


class ExportUnknown(LookupError):
    """There is no such export, or not for this person."""


class ExportNotAsked(ValueError):
    """What was asked for cannot be had; ``code`` says why: "days", "line" or "too_many_today"."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"the export was not asked for: {code}")


class TooManyRows(ValueError):
    """The export has more than the most rows it may have; ``rows`` is how many."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        super().__init__(f"{rows} rows are more than {MOST_ROWS}")


class OwnExport(Exception):
    """Nobody decides on what they asked for themselves."""


@dataclass(frozen=True)
class File:
    """A fetched export: its number and the bytes that the caller made of its rows."""

    number: int
    data: bytes


def ask(store: Store, wanted: Wanted, staff: int, form_key: UUID, *, now: datetime, zone: ZoneInfo) -> UUID:
    """Asks for an export; its id. A form sent twice asks once.

    Raises ExportNotAsked, TooManyRows, and FormUsed when the form has asked for something else. Nothing is kept then.
    """
    _check(wanted, now.astimezone(zone).date())
    with store.transaction() as session:
        person = session.get_one(Staff, staff, with_for_update=True)  # one at a time, or the limit of a day would be none
        earlier = session.scalar(select(Export).where(Export.asked_by == staff, Export.form_key == form_key))
        if earlier is not None:
            if wanted_of(earlier) != wanted:
                raise FormUsed
            return earlier.id
        _check_limits(session, wanted, staff, now, zone)
        state = begins_as(wanted.columns)
        export = Export(
            id=uuid4(), asked_by=staff, asked_role=_role(person), asked_at=now, form_key=form_key, columns=wanted.columns.value,
            from_day=wanted.from_day, to_day=wanted.to_day, program_id=wanted.program_id,
            status=wanted.status.value if wanted.status else None, language=wanted.language, purpose=wanted.purpose.value,
            line=wanted.line, state=state.value, state_at=now)
        session.add(export)
        session.flush()
        write_audit(session, actor_of(staff), "export.asked", "export", export.id, detail=_told(wanted))
        return export.id


def decide(store: Store, export_id: UUID, staff: int, to: ExportState, *, now: datetime) -> None:
    """A supervisor agrees or refuses. Raises ExportUnknown, OwnExport, and ExportMoveNotAllowed when it is decided or expired."""
    with store.transaction() as session:
        export = _locked(session, export_id)
        if export.asked_by == staff:
            raise OwnExport
        check_move(state_of(export, now), to)
        export.state, export.state_at, export.decided_by = to.value, now, staff
        write_audit(session, actor_of(staff), f"export.{to.value}", "export", export_id)


def fetch(store: Store, export_id: UUID, staff: int, make: Callable[[Export, Sequence[ExportRow]], bytes], *, now: datetime,
          zone: ZoneInfo) -> File:
    """The file, made by ``make`` of the rows as they are now, for the asker alone and once.

    Raises ExportUnknown for anybody else and for an asker who is locked or has another role by now, ExportMoveNotAllowed when
    it is not approved, was fetched or has expired, and TooManyRows. Nothing is changed then, nor when ``make`` fails.
    """
    with store.transaction() as session:
        export = _locked(session, export_id)
        if export.asked_by != staff or not _may_still(session, export):
            raise ExportUnknown("no such export for this person")
        check_move(state_of(export, now), ExportState.DOWNLOADED)
        wanted = wanted_of(export)
        _check_rows(session, wanted, zone)
        rows = read_rows(session, wanted, zone)
        data = make(export, rows)
        export.state, export.state_at, export.rows = ExportState.DOWNLOADED.value, now, len(rows)
        detail = f"{wanted.columns} rows {len(rows)}"
        write_audit(session, actor_of(staff), "export.downloaded", "export", export_id, detail=detail)
        if wanted.columns is ExportColumns.WITH_FAMILIES:
            raise_alarm(session, alarm_of(export))
        return File(export.number, data)


def look_at(store: Store, export_id: UUID, staff: int, *, now: datetime) -> None:
    """A supervisor has looked at an export with families that was fetched; its alarm ends. Once is enough.

    Raises ExportUnknown when there is nothing to look at, and OwnExport.
    """
    with store.transaction() as session:
        export = _locked(session, export_id)
        if export.state != ExportState.DOWNLOADED or export.columns != ExportColumns.WITH_FAMILIES:
            raise ExportUnknown("no such export to look at")
        if export.asked_by == staff:
            raise OwnExport
        if export.seen_at is None:
            export.seen_by, export.seen_at = staff, now
            clear_alarm(session, alarm_of(export))
            write_audit(session, actor_of(staff), "export.seen", "export", export_id)


def state_of(export: Export, now: datetime) -> ExportState:
    """Where an export stands now."""
    return as_it_stands(ExportState(export.state), export.state_at, now)


def alarm_of(export: Export) -> str:
    """The code of the alarm that an export with families raises."""
    return f"export_{export.number}"


def wanted_of(export: Export) -> Wanted:
    """What was asked for."""
    return Wanted(ExportColumns(export.columns), export.from_day, export.to_day, ExportPurpose(export.purpose), export.line,
                  export.program_id, ReferralStatus(export.status) if export.status else None, export.language)


def _check(wanted: Wanted, today: date) -> None:
    if not wanted.from_day <= wanted.to_day <= today:
        raise ExportNotAsked("days")
    if not wanted.line.strip() or len(wanted.line) > LONGEST_LINE:
        raise ExportNotAsked("line")


def _check_limits(session: Session, wanted: Wanted, staff: int, now: datetime, zone: ZoneInfo) -> None:
    today = select(func.count()).select_from(Export).where(Export.asked_by == staff, Export.asked_at > now - _DAY)
    if (session.scalar(today) or 0) >= MOST_A_DAY:
        raise ExportNotAsked("too_many_today")
    _check_rows(session, wanted, zone)


def _check_rows(session: Session, wanted: Wanted, zone: ZoneInfo) -> None:
    rows = count_rows(session, wanted, zone)
    if rows > MOST_ROWS:
        raise TooManyRows(rows)


def _locked(session: Session, export_id: UUID) -> Export:
    export = session.get(Export, export_id, with_for_update=True)
    if export is None:
        raise ExportUnknown("no such export")
    return export


def _may_still(session: Session, export: Export) -> bool:
    person = session.get_one(Staff, export.asked_by)
    return person.active and _role(person) == export.asked_role


def _role(person: Staff) -> str:
    """The one role that counts here: the higher of those a person has."""
    names = {role.name for role in person.roles}
    return next((role.value for role in (StaffRole.SUPERVISOR, *CASEWORK) if role.value in names), "")


def _told(wanted: Wanted) -> str:
    parts = (wanted.program_id, wanted.status, wanted.language)
    told = f"{wanted.columns} {wanted.from_day} to {wanted.to_day} {wanted.purpose} {' '.join(part or 'all' for part in parts)}"
    return told[:_DETAIL]
