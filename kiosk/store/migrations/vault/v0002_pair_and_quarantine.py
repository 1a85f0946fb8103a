"""Vault and identity know each other; blobs that no row names are kept apart instead of deleted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "pair",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("store_id", sa.String(32), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("heard", sa.Integer, nullable=False),
        sa.Column("in_session", sa.Boolean, nullable=False),
    )
    op.create_table(
        "quarantine",
        sa.Column("blob_id", sa.String(32), sa.ForeignKey("blobs.id"), primary_key=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
    )
