"""Opens the database with the family's keys attached, and hands out one transaction at a time.

``Store.transaction()`` is the only place that commits: a deed happens whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from intake.store.encryption import KeyRing, attach_keys

# What a database that is down, restarting or out of connections raises. The same message may be tried again: ids make it one.
UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeoutError)


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


def open_store(url: str, keys: KeyRing, *, pool_size: int = 10) -> Store:
    """Opens ``url`` (postgresql://…) with ``keys``. Connects on first use; dead connections are noticed and replaced."""
    # An error's text would repeat the row's values, and error texts reach the logs: hide them.
    engine = create_engine(driver_url(url), pool_size=pool_size, max_overflow=10, pool_pre_ping=True, hide_parameters=True,
                           connect_args={"connect_timeout": 5})
    attach_keys(engine, keys)
    return Store(engine, keys)
