"""The order of the conversation: given what has been answered, which question is open.

The open question is worked out afresh from the answers each time, never remembered, so skipping, going back, correcting and
coming back after days all end at the right place. A worry is asked in the parent's own words before any list is shown
(rule T8: other questions first can create worries that were not there).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a question asks for (the ``expects.kind`` of the contracts)."""

    CONSENT = "consent"
    RELATION = "relation"
    CHILD_NAME = "child_name"
    BIRTH_DATE = "birth_date"
    EARLY_BIRTH = "early_birth"
    WORRY = "worry"
    LOST_SKILLS = "lost_skills"
    MILESTONE = "milestone"
    CONFIRM_ANSWERS = "confirm_answers"
    CONTACT_CONSENT = "contact_consent"
    CONTACT_NAME = "contact_name"
    PHONE = "phone"
    BEST_TIME = "best_time"
    PLACE = "place"
    DOCTOR = "doctor"
    INSURANCE = "insurance"
    HEARD_FROM = "heard_from"
    RACE_ETHNICITY = "race_ethnicity"
    NEEDS_MET = "needs_met"
    FREE = "free"


YES, NO, SKIP = "yes", "not_yet", "skip"
NEXT_CHECK = "next_check"  # the id, and the item, of the consent to one text when the child reaches the next age
READ_BACK = "?"  # between a milestone's id and the answer that is read back
OF_PROGRAM = "program."  # how the item of a further program's own yes begins

FIXED = frozenset({Kind.CONSENT, Kind.CONFIRM_ANSWERS})  # not changed by a tap: the first ends all, the second has its own way
PICKED = frozenset({Kind.RELATION, Kind.BEST_TIME, Kind.INSURANCE, Kind.HEARD_FROM, Kind.RACE_ETHNICITY})  # from a list
NAMES = frozenset({Kind.CHILD_NAME, Kind.CONTACT_NAME, Kind.DOCTOR})  # any word may be the answer
CONTACT = (Kind.CONTACT_NAME, Kind.PHONE, Kind.BEST_TIME)
OPTIONAL = (Kind.PLACE, Kind.DOCTOR, Kind.INSURANCE, Kind.HEARD_FROM, Kind.RACE_ETHNICITY)


@dataclass(frozen=True)
class Expects:
    """The open question: its kind, and for a milestone its id (with the reading of an unclear
    answer that is read back, see ``read_back``), the readings an unclear birth date leaves open, or the program for which
    consent to contact is asked beside the first."""

    kind: Kind
    id: str | None = None

    @property
    def item(self) -> str:
        """The name under which the answer is kept."""
        if self == Expects(Kind.CONTACT_CONSENT, NEXT_CHECK):
            return NEXT_CHECK
        if self.milestone or self.offer:
            return self.milestone or f"{OF_PROGRAM}{self.offer}"
        return f"{self.kind}.{self.id}" if self in OF_SOMEBODY_ELSE else self.kind.value

    @property
    def offer(self) -> str | None:
        """The further program that is offered; None when the first one, or anything else, is asked about."""
        is_offer = self.kind is Kind.CONTACT_CONSENT and self.id != NEXT_CHECK and self not in OF_SOMEBODY_ELSE
        return self.id if is_offer else None

    @property
    def milestone(self) -> str | None:
        """The milestone asked about; None for every other kind of question."""
        return self.id.partition(READ_BACK)[0] if self.kind is Kind.MILESTONE and self.id else None

    @property
    def reading(self) -> str | None:
        """How an unclear answer to the milestone was understood, while the family is asked whether that is right."""
        return self.id.partition(READ_BACK)[2] or None if self.milestone and self.id else None

    def read_back(self, reading: str) -> Expects:
        """The same milestone, with the question whether ``reading`` is what was meant."""
        return Expects(self.kind, f"{self.item}{READ_BACK}{reading}")


