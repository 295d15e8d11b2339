"""The one order in which cases and their flags are shown: gravest first, and among equals the most telling reason."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, case
from sqlalchemy.orm import InstrumentedAttribute

from intake.store.models import Flag
from intake.usecases.seen_flags import gravest_first

# A worry in the parent's own words says more than an answer to a list, of which there may be many.
_REASONS = {"safety": 0, "lost_skill": 1, "wants_person": 2, "worry": 3, "not_yet": 5, "offers_left": 6}
_OTHER_REASONS = 4


def flags_in_order() -> tuple[ColumnElement[Any] | InstrumentedAttribute[Any], ...]:
    """Sorts flags: by urgency, by reason, then as they were raised."""
    return (
        gravest_first(Flag.urgency),
        case(_REASONS, value=Flag.code, else_=_OTHER_REASONS),
        Flag.raised_at,
        Flag.id,
    )
