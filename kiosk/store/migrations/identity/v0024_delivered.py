"""What the office answered over the network to each file that was delivered to it; files of more than 2 GB on PostgreSQL."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "delivered",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=""),
        sa.Column("counts", sa.Text, nullable=False, server_default="{}"),
    )
    if op.get_bind().dialect.name == "postgresql":  # SQLite's INTEGER holds 64 bits
        for table in ("received", "parcels"):
            op.alter_column(table, "size", existing_type=sa.Integer, type_=sa.BigInteger, existing_nullable=False)
