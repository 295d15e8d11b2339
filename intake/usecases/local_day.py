"""Which day it is where the affiliate's families live, and how old a child is on it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from intake.content.library import Content
from intake.store.models import Conversation


def local_today(content: Content) -> date:
    """Today where the affiliate's families live."""
    return local_day(content, datetime.now(UTC))


def local_day(content: Content, moment: datetime) -> date:
    """The day on which ``moment`` was where the affiliate's families live: in the evening UTC is a day ahead."""
    return moment.astimezone(ZoneInfo(content.messages.affiliate.time_zone)).date()


def true_age_days(content: Content, conversation: Conversation) -> int | None:
    """The child's true age in days, by which a fever in a very young baby is known; None when no exact birth date is."""
    child = conversation.child
    if child is None or child.birth_date is None or not child.birth_is_exact:
        return None
    return (local_today(content) - child.birth_date).days
