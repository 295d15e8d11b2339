"""What was told in one talk of a family that was merged: its own contact, whatever the family is called by since.

A yes that was said in one talk counts for the name and the number told there. So a program is given those, and a refusal
takes back those.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from intake.rules.interview import SKIP, Kind
from intake.store.connection import Store
from intake.store.encryption import KeyRing, keys_of
from intake.store.models import Answer, Conversation, Family, FamilyMerge, WrongNumber
from intake.usecases.family_facts import FACTS, LOST, put_fact
from intake.usecases.scene import Scene

_CONTACT = ("phone", "contact_name")


def family_as_told(store: Store, conversation: Conversation) -> Family:
    """The family as this conversation told it, for reading only; the family itself unless it was merged."""
    with store.reading() as session:
        told = families_as_told(session, {conversation.id: conversation.family_id})
        return told.get(conversation.id) or session.get_one(Family, conversation.family_id)


def families_as_told(session: Session, talks: Mapping[UUID, UUID]) -> dict[UUID, Family]:
    """The families as these conversations (with the family of each) told them, but for those that were not merged.

    A number that staff entered in the place of a wrong one stands for it. Three queries, however many conversations.
    """
    first: dict[UUID, FamilyMerge] = {}
    for merge in session.scalars(_merges_of(*set(talks.values()))):
        for id_ in talks:
            if str(id_) in merge.before["conversations"]:
                first.setdefault(id_, merge)
    answers, found = _contact_answers(session, first), _corrected_numbers(session, first)
    keys = keys_of(session.get_bind().dialect)
    return {id_: _as_told(talks[id_], _facts_before(merge, id_), answers[id_], found[id_], keys) for id_, merge in first.items()}


def _as_told(family_id: UUID, before: Mapping[str, str | None], answers: list[Answer], found: list[WrongNumber],
             keys: KeyRing) -> Family:
    told, phone_told = Family(id=family_id), None
    for fact in FACTS:
        put_fact(told, fact, before)
    for answer in answers:
        setattr(told, answer.item, answer.value)
        if answer.item == Kind.PHONE:
            told.phone_index, phone_told = keys.phone_index(answer.value), answer.created_at
    for row in found:
        told_again = phone_told is not None and row.corrected_at is not None and phone_told > row.corrected_at
        if row.phone_index == told.phone_index and not told_again:
            told.phone = row.corrected_to
            told.phone_index = None if row.corrected_to is None else keys.phone_index(row.corrected_to)
    return told


def _facts_before(merge: FamilyMerge, conversation_id: UUID) -> Mapping[str, str | None]:
    facts: Mapping[str, str | None] = merge.before["facts"][merge.before["conversations"][str(conversation_id)]["side"]]
    return facts


def _contact_answers(session: Session, talks: Iterable[UUID]) -> Mapping[UUID, list[Answer]]:
    """The standing answers that are facts of a family, oldest first, by conversation."""
    query = select(Answer).where(Answer.conversation_id.in_(talks), Answer.item.in_(FACTS), Answer.replaced_at.is_(None))
    found: dict[UUID, list[Answer]] = defaultdict(list)
    for answer in session.scalars(query.order_by(Answer.created_at)):
        if answer.value != SKIP:
            found[answer.conversation_id].append(answer)
    return found


def _corrected_numbers(session: Session, talks: Iterable[UUID]) -> Mapping[UUID, list[WrongNumber]]:
    """The wrong numbers for which another was entered, in that order, by conversation."""
    query = select(WrongNumber).where(WrongNumber.conversation_id.in_(talks), WrongNumber.undone_at.is_(None),
                                      WrongNumber.corrected_at.is_not(None))
    found: dict[UUID, list[WrongNumber]] = defaultdict(list)
    for row in session.scalars(query.order_by(WrongNumber.corrected_at)):
        found[row.conversation_id].append(row)
    return found


def _merges_of(*families: UUID) -> Select[FamilyMerge]:
    """The standing merges of families, the first one first."""
    rows = select(Family.id).where(or_(Family.id.in_(families), Family.merged_into.in_(families)))
    return (select(FamilyMerge).where(FamilyMerge.undone_at.is_(None), FamilyMerge.kept_id.in_(rows))
            .order_by(FamilyMerge.merged_at))


def _merges_with(session: Session, conversation: Conversation) -> Iterator[FamilyMerge]:
    """The standing merges in which this conversation had a part, the first one first."""
    for merge in session.scalars(_merges_of(conversation.family_id)):
        if str(conversation.id) in merge.before["conversations"]:
            yield merge


def forget_contact(scene: Scene) -> None:
    """Blanks the phone and the name of a family that does not agree; of a merged one only what was told in this talk."""
    if not scene.is_merged():
        scene.family.phone = scene.family.contact_name = None
        return
    answers = scene.answers()
    own = {scene.conversation.phone, answers.get(Kind.PHONE), answers.get(Kind.CONTACT_NAME)} - {None, SKIP}
    _blank(scene.family, own)
    for merge in _merges_with(scene.session, scene.conversation):
        side = merge.before["conversations"][str(scene.conversation.id)]["side"]
        facts = {**merge.before["facts"], side: _without(merge.before["facts"][side], own)}
        merge.before = {**merge.before, "facts": facts, "chosen": _without(merge.before["chosen"], own)}
        if side == LOST:
            _blank(scene.session.get_one(Family, merge.lost_id), own)


def _blank(family: Family, own: set[Any]) -> None:
    for fact in _CONTACT:
        if getattr(family, fact) in own:
            setattr(family, fact, None)


def _without(facts: dict[str, Any], own: set[Any]) -> dict[str, Any]:
    return {fact: None if fact in _CONTACT and told in own else told for fact, told in facts.items()}
