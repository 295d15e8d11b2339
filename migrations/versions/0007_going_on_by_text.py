"""A web chat may ask a phone whether it goes on there: the question is a conversation of its own that names the chat."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("asked_for", sa.Uuid()))
    op.create_foreign_key("fk_conversation_asked_for", "conversation", "conversation", ["asked_for"], ["id"])
    op.create_index("ix_conversation_asked_for", "conversation", ["asked_for"])


def downgrade() -> None:
    op.drop_column("conversation", "asked_for")
