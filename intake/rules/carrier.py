"""What Twilio answers by itself, before us: STOP, START and HELP and their family, as whole messages.

Sending our own text as well would tell a family everything twice (and after STOP it would be refused, error 21610).
Source: https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out.md
"""

from __future__ import annotations

_ANSWERED = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "START", "UNSTOP",
                       "HELP", "INFO"})


def carrier_answers(text: str) -> bool:
    """Whether Twilio itself answers ``text``: the single word and nothing else, in any case."""
    return text.strip().upper() in _ANSWERED
