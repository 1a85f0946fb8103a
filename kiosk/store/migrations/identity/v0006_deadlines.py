"""When a deadline was set, signed by the office, or taken back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for name in ("set_at", "signed_at", "withdrawn_at"):
        op.add_column("deadlines", sa.Column(name, _MOMENT))
