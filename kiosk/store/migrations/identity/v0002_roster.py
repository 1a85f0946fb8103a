"""The roster keeps all that the school filed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("students", sa.Column("more", sa.Text, nullable=False, server_default="{}"))
