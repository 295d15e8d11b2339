"""What is asked and told after words of danger, and the pages that call staff to a flag that cannot wait."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
_TIME = sa.DateTime(timezone=True)
_NOW = sa.text("now()")


def upgrade() -> None:
    op.create_table(
        "danger_told",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("conversation_id", sa.Uuid(), sa.ForeignKey("conversation.id"), nullable=False),
        sa.Column("message_id", sa.Uuid(), sa.ForeignKey("message.id"), nullable=False),
        sa.Column("situation", sa.String(32), nullable=False),
        sa.Column("trigger", sa.String(8), nullable=False),
        sa.Column("category", sa.String(32), nullable=False),
        sa.Column("level", sa.String(24), nullable=False),
        sa.Column("unclear", sa.Boolean(), nullable=False),
        sa.Column("asked", sa.String(16)),
        sa.Column("before_kind", sa.String(24)),
        sa.Column("before_id", sa.String(80)),
        sa.Column("held", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("told", sa.String(16)),
        sa.Column("told_in", sa.Uuid(), sa.ForeignKey("message.id")),
        sa.Column("said_at", _TIME, nullable=False, server_default=_NOW),
        sa.Column("told_at", _TIME),
        sa.UniqueConstraint("message_id", name="uq_danger_told_message_id"),
    )
    op.create_index("ix_danger_told_latest", "danger_told", ["conversation_id", "said_at"])
    op.create_table(
        "staff_page",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("flag_id", sa.Uuid(), sa.ForeignKey("flag.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False, server_default=_NOW),
        sa.Column("begun_at", _TIME),
        sa.Column("emailed_at", _TIME),
        sa.Column("posted_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("outcome", sa.String(16)),
        sa.Column("tries", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("flag_id", "number", name="uq_staff_page_flag_id_number"),
    )
    op.create_index("ix_staff_page_open", "staff_page", ["created_at"], postgresql_where=sa.text("ended_at is null"))


def downgrade() -> None:
    op.drop_table("staff_page")
    op.drop_table("danger_told")
