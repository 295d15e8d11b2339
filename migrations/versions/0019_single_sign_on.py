"""Single sign-on: which account at an identity provider opens which account of the console."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_identity",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "issuer", name="pk_staff_identity"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_identity_staff_id"),
        sa.UniqueConstraint("issuer", "subject", name="uq_staff_identity_issuer_subject"),
    )


def downgrade() -> None:
    op.drop_table("staff_identity")
