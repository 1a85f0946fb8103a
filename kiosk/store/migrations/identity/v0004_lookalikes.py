"""Students who were declared to look alike."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "declarations",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT),
    )
    op.create_table(
        "lookalikes",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("declaration", sa.Integer, sa.ForeignKey("declarations.number"), nullable=False, index=True),
        sa.Column("id_number", sa.String(32), nullable=False, index=True),
    )
