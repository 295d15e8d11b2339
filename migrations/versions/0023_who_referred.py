"""A conversation knows the case of somebody else who referred the same child: a doctor, a teacher, a relative."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("referred_from", sa.Uuid()))
    op.create_foreign_key("fk_conversation_referred_from", "conversation", "conversation", ["referred_from"], ["id"])
    op.create_index("ix_conversation_referred_from", "conversation", ["referred_from"])


def downgrade() -> None:
    op.drop_column("conversation", "referred_from")
