"""The audit trail and the consent ledger may only grow: the database itself refuses to change or remove their rows."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("audit", "consent")


def upgrade() -> None:
    op.execute(
        "create function growline_refuse_change() returns trigger language plpgsql as $$ "
        "begin raise exception '% rows are never changed or removed', tg_table_name; end $$"
    )
    for table in _TABLES:
        op.execute(f"create trigger {table}_append_only before update or delete on {table} "
                   "for each row execute function growline_refuse_change()")


def downgrade() -> None:
    for table in _TABLES:
        op.execute(f"drop trigger {table}_append_only on {table}")
    op.execute("drop function growline_refuse_change()")
