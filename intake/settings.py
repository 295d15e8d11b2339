"""Reads the settings, once, at the start of a program; a missing one stops it with help instead of a strange answer later.

Settings come from the environment or from a file ``.env`` in the working directory. No secret has a default. ``growline run``
in demo mode writes fresh keys to ``var/demo.env`` and passes them on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from intake.store.encryption import KeyRing

SomeSettings = TypeVar("SomeSettings", bound=BaseSettings)
ROOT = Path(__file__).resolve().parent.parent
_THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})


class SettingsError(SystemExit):
    """The settings cannot be used; the text says which one, what it is for and how to set it."""


class StoreSettings(BaseSettings):
    """What every program that opens the database needs."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    database_url: str = Field(alias="GROWLINE_DATABASE_URL",
                              description="PostgreSQL, e.g. postgresql://user@host/growline; growline run starts an embedded one")
    data_keys: SecretStr = Field(alias="GROWLINE_DATA_KEYS",
                                 description="comma-separated data keys, the first encrypts; make one with: growline key")
    index_key: SecretStr = Field(alias="GROWLINE_INDEX_KEY",
                                 description="the key phones are found by; never change it; make one with: growline key")
    content_folder: Path = Field(ROOT / "content", alias="GROWLINE_CONTENT", description="the folder with questions and words")
    failpoints: Path | None = Field(None, alias="GROWLINE_FAILPOINTS",
                                    description="for fault tests only: a file in this folder ends a program at a marked place")

    def key_ring(self) -> KeyRing:
        """The data keys and the index key, checked."""
        keys = [key for key in self.data_keys.get_secret_value().split(",") if key.strip()]
        return KeyRing(keys, self.index_key.get_secret_value())


class TwilioSettings(BaseSettings):
    """What the programs that speak with Twilio need."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    account_sid: str = Field(alias="TWILIO_ACCOUNT_SID", description="the Twilio account, AC…")
    auth_tokens: SecretStr = Field(alias="TWILIO_AUTH_TOKEN",
                                   description="the account's auth token; several, comma-separated, while rotating")
    sender: str = Field("", alias="TWILIO_FROM", description="the program's number, +1…")
    messaging_service_sid: str = Field("", alias="TWILIO_MESSAGING_SERVICE_SID", description="used instead of TWILIO_FROM")
    api_url: str = Field("https://api.twilio.com", alias="TWILIO_API_URL", description="the simulator's address in the demo")

    def tokens(self) -> list[str]:
        """All auth tokens that may have signed a webhook; the first one also signs in to the API."""
        return [token.strip() for token in self.auth_tokens.get_secret_value().split(",") if token.strip()]


class GatewaySettings(StoreSettings, TwilioSettings):
    """The public edge."""

    public_url: str = Field(alias="GROWLINE_PUBLIC_URL", description="the address families and Twilio reach, https://…")
    chat_session_hours: int = Field(72, alias="GROWLINE_CHAT_SESSION_HOURS", description="how long a web chat may be resumed")
    chat_sessions_per_hour: int = Field(30, gt=0, alias="GROWLINE_CHAT_SESSIONS_PER_HOUR",
                                        description="how many web chats one address may begin in an hour")
    widget_origins: Annotated[list[str], NoDecode] = Field(
        [], alias="GROWLINE_WIDGET_ORIGINS",
        description="the sites that may embed the chat, comma-separated, e.g. https://www.agency.example")
    spool_folder: Path = Field(ROOT / "var" / "spool", alias="GROWLINE_SPOOL",
                               description="where texts wait, encrypted, while the database is down; must be on a real disk")
    port: int = Field(8080, alias="GATEWAY_PORT", description="where the edge is served, on loopback behind a proxy")
    operations_port: int = Field(9080, alias="GATEWAY_OPERATIONS_PORT", description="where /metrics is served, on loopback")

    @field_validator("widget_origins", mode="before")
    @classmethod
    def _split(cls, value: str | list[str]) -> list[str]:
        parts = value.split(",") if isinstance(value, str) else value
        return [part.strip().rstrip("/").lower() for part in parts if part.strip()]

    @field_validator("public_url")
    @classmethod
    def _no_trailing_slash(cls, value: str) -> str:
        return value.rstrip("/")


class LinkSettings(BaseSettings):
    """Where staff find the console, for links that are handed over."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    console_url: str = Field("http://127.0.0.1:8081", alias="GROWLINE_CONSOLE_URL",
                             description="the address at which staff open the console, https://…; links of one use begin with it")

    @field_validator("console_url")
    @classmethod
    def _without_a_slash(cls, value: str) -> str:
        return value.rstrip("/")


