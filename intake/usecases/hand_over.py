"""Notes from one shift to the next: one is open for each colleague and one for the team, and what was written stays readable.

A note is never changed. Writing a new one, or an empty one when all is done, puts the last one into the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import HandOverNote, Staff
from intake.usecases.assigning import ColleagueUnknown, colleagues
from intake.usecases.casework import NoteTooLong
from intake.usecases.staff import actor_of

NOTE_LIMIT = 4_000  # characters
HISTORY = 10
_ONE_AT_A_TIME = 0x6E6F7465  # an advisory lock: whoever writes sees the note before theirs


class NoteChanged(Exception):
    """Somebody wrote a note since the one that was shown; nothing was kept."""


@dataclass(frozen=True)
class Note:
    """One note: who wrote what, when. An empty text says that the note before it is done."""

    id: UUID
    text: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Notes:
    """The notes for one person, or for the team: the open one, and those before it, newest first."""

    open: Note | None
    newest: UUID | None
    history: tuple[Note, ...]


def write_note(store: Store, staff: int, text_: str, *, to: int | None, shown: UUID | None) -> None:
    """Writes the open note for the person ``to``, or for the team (None).

    Raises NoteTooLong, ColleagueUnknown, and NoteChanged when another note than ``shown`` is the newest by now.
    """
    words = text_.strip()
    if len(words) > NOTE_LIMIT:
        raise NoteTooLong(f"a note has at most {NOTE_LIMIT} characters")
    with store.transaction() as session:
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
        if to is not None and to not in {colleague.id for colleague in colleagues(session)}:
            raise ColleagueUnknown("nobody who works on cases has this id")
        newest = session.scalar(select(HandOverNote.id).where(_for(to)).order_by(HandOverNote.written_at.desc()).limit(1))
        if newest != shown:
            raise NoteChanged
        note = HandOverNote(for_staff_id=to, written_by=staff, text=words, written_at=datetime.now(UTC))
        session.add(note)
        session.flush()
        write_audit(session, actor_of(staff), "note.written" if words else "note.done", "hand_over_note", note.id)


def read_notes(session: Session, to: int | None) -> Notes:
    """The open note for ``to`` and the last ones before it."""
    query = (select(HandOverNote, Staff.name).join(Staff, Staff.id == HandOverNote.written_by).where(_for(to))
             .order_by(HandOverNote.written_at.desc()).limit(HISTORY + 1))
    notes = [Note(row.id, row.text, name, row.written_at) for row, name in session.execute(query)]
    newest = notes[0] if notes else None
    is_open = newest is not None and bool(newest.text)
    past = notes[1:] if is_open else notes
    return Notes(newest if is_open else None, newest.id if newest else None, tuple(note for note in past if note.text))


def _for(to: int | None) -> ColumnElement[bool]:
    return HandOverNote.for_staff_id.is_(None) if to is None else HandOverNote.for_staff_id == to
