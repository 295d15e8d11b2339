"""Makes senders to the simulator, or to nobody."""

from __future__ import annotations

from simulator_bench import ACCOUNT, PROGRAM, TOKEN

from intake.settings import TwilioSettings
from worker.twilio import TwilioSender


def a_sender(url: str, callback: str, token: str = TOKEN, service: str = "", page: int = 1000) -> TwilioSender:
    """A sender to ``url`` that signs in with ``token``; with a messaging ``service`` it has no number of its own."""
    origin = {"TWILIO_MESSAGING_SERVICE_SID": service} if service else {"TWILIO_FROM": PROGRAM}
    settings = TwilioSettings(TWILIO_ACCOUNT_SID=ACCOUNT, TWILIO_AUTH_TOKEN=token, TWILIO_API_URL=url, _env_file=None, **origin)
    return TwilioSender(settings, callback, seconds=0.5, page=page)
