"""A text that we start may be about one milestone; a conversation may go on with the checklist of a later day."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outreach", sa.Column("item", sa.String(80)))
    op.add_column("conversation", sa.Column("checked_on", sa.Date()))


def downgrade() -> None:
    op.drop_column("conversation", "checked_on")
    op.drop_column("outreach", "item")
