"""The worker's job queue: procrastinate's own tables and functions, of the version that is installed.

It stands in the same database so that a message and the job that answers it are stored in one transaction.
"""

from alembic import op
from procrastinate.schema import SchemaManager
from procrastinate.testing import InMemoryConnector

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = SchemaManager(InMemoryConnector()).get_schema()
    op.get_bind().connection.cursor().execute(sql)  # as it is: its many statements and % signs are not for SQLAlchemy


def downgrade() -> None:
    bind = op.get_bind()
    for kind, query in _OBJECTS:
        for (name,) in bind.exec_driver_sql(query).fetchall():
            bind.exec_driver_sql(f"drop {kind} if exists {name} cascade")


_OBJECTS = (
    ("table", "select quote_ident(tablename) from pg_tables where schemaname = current_schema() "
              "and tablename like 'procrastinate\\_%%'"),
    ("function", "select oid::regprocedure::text from pg_proc where pronamespace = current_schema()::regnamespace "
                 "and proname like 'procrastinate\\_%%'"),
    ("type", "select quote_ident(typname) from pg_type where typnamespace = current_schema()::regnamespace "
             "and typname like 'procrastinate\\_%%' and typtype in ('e', 'c')"),
)
