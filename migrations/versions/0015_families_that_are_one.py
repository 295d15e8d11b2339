"""Families that are one: staff join two by hand or say that they are two, and either can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("family", sa.Column("merged_into", sa.Uuid()))
    op.create_foreign_key("fk_family_merged_into", "family", "family", ["merged_into"], ["id"])
    op.create_index("ix_family_merged_into", "family", ["merged_into"])
    op.add_column("child", sa.Column("same_as", sa.Uuid()))
    op.create_foreign_key("fk_child_same_as", "child", "child", ["same_as"], ["id"])
    op.create_index("ix_child_same_as", "child", ["same_as"])
    _create_merge()
    _create_apart()


def _create_merge() -> None:
    op.create_table(
        "family_merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=False),
        sa.Column("lost_id", sa.Uuid(), nullable=False),
        sa.Column("form_key", sa.Uuid(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("undone_by", sa.Integer()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_family_merge"),
        sa.ForeignKeyConstraint(["kept_id"], ["family.id"], name="fk_family_merge_kept_id"),
        sa.ForeignKeyConstraint(["lost_id"], ["family.id"], name="fk_family_merge_lost_id"),
        sa.ForeignKeyConstraint(["merged_by"], ["staff.id"], name="fk_family_merge_merged_by"),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name="fk_family_merge_undone_by"),
        sa.UniqueConstraint("form_key", name="uq_family_merge_form_key"),
        sa.CheckConstraint("kept_id <> lost_id", name="ck_family_merge_two_families"),
    )
    op.create_index("ix_family_merge_kept_id", "family_merge", ["kept_id"])
    op.create_index("uq_family_merge_standing", "family_merge", ["lost_id"], unique=True,
                    postgresql_where=sa.text("undone_at is null"))


def _create_apart() -> None:
    op.create_table(
        "family_apart",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_by", sa.Integer()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_family_apart"),
        sa.ForeignKeyConstraint(["one_id"], ["family.id"], name="fk_family_apart_one_id"),
        sa.ForeignKeyConstraint(["other_id"], ["family.id"], name="fk_family_apart_other_id"),
        sa.ForeignKeyConstraint(["said_by"], ["staff.id"], name="fk_family_apart_said_by"),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name="fk_family_apart_undone_by"),
        sa.CheckConstraint("one_id < other_id", name="ck_family_apart_in_order"),
    )
    op.create_index("ix_family_apart_other_id", "family_apart", ["other_id"])
    op.create_index("uq_family_apart_standing", "family_apart", ["one_id", "other_id"], unique=True,
                    postgresql_where=sa.text("undone_at is null"))


def downgrade() -> None:
    for table in ("family_apart", "family_merge"):
        op.drop_table(table)
    op.drop_column("child", "same_as")
    op.drop_column("family", "merged_into")
