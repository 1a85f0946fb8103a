"""Photo runs by the class list, and who was skipped in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "photo_runs",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("school", sa.Text, nullable=False),
        sa.Column("grade", sa.Text, nullable=False),
        sa.Column("class_name", sa.Text, nullable=False),
        sa.Column("id_number", sa.String(32), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("ended_at", _MOMENT),
    )
    op.create_table(
        "photo_skips",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("id_number", sa.String(32), nullable=False, index=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
