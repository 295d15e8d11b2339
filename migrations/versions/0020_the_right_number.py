"""A number found wrong keeps the right one that was entered for it; a case may have more than one number that is wrong."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
_OPEN = sa.text("undone_at is null and corrected_at is null")


def upgrade() -> None:
    op.add_column("wrong_number", sa.Column("corrected_to", sa.LargeBinary()))
    op.drop_index("uq_wrong_number_open", table_name="wrong_number")
    op.create_index("uq_wrong_number_open", "wrong_number", ["conversation_id", "phone_index"], unique=True,
                    postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_index("uq_wrong_number_open", table_name="wrong_number")
    op.create_index("uq_wrong_number_open", "wrong_number", ["conversation_id"], unique=True, postgresql_where=_OPEN)
    op.drop_column("wrong_number", "corrected_to")
