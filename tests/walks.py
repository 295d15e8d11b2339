"""The way to a question is walked twice at most: from then on a test begins from a copy of what was stored when it was walked.

Walking took most of the time of these tests. A copy holds all tables of a database that was empty before. Put back, its rows are
as old as they were at the end of the walk, but for the audit trail, whose moments are sealed by its chain.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from emptying import filled_tables
from sqlalchemy import Connection, text

from intake.content.library import Content
from intake.store.connection import Store

_SEALED = "audit"
_numbers = count(1)
_COLUMNS = """
select column_name, data_type = 'timestamp with time zone' from information_schema.columns
where table_schema = 'public' and table_name = :table and is_generated = 'NEVER' order by ordinal_position
"""
_NUMBERS = """
select format('%I.%I', schemaname, sequencename), last_value from pg_sequences
where schemaname = 'public' and last_value is not null
"""


@dataclass(frozen=True)
class _Copy:
    """What stands in the schema ``name``: how it is put back, when it was made, and what the family knew of itself."""

    putting_back: str
    made: datetime
    family: dict[str, Any]


@dataclass
class Walks:
    """The copies of ways through ``content`` that a database holds; None: walked once, and not worth a copy yet."""

    store: Store
    content: Content
    copies: dict[Hashable, _Copy | None] = field(default_factory=dict)

    def put_back(self, way: Hashable) -> dict[str, Any] | None:
        """Stores the copy of ``way`` in the empty database and gives back what the family knew; None when there is none, or
        when the database holds something."""
        copy = self.copies.get(way)
        if copy is None or not self.begins_with_nothing():
            return None
        age = datetime.now(UTC) - copy.made
        with self.store.engine.begin() as connection:
            connection.exec_driver_sql(copy.putting_back.replace(":age", _interval(age)))
        return copy.family

    def begins_with_nothing(self) -> bool:
        """Whether the database is empty."""
        with self.store.engine.connect() as connection:
            return not filled_tables(connection)

    def was_walked(self, way: Hashable, family: dict[str, Any]) -> None:
        """Makes a copy of all that is stored, when this ``way`` was walked before."""
        if way not in self.copies:
            self.copies[way] = None
            return
        schema = f"walk_{next(_numbers)}"
        with self.store.engine.begin() as connection:
            connection.exec_driver_sql(f"create schema {schema}")
            parts = ["set local session_replication_role = replica"]  # no trigger, and no foreign key to be minded
            for table in filled_tables(connection):
                connection.exec_driver_sql(f"create table {schema}.{table} as table public.{table}")
                parts.append(_putting_back(connection, schema, table))
            parts += [f"select setval('{name}', {last})" for name, last in connection.execute(text(_NUMBERS))]
        self.copies[way] = _Copy("; ".join(parts).replace("%", "%%"), datetime.now(UTC), family)


_walks: dict[tuple[int, int], Walks] = {}  # each keeps its store and content, so that no other gets their ids


def walks_of(store: Store, content: Content) -> Walks:
    """The ways walked in ``store`` with ``content``."""
    return _walks.setdefault((id(store), id(content)), Walks(store, content))


def _putting_back(connection: Connection, schema: str, table: str) -> str:
    columns = connection.execute(text(_COLUMNS), {"table": table}).all()
    names = ", ".join(f'"{name}"' for name, _ in columns)
    values = ", ".join(f'"{name}" + :age' if is_moment and table != _SEALED else f'"{name}"' for name, is_moment in columns)
    return f"insert into public.{table} ({names}) overriding system value select {values} from {schema}.{table}"


def _interval(age: timedelta) -> str:
    return f"interval '{age.total_seconds():.6f} seconds'"
