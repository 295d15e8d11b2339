"""Handing a family's referral on to a program: only with the family's standing yes, and each look leaves its line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from intake.rules.referral import NOT_TO_HAND_ON
from intake.store.audit import write_audit
from intake.store.connection import Store
from intake.store.models import Consent, Referral
from intake.usecases.casework import ReferralUnknown
from intake.usecases.consent_words import shares_nothing
from intake.usecases.staff import actor_of


class PacketForm(StrEnum):
    """What the packet is looked at as."""

    PAGE = "page"
    PDF = "pdf"


class NotToHandOn(Exception):
    """The family has not agreed, or agrees no longer, that the program gets this."""


@dataclass(frozen=True)
class HandedOn:
    """What may be handed on: the referral and the consent that it stands on."""

    referral: Referral
    consent: Consent


def open_packet(store: Store, conversation_id: UUID, referral_id: UUID, staff: int, form: PacketForm) -> HandedOn:
    """Writes down that a packet, with the family's phone number, is looked at. Call it before anything is shown.

    Raises ReferralUnknown, and NotToHandOn without a consent that stands.
    """
    with store.transaction() as session:
        referral = session.get(Referral, referral_id)
        if referral is None or referral.conversation_id != conversation_id:
            raise ReferralUnknown("no such referral of this case")
        newest = select(Consent).where(Consent.conversation_id == conversation_id, Consent.kind == "contact")
        consent = session.scalar(newest.order_by(Consent.at.desc()).limit(1))
        if consent is None or not consent.given or referral.status in NOT_TO_HAND_ON or _shares_nothing(session, referral):
            raise NotToHandOn("the family's yes does not stand")
        write_audit(session, actor_of(staff), "packet.viewed", "referral", referral.id, detail=form.value)
        return HandedOn(referral, consent)


def _shares_nothing(session: Session, referral: Referral) -> bool:
    return shares_nothing(session.get(Consent, referral.consent_id) if referral.consent_id else None)
