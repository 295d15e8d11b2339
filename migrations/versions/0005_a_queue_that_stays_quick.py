"""Keeps the time in which the queue hands out a job from growing with what waits.

Jobs come and go within seconds, so the planner believes that there are none, sorts all that wait and looks each one's lock
up: with 3,000 waiting, taking one up took 200 ms instead of 3. Without sorting it walks the index that holds them in order
and stops at the first.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TAKE_UP = "alter function procrastinate_fetch_job_v2(character varying[], bigint)"


def upgrade() -> None:
    op.execute(f"{_TAKE_UP} set enable_sort = off")
    op.execute(f"{_TAKE_UP} set enable_bitmapscan = off")


def downgrade() -> None:
    op.execute(f"{_TAKE_UP} reset all")
