"""Staff join two families that are one, by hand.

Nothing that was told is erased: conversations, messages, answers, worries, consents stay with the talk they were told in, and
the family that is given up keeps its row. What changes is whose conversations and children they are, which child a talk is
about where two rows were one child, and the facts of the family that is kept. What stood before is kept sealed beside the
merge. Consents and the list of phones that get no text go by talk and by phone, so that neither moves with a family.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid4

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from intake.rules.same_family import is_same_child
from intake.store.audit import write_audits
from intake.store.connection import Store
from intake.store.encryption import keys_of
from intake.store.models import Answer, Child, Conversation, Family, FamilyMerge, WrongNumber
from intake.usecases.casework import CaseUnknown, FormUsed
from intake.usecases.family_facts import (
    CHILD_FACTS,
    FACTS,
    KEPT,
    LOST,
    facts_of,
    facts_of_child,
    known_child,
    put_child_fact,
    put_fact,
)
from intake.usecases.replying import REFUSED
from intake.usecases.same_family import NOT_THEIRS
from intake.usecases.staff import actor_of

MERGING_LOCK = 0x66616D69  # one merge or undoing at a time
THIS, OTHER = "this", "other"
Whose = Literal["this", "other"]


class AlreadyOneFamily(Exception):
    """The two cases are of one family already."""


class NotToBeMerged(Exception):
    """One of the two is a phone that was only asked about a stranger's chat, somebody who did not agree to go on, or made up."""


class ChangedSinceShown(Exception):
    """A family has changed since the two were shown; nothing was changed."""


class ChildTwice(ValueError):
    """One child is said to be the same as two others, or a child is not of these families; nothing was changed."""


@dataclass(frozen=True)
class Side:
    """One of two families: its row, its conversations (newest first), its children, when each fact was told, and which numbers
    a call found to be somebody else's (their hashes)."""

    family: Family
    conversations: tuple[Conversation, ...]
    children: tuple[Child, ...]
    told_at: Mapping[str, datetime]
    found_wrong: frozenset[bytes]

    def told(self, fact: str) -> str | None:
        """What it said to one fact."""
        return getattr(self.family, fact) or None


@dataclass(frozen=True)
class Pair:
    """Two families side by side; ``shown`` is a fingerprint of all that is shown of them."""

    this: Side
    other: Side
    shown: str

    @property
    def conversations(self) -> list[UUID]:
        """The conversations of both."""
        return [talk.id for side in (self.this, self.other) for talk in side.conversations]


@dataclass(frozen=True)
class Choice:
    """What a person chose: whose fact is kept, by fact, and which children are one (of this family, of the other)."""

    facts: Mapping[str, Whose] = field(default_factory=dict)
    same: frozenset[tuple[UUID, UUID]] = frozenset()


def compare(store: Store, this_id: UUID, other_id: UUID, staff: int) -> Pair:
    """The families of two cases side by side; a line in the audit trail for every case of theirs.

    Raises CaseUnknown, AlreadyOneFamily, NotToBeMerged.
    """
    with store.transaction() as session:
        pair = open_pair(session, this_id, other_id)
        write_audits(session, actor_of(staff), "family.compared", "conversation", pair.conversations)
        return pair


def proposed(pair: Pair) -> Choice:
    """What is chosen before anybody chooses: the fact that was told later; children alike in name and birth date."""
    same = {(mine.id, theirs.id) for mine in pair.this.children for theirs in pair.other.children
            if is_same_child(known_child(mine), known_child(theirs))}
    once = {pair_ for pair_ in same if not any(pair_ != other and set(pair_) & set(other) for other in same)}
    return Choice({fact: _later(pair, fact) for fact in FACTS}, frozenset(once))


def _later(pair: Pair, fact: str) -> Whose:
    def weight(side: Side) -> tuple[bool, bool, datetime]:
        not_theirs = {talk.phone for talk in side.conversations if talk.status in NOT_THEIRS}
        wrong = fact == "phone" and (side.family.phone in not_theirs or side.family.phone_index in side.found_wrong)
        return side.told(fact) is not None, not wrong, side.told_at.get(fact, side.family.created_at)
    return "other" if weight(pair.other) > weight(pair.this) else "this"


# reading two families


