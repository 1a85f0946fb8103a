"""The station's own signing key, sealed; certificates that an office issued for it, and lists of those that were revoked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "signing_keys",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
    )
    for name in ("certificates", "revocations"):
        op.create_table(
            name,
            sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
            sa.Column("office_key", sa.LargeBinary, nullable=False),
            sa.Column("content", sa.LargeBinary, nullable=False),
            sa.Column("taken_at", _MOMENT, nullable=False),
            sa.Column("taken_by", sa.Text, nullable=False),
        )
