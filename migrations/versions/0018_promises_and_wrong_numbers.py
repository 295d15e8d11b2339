"""A promised call may have a time."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("promised_for", sa.DateTime(timezone=True)))
    op.add_column("call", sa.Column("promised_part", sa.String(12)))
    op.create_check_constraint(op.f("ck_call_promised_to_call_back"), "call",
                               "promised_for is null or outcome = 'call_back_later'")
    op.create_check_constraint(op.f("ck_call_promised_part_known"), "call",
                               "promised_part is null or (promised_for is not null and promised_part in "
                               "('morning', 'afternoon', 'evening', 'any_time'))")


def downgrade() -> None:
    op.drop_column("call", "promised_part")
    op.drop_column("call", "promised_for")
