"""What all routes of one running gateway share: settings, the open store, words, counters and limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.limits import Rate, WaitingPlaces
from gateway.metrics import Metrics
from intake.content.pages import ChatPage
from intake.settings import GatewaySettings
from intake.store.connection import Store, open_store

_HOUR = 3600.0


@dataclass
class Edge:
    """One gateway. ``store`` is there while the application runs."""

    settings: GatewaySettings
    words: ChatPage
    metrics: Metrics = field(default_factory=Metrics)
    # A person types slower than one message a second; ten at once covers what was queued while offline.
    message_rate: Rate = field(default_factory=lambda: Rate(per_second=1, burst=10))
    waiting: WaitingPlaces = field(default_factory=lambda: WaitingPlaces(each=5, all_together=500))
    _store: Store | None = None

    def __post_init__(self) -> None:
        hourly = self.settings.chat_sessions_per_hour
        self.session_rate = Rate(per_second=hourly / _HOUR, burst=hourly)

    @property
    def store(self) -> Store:
        """The open store; RuntimeError when the application is not running."""
        if self._store is None:
            raise RuntimeError("the gateway is not running")
        return self._store

    def is_ready(self) -> bool:
        """Whether the application runs and its database answers."""
        return self._store is not None and self._store.is_reachable()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Opens the store, and closes it at the end."""
        self._store = open_store(self.settings.database_url, self.settings.key_ring())
        try:
            yield
        finally:
            self._store.close()
            self._store = None
