"""The team shares its work: who looks after a case, who has it open, views kept by name, notes to hand over.

Names get marks by which they are found without being opened; rows from before are marked by ``growline migrate``.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("assignee_id", sa.Integer()))
    op.create_foreign_key("fk_conversation_assignee_id", "conversation", "staff", ["assignee_id"], ["id"])
    op.create_index("ix_conversation_assignee_id", "conversation", ["assignee_id"])
    op.create_index("ix_conversation_child_id", "conversation", ["child_id"])
    for table, column in (("family", "contact_name_marks"), ("child", "name_marks")):
        op.add_column(table, sa.Column(column, sa.ARRAY(sa.Integer())))
        op.create_index(f"ix_{table}_{column}", table, [column], postgresql_using="gin")
    op.create_index("ix_call_promised", "call", ["staff_id"], postgresql_where=sa.text("outcome = 'call_back_later'"))
    _create_tables()
    op.execute("create trigger hand_over_note_append_only before update or delete on hand_over_note "
               "for each row execute function growline_refuse_change()")


def _create_tables() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("filter", JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_saved_view_staff_id"),
    )
    op.create_index("ix_saved_view_staff_id", "saved_view", ["staff_id"])
    op.create_table(
        "case_viewing",
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "staff_id", name="pk_case_viewing"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_case_viewing_conversation_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_case_viewing_staff_id"),
    )
    op.create_table(
        "hand_over_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("for_staff_id", sa.Integer()),
        sa.Column("written_by", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hand_over_note"),
        sa.ForeignKeyConstraint(["for_staff_id"], ["staff.id"], name="fk_hand_over_note_for_staff_id"),
        sa.ForeignKeyConstraint(["written_by"], ["staff.id"], name="fk_hand_over_note_written_by"),
    )
    op.create_index("ix_hand_over_note_for", "hand_over_note", ["for_staff_id", "written_at"])


def downgrade() -> None:
    for table in ("hand_over_note", "case_viewing", "saved_view"):
        op.drop_table(table)
    for table, column in (("family", "contact_name_marks"), ("child", "name_marks")):
        op.drop_column(table, column)
    op.drop_index("ix_call_promised", table_name="call")
    op.drop_index("ix_conversation_child_id", table_name="conversation")
    op.drop_column("conversation", "assignee_id")
