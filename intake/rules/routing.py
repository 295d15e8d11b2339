"""Which programs fit a family: by true age, place and worry, with the rule behind each.

Which program plays which part is the affiliate's: it stands in its directory (``content/programs/doors.yaml``) and comes in as
``Doors``. A program "may help"; whether a child is eligible is the program's decision and never ours. The hub is the single
door behind all of them, so it is the answer whenever no other is clear.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from intake.rules.age import BirthProblem, add_months, check_birth, completed_months
from intake.rules.concerns import ConcernDomain

# Blood lead: a child under 6 with developmental delay should be tested (https://authoring-stage.ct.egov.com/dph/
# environmental-health/lead-poisoning-prevention-and-control/for-medical-providers).
LEAD_ADVICE_ENDS_AT_MONTHS = 72

# A parent on a phone reads and decides this often; what else fits is staff's to talk over
# (docs/decisions/2026-11-26-further-programs-one-at-a-time.md).
MOST_OFFERS = 3

_NOT_ABOUT_DEVELOPMENT = frozenset(
    {
        ConcernDomain.MEDICAL_HEALTH,
        ConcernDomain.FAMILY_SUPPORT,
        ConcernDomain.HOUSING_LEAD,
        ConcernDomain.ASTHMA_BREATHING,
        ConcernDomain.INJURY_VIOLENCE,
    }
)


@dataclass(frozen=True)
class Door:
    """One program that a family may be sent to, by its id, and the true ages in completed months that it serves:
    from ``from_months`` up to, not including, ``to_months``."""

    program_id: str
    from_months: int
    to_months: int

    def is_open_at(self, months: int | None) -> bool:
        """Whether a child of ``months`` may be sent there; an unknown age keeps no door shut."""
        return months is None or self.from_months <= months < self.to_months


@dataclass(frozen=True)
class Doors:
    """Which program of an affiliate plays which part.

    ``hub`` answers whenever no other door is clear; ``coordination`` stays beside it for families whom nothing else fits.
    ``early_intervention`` takes no referral when its end is ``closes_days_before`` days away or nearer: then the hub and
    ``preschool`` come. ``monitoring`` is offered when nothing was flagged; an affiliate may have none. ``by_concern`` are the
    programs for one kind of worry, in the order in which they are named.
    """

    hub: str
    coordination: str
    early_intervention: Door
    closes_days_before: int
    preschool: Door
    monitoring: Door | None = None
    by_concern: tuple[tuple[ConcernDomain, Door], ...] = ()


@dataclass(frozen=True)
class ProgramFit:
    """A program that may help (its id in the directory) and the rule that chose it."""

    program_id: str
    reason_rule: str


def days_to_age(birth: date, months: int, today: date) -> int:
    """Calendar days from ``today`` until the child is ``months`` old; 0 on the day, negative after it."""
    return (add_months(birth, months) - today).days


def no_program_reason(birth: date | None, today: date, *, in_area: bool | None) -> str | None:
    """Why ``programs_for`` gives none: "out_of_state", "over_age" (ninth birthday reached), or None."""
    if in_area is False:
        return "out_of_state"
    if birth is not None and check_birth(birth, today) is BirthProblem.OVER_AGE:
        return "over_age"
    return None


def programs_for(
    birth: date | None,
    today: date,
    *,
    doors: Doors,
    in_area: bool | None,
    concerns: frozenset[ConcernDomain],
    already_in_early_intervention: bool = False,
    flagged: bool,
    named: Sequence[Door] = (),
    near_programs: Collection[str] = (),
) -> tuple[ProgramFit, ...]:
    """The programs of ``doors`` that may help, the best door first, each once.

    Goes by the true birth date only (P4). Nothing flagged: coordination and monitoring. Outside the affiliate's area or over
    age: none, see ``no_program_reason``. ``named`` are the programs that the family's own words call for, in the order in
    which they came up: what they say themselves comes before what follows from the kind of worry. ``near_programs`` are ids of
    place-based programs where the family lives. An unknown place counts as the affiliate's own, because the hub will ask.
    """
    if no_program_reason(birth, today, in_area=in_area) is not None:
        return ()
    months = completed_months(birth, today) if birth is not None and birth <= today else None
    beside = [
        *_by_words(doors, named, months),
        *(_by_concern(doors, concerns, months) if flagged else ()),
        *(ProgramFit(program, "place") for program in sorted(near_programs)),
    ]
    if not flagged:
        coordination, *monitoring = _monitoring(doors, months)
        return _each_once([coordination, *beside, *monitoring])
    return _each_once([*_by_age(doors, birth, today, months, already_in_early_intervention), *beside])


def further_offers(fits: Sequence[ProgramFit], doors: Doors, known: Collection[str]) -> tuple[ProgramFit, ...]:
    """The ``fits`` that a family is asked about one by one: none that it already knows, nor the hub and the coordination, which
    stand beside an age door as the way to it and are no programs of their own."""
    return tuple(fit for fit in fits if fit.program_id not in {doors.hub, doors.coordination, *known})


def offers_to_make(answered: Sequence[str],
                   fits: Sequence[ProgramFit]) -> tuple[tuple[str, ...], tuple[ProgramFit, ...]]:
    """The programs that are offered in one conversation, in order, and those of ``fits`` that are left to staff.

    What was ``answered`` keeps its place, whatever fits now, so that going back finds it.
    """
    open_ones = [fit for fit in fits if fit.program_id not in answered]
    room = max(0, MOST_OFFERS - len(answered))
    return (*answered, *(fit.program_id for fit in open_ones[:room])), tuple(open_ones[room:])


def advises_lead_test(birth: date | None, today: date, *, concerns: frozenset[ConcernDomain], flagged: bool) -> bool:
    """Whether the family should ask its doctor about a blood lead test: a child under 6, by the true birth date, with a worry
    about development (T7) or about lead at home."""
    if not flagged or birth is None or birth > today or completed_months(birth, today) >= LEAD_ADVICE_ENDS_AT_MONTHS:
        return False
    about_development = not concerns or bool(concerns - _NOT_ABOUT_DEVELOPMENT)
    return about_development or ConcernDomain.HOUSING_LEAD in concerns


def _monitoring(doors: Doors, months: int | None) -> tuple[ProgramFit, ...]:
    named = [doors.coordination]
    if doors.monitoring is not None and doors.monitoring.is_open_at(months):
        named.append(doors.monitoring.program_id)
    return _each_once([ProgramFit(program, "W7") for program in named])


def _by_age(doors: Doors, birth: date | None, today: date, months: int | None, already_in: bool) -> list[ProgramFit]:
    if birth is None or months is None:
        return _both(doors.hub, doors.coordination, "W7")
    if doors.early_intervention.is_open_at(months):
        return _while_early(doors, days_to_age(birth, doors.early_intervention.to_months, today), already_in)
    if doors.preschool.is_open_at(months):
        return _both(doors.preschool.program_id, doors.hub, "W4")
    return _both(doors.hub, doors.coordination, "W7")


def _while_early(doors: Doors, days_left: int, already_in: bool) -> list[ProgramFit]:
    if already_in:
        # The family's own early intervention program plans what comes next; a second referral would cross it.
        return _both(doors.hub, doors.coordination, "W5")
    if days_left <= doors.closes_days_before:
        return _both(doors.hub, doors.preschool.program_id, "W2")
    return _both(doors.early_intervention.program_id, doors.hub, "W1")


def _both(first: str, second: str, rule: str) -> list[ProgramFit]:
    return [ProgramFit(first, rule), ProgramFit(second, rule)]


def _by_concern(doors: Doors, concerns: frozenset[ConcernDomain], months: int | None) -> list[ProgramFit]:
    return [ProgramFit(door.program_id, "concern") for concern, door in doors.by_concern
            if concern in concerns and door.is_open_at(months)]


def _by_words(doors: Doors, named: Sequence[Door], months: int | None) -> list[ProgramFit]:
    """Never the programs of the age doors: the birth date alone opens those, 45 days before the third birthday too."""
    by_age = (doors.early_intervention.program_id, doors.preschool.program_id)
    return [ProgramFit(door.program_id, "words") for door in named if door.program_id not in by_age and door.is_open_at(months)]


def _each_once(fits: list[ProgramFit]) -> tuple[ProgramFit, ...]:
    first_of: dict[str, ProgramFit] = {}
    for fit in fits:
        first_of.setdefault(fit.program_id, fit)
    return tuple(first_of.values())
