"""The facts of a family and of a child as plain data, for a merge to keep what stood before and to put it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from intake.rules.interview import Kind
from intake.rules.same_family import KnownChild
from intake.store.models import Child, Family

# The columns of a family that it has told; but for the language each is named like the question that asks for it.
FACTS = ("contact_name", "relation", "language", "phone", "best_time", "place", "doctor", "insurance", "heard_from",
         "race_ethnicity")
ITEM_OF_CHILD_FACT: Mapping[str, str] = {
    "name": Kind.CHILD_NAME.value, "birth_date": Kind.BIRTH_DATE.value, "weeks_early": Kind.EARLY_BIRTH.value}
CHILD_FACTS = tuple(ITEM_OF_CHILD_FACT)
KEPT, LOST = "kept", "lost"  # the two families of a merge, by which row goes on
_INDEX, _EXACT = "phone_index", "birth_is_exact"  # go with the phone and with the birth date


def facts_of(family: Family) -> dict[str, str | None]:
    """All facts of a family, with the hash its phone is found by."""
    facts = {fact: getattr(family, fact) for fact in FACTS}
    return {**facts, _INDEX: family.phone_index.hex() if family.phone_index is not None else None}


def put_fact(family: Family, fact: str, facts: Mapping[str, str | None]) -> None:
    """Gives ``family`` one fact out of ``facts``."""
    setattr(family, fact, facts[fact])
    if fact == "phone":
        index = facts[_INDEX]
        family.phone_index = bytes.fromhex(index) if index is not None else None


def facts_of_child(child: Child) -> dict[str, Any]:
    """All facts of a child."""
    born = child.birth_date.isoformat() if child.birth_date is not None else None
    return {"name": child.name, "birth_date": born, _EXACT: child.birth_is_exact, "weeks_early": child.weeks_early}


def put_child_fact(child: Child, fact: str, facts: Mapping[str, Any]) -> None:
    """Gives ``child`` one fact out of ``facts``."""
    if fact != "birth_date":
        setattr(child, fact, facts[fact])
        return
    child.birth_date = date.fromisoformat(facts[fact]) if facts[fact] is not None else None
    child.birth_is_exact = facts[_EXACT]


def same_child_fact(fact: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two children's facts agree in one; a birth date with whether it is exact."""
    return bool(one[fact] == other[fact] and (fact != "birth_date" or one[_EXACT] == other[_EXACT]))


def known_child(child: Child) -> KnownChild:
    """A child as the rules of likeness take it."""
    return KnownChild(child.id, child.name, child.birth_date, child.birth_is_exact)
