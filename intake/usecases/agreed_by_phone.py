"""A parent says yes or no on the phone to what somebody else told us: staff record it with the referral's step.

Until then a draft of a relative, a doctor or a teacher goes nowhere (rule W6, https://www.birth23.org/). The parent's word goes
into the ledger of consents, so that the packet stands on it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from intake.rules.clearing import ClearedBecause
from intake.rules.phoned import HowAgreed
from intake.rules.referral import MoveSource, ReferralStatus
from intake.store.models import Consent, Conversation, Referral
from intake.usecases.flags import open_flags, update_urgency
from intake.usecases.referred import PARENT_MUST_AGREE
from intake.usecases.told import wrote_somebody_else

# The words that staff read out, by version; a test holds their fingerprint.
WORDS_READ_OUT = "phoned-1"
_BECAUSE = {ReferralStatus.READY: ClearedBecause.TALKED_WITH_FAMILY, ReferralStatus.DECLINED: ClearedBecause.NO_HELP_WANTED}


class ParentMustAgree(ValueError):
    """A referral of somebody else may only go on when the family said so; nothing was changed."""


def heed_parent(session: Session, referral: Referral, to: ReferralStatus, source: MoveSource, staff: int) -> None:
    """To be called before staff move a referral: keeps the parent's word when it is what lets a draft go, or ends it.

    Raises ParentMustAgree when a draft of somebody else would be made ready on anybody's word but the family's.
    """
    conversation = session.get_one(Conversation, referral.conversation_id)
    waits = referral.status in (ReferralStatus.DRAFT, ReferralStatus.DECLINED) and wrote_somebody_else(session, conversation)
    if not waits or to not in _BECAUSE:
        return
    if source is not MoveSource.FAMILY:
        if to is ReferralStatus.READY:
            raise ParentMustAgree("only the parent or guardian may accept")
        return
    consent = Consent(family_id=conversation.family_id, conversation_id=conversation.id, kind="contact",
                      given=to is ReferralStatus.READY, source=HowAgreed.ON_THE_PHONE.value, words_shown=WORDS_READ_OUT,
                      phone_index=conversation.family.phone_index)
    session.add(consent)
    session.flush()
    referral.consent_id = consent.id
    for flag in open_flags(session, conversation.id):
        if flag.code == PARENT_MUST_AGREE:
            flag.cleared_at, flag.cleared_by, flag.cleared_because = datetime.now(UTC), staff, _BECAUSE[to].value
    session.flush()
    update_urgency(session, conversation)
