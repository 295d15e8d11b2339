"""A promised call may have a time; a number that a call found wrong is kept beside the family's; figures
are counted by indexes of their own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
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
    _create_wrong_number()
    _create_indexes_of_figures()


def _create_indexes_of_figures() -> None:
    op.create_index("ix_flag_raised", "flag", ["raised_at", "conversation_id"])
    op.create_index("ix_flag_cleared", "flag", ["cleared_at", "conversation_id"],
                    postgresql_where=sa.text("cleared_at is not null"))
    op.create_index("ix_referral_move_connected", "referral_move", ["at", "referral_id"],
                    postgresql_where=sa.text("to_status = 'connected'"))
    op.create_index("ix_outreach_followed_up", "outreach", ["due_at", "state", "answer"],
                    postgresql_where=sa.text("kind = 'follow_up'"))


def _create_wrong_number() -> None:
    op.create_table(
        "wrong_number",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("call_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("found_by", sa.Integer(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("status_before", sa.String(16)),
        sa.Column("went_by_text", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Integer()),
        sa.Column("corrected_at", sa.DateTime(timezone=True)),
        sa.Column("corrected_by", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_number"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversation.id"], name="fk_wrong_number_conversation_id"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name="fk_wrong_number_call_id"),
        *(sa.ForeignKeyConstraint([column], ["staff.id"], name=f"fk_wrong_number_{column}")
          for column in ("found_by", "undone_by", "corrected_by")),
    )
    op.create_index("ix_wrong_number_case", "wrong_number", ["conversation_id", "phone_index"])
    op.create_index("uq_wrong_number_open", "wrong_number", ["conversation_id"], unique=True,
                    postgresql_where=sa.text("undone_at is null and corrected_at is null"))


def downgrade() -> None:
    for table, index in (("flag", "ix_flag_raised"), ("flag", "ix_flag_cleared"),
                         ("referral_move", "ix_referral_move_connected"), ("outreach", "ix_outreach_followed_up")):
        op.drop_index(index, table_name=table)
    op.drop_table("wrong_number")
    op.drop_column("call", "promised_part")
    op.drop_column("call", "promised_for")
