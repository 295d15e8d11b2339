"""What was told in one talk of a family that was merged: its own contact, whatever the family is called by since.

A yes that was said in one talk counts for the name and the number told there. So a program is given those, and a refusal
takes back those.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from intake.rules.interview import SKIP, Kind
from intake.store.connection import Store
from intake.store.models import Conversation, Family, FamilyMerge
from intake.usecases.family_facts import FACTS, LOST, put_fact
from intake.usecases.scene import Scene
from intake.usecases.told import current_answers

_CONTACT = ("phone", "contact_name")


def family_as_told(store: Store, conversation: Conversation) -> Family:
    """The family as this conversation told it, for reading only; the family itself unless it was merged."""
    with store.reading() as session:
        family = session.get_one(Family, conversation.family_id)
        first = next(_merges_with(session, conversation), None)
        if first is None:
            return family
        side = first.before["conversations"][str(conversation.id)]["side"]
        told = Family(id=family.id)
        for fact in FACTS:
            put_fact(told, fact, first.before["facts"][side])
        for item, answer in current_answers(session, conversation).items():
            if item in FACTS and answer.value != SKIP:
                setattr(told, item, answer.value)
        return told


def _merges_with(session: Session, conversation: Conversation) -> Iterator[FamilyMerge]:
    """The standing merges in which this conversation had a part, the first one first."""
    rows = select(Family.id).where(or_(Family.id == conversation.family_id, Family.merged_into == conversation.family_id))
    query = select(FamilyMerge).where(FamilyMerge.undone_at.is_(None), FamilyMerge.kept_id.in_(rows))
    for merge in session.scalars(query.order_by(FamilyMerge.merged_at)):
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
