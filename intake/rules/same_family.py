"""Whether two families may be one and the same, and why. A suggestion for people: nothing is ever joined by it.

A name alone is never a reason: half of all Mateos are some other Mateo. A phone is, and so is a name together with a birth
date. Each reason is a code, so that whoever decides reads why and not how sure a program feels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from intake.rules.age import completed_months
from intake.rules.name_words import name_words

# An age told is rounded: to a month or two for a baby, to whole years later ("she's three").
_ROUNDED, _ROUNDED_TO_YEARS = timedelta(days=62), timedelta(days=366)
_TOLD_IN_YEARS_FROM = 36  # months
_ZIP = re.compile(r"(?<!\d)\d{5}(?!\d)")
_MOST_INITIALS = 2  # letters of a word that stands for a name
_STATE = frozenset({"ct", "connecticut"})


class SameReason(StrEnum):
    """Why two families may be one."""

    PHONE_TO_TEXT = "phone_to_text"
    PHONE_TO_CALL = "phone_to_call"
    PHONE_TEXTED_AND_CALLED = "phone_texted_and_called"
    CHILD_AND_BIRTH = "child_and_birth"
    CHILD_AND_AGE = "child_and_age"
    CONTACT_AND_BIRTH = "contact_and_birth"
    CONTACT_NAME = "contact_name"
    PLACE = "place"


class Strength(StrEnum):
    """How much speaks for it: two things that do not follow from each other, or one."""

    STRONG = "strong"
    SOME = "some"


_PHONES = frozenset({SameReason.PHONE_TO_TEXT, SameReason.PHONE_TO_CALL, SameReason.PHONE_TEXTED_AND_CALLED})
_SUPPORT = frozenset({SameReason.CONTACT_NAME, SameReason.PLACE})  # speak beside another reason, never by themselves
_CONTACT = frozenset({SameReason.CONTACT_NAME, SameReason.CONTACT_AND_BIRTH})


@dataclass(frozen=True)
class KnownChild:
    """What is known of a child: its ``name``, and its birth date, ``exact`` or worked out from an age."""

    id: UUID
    name: str | None
    born: date | None
    exact: bool = True


@dataclass(frozen=True)
class KnownFamily:
    """What is known of a family. Phones are keyed hashes; numbers that turned out to be somebody else's are not among them."""

    id: UUID
    texts: frozenset[bytes] = frozenset()
    calls: frozenset[bytes] = frozenset()
    contacts: tuple[str, ...] = ()
    place: str | None = None
    language: str = "en"
    children: tuple[KnownChild, ...] = ()


@dataclass(frozen=True)
class Likeness:
    """Why two families may be one, the weightiest reason first."""

    reasons: tuple[SameReason, ...]
    strength: Strength


def possibly_same(one: KnownFamily, other: KnownFamily, today: date) -> Likeness | None:
    """Why ``one`` and ``other`` may be the same family; None when nothing says so, or it is the very same row."""
    if one.id == other.id:
        return None
    found = _phones(one, other) | _children(one, other, today)
    if any(_same_name(mine, theirs) for mine in one.contacts for theirs in other.contacts):
        found |= {SameReason.CONTACT_NAME}
    if _same_place(one.place, other.place):
        found |= {SameReason.PLACE}
    # "Mateo, about two" is two names away from nothing: it needs somebody or somewhere beside it.
    if found <= _SUPPORT or found == {SameReason.CHILD_AND_AGE}:
        return None
    # Said once: a child that is the same was born on the same day, and who is the same person has the same name.
    if SameReason.CONTACT_AND_BIRTH in found:
        found -= {SameReason.CONTACT_AND_BIRTH if SameReason.CHILD_AND_BIRTH in found else SameReason.CONTACT_NAME}
    return Likeness(tuple(reason for reason in SameReason if reason in found), _strength(found))


def _strength(found: frozenset[SameReason]) -> Strength:
    """A phone, a child with its birth date, a contact's name: two of these are strong."""
    kinds = (bool(found & _PHONES), SameReason.CHILD_AND_BIRTH in found or SameReason.CHILD_AND_AGE in found,
             bool(found & _CONTACT))
    exact = found & (_PHONES | {SameReason.CHILD_AND_BIRTH, SameReason.CONTACT_AND_BIRTH})
    return Strength.STRONG if sum(kinds) > 1 and exact else Strength.SOME


