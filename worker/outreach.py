"""Starts the texts that nobody asked for this minute: plans follow-ups of sent referrals, writes what is due, again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from intake.content.library import Content
from intake.store.connection import UNAVAILABLE, Store
from intake.usecases.follow_through import arrived_unasked, plan_after_arrival
from intake.usecases.outreach import due, plan_follow_ups, sent_without_plan, start
from worker.clock import Clock, local_clock

logger = logging.getLogger("growline.worker")

MOST_AT_ONCE = 500  # texts written in one look; the rest of a busy morning follows with the next one


def send_due_outreach(store: Store, content: Content, now: datetime, *, most: int = MOST_AT_ONCE) -> int:
    """Plans and writes what is due ``now``; returns how many texts were written. Several workers may do it at once.

    Each row is a transaction of its own, so one that cannot be written holds up no other. Raises what a database that is away
    raises.
    """
    for referral_id in sent_without_plan(store, content, now):
        _try(plan_follow_ups, store, content, referral_id, now)
    for referral_id in arrived_unasked(store, content, now):
        _try(plan_after_arrival, store, content, referral_id, now)
    return sum(_try(start, store, content, outreach_id, now) is True for outreach_id in due(store, now, most))


def _try(deed: Callable[[Store, Content, UUID, datetime], bool | None], store: Store, content: Content, about: UUID,
         now: datetime) -> bool | None:
    try:
        return deed(store, content, about, now)
    except UNAVAILABLE:
        raise
    except Exception as error:  # the next look takes it up again; the others must not wait for it
        logger.warning("a text that we start was not written, row %s: %s", about, type(error).__name__)
        return None


async def outreach_for_ever(store: Store, content: Content, seconds: float, now: Clock = local_clock) -> None:
    """Looks every ``seconds`` for texts that are due. Runs until cancelled; a database that is away is asked again later."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(send_due_outreach, store, content, now())
        except Exception as error:
            logger.warning("looking for texts that are due failed: %s", type(error).__name__)
