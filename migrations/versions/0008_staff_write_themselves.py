"""What staff write to a family waits ten seconds in a table of its own, so that it can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_text",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True)),
        sa.Column("message_id", sa.Uuid()),
        sa.PrimaryKeyConstraint("id", name="pk_staff_text"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_staff_text_conversation_id"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_text_staff_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_staff_text_message_id"),
        sa.UniqueConstraint("message_id", name="uq_staff_text_message_id"),
    )
    op.create_index("ix_staff_text_conversation_id", "staff_text", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("staff_text")
