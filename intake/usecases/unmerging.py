"""Two families that were joined are two again: every row is put back as it stood, but for what was told since.

What was told since in a talk goes with that talk. Where something has changed, the person is told what, and the rest is undone
only when they say so.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.orm import Session

from intake.store.audit import write_audits
from intake.store.connection import Store
from intake.store.encryption import keys_of
from intake.store.models import Answer, Child, Concern, Conversation, Family, FamilyMerge, Referral, Staff
from intake.usecases.casework import CaseUnknown
from intake.usecases.family_facts import (
    CHILD_FACTS,
    FACTS,
    ITEM_OF_CHILD_FACT,
    LOST,
    facts_of,
    facts_of_child,
    put_child_fact,
    put_fact,
    same_child_fact,
)
from intake.usecases.merging import lock_merging
from intake.usecases.parted_numbers import case_of_correction, keep_found_wrong
from intake.usecases.same_family import CaseName
from intake.usecases.staff import actor_of


class MergedAgainSince(Exception):
    """A later merge stands on this one and has to be undone first."""


@dataclass(frozen=True)
class ChangeSince:
    """What a merge touched and has changed since: a ``fact`` of the family or of a child, or a ``child`` first told of."""

    kind: str  # "family", "child", "new_child"
    fact: str
    row: str = ""


class ChangedSinceMerge(Exception):
    """Something has changed since the merge; nothing was undone. ``token`` says which changes a person was shown."""

    def __init__(self, changes: tuple[ChangeSince, ...], token: str) -> None:
        self.changes, self.token = changes, token
        super().__init__("told since the merge")


@dataclass(frozen=True)
class StandingMerge:
    """A merge as the cases of it show it: with which cases, by whom, when, and whether it is the one to undo first."""

    id: UUID
    cases: tuple[CaseName, ...]
    by: str
    at: datetime
    is_last: bool


def merges_of(session: Session, conversation: Conversation) -> tuple[StandingMerge, ...]:
    """The merges that a conversation has part in, the newest first."""
    found = session.execute(
        select(FamilyMerge, Staff.name).join(Staff, Staff.id == FamilyMerge.merged_by)
        .where(FamilyMerge.undone_at.is_(None), FamilyMerge.kept_id.in_(_rows_of(conversation.family_id)))
        .order_by(FamilyMerge.merged_at.desc())).all()
    if not found:
        return ()
    named = {str(talk.id): CaseName(talk.id, talk.receipt_number) for talk in session.execute(
        select(Conversation.id, Conversation.receipt_number).where(Conversation.family_id == conversation.family_id)
        .order_by(Conversation.started_at.desc()))}
    return tuple(
        StandingMerge(merge.id, _on_the_other_side(merge, str(conversation.id), named), by, merge.merged_at, merge is found[0][0])
        for merge, by in found if str(conversation.id) in merge.before["conversations"])


def _rows_of(family_id: UUID) -> Any:
    return select(Family.id).where(or_(Family.id == family_id, Family.merged_into == family_id))


def _on_the_other_side(merge: FamilyMerge, mine: str, named: Mapping[str, CaseName]) -> tuple[CaseName, ...]:
    talks = merge.before["conversations"]
    return tuple(case for id_, case in named.items() if id_ in talks and talks[id_]["side"] != talks[mine]["side"])


def undo_merge(store: Store, conversation_id: UUID, merge_id: UUID, staff: int, anyway: str = "") -> None:
    """Makes two families of one again. ``anyway`` is the token of the changes that the person has seen.

    Undone already, it stays undone. Raises CaseUnknown when the case has no part in such a merge, MergedAgainSince, and
    ChangedSinceMerge. Nothing is changed then.
    """
    with store.transaction() as session:
        lock_merging(session)
        merge = session.get(FamilyMerge, merge_id)
        if merge is None or session.get(Conversation, conversation_id) is None:
            raise CaseUnknown("no such merge")
        if merge.undone_at is not None:
            return
        if str(conversation_id) not in merge.before["conversations"]:
            raise CaseUnknown("this case has no part in it")
        if _stands_below_another(session, merge):
            raise MergedAgainSince
        undoing = _Undoing(session, merge)
        if undoing.changes and not hmac.compare_digest(undoing.token.encode(), anyway.encode()):
            raise ChangedSinceMerge(undoing.changes, undoing.token)
        undoing.done()
        # What stood before stands again in its rows; a second copy of it is needed no more.
        merge.undone_by, merge.undone_at, merge.before = staff, func.now(), {}
        write_audits(session, actor_of(staff), "family.merge_undone", "conversation", list(undoing.talks), str(merge.id))


def _stands_below_another(session: Session, merge: FamilyMerge) -> bool:
    later = select(FamilyMerge.id).where(
        FamilyMerge.undone_at.is_(None), FamilyMerge.id != merge.id, FamilyMerge.merged_at > merge.merged_at,
        or_(FamilyMerge.kept_id == merge.kept_id, FamilyMerge.lost_id == merge.kept_id))
    return session.scalar(later.limit(1)) is not None


def _locked(query: Select[Any]) -> Select[Any]:
    return query.with_for_update(key_share=True).execution_options(populate_existing=True)


class _Undoing:
    """One undoing: the rows of the merge, locked, beside what is kept of them."""

    def __init__(self, session: Session, merge: FamilyMerge) -> None:
        self._session, self._merge, self._before = session, merge, merge.before
        self.talks = self._conversations()
        families = select(Family).where(Family.id.in_([merge.kept_id, merge.lost_id])).order_by(Family.id)
        rows = {row.id: row for row in session.scalars(_locked(families))}
        self._kept, self._lost = rows[merge.kept_id], rows[merge.lost_id]
        told_of = {UUID(id_) for id_ in self._before["children"]}
        new = {talk.child_id for talk in self.talks.values() if talk.child_id} - told_of
        self._children = {row.id: row for row in session.scalars(select(Child).where(Child.id.in_(told_of | new)))}
        self._new = new

    def _conversations(self) -> dict[UUID, Conversation]:
        ids = [UUID(id_) for id_ in self._before["conversations"]]
        query = select(Conversation).where(Conversation.id.in_(ids)).order_by(Conversation.id)
        return {talk.id: talk for talk in self._session.scalars(_locked(query))}

    # what has changed

    @cached_property
    def changes(self) -> tuple[ChangeSince, ...]:
        """What the merge touched and is not as it left it."""
        now, chosen = facts_of(self._kept), self._before["chosen"]
        of_family = [ChangeSince("family", fact) for fact in FACTS if now[fact] != chosen[fact]]
        of_children = [ChangeSince("child", fact, str(id_)) for id_, facts in self._told_children().items()
                       for fact in CHILD_FACTS if not same_child_fact(fact, facts_of_child(self._children[id_]), facts["now"])]
        return (*of_family, *of_children, *(ChangeSince("new_child", "name", str(id_)) for id_ in sorted(self._new)))

    @property
    def token(self) -> str:
        """A fingerprint of the changes and of what stands now."""
        told = [[change.kind, change.fact, change.row] for change in self.changes]
        now = [facts_of(self._kept), *(facts_of_child(child) for _, child in sorted(self._children.items()))]
        key = keys_of(self._session.get_bind().dialect).derived_key("changes since a merge")
        return hmac.digest(key, json.dumps([str(self._merge.id), told, now], sort_keys=True).encode(), "sha256").hex()

    def _told_children(self) -> dict[UUID, dict[str, Any]]:
        return {UUID(id_): facts for id_, facts in self._before["children"].items()}

    # putting it back

    def done(self) -> None:
        """Puts everything back."""
        self._put_family_facts_back()
        self._put_child_facts_back()
        self._part_conversations()
        self._part_rows()
        self._lost.merged_into = None
        self._session.flush()
        for family in (self._kept, self._lost):
            keep_found_wrong(self._session, family, self.talks, self._merge.merged_at)

    def _put_family_facts_back(self) -> None:
        """A fact told since in a talk of the other family is that family's; one told in the kept one's stays. A number that
        staff entered for one found wrong is the family's in whose case they did it."""
        now, facts = facts_of(self._kept), self._before["facts"]
        for fact in FACTS:
            if now[fact] != self._before["chosen"][fact]:
                talk = self._told_in(fact, now[fact])
                if talk is None and fact == "phone":
                    talk = case_of_correction(self._session, self.talks, now[fact], self._merge.merged_at)
                if talk is None or not self._is_of_lost(talk):
                    continue
                put_fact(self._lost, fact, now)
            put_fact(self._kept, fact, facts["kept"])

    def _put_child_facts_back(self) -> None:
        for id_, told in self._told_children().items():
            child = self._children[id_]
            now = facts_of_child(child)
            for fact in CHILD_FACTS:
                if not same_child_fact(fact, now, told["now"]):
                    talk = self._told_in(ITEM_OF_CHILD_FACT[fact], None if fact == "weeks_early" else now[fact])
                    own = self._own_child(talk)
                    if own is None or own == id_:
                        continue
                    put_child_fact(self._children[own], fact, now)
                if fact == "birth_date" or getattr(child, fact) != told["before"][fact]:
                    put_child_fact(child, fact, told["before"])

    def _told_in(self, item: str, value: str | None) -> UUID | None:
        """The talk in which this was told, the newest if several; ``value`` None for any answer."""
        query = select(Answer).where(Answer.conversation_id.in_(self.talks), Answer.item == item, Answer.replaced_at.is_(None))
        rows = self._session.scalars(query.order_by(Answer.created_at.desc()))
        return next((row.conversation_id for row in rows if value is None or row.value == value), None)

    def _own_child(self, talk: UUID | None) -> UUID | None:
        """The child that a talk was about before the merge."""
        if talk is None:
            return None
        own = self._before["conversations"][str(talk)]["child"]
        return None if own is None else UUID(own)

    def _is_of_lost(self, talk: UUID) -> bool:
        return bool(self._before["conversations"][str(talk)]["side"] == LOST)

    def _part_conversations(self) -> None:
        """Each talk goes back to its family and to its child; a child first told of since goes with its talk."""
        for id_, talk in self.talks.items():
            stood = self._before["conversations"][str(id_)]
            if self._is_of_lost(id_):
                talk.family_id = self._lost.id
                if talk.child_id in self._new:
                    self._children[talk.child_id].family_id = self._lost.id
            if stood["child"] != stood["now"] and str(talk.child_id) == stood["now"]:
                talk.child_id = UUID(stood["child"])
                self._rename_child(id_, UUID(stood["now"]), UUID(stood["child"]))

    def _rename_child(self, talk: UUID, since: UUID, own: UUID) -> None:
        """What was told while the two were one child is about the talk's own child."""
        for table in (Answer, Concern, Referral):
            self._session.execute(update(table).where(table.conversation_id == talk, table.child_id == since)
                                  .values(child_id=own))

    def _part_rows(self) -> None:
        lost_rows = [UUID(id_) for id_ in self._before["child_rows"]]
        self._session.execute(update(Child).where(Child.id.in_(lost_rows)).values(family_id=self._lost.id))
        given_up = [UUID(id_) for id_ in self._before["same"]]
        self._session.execute(update(Child).where(Child.id.in_(given_up)).values(same_as=None))
        earlier = self._before["earlier"]
        families = [UUID(id_) for id_ in earlier["families"]]
        self._session.execute(update(Family).where(Family.id.in_(families)).values(merged_into=self._lost.id))
        for row, standing in earlier["children"].items():
            self._session.execute(update(Child).where(Child.id == UUID(row)).values(same_as=UUID(standing)))
