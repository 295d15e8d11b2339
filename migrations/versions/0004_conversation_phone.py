"""The phone a conversation's texts go to, apart from the number the family wants to be called at."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("conversation", sa.Column("phone", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("conversation", "phone")