class PagingSettings(BaseSettings):
    """How staff are called to danger: by the log always, by e-mail and a webhook when these are set."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    page_smtp_host: str = Field("", alias="GROWLINE_PAGE_SMTP_HOST", description="the mail server; empty: no e-mail")
    page_smtp_port: int = Field(587, gt=0, alias="GROWLINE_PAGE_SMTP_PORT", description="its port")
    page_smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", alias="GROWLINE_PAGE_SMTP_SECURITY",
        description="how mail is protected on its way; none only on this machine")
    page_smtp_user: str = Field("", alias="GROWLINE_PAGE_SMTP_USER", description="the account at the mail server; empty: none")
    page_smtp_password: SecretStr = Field(SecretStr(""), alias="GROWLINE_PAGE_SMTP_PASSWORD", description="its password")
    page_from: str = Field("", alias="GROWLINE_PAGE_FROM", description="the address that pages come from")
    page_to: Annotated[list[str], NoDecode] = Field([], alias="GROWLINE_PAGE_TO", validate_default=True,
                                                    description="who is paged, comma-separated; host, from and to go together")
    page_webhook: str = Field("", alias="GROWLINE_PAGE_WEBHOOK", description="https://… that is posted to; empty: none")
    page_webhook_secret: SecretStr = Field(SecretStr(""), alias="GROWLINE_PAGE_WEBHOOK_SECRET", validate_default=True,
                                           description="signs what is posted; make one with: growline key")
    page_timeout_seconds: float = Field(10.0, gt=0, alias="GROWLINE_PAGE_TIMEOUT_SECONDS",
                                        description="how long the mail server or the webhook may take")
    page_retry_seconds: float = Field(5.0, gt=0, alias="GROWLINE_PAGE_RETRY_SECONDS",
                                      description="first pause before a page is tried again; it doubles up to five minutes")
    page_tries: int = Field(8, gt=0, alias="GROWLINE_PAGE_TRIES", description="after so many failures an alarm is raised instead")
    page_again_minutes: float = Field(10.0, ge=0, alias="GROWLINE_PAGE_AGAIN_MINUTES",
                                      description="a page is repeated when nobody has looked after so many minutes; 0: never")
    page_most: int = Field(3, gt=0, alias="GROWLINE_PAGE_MOST", description="how many pages one flag gets at most")

    @field_validator("page_to", mode="before")
    @classmethod
    def _split_addresses(cls, value: str | list[str]) -> list[str]:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("page_to")
    @classmethod
    def _mail_is_all_or_none(cls, value: list[str], info: ValidationInfo) -> list[str]:
        host, sender = str(info.data.get("page_smtp_host", "")), str(info.data.get("page_from", ""))
        given = [bool(host), bool(sender), bool(value)]
        if any(given) and not all(given):
            raise ValueError("GROWLINE_PAGE_SMTP_HOST, GROWLINE_PAGE_FROM and GROWLINE_PAGE_TO: all three or none")
        addresses = [*value, sender] if host else value
        if any("@" not in address or not address.isprintable() or " " in address for address in addresses):
            raise ValueError("an e-mail address, or several, comma-separated")
        if host and info.data.get("page_smtp_security") == "none" and host not in _THIS_MACHINE:
            raise ValueError("GROWLINE_PAGE_SMTP_SECURITY=none is for a mail server on this machine")
        return value

    @field_validator("page_webhook")
    @classmethod
    def _posts_protected(cls, value: str) -> str:
        if value and not is_protected_address(value):
            raise ValueError("an address that begins with https://")
        return value

    @field_validator("page_webhook_secret")
    @classmethod
    def _posts_signed(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if info.data.get("page_webhook") and not value.get_secret_value():
            raise ValueError("a webhook needs a secret to sign with")
        return value


class WorkerSettings(StoreSettings, TwilioSettings, LinkSettings, PagingSettings):
    """The program that takes turns and delivers."""

    public_url: str = Field(alias="GROWLINE_PUBLIC_URL", description="used in the status-callback address")
    engine_urls: Annotated[list[str], NoDecode] = Field(["http://127.0.0.1:5005"], alias="GROWLINE_ENGINE_URL",
                                                        description="the engine, or several, comma-separated")
    retry_seconds: float = Field(1.0, alias="GROWLINE_RETRY_SECONDS", description="first pause before a turn is tried again")
    operations_port: int = Field(9082, alias="WORKER_OPERATIONS_PORT", description="where health and /metrics are served")
    reconcile_seconds: float = Field(300.0, gt=0, alias="GROWLINE_RECONCILE_SECONDS",
                                     description="how often Twilio's list is compared with what arrived")
    unclear_seconds: float = Field(30.0, ge=0, alias="GROWLINE_UNCLEAR_SECONDS",
                                   description="how long a send without an answer is looked up before it is sent again")
    crossing_seconds: float = Field(2.0, ge=0, alias="GROWLINE_CROSSING_SECONDS",
                                    description="a text this soon after our question left cannot be an answer to it")
    texts_a_minute: int = Field(30, gt=0, alias="GROWLINE_TEXTS_A_MINUTE",
                                description="how many texts of one phone a minute are answered; the rest is kept for staff")
    sms_accents: Literal["keep", "drop"] = Field("keep", alias="GROWLINE_SMS_ACCENTS",
                                                 description="drop: á í ó ú leave without their accent, which saves segments")
    daily_spend_dollars: float = Field(25.0, gt=0, alias="GROWLINE_DAILY_SPEND_DOLLARS",
                                       description="what a day's texts may cost; beyond it only safety lines leave")
    segment_dollars: float = Field(0.0115, gt=0, alias="GROWLINE_SEGMENT_DOLLARS",
                                   description="what one SMS segment costs, carrier fees included, by your own contract")
    outreach_seconds: float = Field(60.0, gt=0, alias="GROWLINE_OUTREACH_SECONDS",
                                    description="how often is looked for texts that we start and that are due")

    @field_validator("engine_urls", mode="before")
    @classmethod
    def _split(cls, value: str | list[str]) -> list[str]:
        return [part.strip().rstrip("/") for part in value.split(",")] if isinstance(value, str) else value


class ActionsSettings(StoreSettings):
    """The custom actions Rasa calls."""

    port: int = Field(5055, alias="ACTIONS_PORT", description="where the engine calls the actions, on loopback")


class SingleSignOnSettings(BaseSettings):
    """The identity provider (OpenID Connect) that staff may sign in with, and whether passwords serve, too; off by default."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", hide_input_in_errors=True)

    oidc_issuer: str = Field("", max_length=255, alias="GROWLINE_OIDC_ISSUER",
                             description="the provider's issuer exactly as it writes it, https://…; empty: no single sign-on")
    oidc_client_id: str = Field("", alias="GROWLINE_OIDC_CLIENT_ID", description="the console's client id at the provider")
    oidc_client_secret: SecretStr = Field(SecretStr(""), alias="GROWLINE_OIDC_CLIENT_SECRET", validate_default=True,
                                          description="the client secret at the provider; issuer, id and secret go together")
    oidc_name: str = Field("", max_length=60, alias="GROWLINE_OIDC_NAME",
                           description="the provider's name on the sign-in button; without it, its host")
    oidc_second_factor: Literal["ours", "trusted"] = Field(
        "ours", alias="GROWLINE_OIDC_SECOND_FACTOR",
        description="ours: the console asks for its own second factor after the provider; trusted: the provider's is enough")
    passwords: Literal["on", "off"] = Field("on", alias="GROWLINE_PASSWORDS", validate_default=True,
                                            description="off: nobody signs in with a password; needs the settings of OIDC")

    @field_validator("oidc_issuer")
    @classmethod
    def _is_protected(cls, value: str) -> str:
        if value and (not is_protected_address(value) or set(value) & set("?#")):
            raise ValueError("an address that begins with https://, without ? and #")
        return value

    @field_validator("oidc_client_secret")
    @classmethod
    def _all_or_none(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        given = [bool(info.data.get("oidc_issuer")), bool(info.data.get("oidc_client_id")), bool(value.get_secret_value())]
        if any(given) and not all(given) and "oidc_issuer" in info.data:
            raise ValueError("GROWLINE_OIDC_ISSUER, GROWLINE_OIDC_CLIENT_ID and GROWLINE_OIDC_CLIENT_SECRET: all three or none")
        return value

    @field_validator("passwords")
    @classmethod
    def _another_way_in(cls, value: str, info: ValidationInfo) -> str:
        # A wrong issuer is told of already.
        if value == "off" and info.data.get("oidc_issuer") == "":
            raise ValueError("without passwords nobody could sign in: set GROWLINE_OIDC_ISSUER, too")
        return value

    @property
    def oidc_shown_name(self) -> str:
        """What the provider is called on the sign-in page."""
        return self.oidc_name.strip() or urlsplit(self.oidc_issuer).hostname or ""


def is_protected_address(address: str) -> bool:
    """Whether nobody on the way can read or change what is sent to ``address``: TLS, or this very machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port  # a port that is none raises
    except ValueError:
        return False
    if not host or parts.username or parts.password or " " in address or not address.isprintable():
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE)


class ConsoleSettings(StoreSettings, LinkSettings, SingleSignOnSettings):
    """Intake staff's web application."""

    secret_key: SecretStr = Field(alias="GROWLINE_CONSOLE_SECRET",
                                  description="signs the staff's session cookies; make one with: growline key")
    cookies_over_http: bool = Field(False, alias="GROWLINE_COOKIES_OVER_HTTP",
                                    description="only for a demo on this machine: lets the session cookie travel without TLS")
    second_factor: Literal["required", "optional"] = Field(
        "required", alias="GROWLINE_SECOND_FACTOR",
        description="required: nobody opens a page without a second factor; optional: whoever has set one up is asked for it")


def read_settings(kind: type[SomeSettings]) -> SomeSettings:
    """The settings of ``kind``; raises SettingsError with one line of help per missing or wrong setting."""
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError(_help(kind, error)) from None


def _help(kind: type[BaseSettings], error: ValidationError) -> str:
    about = {field.alias: field.description for field in kind.model_fields.values()}
    lines = [f"  {detail['loc'][0]}: {about.get(str(detail['loc'][0]), '')} ({detail['msg']})" for detail in error.errors()]
    return "Growline cannot start; set these in the environment or in .env:\n" + "\n".join(lines)
