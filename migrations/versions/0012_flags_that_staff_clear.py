"""Staff clear a flag, and why is kept: what they cleared is not raised again by the same words."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("flag", sa.Column("cleared_by", sa.Integer()))
    op.add_column("flag", sa.Column("cleared_because", sa.String(24)))
    op.create_foreign_key("fk_flag_cleared_by", "flag", "staff", ["cleared_by"], ["id"])


def downgrade() -> None:
    op.drop_column("flag", "cleared_because")
    op.drop_column("flag", "cleared_by")
