"""Whom an office suspects to be one person, what two people said of it; and who was compared already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "suspects",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("first", sa.String(32), nullable=False, index=True),
        sa.Column("second", sa.String(32), nullable=False, index=True),
        sa.Column("modality", sa.String(16), nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("limit", sa.Float, nullable=False),
        sa.Column("found_at", _MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False, server_default="open"),
        sa.Column("decided_at", _MOMENT),
        *(
            sa.Column(name, sa.Text, nullable=False, server_default="")
            for name in ("reason", "asked_by", "asked_account", "decided_by", "decided_account")
        ),
        sa.UniqueConstraint("first", "second", "modality", name="one_row_per_likeness"),
    )
    op.create_table("compared", sa.Column("record_id", sa.String(32), primary_key=True))
