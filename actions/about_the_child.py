"""Who is asking, and who the child is."""

from __future__ import annotations

from datetime import date
from typing import Any

from actions.somebody_else import deed_for
from actions.turn import Deed, Heard, StepAction
from intake.usecases import about_child
from intake.usecases.about_child import Birth


class Relation(StepAction):
    """Parent, other family, provider or child care."""

    step = "relation"

    def deed(self, heard: Heard) -> Deed:
        return deed_for(heard) or about_child.tell_relation


class ChildName(StepAction):
    """The child's first name."""

    step = "child_name"

    def deed(self, heard: Heard) -> Deed:
        return lambda scene: about_child.tell_child_name(scene, birth_of(heard))


class BirthDate(StepAction):
    """The birth date or the age."""

    step = "birth_date"

    def deed(self, heard: Heard) -> Deed:
        tried = heard.intent == "inform"
        return lambda scene: about_child.tell_birth_date(scene, birth_of(heard), tried=tried)


class EarlyBirth(StepAction):
    """Born early or not, and by how many weeks."""

    step = "early_birth"

    def deed(self, heard: Heard) -> Deed:
        birth = birth_of(heard)
        weeks = birth.weeks_early if birth else None
        return lambda scene: about_child.tell_early_birth(scene, heard.intent, weeks)


def birth_of(heard: Heard) -> Birth | None:
    """The birth entity as the use case takes it; None when the engine found none."""
    value: dict[str, Any] | None = heard.one("birth")
    if value is None:
        return None
    dob = value.get("dob")
    return Birth(dob=date.fromisoformat(dob) if dob else None, months=value.get("months"),
                 weeks_early=value.get("weeks_early"), ambiguous=bool(value.get("ambiguous")), reason=value.get("reason"),
                 readings=tuple(value.get("readings") or ()))