def open_pair(session: Session, this_id: UUID, other_id: UUID) -> Pair:
    """The families of two conversations. Raises CaseUnknown, AlreadyOneFamily, NotToBeMerged."""
    ids = [session.scalar(select(Conversation.family_id).where(Conversation.id == id_)) for id_ in (this_id, other_id)]
    if ids[0] is None or ids[1] is None:
        raise CaseUnknown("no such conversation")
    if ids[0] == ids[1]:
        raise AlreadyOneFamily
    this, other = (_side(session, id_) for id_ in ids if id_ is not None)
    for side in (this, other):
        if any(talk.asked_for is not None or talk.practice for talk in side.conversations):
            raise NotToBeMerged
        if all(talk.status == REFUSED for talk in side.conversations):
            raise NotToBeMerged
    return Pair(this, other, _fingerprint(session, this, other))


def _side(session: Session, family_id: UUID) -> Side:
    talks = session.scalars(select(Conversation).where(Conversation.family_id == family_id)
                            .order_by(Conversation.started_at.desc(), Conversation.id)).all()
    children = session.scalars(select(Child).where(Child.family_id == family_id, Child.same_as.is_(None))
                               .order_by(Child.created_at, Child.id)).all()
    told = (select(Answer.item, func.max(Answer.created_at))
            .where(Answer.conversation_id.in_([talk.id for talk in talks]), Answer.item.in_(FACTS),
                   Answer.replaced_at.is_(None)).group_by(Answer.item))
    told_at = {item: at for item, at in session.execute(told)}
    wrong = session.scalars(select(WrongNumber.phone_index).where(
        WrongNumber.conversation_id.in_([talk.id for talk in talks]), WrongNumber.undone_at.is_(None)))
    return Side(session.get_one(Family, family_id), tuple(talks), tuple(children), told_at, frozenset(wrong))


def _fingerprint(session: Session, *sides: Side) -> str:
    told = [[str(side.family.id), facts_of(side.family),
             sorted([str(talk.id), str(talk.child_id)] for talk in side.conversations),
             sorted((str(child.id), json.dumps(facts_of_child(child))) for child in side.children)]
            for side in sorted(sides, key=lambda side: side.family.id)]
    key = keys_of(session.get_bind().dialect).derived_key("two families as shown")
    return hmac.digest(key, json.dumps(told, sort_keys=True).encode(), "sha256").hex()


# joining them


def merge(store: Store, this_id: UUID, other_id: UUID, choice: Choice, *, shown: str, staff: int, form_key: UUID) -> UUID:
    """Joins the families of two cases as chosen, once for each form; returns the id of the merge.

    Raises CaseUnknown, AlreadyOneFamily, NotToBeMerged, ChangedSinceShown, ChildTwice, and FormUsed when the form has joined
    other families. Nothing is changed then.
    """
    with store.transaction() as session:
        lock_merging(session)
        done = session.scalar(select(FamilyMerge).where(FamilyMerge.form_key == form_key))
        if done is not None:
            return _same_form(done, this_id, other_id)
        _lock_rows(session, this_id, other_id)
        pair = open_pair(session, this_id, other_id)
        if not hmac.compare_digest(pair.shown.encode(), shown.encode()):
            raise ChangedSinceShown
        _check_children(pair, choice)
        row = _Merge(session, pair, choice).done()
        row.form_key, row.merged_by = form_key, staff
        session.add(row)
        session.flush()
        write_audits(session, actor_of(staff), "family.merged", "conversation", pair.conversations, str(row.id))
        return row.id


