"""The numbers that stand for a resident's number, kept for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "substitutes",
        sa.Column("number", sa.String(18), primary_key=True),
        sa.Column("id_number", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("given_by", sa.Text, nullable=False),
    )
