"""Makes senders to the simulator, or to nobody."""

from __future__ import annotations

from simulator_bench import ACCOUNT, PROGRAM, TOKEN

from intake.settings import TwilioSettings
from worker.twilio import TwilioSender


def a_sender(url: str, callback: str, token: str = TOKEN) -> TwilioSender:
    """A sender to ``url`` that signs in with ``token``."""
    settings = TwilioSettings(TWILIO_ACCOUNT_SID=ACCOUNT, TWILIO_AUTH_TOKEN=token, TWILIO_FROM=PROGRAM, TWILIO_API_URL=url,
                              _env_file=None)
    return TwilioSender(settings, callback, seconds=0.5)
