"""Reads the list of exports: one's own, or, for supervisors, everybody's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session, aliased

from intake.rules.exporting import ExportColumns, ExportState
from intake.store.connection import Store
from intake.store.models import Export, Staff
from intake.usecases.exporting import state_of

MOST_SHOWN = 50


@dataclass(frozen=True)
class ListedExport:
    """One export with where it stands now, and the names of who asked, decided and looked at it."""

    export: Export
    state: ExportState
    asked_by: str
    decided_by: str | None
    seen_by: str | None

    @property
    def to_look_at(self) -> bool:
        """Whether families' names went out and no supervisor has looked at it yet."""
        return (self.state is ExportState.DOWNLOADED and self.export.columns == ExportColumns.WITH_FAMILIES
                and self.export.seen_at is None)


def read_exports(store: Store, staff: int, *, everybodys: bool, now: datetime) -> tuple[ListedExport, ...]:
    """The newest exports of a person; of everybody, for supervisors, with those before them that nobody has looked at yet."""
    to_look_at = and_(Export.state == ExportState.DOWNLOADED.value, Export.columns == ExportColumns.WITH_FAMILIES.value,
                      Export.seen_at.is_(None))
    with store.reading() as session:
        if not everybodys:
            return tuple(_listed(session, Export.asked_by == staff, now))
        first = _listed(session, to_look_at, now)
        known = {one.export.id for one in first}
        return (*first, *(one for one in _listed(session, true(), now) if one.export.id not in known))


def _listed(session: Session, wanted: ColumnElement[bool], now: datetime) -> list[ListedExport]:
    asker, decider, looker = aliased(Staff), aliased(Staff), aliased(Staff)
    query = (
        select(Export, asker.name, decider.name, looker.name)
        .join(asker, asker.id == Export.asked_by)
        .outerjoin(decider, decider.id == Export.decided_by)
        .outerjoin(looker, looker.id == Export.seen_by)
        .where(wanted)
        .order_by(Export.asked_at.desc())
        .limit(MOST_SHOWN)
    )
    return [ListedExport(export, state_of(export, now), *names) for export, *names in session.execute(query)]
