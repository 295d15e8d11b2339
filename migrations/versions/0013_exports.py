"""Cases leave the console as a file: each export is asked for, agreed to, fetched once and looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_role", sa.String(32), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("form_key", sa.Uuid(), nullable=False),
        sa.Column("columns", sa.String(16), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("program_id", sa.String(48)),
        sa.Column("status", sa.String(24)),
        sa.Column("language", sa.String(2)),
        sa.Column("purpose", sa.String(24), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("state_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer()),
        sa.Column("rows", sa.Integer()),
        sa.Column("seen_by", sa.Integer()),
        sa.Column("seen_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_export"),
        sa.UniqueConstraint("number", name="uq_export_number"),
        sa.UniqueConstraint("asked_by", "form_key", name="uq_export_asked_by_form_key"),
        sa.ForeignKeyConstraint(["asked_by"], ["staff.id"], name="fk_export_asked_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name="fk_export_decided_by"),
        sa.ForeignKeyConstraint(["seen_by"], ["staff.id"], name="fk_export_seen_by"),
        sa.CheckConstraint("state in ('asked', 'approved', 'refused', 'downloaded')", name="ck_export_state_known"),
        sa.CheckConstraint("decided_by is null or decided_by <> asked_by", name="ck_export_decided_by_another"),
    )
    op.create_index("ix_export_asked_at", "export", ["asked_at"])
    op.create_index("ix_export_to_look_at", "export", ["asked_at"],
                    postgresql_where=sa.text("state = 'downloaded' and columns = 'with_families' and seen_at is null"))
    op.create_index("ix_referral_created_at", "referral", ["created_at"])


def downgrade() -> None:
    op.drop_index("ix_referral_created_at", table_name="referral")
    op.drop_table("export")
