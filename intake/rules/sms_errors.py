"""What happens next after a text was refused or did not arrive: one table for refusals at sending and for receipts.

The codes are Twilio's; each row names its page. Their words may change and are not used ("error_message", Messages resource).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Next(StrEnum):
    """What to do after a failure."""

    SUPPRESS = "suppress"            # the phone said stop to the carrier: our own list follows
    RESEND_LATER = "resend_later"    # the same words again, after the pauses of the row
    RETRY_SOON = "retry_soon"        # nothing was processed: the same words again within minutes
    NEVER = "never"                  # this text will never arrive: staff are told
    DO_NOT_REPEAT = "do_not_repeat"  # filtered: the same words would be filtered again, and too many of them are an alarm
    HALT = "halt"                    # nothing we send will arrive: an alarm, and every text waits
    RESCHEDULE = "reschedule"        # not at this hour: the same words at another hour
    STOP = "stop"                    # never text this phone again, and tell staff


@dataclass(frozen=True)
class Meaning:
    """What a code asks for; ``pauses`` are the waits before each further text, and their number the most of them."""

    next: Next
    pauses: tuple[timedelta, ...] = ()


_SOON: Final = Meaning(Next.RETRY_SOON, (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15)))
_NEVER: Final = Meaning(Next.NEVER)
_HALT: Final = Meaning(Next.HALT)

TABLE: Final[Mapping[str, Meaning]] = {
    "429": _SOON,     # twilio.com/docs/errors/20429: too many requests, never processed and always safe to send again
    "20429": _SOON,   # the same, as the API's own code
    "30001": _SOON,   # twilio.com/docs/api/errors/30001: the sender's queue is full
    "20003": _HALT,   # twilio.com/docs/api/errors/20003: our sign-in is wrong
    "20403": _HALT,   # twilio.com/docs/api/errors/20403: our sign-in may not do this
    "21603": _HALT,   # twilio.com/docs/api/errors/21603: no From; this and the next five are settings of ours
    "21606": _HALT,   # twilio.com/docs/api/errors/21606: From is not a number of this account that can text
    "21609": _HALT,   # twilio.com/docs/api/errors/21609: the address for receipts is none
    "21659": _HALT,   # twilio.com/docs/api/errors/21659: From is not a Twilio number
    "21660": _HALT,   # twilio.com/docs/api/errors/21660: From is another account's number
    "21701": _HALT,   # twilio.com/docs/api/errors/21701: there is no such messaging service
    "30002": _HALT,   # twilio.com/docs/api/errors/30002: the account is suspended
    "30034": _HALT,   # twilio.com/docs/api/errors/30034: our number is not registered for 10DLC; every US text fails
    "21211": _NEVER,  # twilio.com/docs/api/errors/21211: To is no phone number
    "21408": _NEVER,  # twilio.com/docs/api/errors/21408: texts to this country are switched off, and shall be
    "21612": _NEVER,  # twilio.com/docs/api/errors/21612: there is no way from our number to this one
    "21614": _NEVER,  # twilio.com/docs/api/errors/21614: To cannot get texts
    "21635": _NEVER,  # twilio.com/docs/api/errors/21635: To is a landline
    "30005": _NEVER,  # twilio.com/docs/api/errors/30005: the phone is unknown or no longer in service
    "30006": _NEVER,  # twilio.com/docs/api/errors/30006: a landline, or a carrier that cannot be reached
    "21610": Meaning(Next.SUPPRESS),  # twilio.com/docs/api/errors/21610: the phone has opted out
    # twilio.com/docs/api/errors/30003: switched off or out of reach; Twilio suggests to try again
    "30003": Meaning(Next.RESEND_LATER, (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=12))),
    # twilio.com/docs/api/errors/30008: unknown; may be passing
    "30008": Meaning(Next.RESEND_LATER, (timedelta(minutes=15),)),
    "30007": Meaning(Next.DO_NOT_REPEAT),  # twilio.com/docs/api/errors/30007: filtered as unwanted
    "30450": Meaning(Next.DO_NOT_REPEAT),  # twilio.com/docs/api/errors/30450: held back by SMS-pumping protection
    # twilio.com/docs/api/errors/30610: not from 21:00 to 8:00 on the recipient's clock; twelve hours later is day
    "30610": Meaning(Next.RESCHEDULE, (timedelta(hours=12),)),
    "30640": Meaning(Next.STOP),  # twilio.com/docs/api/errors/30640: a phone that the compliance toolkit says never to text
}


def meaning_of(code: str | None) -> Meaning:
    """What ``code`` asks for; a code that is not in the table, or none at all, means that the text will never arrive."""
    return TABLE.get(code or "", _NEVER)


def pause_before_resending(code: str | None, resent: int) -> timedelta | None:
    """How long to wait before the text is sent anew after ``resent`` further texts; None when it is not sent again."""
    pauses = meaning_of(code).pauses
    return pauses[resent] if resent < len(pauses) else None
