"""Empties the test database between two tests: only the tables that hold something, which is much faster than a truncate."""

from __future__ import annotations

from functools import cache

from sqlalchemy import Connection, Engine

_TABLES = "select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version' order by 1"
_BEGIN_AT_ONE_AGAIN = """
do $$
declare
    name text;
begin
    for name in
        select format('%I.%I', schemaname, sequencename) from pg_sequences where last_value is not null
    loop
        execute format('alter sequence %s restart', name);
    end loop;
end
$$
"""


def empty(engine: Engine) -> None:
    """Takes every row of every table and lets numbers begin at 1 again; nothing else may use the database meanwhile."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        filled = filled_tables(connection)
        if not filled:
            return
        # As a replica no trigger runs: neither the foreign keys' nor those that keep the audit trail from being erased.
        deletes = "".join(f"delete from {name};" for name in filled)
        connection.exec_driver_sql("begin; set local session_replication_role = replica;" + deletes + "commit;")
        connection.exec_driver_sql(_BEGIN_AT_ONE_AGAIN.replace("%", "%%"))
        # Without it new rows would fill the gaps of old ones, and be read in another order than they were written.
        connection.exec_driver_sql("vacuum " + ", ".join(filled))


def filled_tables(connection: Connection) -> list[str]:
    """The tables that hold a row, by name."""
    every = tuple(connection.exec_driver_sql(_TABLES).scalars())
    return list(connection.exec_driver_sql(_asking(every)).scalars())


@cache
def _asking(tables: tuple[str, ...]) -> str:
    return " union all ".join(f"select '{name}' where exists (select from {name})" for name in tables)


def forget_the_disk(engine: Engine) -> None:
    """The server of the tests waits for no disk: no test pulls the plug on it, and waiting is a third of their time."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("alter system set fsync = off")
        connection.exec_driver_sql("alter system set autovacuum = off")  # see above: rows in their order
        connection.exec_driver_sql("select pg_reload_conf()")
