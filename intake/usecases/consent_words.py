"""Which words somebody agreed to: the version of them, for each kind of consent."""

from __future__ import annotations

from intake.store.models import Consent

# Which words were on the screen when somebody agreed. A test holds the fingerprint of each version's words, so that they
# cannot be changed without a new version.
WORDS_SHOWN = {"conversation": "introduction-3", "sms": "introduction-3", "contact": "contact-1", "offer": "offer-1",
               "offer_own": "offer_own-1", "referrer": "referrer-1", "next_check": "next_check-1"}
OFFER, OFFER_OWN = "offer", "offer_own"  # a yes to one further program: a person helps with it; or the family goes by itself
SHARES_NOTHING = f"{OFFER_OWN}-"  # how every version begins of the words that say so: a yes to them hands nothing on


def shares_nothing(consent: Consent | None) -> bool:
    """Whether the family was told, when it agreed, that it goes this way by itself and that nothing is handed on."""
    return consent is not None and consent.words_shown.startswith(SHARES_NOTHING)
