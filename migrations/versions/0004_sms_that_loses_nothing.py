"""What a trustworthy SMS path needs to remember: tries and receipts of each text, texts we start, spend, alarms.

An inbound message read together with an older one names it; a text sent again names the one that did not arrive.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OPEN_OUTBOX = "direction = 'outbound' and state in ('queued', 'sending', 'sent')"


def upgrade() -> None:
    _add_to_message()
    op.create_table(
        "delivery_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("told_of", sa.String(64), nullable=False),
        sa.Column("provider_sid", sa.String(40), nullable=False),
        sa.Column("state", sa.String(24), nullable=False),
        sa.Column("error_code", sa.String(24)),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_receipt"),
        sa.UniqueConstraint("told_of", "provider_sid", "state", name="uq_delivery_receipt_told_of_provider_sid_state"),
    )
    op.create_table(
        "system_traffic",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.String(80), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_system_traffic"),
        sa.UniqueConstraint("provider_id", name="uq_system_traffic_provider_id"),
    )
    _create_outreach()
    op.create_table("daily_spend", sa.Column("day", sa.Date(), nullable=False), sa.Column("segments", sa.Integer(), nullable=False),
                    sa.PrimaryKeyConstraint("day", name="pk_daily_spend"))
    op.create_table(
        "alarm",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("cleared_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_alarm"),
    )
    op.create_index("uq_alarm_open", "alarm", ["code"], unique=True, postgresql_where=sa.text("cleared_at is null"))
    op.create_table("watermark", sa.Column("name", sa.String(32), nullable=False),
                    sa.Column("at", sa.DateTime(timezone=True), nullable=False), sa.PrimaryKeyConstraint("name", name="pk_watermark"))


def _add_to_message() -> None:
    for column in (
        sa.Column("original", sa.LargeBinary()), sa.Column("encoding", sa.String(8)), sa.Column("opt_out_type", sa.String(8)), sa.Column("read_with", sa.Uuid()),
        sa.Column("purpose", sa.String(24)), sa.Column("resend_of", sa.Uuid()),
        sa.Column("attempted_at", sa.DateTime(timezone=True)), sa.Column("unclear_since", sa.DateTime(timezone=True)),
    ):
        op.add_column("message", column)
    op.create_foreign_key("fk_message_read_with", "message", "message", ["read_with"], ["id"])
    op.create_foreign_key("fk_message_resend_of", "message", "message", ["resend_of"], ["id"])
    op.create_index("ix_message_read_with", "message", ["read_with"])
    op.create_unique_constraint("uq_message_resend_of", "message", ["resend_of"])
    op.create_index("ix_message_outbox", "message", ["state", "created_at"], postgresql_where=sa.text(_OPEN_OUTBOX))


def _create_outreach() -> None:
    op.create_table(
        "outreach",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("referral_id", sa.Uuid()),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("why_canceled", sa.String(24)),
        sa.Column("answer", sa.String(12)),
        sa.Column("message_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_outreach_conversation_id"),
        sa.ForeignKeyConstraint(["referral_id"], ["referral.id"], name="fk_outreach_referral_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_outreach_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outreach"),
    )
    op.create_index("ix_outreach_conversation_id", "outreach", ["conversation_id"])
    op.create_index("uq_outreach_once", "outreach", ["conversation_id", "kind", sa.text("coalesce(referral_id::text, '')"), "number"],
                    unique=True)
    op.create_index("ix_outreach_due", "outreach", ["due_at"], postgresql_where=sa.text("state = 'waiting'"))


def downgrade() -> None:
    for table in ("watermark", "alarm", "daily_spend", "outreach", "system_traffic", "delivery_receipt"):
        op.drop_table(table)
    op.drop_index("ix_message_outbox", table_name="message")
    for column in ("unclear_since", "attempted_at", "resend_of", "purpose", "read_with", "opt_out_type", "encoding", "original"):
        op.drop_column("message", column)
