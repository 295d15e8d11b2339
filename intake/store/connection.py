"""Opens the database with the family's keys attached, and hands out one transaction at a time.

``Store.transaction()`` is the only place that commits: a deed happens whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from intake.store.encryption import KeyRing, attach_keys

# What a database that is down, restarting or out of connections raises. The same message may be tried again: ids make it one.
UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeoutError)

# A host that vanished without a word is given up after about 20 s, not after the system's two hours.
_NOTICE_A_DEAD_HOST = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2, "tcp_user_timeout": 20_000}


def driver_url(url: str) -> str:
    """``url`` for SQLAlchemy with the psycopg 3 driver, however the operator wrote it."""
    for prefix in ("postgresql+psycopg://", "postgresql://", "postgres://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    raise ValueError("GROWLINE_DATABASE_URL must begin with postgresql://")


class Store:
    """An open database: ``engine`` to run on, ``keys`` to seal and find with."""

    def __init__(self, engine: Engine, keys: KeyRing) -> None:
        self.engine = engine
        self.keys = keys
        self._sessions = sessionmaker(engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session whose work is committed at the end, or wholly undone when anything is raised."""
        with self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session for reading; whatever it changes is thrown away."""
        with self._sessions() as session:
            yield session

    def is_reachable(self) -> bool:
        """Whether the database answers now."""
        try:
            with self.engine.connect() as connection:
                return connection.exec_driver_sql("select 1").scalar() == 1
        except UNAVAILABLE:
            return False

    def close(self) -> None:
        """Gives all connections back."""
        self.engine.dispose()


@dataclass(frozen=True)
class Patience:
    """How long a program waits for the database, in seconds: for a connection to it, for a place in the pool, for an answer.

    psycopg waits 2 s for a connection at the least. ``statement_seconds`` is kept by the server; None waits for ever.
    """

    connect_seconds: int = 5
    pool_seconds: float = 30.0
    statement_seconds: float | None = None


def open_store(url: str, keys: KeyRing, *, pool_size: int = 10, patience: Patience = Patience()) -> Store:
    """Opens ``url`` (postgresql://…) with ``keys``. Connects on first use; dead connections are noticed and replaced."""
    # An error's text would repeat the row's values, and error texts reach the logs: hide them.
    engine = create_engine(driver_url(url), pool_size=pool_size, max_overflow=10, pool_pre_ping=True, hide_parameters=True,
                           pool_timeout=patience.pool_seconds,
                           connect_args={"connect_timeout": patience.connect_seconds, **_NOTICE_A_DEAD_HOST})
    if patience.statement_seconds is not None:
        _limit_statements(engine, patience.statement_seconds)
    attach_keys(engine, keys)
    return Store(engine, keys)


def _limit_statements(engine: Engine, seconds: float) -> None:
    @event.listens_for(engine, "connect")
    def limit(connection: Any, _: Any) -> None:
        connection.autocommit = True  # or the first rollback would take the limit away again
        connection.execute("select set_config('statement_timeout', %s, false)", [f"{int(seconds * 1000)}ms"])
        connection.autocommit = False
