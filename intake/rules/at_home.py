"""Which activities are told next to a family that asks what to do at home.

A few at a time: those least often told first, and among them those that play to what the family worries about. So asking
again gives the next ones, and after the last the first come again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from intake.rules.concerns import ConcernDomain

AT_A_TIME = 3

# The domains of the checklists that a worry is played to. A lost skill, hearing, feeding, sleep and health are for a doctor:
# no activity is offered as if it were an answer to them.
PLAYS_TO: Mapping[ConcernDomain, tuple[str, ...]] = {
    ConcernDomain.LANGUAGE_COMMUNICATION: ("language_communication",),
    ConcernDomain.SOCIAL_EMOTIONAL: ("social_emotional",),
    ConcernDomain.BEHAVIOR: ("social_emotional",),
    ConcernDomain.AUTISM_QUESTION: ("social_emotional", "language_communication"),
    ConcernDomain.MOVEMENT_PHYSICAL: ("movement_physical",),
    ConcernDomain.COGNITIVE_LEARNING: ("cognitive",),
}


class Place(StrEnum):
    """Where in its list a telling begins."""

    FIRST = "first"
    MORE = "more"
    AGAIN = "again"


@dataclass(frozen=True)
class Telling:
    """The ``ids`` of the activities told now, and the ``place`` where they begin."""

    ids: tuple[str, ...]
    place: Place


def domains_of(worries: Iterable[str]) -> frozenset[str]:
    """The domains of the checklists that play to ``worries`` (codes of concern domains)."""
    known = {domain.value: domains for domain, domains in PLAYS_TO.items()}
    return frozenset(domain for worry in worries for domain in known.get(worry, ()))


def next_telling(activities: Sequence[tuple[str, Iterable[str]]], told: Mapping[str, int], wanted: frozenset[str]) -> Telling:
    """What to tell now of ``activities`` (id and domains, in order), ``told`` so many times each, of the ``wanted`` domains."""
    times = {name: told.get(name, 0) for name, _ in activities}
    fewest = min(times.values(), default=0)
    ordered = sorted(activities, key=lambda activity: wanted.isdisjoint(activity[1]))  # False first; the order else stands
    ids = tuple(name for name, _ in ordered if times[name] == fewest)[:AT_A_TIME]
    if any(count > fewest for count in times.values()):
        return Telling(ids, Place.MORE)
    return Telling(ids, Place.AGAIN if fewest else Place.FIRST)
