"""What all routes of one running gateway share: settings, the open store, words, counters and limits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import anyio

from gateway.limits import Rate, WaitingPlaces
from gateway.metrics import Metrics
from gateway.spool import Spool
from gateway.waiting import Watch
from intake.content.library import Content
from intake.content.pages import ChatPage
from intake.settings import GatewaySettings
from intake.store.connection import Patience, Store, open_store
from intake.usecases.receiving import last_places

_HOUR = 3600.0
# A webhook is answered within Twilio's patience: what does not come in this time is tried later, by us or by the browser.
_PATIENCE = Patience(connect_seconds=2, pool_seconds=1.0, statement_seconds=1.5)


class Places:
    """How many webhooks are stored, and how many spooled, at once; apart, so that a database that hangs holds up no disk.

    More at once is slower: the threads fight for the interpreter with the loop that answers (measured on two busy cores at
    50 texts a second: 4 at once p99 0.2 s, 16 at once several seconds).
    """

    def __init__(self) -> None:
        self.storing, self.spooling = anyio.CapacityLimiter(4), anyio.CapacityLimiter(4)


@dataclass
class Edge:
    """One gateway. ``store`` is there while the application runs."""

    settings: GatewaySettings
    words: ChatPage
    content: Content
    metrics: Metrics = field(default_factory=Metrics)
    # A person types slower than one message a second; ten at once covers what was queued while offline.
    message_rate: Rate = field(default_factory=lambda: Rate(per_second=1, burst=10))
    waiting: WaitingPlaces = field(default_factory=lambda: WaitingPlaces(each=5, all_together=2000))
    places: Places = field(default_factory=Places)
    _store: Store | None = None

    def __post_init__(self) -> None:
        self._keys = self.settings.key_ring()
        self.watch = Watch(lambda conversations: last_places(self.store, conversations))
        self.spool = Spool(self.settings.spool_folder, self._keys)
        self.metrics.watch(self.spool)
        hourly = self.settings.chat_sessions_per_hour
        self.session_rate = Rate(per_second=hourly / _HOUR, burst=hourly)
        self.phone_rate = Rate(per_second=hourly / _HOUR, burst=hourly)

    @property
    def store(self) -> Store:
        """The open store; RuntimeError when the application is not running."""
        if self._store is None:
            raise RuntimeError("the gateway is not running")
        return self._store

    @property
    def is_running(self) -> bool:
        """Whether the application runs."""
        return self._store is not None

    @contextmanager
    def running(self) -> Iterator[None]:
        """Opens the store, and closes it at the end. Raises SettingsError when the spool cannot be written to."""
        self.spool.prepare()
        self._store = open_store(self.settings.database_url, self._keys, patience=_PATIENCE)
        try:
            yield
        finally:
            self._store.close()
            self._store = None
