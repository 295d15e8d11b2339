"""Where a permission is asked, what a family tells of its child is no answer: "he doesn't talk", "she is two".

Read as an answer it would be the worst of mistakes: a consent that was never given, or a refusal, which blanks what was told.
"""

from __future__ import annotations

import re

from bot.components.reply_words import UNSURE, Reading
from bot.components.wording import fold, speaks_of_child

# What the family agrees to for itself.
PERMISSIONS = frozenset({"consent", "contact_consent"})

_AGREES_FIRST = re.compile(
    r"^(yes|yeah|yep|yup|ya|sure|ok|okay|of course"
    r"|si|sip|claro|dale|acepto|esta bien|bueno|tienen? mi permiso)\b"
)
_REFUSES_FIRST = re.compile(
    r"^(no,? (thanks?|thank you|gracias|quiero|acepto|doy|i don'?t want|i do not want)|i don'?t want|no quiero)\b"
)
# "She can call me": she is the coordinator. "She looks when I call her" tells of the child.
_ASKS_FOR_A_CALL = re.compile(
    r"\b(?:call|phone|text|contact) (?:me|us|my)\b|\bme (?:llam|marc)|\b(?:llamar|llamen|llame)me\b"
)


def unless_told_of_child(reading: Reading, text: str, kind: str) -> Reading:
    """The `reading` of an answer to a permission of this `kind`, unless `text` tells of the child instead.

    Beside a yes or a no ("sí, no habla", "no, he doesn't talk") it is doubted, so that it is asked about and kept as neither.
    """
    folded = fold(text)
    if not speaks_of_child(folded) or _REFUSES_FIRST.match(folded):
        return reading
    if kind == "contact_consent" and _ASKS_FOR_A_CALL.search(folded):
        return reading
    agrees = _AGREES_FIRST.match(folded) is not None
    if agrees and reading.intent == "yes":
        return reading
    if agrees or folded.startswith("no"):
        return Reading(reading.intent, min(reading.confidence, UNSURE))
    return Reading("inform", UNSURE)