def lock_merging(session: Session) -> None:
    """Lets one merge or undoing go at a time; they are rare, and each touches many rows."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": MERGING_LOCK})


def _same_form(done: FamilyMerge, *ids: UUID) -> UUID:
    if not {str(id_) for id_ in ids} <= set(done.before.get("conversations", {str(id_): None for id_ in ids})):
        raise FormUsed(ids[0])
    return done.id


def _lock_rows(session: Session, *ids: UUID) -> None:
    """Conversations before families, as a turn takes them: what is being told now is told before or after, never in between."""
    families = select(Conversation.family_id).where(Conversation.id.in_(ids))
    session.execute(select(Conversation.id).where(Conversation.family_id.in_(families)).order_by(Conversation.id)
                    .with_for_update(key_share=True))
    session.execute(select(Family.id).where(Family.id.in_(families)).order_by(Family.id).with_for_update(key_share=True))


def _check_children(pair: Pair, choice: Choice) -> None:
    mine, theirs = {child.id for child in pair.this.children}, {child.id for child in pair.other.children}
    ones, others = [one for one, _ in choice.same], [other for _, other in choice.same]
    if not (set(ones) <= mine and set(others) <= theirs) or len({*ones, *others}) != 2 * len(choice.same):
        raise ChildTwice("a child can be the same as one other child")


class _Merge:
    """One merge: the family that came first is kept as the row, with the facts that were chosen."""

    def __init__(self, session: Session, pair: Pair, choice: Choice) -> None:
        self._session, self._pair, self._choice = session, pair, choice
        self._kept, self._lost = sorted((pair.this, pair.other), key=lambda side: (side.family.created_at, side.family.id))

    def done(self) -> FamilyMerge:
        """Joins the two and returns the row that tells what stood before."""
        kept, lost = self._kept.family, self._lost.family
        children = {child.id: child for side in (self._kept, self._lost) for child in side.children}
        before = self._before(children)
        self._choose_facts()
        same = [self._join(children[one], children[other]) for one, other in sorted(self._choice.same)]
        before["same"] = {str(given_up): str(standing) for given_up, standing in same}
        before["earlier"] = self._carry_earlier()
        for talk in self._lost.conversations:
            talk.family_id = kept.id
        lost.merged_into = kept.id
        self._session.execute(update(Child).where(Child.family_id == lost.id).values(family_id=kept.id))
        self._session.flush()
        before["chosen"] = facts_of(kept)
        for id_, child in children.items():
            before["children"][str(id_)]["now"] = facts_of_child(child)
        for talk in (*self._kept.conversations, *self._lost.conversations):
            before["conversations"][str(talk.id)]["now"] = _id(talk.child_id)
        at = self._session.execute(select(func.clock_timestamp())).scalar_one()
        return FamilyMerge(id=uuid4(), kept_id=kept.id, lost_id=lost.id, merged_at=at, before=before)

    def _before(self, children: Mapping[UUID, Child]) -> dict[str, Any]:
        sides = ((KEPT, self._kept), (LOST, self._lost))
        return {
            "facts": {name: facts_of(side.family) for name, side in sides},
            "conversations": {str(talk.id): {"side": name, "child": _id(talk.child_id)}
                              for name, side in sides for talk in side.conversations},
            "children": {str(id_): {"before": facts_of_child(child)} for id_, child in children.items()},
            "child_rows": [str(id_) for id_ in self._session.scalars(
                select(Child.id).where(Child.family_id == self._lost.family.id))]}

    def _choose_facts(self) -> None:
        sides = {THIS: facts_of(self._pair.this.family), OTHER: facts_of(self._pair.other.family)}
        own = THIS if self._kept is self._pair.this else OTHER
        for fact in FACTS:
            put_fact(self._kept.family, fact, sides[self._choice.facts.get(fact, own)])

    def _join(self, one: Child, other: Child) -> tuple[UUID, UUID]:
        """Two rows of one child: the better told one stands, and gets from the other what it lacks."""
        given_up, standing = sorted((one, other), key=_how_well_told)
        facts = facts_of_child(given_up)
        for fact in CHILD_FACTS:
            if getattr(standing, fact) is None:
                put_child_fact(standing, fact, facts)
        given_up.same_as = standing.id
        for talk in (*self._kept.conversations, *self._lost.conversations):
            if talk.child_id == given_up.id:
                talk.child_id = standing.id
        return given_up.id, standing.id

    def _carry_earlier(self) -> dict[str, Any]:
        """Rows that were given up in earlier merges now lead to what stands after this one."""
        kept, lost = self._kept.family.id, self._lost.family.id
        families = list(self._session.scalars(select(Family.id).where(Family.merged_into == lost)))
        self._session.execute(update(Family).where(Family.id.in_(families)).values(merged_into=kept))
        self._session.flush()
        leading = {child.id: child.same_as for side in (self._kept, self._lost) for child in side.children if child.same_as}
        moved = {}
        for given_up, standing in leading.items():
            rows = list(self._session.scalars(select(Child.id).where(Child.same_as == given_up)))
            self._session.execute(update(Child).where(Child.id.in_(rows)).values(same_as=standing))
            moved.update({str(row): str(given_up) for row in rows})
        return {"families": [str(id_) for id_ in families], "children": moved}


def _how_well_told(child: Child) -> tuple[bool, bool, bool, datetime]:
    dated = child.birth_date is not None
    return dated and child.birth_is_exact, dated, child.name is not None, child.created_at


def _id(child_id: UUID | None) -> str | None:
    return None if child_id is None else str(child_id)