# Asked of somebody who is not the parent or guardian; each has an answer of its own beside that of its kind.
LEGAL_GUARDIAN = Expects(Kind.RELATION, "guardian")
PARENT_KNOWS = Expects(Kind.CONTACT_CONSENT, "parent_knows")
PARENT_PHONE = Expects(Kind.PHONE, "parent")
OWN_NAME = Expects(Kind.CONTACT_NAME, "referrer")
AGENCY = Expects(Kind.DOCTOR, "agency")
CALL_BACK = Expects(Kind.PHONE, "referrer")
OF_SOMEBODY_ELSE = frozenset({LEGAL_GUARDIAN, PARENT_KNOWS, PARENT_PHONE, OWN_NAME, AGENCY, CALL_BACK})
FAMILY, PROVIDER, CHILD_CARE = "family", "provider", "child_care"  # who may write besides a parent or guardian


@dataclass(frozen=True)
class Situation:
    """What is known: current ``answers`` by item (a skip counts), the ``checklist`` of milestone ids in order, whether
    the child is under two (None when no birth date is known), the further programs that are offered, in order, and whether the
    family ``may_be_invited`` by text when the child reaches the next age."""

    answers: Mapping[str, str] = field(default_factory=dict)
    checklist: tuple[str, ...] = ()
    under_two: bool | None = None
    offers: tuple[str, ...] = ()
    may_be_invited: bool = False


def questions(situation: Situation) -> Iterator[Expects]:
    """All questions of this conversation in order, answered or not."""
    answers = situation.answers
    yield Expects(Kind.CONSENT)
    if answers.get(Kind.CONSENT) == NO:
        return
    yield Expects(Kind.RELATION)
    if is_somebody_else(answers):
        yield from _of_somebody_else(answers)
        return
    yield from (Expects(kind) for kind in (Kind.CHILD_NAME, Kind.BIRTH_DATE))
    if situation.under_two:
        yield Expects(Kind.EARLY_BIRTH)
    yield Expects(Kind.WORRY)
    yield Expects(Kind.LOST_SKILLS)
    yield from (Expects(Kind.MILESTONE, item) for item in situation.checklist)
    if situation.checklist:
        yield Expects(Kind.CONFIRM_ANSWERS)
    yield Expects(Kind.CONTACT_CONSENT)
    if answers.get(Kind.CONTACT_CONSENT) == YES:
        # A place may bring a further program, so they come right after it; the facts that nobody needs can wait.
        yield from (Expects(kind) for kind in (*CONTACT, Kind.PLACE))
        yield from (Expects(Kind.CONTACT_CONSENT, program) for program in situation.offers)
        yield from (Expects(kind) for kind in OPTIONAL if kind is not Kind.PLACE)
    yield Expects(Kind.NEEDS_MET)
    if situation.may_be_invited:  # last of all: who leaves it unanswered has told everything else
        yield Expects(Kind.CONTACT_CONSENT, NEXT_CHECK)


def is_somebody_else(answers: Mapping[str, str]) -> bool:
    """Whether who writes is not the child's parent or guardian, as told. Who says nothing of it is asked like a parent."""
    return answers.get(Kind.RELATION) in (FAMILY, PROVIDER, CHILD_CARE)


def _of_somebody_else(answers: Mapping[str, str]) -> Iterator[Expects]:
    """The short way of who may refer and not accept (rule W6, https://www.birth23.org/): no list of milestones, as little of
    the child as a call to the parent needs, and how the parent can be reached."""
    if answers.get(Kind.RELATION) == FAMILY:
        yield LEGAL_GUARDIAN
    yield from (Expects(kind) for kind in (Kind.CHILD_NAME, Kind.BIRTH_DATE, Kind.WORRY))
    yield from (PARENT_KNOWS, PARENT_PHONE, OWN_NAME)
    if answers.get(Kind.RELATION) != FAMILY:
        yield AGENCY
    yield from (CALL_BACK, Expects(Kind.NEEDS_MET))


def next_question(situation: Situation) -> Expects | None:
    """The first question without an answer; None when the conversation is at its end."""
    return next((expects for expects in questions(situation) if expects.item not in situation.answers), None)


def previous_question(situation: Situation, now_open: Expects | None) -> Expects | None:
    """The question answered just before the open one, for "go back"; None at the start."""
    before = None
    for expects in questions(situation):
        if now_open is not None and expects.item == now_open.item:
            break
        if expects.item in situation.answers:
            before = expects
    return before


def place_in_checklist(situation: Situation, item: str) -> tuple[int, int]:
    """(number from 1, total) of a milestone within its checklist."""
    return situation.checklist.index(item) + 1, len(situation.checklist)
