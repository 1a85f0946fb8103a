"""What is known of the staff beside their PIN, and the lists of accounts that the office signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "staff_cards",
        sa.Column("account_id", sa.String(32), primary_key=True),
        sa.Column("pseudonym", sa.String(64), nullable=False, unique=True),
        sa.Column("since", _MOMENT, nullable=False),
    )
    op.create_table(
        "staff_biometrics",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("account_id", sa.String(32), nullable=False, index=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("blob_id", sa.String(32), nullable=False, unique=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
    )
    op.create_table(
        "account_lists",
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("school_code", sa.Text, nullable=False),
        sa.Column("office_key", sa.LargeBinary, nullable=False),
        sa.Column("valid_until", _MOMENT, nullable=False),
        sa.Column("file", sa.LargeBinary, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("taken_at", _MOMENT, nullable=False),
    )
    op.add_column("accounts", sa.Column("office_id", sa.Text, nullable=False, server_default=""))
    op.add_column("accounts", sa.Column("valid_until", _MOMENT))
