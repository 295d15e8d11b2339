"""What a case shows: the message that asked for an answer, notes of staff, which message answered a follow-up, its trail.

``answer.asked_in`` is empty for rows from before; the console works it out from the messages then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("answer", "asked_in"), ("outreach", "answered_in")):
        op.add_column(table, sa.Column(column, sa.Uuid()))
        op.create_foreign_key(f"fk_{table}_{column}", table, "message", [column], ["id"])
    op.create_table(
        "case_note",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("form_key", sa.Uuid(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("replaces", sa.Uuid()),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_note"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_case_note_conversation_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_case_note_staff_id"),
        sa.ForeignKeyConstraint(["replaces"], ["case_note.id"], name="fk_case_note_replaces"),
        sa.UniqueConstraint("conversation_id", "staff_id", "form_key", name="uq_case_note_conversation_id_staff_id_form_key"),
        sa.UniqueConstraint("replaces", name="uq_case_note_replaces"),
    )
    # Never changed; removed only with its whole conversation, when its time is over.
    op.execute("create trigger case_note_never_changed before update on case_note "
               "for each row execute function growline_refuse_change()")
    op.create_index("ix_audit_object", "audit", ["object_type", "object_id", "seq"])


def downgrade() -> None:
    op.drop_index("ix_audit_object", table_name="audit")
    op.drop_table("case_note")
    for table, column in (("outreach", "answered_in"), ("answer", "asked_in")):
        op.drop_column(table, column)
