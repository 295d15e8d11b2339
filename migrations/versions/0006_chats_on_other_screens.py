"""A web chat remembers whether its computer is shared; links of one use open a conversation, or its page for the doctor."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("chat_session", sa.Column("shared", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_table(
        "chat_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(8), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_chat_link"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_chat_link_conversation_id"),
        sa.UniqueConstraint("code_hash", name="uq_chat_link_code_hash"),
        sa.CheckConstraint("purpose in ('chat', 'visit')", name="ck_chat_link_purpose_known"),
    )
    op.create_index("ix_chat_link_conversation_id", "chat_link", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("chat_link")
    op.drop_column("chat_session", "shared")
