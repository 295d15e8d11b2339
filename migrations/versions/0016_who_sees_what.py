"""Who sees what: people limited to programs, and made-up families that no text can ever leave for.

A practice conversation has no phone, its family none that is found by, and both say so themselves: the database refuses anything
else, whatever a program or a person tries.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_program",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.String(48), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "program_id", name="pk_staff_program"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_program_staff_id"),
    )
    op.create_index("ix_consent_refused", "consent", ["conversation_id"], postgresql_where=sa.text("not given"))
    for table in ("family", "conversation"):
        op.add_column(table, sa.Column("practice", sa.Boolean(), server_default=sa.text("false"), nullable=False))
    op.create_unique_constraint("uq_family_id_practice", "family", ["id", "practice"])
    op.create_foreign_key("fk_conversation_family_practice", "conversation", "family", ["family_id", "practice"], ["id", "practice"])
    op.create_check_constraint(op.f("ck_family_practice_is_not_found"), "family", "not practice or phone_index is null")
    op.create_check_constraint(op.f("ck_conversation_practice_never_sends"), "conversation",
                               "not practice or (phone is null and phone_index is null and asked_for is null)")
    _create_practice_case()
    _guard_practice()


def _guard_practice() -> None:
    """What is made up stays so and what is real never becomes made up; only what is made up may leave the ledger again."""
    for table in ("family", "conversation"):
        op.execute(f"create trigger {table}_practice_stays before update of practice on {table} for each row "
                   "when (old.practice is distinct from new.practice) execute function growline_refuse_change()")
    op.execute(
        "create function growline_refuse_change_unless_practice() returns trigger language plpgsql as $$ "
        "begin if exists (select from conversation where id = old.conversation_id and practice) then "
        "if tg_op = 'DELETE' then return old; end if; return new; end if; "
        "raise exception '% rows are never changed or removed', tg_table_name; end $$"
    )
    _guard_consents("growline_refuse_change_unless_practice")


def _guard_consents(function: str) -> None:
    op.execute("drop trigger consent_append_only on consent")
    op.execute("create trigger consent_append_only before update or delete on consent "
               f"for each row execute function {function}()")


def _create_practice_case() -> None:
    op.create_table(
        "practice_case",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("family", sa.String(48)),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", name="pk_practice_case"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_practice_case_conversation_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_practice_case_staff_id"),
    )
    op.create_index("ix_practice_case_staff_id", "practice_case", ["staff_id"])


def downgrade() -> None:
    _guard_consents("growline_refuse_change")
    op.execute("drop function growline_refuse_change_unless_practice()")
    for table in ("family", "conversation"):
        op.execute(f"drop trigger {table}_practice_stays on {table}")
    op.drop_table("practice_case")
    op.drop_constraint("fk_conversation_family_practice", "conversation", type_="foreignkey")
    op.drop_column("conversation", "practice")
    op.drop_constraint("uq_family_id_practice", "family", type_="unique")
    op.drop_column("family", "practice")
    op.drop_index("ix_consent_refused", table_name="consent")
    op.drop_table("staff_program")
