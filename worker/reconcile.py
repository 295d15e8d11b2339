"""Asks the provider, at the start and every few minutes, for what its webhooks did not bring: texts and receipts.

Only one worker does it at a time. The mark moves only when everything listed is stored, so what fails is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from prometheus_client import Counter, Gauge

from intake.store.connection import UNAVAILABLE, Store
from intake.usecases.delivery import report
from intake.usecases.reconciling import (
    give_up_waiting,
    listed_from,
    move_mark,
    not_yet_here,
    only_one,
    remember_look_up,
    take_in_late,
    unsettled,
)
from worker.clock import Clock, local_clock
from worker.twilio import InboundText, SendLater

logger = logging.getLogger("growline.worker")
BATCH = 500
# A text this young is left to its webhook, which tells more of it than the list does (what the provider took it for).
LONGEST_LEFT_TO_WEBHOOK = timedelta(seconds=60)

_LATE = Counter("growline_reconciled_texts", "Listed texts that no webhook had brought (late, system, failed)", ["outcome"])
_SETTLED = Counter("growline_reconciled_receipts", "Texts without a receipt (looked_up, unknown)", ["outcome"])
_FAILURES = Counter("growline_reconcile_failures", "Times that the provider's list or the store could not be asked")
_UNTIL = Gauge("growline_reconciled_until_timestamp_seconds", "Up to when the provider's list is stored, by this worker")


class Provider(Protocol):
    """What is asked of the provider; both raise SendLater when the look-up fails."""

    def received_since(self, since: datetime) -> Iterable[InboundText]:
        """Every text to our numbers since then, oldest first."""

    def fate(self, sid: str) -> tuple[str, str | None] | None:
        """State and error code of a text of ours; None when the provider does not know it."""


@dataclass(frozen=True)
class Reconciled:
    """What one look brought. ``complete`` when everything listed is stored; a look left to another worker is empty."""

    complete: bool = False
    late: int = 0
    system: int = 0
    looked_up: int = 0
    given_up: int = 0


async def reconcile_for_ever(store: Store, provider: Provider, every_seconds: float, now: Clock = local_clock) -> None:
    """Reconciles now and every ``every_seconds`` until cancelled; no failure ends it."""
    left = min(LONGEST_LEFT_TO_WEBHOOK, timedelta(seconds=every_seconds / 5))
    while True:
        try:
            await asyncio.to_thread(reconcile_once, store, provider, left_to_webhook=left, now=now)
        except Exception as error:
            _FAILURES.inc()
            logger.warning("reconciling failed: %s", type(error).__name__)
        await asyncio.sleep(every_seconds)


def reconcile_once(store: Store, provider: Provider, *, left_to_webhook: timedelta = timedelta(0),
                   now: Clock = local_clock) -> Reconciled:
    """One look, unless another worker has it in hand. Raises what the database raises when it is away."""
    with only_one(store) as mine:
        if not mine:
            return Reconciled()
        late, system, complete = _catch_up(store, provider, left_to_webhook, now())
        looked_up = _settle(store, provider, now)
        given_up = give_up_waiting(store, now())
    _SETTLED.labels("unknown").inc(given_up)
    if late or system or given_up:
        logger.warning("reconciled: %d texts late, %d of systems, %d fates unknown", late, system, given_up)
    return Reconciled(complete, late, system, looked_up, given_up)


def _catch_up(store: Store, provider: Provider, left_to_webhook: timedelta, began: datetime) -> tuple[int, int, bool]:
    counts = {"late": 0, "system": 0, "failed": 0}
    try:
        for text in _missing(store, provider.received_since(listed_from(store, began)), began - left_to_webhook):
            outcome = _take_in(store, text)
            counts[outcome] += 1
            _LATE.labels(outcome).inc()
    except SendLater:
        _FAILURES.inc()
        logger.warning("the provider's list could not be read")
        return counts["late"], counts["system"], False
    complete = not counts["failed"]
    if complete:
        move_mark(store, began)
        _UNTIL.set(began.timestamp())
    return counts["late"], counts["system"], complete


def _missing(store: Store, listed: Iterable[InboundText], until: datetime) -> Iterator[InboundText]:
    due = (text for text in listed if text.at <= until)
    while batch := list(islice(due, BATCH)):
        missing = not_yet_here(store, [text.sid for text in batch])
        yield from (text for text in batch if text.sid in missing)


def _take_in(store: Store, text: InboundText) -> str:
    """One text that cannot be stored by a fault of ours holds up no other; the mark then stays."""
    try:
        person = take_in_late(store, message_sid=text.sid, sender=text.sender, text=text.text, media_count=text.media_count)
    except UNAVAILABLE:
        raise
    except Exception as error:
        logger.error("text %s of the list is not stored: %s", text.sid, type(error).__name__)
        return "failed"
    return "late" if person else "system"


def _settle(store: Store, provider: Provider, now: Clock) -> int:
    """Asks for the fate of texts whose receipt never came; returns how many were asked about."""
    asked = 0
    try:
        for text in unsettled(store, now()):
            fate = provider.fate(text.provider_sid)
            if fate is not None:
                report(store, text.message_id, fate[0], text.provider_sid, fate[1])
            remember_look_up(store, text, now())
            _SETTLED.labels("looked_up").inc()
            asked += 1
    except SendLater:
        _FAILURES.inc()
        logger.warning("the fate of texts could not be asked for")
    return asked
