"""What the last import of a roster changed, so that it can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "roster_undo",
        sa.Column("id_number", sa.String(32), sa.ForeignKey("students.id_number"), primary_key=True),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
    )
