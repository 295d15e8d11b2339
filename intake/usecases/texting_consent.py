"""Who may be texted first: the newest word of a phone in the opt-in ledger, and our own list of those that get no text."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.store.models import Consent, Suppression

TEXTS = "sms"  # the kind of consent that allows texts


def refused_texts(session: Session, phone_index: bytes) -> bool:
    """Whether the newest word of this phone in the ledger is that it wants no texts."""
    newest = (select(Consent.given).where(Consent.phone_index == phone_index, Consent.kind == TEXTS)
              .order_by(Consent.at.desc(), Consent.given).limit(1))
    return session.scalar(newest) is False


def may_start_texts(session: Session, phone_index: bytes | None) -> bool:
    """Whether we may start a text to this phone: its newest consent to texts is a yes, and it is not suppressed.

    A phone without any such consent may not be texted first (47 CFR 64.1200(a)(1): prior express consent). Of two words of
    the same instant the refusal counts.
    """
    if phone_index is None:
        return False
    suppressed = select(Suppression.id).where(Suppression.phone_index == phone_index, Suppression.lifted_at.is_(None)).exists()
    newest = (select(Consent.given).where(Consent.phone_index == phone_index, Consent.kind == TEXTS, ~suppressed)
              .order_by(Consent.at.desc(), Consent.given).limit(1))
    return bool(session.scalar(newest))
