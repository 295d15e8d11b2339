"""What the simulator needs to know before it starts, read once from the environment.

The names beginning with TWILIO_ are the ones the gateway and the worker read too, so that all share one
account. A missing or unusable value stops the start with a sentence that says what to set.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

REQUIRED = {
    "TWILIO_ACCOUNT_SID": "the account's id, AC and 32 characters; any made-up one will do here",
    "TWILIO_AUTH_TOKEN": "the account's secret; several, comma-separated, while rotating: the first signs",
    "TWILIO_FROM": "the program's own number, for example +18605550100",
    "SIMULATOR_WEBHOOK_URL": "where inbound texts are posted, for example http://127.0.0.1:8080/sms/inbound",
}
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


class SettingsError(ValueError):
    """The environment does not hold what the simulator needs; the message says what to set."""


@dataclass(frozen=True)
class Settings:
    """One account with one number, and the program that answers it.

    `signing_url` is the public base address of the program when that differs from the one reached here: the
    signature then covers the public form while the request goes to the local one. `receipt_delay` is the
    pause in seconds before each step of a delivery.
    """

    account_sid: str
    auth_tokens: tuple[str, ...]
    program_number: str
    webhook_url: str
    signing_url: str | None = None
    port: int = 8090
    api_key: tuple[str, str] | None = None
    messaging_service_sid: str | None = None
    advanced_opt_out: bool = False
    receipt_delay: float = 0.3


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Build the settings from environment variables; `SettingsError` names everything that is missing."""
    missing = [f"  {name}: {meaning}" for name, meaning in REQUIRED.items() if not environment.get(name)]
    if missing:
        raise SettingsError("The simulator cannot start. Please set:\n" + "\n".join(missing))
    return Settings(
        account_sid=environment["TWILIO_ACCOUNT_SID"],
        auth_tokens=_tokens(environment["TWILIO_AUTH_TOKEN"]),
        program_number=environment["TWILIO_FROM"],
        webhook_url=_http_url("SIMULATOR_WEBHOOK_URL", environment["SIMULATOR_WEBHOOK_URL"]),
        signing_url=_optional_url("SIMULATOR_SIGNING_URL", environment),
        port=_port(environment.get("SIMULATOR_PORT") or "8090"),
        api_key=_api_key(environment),
        messaging_service_sid=environment.get("TWILIO_MESSAGING_SERVICE_SID") or None,
        advanced_opt_out=_switch("SIMULATOR_ADVANCED_OPT_OUT", environment),
        receipt_delay=_seconds("SIMULATOR_RECEIPT_DELAY", environment, default=0.3),
    )


def _tokens(value: str) -> tuple[str, ...]:
    tokens = tuple(token.strip() for token in value.split(",") if token.strip())
    if not tokens:
        raise SettingsError("TWILIO_AUTH_TOKEN holds only commas; set at least one token.")
    return tokens


def _http_url(name: str, value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(f"{name} must be a full http or https address; it is {value!r}.")
    return value


def _optional_url(name: str, environment: Mapping[str, str]) -> str | None:
    value = environment.get(name)
    return _http_url(name, value).rstrip("/") if value else None


def _port(value: str) -> int:
    if not value.isascii() or not value.isdigit() or not 0 < int(value) < 65536:
        raise SettingsError(f"SIMULATOR_PORT must be a number from 1 to 65535; it is {value!r}.")
    return int(value)


def _api_key(environment: Mapping[str, str]) -> tuple[str, str] | None:
    sid, secret = environment.get("TWILIO_API_KEY_SID"), environment.get("TWILIO_API_KEY_SECRET")
    if bool(sid) != bool(secret):
        raise SettingsError("TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET must be set together, or neither.")
    return (sid, secret) if sid and secret else None


def _switch(name: str, environment: Mapping[str, str]) -> bool:
    value = environment.get(name, "").strip().lower()
    if value not in _TRUE | _FALSE:
        raise SettingsError(f"{name} must be true or false; it is {value!r}.")
    return value in _TRUE


def _seconds(name: str, environment: Mapping[str, str], *, default: float) -> float:
    value = environment.get(name)
    if not value:
        return default
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 3600:
        raise SettingsError(f"{name} must be a number of seconds from 0 to 3600; it is {value!r}.")
    return seconds
