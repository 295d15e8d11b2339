"""Two made-up families that may be one, and what staff do with them: one writes texts, the other on the web."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from a_family import OTHER_PHONE, PHONE, AFamily, Answer
from sqlalchemy import select

from intake.store.connection import Store
from intake.store.models import Base, Staff
from intake.usecases import contact
from intake.usecases.merging import Choice, compare, merge, proposed
from intake.usecases.same_family import Relatives, relatives_of
from intake.usecases.unmerging import undo_merge

HER_OTHER_NUMBER: Answer = (OTHER_PHONE, lambda scene: contact.tell_phone(scene, OTHER_PHONE))
THE_SAME_NUMBER: Answer = (PHONE, lambda scene: contact.tell_phone(scene, PHONE))


def a_person(store: Store, name: str = "Luz Mora") -> int:
    """Somebody of the team."""
    with store.transaction() as session:
        staff = Staff(email=f"{uuid4().hex}@example.org", name=name, fs_uniquifier=uuid4().hex)
        session.add(staff)
        session.flush()
        return staff.id


def joins(one: AFamily, other: AFamily, staff: int, choice: Choice | None = None, *, form_key: UUID | None = None) -> UUID:
    """A person looks at both and joins them, as proposed when nothing else is chosen."""
    this, that = one.conversation().id, other.conversation().id
    pair = compare(one.store, this, that, staff)
    return merge(one.store, this, that, choice or proposed(pair), shown=pair.shown, staff=staff, form_key=form_key or uuid4())


def undoes(one: AFamily, merge_id: UUID, staff: int, anyway: str = "") -> None:
    """A person undoes a merge from the case of ``one``."""
    undo_merge(one.store, one.conversation().id, merge_id, staff, anyway)


def relatives(one: AFamily) -> Relatives:
    """What the case of ``one`` says of other families."""
    with one.store.reading() as session:
        return relatives_of(session, one.conversation(), one.today)


def dump(store: Store, *tables: type[Base]) -> Mapping[str, Any]:
    """Every column of every row of these tables."""
    with store.reading() as session:
        return {table.__tablename__: sorted((tuple(row) for row in session.execute(select(table.__table__))), key=repr)
                for table in tables}

