"""Security keys and passkeys as a second factor: their public halves, and the challenge each answer uses up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("fs_webauthn_user_handle", sa.String(64)))
    op.create_unique_constraint("uq_staff_fs_webauthn_user_handle", "staff", ["fs_webauthn_user_handle"])
    op.create_table(
        "staff_webauthn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", postgresql.JSONB()),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(64), nullable=False),
        sa.Column("extensions", sa.Text()),
        sa.Column("usage", sa.String(64), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lastuse_datetime", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_staff_webauthn"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_webauthn_staff_id"),
        sa.UniqueConstraint("credential_id", name="uq_staff_webauthn_credential_id"),
        sa.UniqueConstraint("staff_id", "name", name="uq_staff_webauthn_staff_id_name"),
    )
    op.create_table(
        "staff_challenge",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("challenge_hash", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", name="pk_staff_challenge"),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name="fk_staff_challenge_staff_id"),
    )


def downgrade() -> None:
    op.drop_table("staff_challenge")
    op.drop_table("staff_webauthn")
    op.drop_constraint("uq_staff_fs_webauthn_user_handle", "staff")
    op.drop_column("staff", "fs_webauthn_user_handle")
