"""Templates of people who never stood here: staff and students of the school's other stations, as the office told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "known_elsewhere",
        sa.Column("owner", sa.String(48), primary_key=True),
        sa.Column("blob_id", sa.String(32), nullable=False, unique=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
    )
