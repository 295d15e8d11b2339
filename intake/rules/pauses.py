"""How long to wait before something is tried again, and when to give up.

Pauses double and are drawn by lot from the whole span ("full jitter", Marc Brooker, AWS Architecture Blog, "Exponential
Backoff And Jitter", 2015), so that what failed together does not come back together; a floor keeps them from spinning.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

FLOOR: Final = 0.5  # of the first pause
_MOST_DOUBLINGS: Final = 10

REPLIES_GIVEN_UP: Final = timedelta(hours=4)   # an answer after that is no answer (GOV.UK Notify: 48 tries in about 4 hours)
DISCREET_GIVEN_UP: Final = timedelta(minutes=10)  # about violence at home: later, somebody else may hold the phone
STARTED_GIVEN_UP: Final = timedelta(hours=24)
HELD_GIVEN_UP: Final = timedelta(hours=36)     # held back by our own plan (the day's spend, a later resend), not by a failure


def growing_pause(tries: int, first: float, longest: float, lot: float) -> float:
    """Seconds to wait after ``tries`` earlier tries; ``lot`` from 0 to 1 decides where in the span.

    Never less than half of ``first``, never more than ``longest``.
    """
    floor = min(first * FLOOR, longest)
    ceiling = min(first * (1 << min(tries, _MOST_DOUBLINGS)), longest)
    return floor + (ceiling - floor) * lot


def is_given_up(age: timedelta, *, started_by_us: bool, held: bool) -> bool:
    """Whether a text that has waited for ``age`` is not sent any more."""
    if held:
        return age > HELD_GIVEN_UP
    return age > (STARTED_GIVEN_UP if started_by_us else REPLIES_GIVEN_UP)
