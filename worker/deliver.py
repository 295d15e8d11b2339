"""Delivers one stored text by SMS; what may have gone out already is looked up before it is sent again."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from uuid import UUID

from intake.store.connection import Store
from intake.usecases.delivery import claim, record_failure, record_sent, sids_of_others
from worker.twilio import SendRefused, TwilioSender

logger = logging.getLogger("growline.worker")
LOOK_BACK = timedelta(hours=24)


def deliver(store: Store, sender: TwilioSender, message_id: UUID) -> None:
    """Sends one queued text. SendLater and SendUnclear pass through: the job is tried again after a pause."""
    text = claim(store, message_id)
    if text is None:
        return
    if text.tried_before:
        since = datetime.now(UTC) - LOOK_BACK
        sid = sender.find(text, since, sids_of_others(store, text, since - LOOK_BACK))
        if sid is not None:
            record_sent(store, message_id, sid, None)
            return
    try:
        sid, segments = sender.send(text)
    except SendRefused as refused:
        logger.warning("text %s refused: %s", message_id, refused.code)
        record_failure(store, message_id, refused.code)
        return
    record_sent(store, message_id, sid, segments)
