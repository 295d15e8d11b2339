"""What the console's views work with: the open store, the content, the clock and the throttle of the sign-in
page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from console.content import ConsoleContent
from console.oidc import Provider
from console.throttle import SignInThrottle
from intake.store.connection import Store

_NAME = "growline"


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Services:
    """One set per application."""

    store: Store
    content: ConsoleContent
    throttle: SignInThrottle
    cookies_over_http: bool
    now: Callable[[], datetime] = now
    provider: Provider | None = None  # with whom staff may sign in, when the settings name one
    passwords: bool = True

    @property
    def time_zone(self) -> ZoneInfo:
        """The time zone of the affiliate; all times are shown in it."""
        return ZoneInfo(self.content.messages.affiliate.time_zone)


def attach(app: Flask, services_of_app: Services) -> None:
    """Gives an application its services."""
    app.extensions[_NAME] = services_of_app


def services() -> Services:
    """The services of the application that handles this request."""
    return current_app.extensions[_NAME]  # type: ignore[no-any-return]
