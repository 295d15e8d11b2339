"""Staff write notes on a case. A note is never changed: a correction is a new note that replaces it, and both stay readable.

A form sent twice is one note. Two people may correct the same note at once: the second is told, and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.content.library import Content
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import CaseNote, Conversation, Staff
from intake.usecases.casework import NOTE_LIMIT, CaseUnknown, FormUsed, NoteTooLong
from intake.usecases.staff import actor_of
from intake.usecases.told_to_staff import flag_danger_told


class NoteUnknown(LookupError):
    """This case has no such note."""


class NoteEmpty(ValueError):
    """There is no word in the note."""


class NoteReplaced(Exception):
    """The note that was to be corrected has been corrected by somebody meanwhile; nothing was kept."""


@dataclass(frozen=True)
class WrittenNote:
    """A note as it is shown: who wrote it, when, what it says, and the notes it corrected, the newest of these first."""

    id: UUID
    staff_name: str
    written_at: datetime
    text: str
    replaced: tuple[WrittenNote, ...] = ()


def write_note(store: Store, content: Content, conversation_id: UUID, text: str, *, staff: int, form_key: UUID,
               replaces: UUID | None = None) -> bool:
    """Keeps a note, once for each form; False when the same form has kept it already. It is read for danger, as a call's note is.

    Raises CaseUnknown, NoteEmpty, NoteTooLong, NoteUnknown and NoteReplaced about the note it ``replaces``, and FormUsed when
    the form has kept other words. Nothing is kept then.
    """
    if not text.strip():
        raise NoteEmpty("a note has words")
    if len(text) > NOTE_LIMIT:
        raise NoteTooLong(f"a note has at most {NOTE_LIMIT} characters")
    with store.transaction() as session:
        # The case is held, so that two forms of one moment follow each other.
        conversation = session.get(Conversation, conversation_id, with_for_update=True)
        if conversation is None:
            raise CaseUnknown("no such conversation")
        known = session.scalar(select(CaseNote).where(CaseNote.conversation_id == conversation_id, CaseNote.staff_id == staff,
                                                      CaseNote.form_key == form_key))
        if known is not None:
            if (known.text, known.replaces) != (text, replaces):
                raise FormUsed
            return False
        _check_replaced(session, conversation_id, replaces)
        note = CaseNote(conversation_id=conversation_id, staff_id=staff, form_key=form_key, text=text, replaces=replaces)
        session.add(note)
        session.flush()
        flag_danger_told(session, content, conversation, text)
        action = "case_note.written" if replaces is None else "case_note.corrected"
        write_audit(session, actor_of(staff), action, "case_note", note.id)
        return True


def _check_replaced(session: Session, conversation_id: UUID, replaces: UUID | None) -> None:
    if replaces is None:
        return
    old = session.get(CaseNote, replaces)
    if old is None or old.conversation_id != conversation_id:
        raise NoteUnknown("no such note in this case")
    if session.scalar(select(CaseNote.id).where(CaseNote.replaces == replaces)) is not None:
        raise NoteReplaced


def notes_of(store: Store, conversation_id: UUID) -> tuple[WrittenNote, ...]:
    """The notes of a case that stand, newest first, each with those it corrected."""
    query = (select(CaseNote, Staff.name).join(Staff, Staff.id == CaseNote.staff_id)
             .where(CaseNote.conversation_id == conversation_id).order_by(CaseNote.written_at, CaseNote.id))
    with store.reading() as session:
        return _standing((note, name) for note, name in session.execute(query))


def _standing(rows: Iterable[tuple[CaseNote, str]]) -> tuple[WrittenNote, ...]:
    shown: dict[UUID, WrittenNote] = {}
    for note, name in rows:
        old = shown.pop(note.replaces, None) if note.replaces else None
        chain = () if old is None else (replace(old, replaced=()), *old.replaced)
        shown[note.id] = WrittenNote(note.id, name, note.written_at, note.text, chain)
    return tuple(reversed(shown.values()))
