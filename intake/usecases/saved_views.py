"""Views of the queue that a person keeps under a name of their own: a filter, and nothing about a family."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from intake.rules.text import clean
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import SavedView
from intake.usecases.staff import actor_of

MOST_VIEWS, NAME_LIMIT = 20, 40


class ViewNotSaved(ValueError):
    """The view has no name, one of more than ``NAME_LIMIT`` characters, or there are ``MOST_VIEWS`` already."""


class ViewUnknown(LookupError):
    """This person keeps no such view."""


@dataclass(frozen=True)
class View:
    """One kept view: its name and the filter's parts by name."""

    id: UUID
    name: str
    filter: dict[str, str]


def save_view(store: Store, staff: int, name: str, wanted: dict[str, str]) -> None:
    """Keeps a filter under ``name``, in place of one that the person kept under the same name. Raises ViewNotSaved."""
    name = " ".join(clean(name).split())
    if not name or len(name) > NAME_LIMIT:
        raise ViewNotSaved(f"a view needs a name of at most {NAME_LIMIT} characters")
    with store.transaction() as session:
        kept = list(session.scalars(select(SavedView).where(SavedView.staff_id == staff)))
        same = next((view for view in kept if view.name == name), None)
        if same is None and len(kept) >= MOST_VIEWS:
            raise ViewNotSaved(f"{MOST_VIEWS} views are kept already")
        view = same or SavedView(staff_id=staff, name=name, filter=wanted, created_at=func.clock_timestamp())
        view.filter = wanted
        session.add(view)
        session.flush()
        write_audit(session, actor_of(staff), "view.saved", "saved_view", view.id)


def delete_view(store: Store, staff: int, view_id: UUID) -> None:
    """Forgets a view. Raises ViewUnknown, for another person's view too."""
    with store.transaction() as session:
        view = session.get(SavedView, view_id)
        if view is None or view.staff_id != staff:
            raise ViewUnknown("no such view")
        session.delete(view)
        write_audit(session, actor_of(staff), "view.deleted", "saved_view", view_id)


def views_of(store: Store, staff: int) -> list[View]:
    """The views a person keeps, in the order they were made."""
    with store.reading() as session:
        rows = session.scalars(select(SavedView).where(SavedView.staff_id == staff).order_by(SavedView.created_at))
        return [View(row.id, row.name, {key: str(value) for key, value in row.filter.items()}) for row in rows]
