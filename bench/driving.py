"""Drives conversations so that the start and the end of one can be compared on a machine that is not idle.

A fresh conversation's first turns and a long one's last are taken in turns, one of each: whatever else the machine
does in that moment slows both alike. Several conversations at once show what one engine carries.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from bench.measuring import EARLY, LATE

AT_ONCE = 4
TURNS_AT_ONCE = 40

Timed = TypeVar("Timed")
Timed_co = TypeVar("Timed_co", covariant=True)


class Talk(Protocol[Timed_co]):
    """One conversation that can always be taken a turn further."""

    def take_turn(self) -> Timed_co:
        """Says the next thing, waits for the answer, and returns what was measured."""


def warm_up(begin: Callable[[], Talk[Timed]]) -> None:
    """A short conversation that opens connections and fills caches, and is not counted."""
    talk = begin()
    for _ in EARLY:
        talk.take_turn()


def side_by_side(begin: Callable[[], Talk[Timed]], conversations: int) -> list[Timed]:
    """All turns of so many long conversations, the late ones of each beside the early ones of a fresh one."""
    return [timed for _ in range(conversations) for timed in _one_beside_another(begin(), begin())]


def _one_beside_another(long: Talk[Timed], fresh: Talk[Timed]) -> list[Timed]:
    timed = [long.take_turn() for _ in range(1, LATE.start)]
    timed += [fresh.take_turn() for _ in range(1, EARLY.start)]
    for place in range(max(len(EARLY), len(LATE))):
        timed += [talk.take_turn() for talk, turns in ((fresh, EARLY), (long, LATE)) if place < len(turns)]
    return timed


def turns_a_second(begin: Callable[[], Talk[Timed]]) -> float:
    """How many turns a second are answered when AT_ONCE conversations go on at the same time."""
    talks = [begin() for _ in range(AT_ONCE)]
    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        turns = sum(pool.map(_go_on, talks))
    return turns / (time.perf_counter() - begun)


def _go_on(talk: Talk[Timed]) -> int:
    return len([talk.take_turn() for _ in range(TURNS_AT_ONCE)])
