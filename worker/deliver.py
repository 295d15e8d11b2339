"""Delivers one stored text by SMS; what may have gone out already is looked up before it is sent again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from intake import failpoints
from intake.store.connection import Store
from intake.usecases.claiming import NO_RULES, NotYet, SendingRules, ToSend, claim
from intake.usecases.delivery import record_failure, record_not_sent, record_sent, record_unclear, sids_of_others
from worker.clock import Clock
from worker.twilio import SendHalted, SendLater, SendRefused, SendUnclear, TwilioSender

logger = logging.getLogger("growline.worker")

LOOK_BACK = timedelta(hours=40)  # beyond the time after which a text is given up
FRESH_SECONDS = 2.5  # a worker that was stopped for longer is taken for dead, and another has its text (worker.schedule)


def deliver(store: Store, sender: TwilioSender, message_id: UUID, rules: SendingRules = NO_RULES,
            clock: Callable[[], float] = time.monotonic, now: Clock | None = None) -> None:
    """Sends one text that waits. SendLater and SendUnclear pass through: the job is tried again after a pause.

    ``now`` is the time of day; the database's when None.
    """
    def claimed(not_found: int | None) -> ToSend | None:
        return _claimed(store, message_id, rules, now and now(), not_found)

    began = clock()
    text = claimed(None)
    if text is not None and text.tried_before:
        if _is_found(store, sender, text):
            return
        began = clock()
        text = claimed(text.tries)
    if text is None:
        return
    if text.tried_before:
        raise SendLater("another worker has begun a try")
    failpoints.reach("claimed")
    if clock() - began > FRESH_SECONDS:
        record_not_sent(store, text, rules)
        raise SendLater("stopped for a while", within=0)
    _send(store, sender, text, rules)


def _claimed(store: Store, message_id: UUID, rules: SendingRules, now: datetime | None,
             not_found: int | None) -> ToSend | None:
    claimed = claim(store, message_id, rules, not_found=not_found, now=now)
    if isinstance(claimed, NotYet):
        raise SendLater(claimed.reason, claimed.within, aside=claimed.aside)
    return claimed


def _is_found(store: Store, sender: TwilioSender, text: ToSend) -> bool:
    """Whether an earlier try has left after all. A text that is overdue is given up even when Twilio cannot be asked."""
    since = text.at - LOOK_BACK
    try:
        sid = sender.find(text, since, sids_of_others(store, text, since - LOOK_BACK))
    except SendLater:
        if not text.is_overdue:
            raise
        return False
    if sid is not None:
        record_sent(store, text.message_id, sid, None)
    return sid is not None


def _send(store: Store, sender: TwilioSender, text: ToSend, rules: SendingRules) -> None:
    try:
        sid, segments = sender.send(text)
    except SendRefused as refused:
        logger.warning("text %s refused: %s", text.message_id, refused.code)
        record_failure(store, text.message_id, refused.code, text.tries, rules)
    except SendLater as later:
        record_not_sent(store, text, rules, refused=later.code if isinstance(later, SendHalted) else None)
        raise
    except SendUnclear:
        record_unclear(store, text)
        raise
    else:
        failpoints.reach("accepted")
        record_sent(store, text.message_id, sid, segments)