def _phones(one: KnownFamily, other: KnownFamily) -> frozenset[SameReason]:
    texted, called = one.texts & other.texts, one.calls & other.calls
    crossed = (one.texts & other.calls) | (one.calls & other.texts)
    found = {SameReason.PHONE_TO_TEXT} if texted else set()
    if called - texted:
        found.add(SameReason.PHONE_TO_CALL)
    if crossed - texted - called:
        found.add(SameReason.PHONE_TEXTED_AND_CALLED)
    return frozenset(found)


def _children(one: KnownFamily, other: KnownFamily, today: date) -> frozenset[SameReason]:
    contact = any(_same_name(mine, theirs) for mine in one.contacts for theirs in other.contacts)
    found = set()
    for mine in one.children:
        for theirs in other.children:
            if _same_name(mine.name, theirs.name) and _born_the_same_day(mine, theirs):
                found.add(SameReason.CHILD_AND_BIRTH)
            elif may_be_same_child(mine, theirs, today):
                found.add(SameReason.CHILD_AND_AGE)
            elif contact and _born_the_same_day(mine, theirs):
                found.add(SameReason.CONTACT_AND_BIRTH)
    return frozenset(found - {SameReason.CHILD_AND_AGE} if SameReason.CHILD_AND_BIRTH in found else found)


def is_same_child(one: KnownChild, other: KnownChild) -> bool:
    """Whether two children have the same name, word for word, and the same birth date, told as a date both times."""
    return name_words(one.name or "") == name_words(other.name or "") != frozenset() and _born_the_same_day(one, other)


def may_be_same_child(one: KnownChild, other: KnownChild, today: date) -> bool:
    """Whether two children have the same name, and birth dates that agree as far as an age told can."""
    return _same_name(one.name, other.name) and births_agree(one, other, today)


def is_referred_child(own: KnownChild, told: KnownChild, today: date) -> bool:
    """Whether a parent's child is the one that somebody else told of, perhaps by initials or without any name.

    Their births must agree as far as an age told can; initials must be those of the parent's child.
    """
    if not births_agree(own, told, today):
        return False
    mine, theirs = name_words(own.name or ""), name_words(told.name or "")
    if not theirs or _same_name(own.name, told.name):
        return True
    are_initials = all(len(word) <= _MOST_INITIALS for word in theirs)
    return are_initials and bool({word[0] for word in theirs} & {word[0] for word in mine})


def births_agree(one: KnownChild, other: KnownChild, today: date) -> bool:
    """Whether two birth dates are the same, within the rounding of an age where one was worked out from it."""
    if one.born is None or other.born is None:
        return False
    if one.exact and other.exact:
        return one.born == other.born
    youngest = max(one.born, other.born)
    in_years = completed_months(youngest, max(today, youngest)) >= _TOLD_IN_YEARS_FROM
    return abs(one.born - other.born) <= (_ROUNDED_TO_YEARS if in_years else _ROUNDED)


def are_twins(one: KnownChild, other: KnownChild) -> bool:
    """Whether two children of one family were born on the same day, told as a date both times."""
    return one.id != other.id and _born_the_same_day(one, other)


def _born_the_same_day(one: KnownChild, other: KnownChild) -> bool:
    return one.exact and other.exact and one.born is not None and one.born == other.born


def _same_name(one: str | None, other: str | None) -> bool:
    """Whether all words of the shorter name stand in the other: Mateo is Mateo Luis, and Luis Mateo as well."""
    mine, theirs = name_words(one or ""), name_words(other or "")
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def _same_place(one: str | None, other: str | None) -> bool:
    """Whether two places have the same ZIP code, or the same words without the state."""
    if not one or not other:
        return False
    if set(_ZIP.findall(one)) & set(_ZIP.findall(other)):
        return True
    mine, theirs = (name_words(_ZIP.sub(" ", place)) - _STATE for place in (one, other))
    return bool(mine) and mine == theirs
