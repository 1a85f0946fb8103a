"""Refusals with name, number and who decided; what another person reviewed; what is looked up often."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_MOMENT = sa.DateTime(timezone=True)
# What the screens had said, by the reason that is kept since.
_REASONS = {
    "station.not_on_roster": "not_on_roster",
    "error.store.window_not_yet": "window_not_yet",
    "error.store.window_over": "window_over",
    "error.store.locked": "after_deadline",
}


def upgrade() -> None:
    _refusals()
    _reviews()
    op.create_index("ix_students_name", "students", ["name"])
    decided = sa.text("decided_by != ''")
    op.create_index("ix_steps_decided", "steps", ["record_id"], sqlite_where=decided, postgresql_where=decided)


def _refusals() -> None:
    """Earlier entries keep their masked numbers; they were all of people turned away."""
    with op.batch_alter_table("refusals") as refusals:
        refusals.alter_column("reason_code", new_column_name="reason", existing_type=sa.Text, existing_nullable=False)
        refusals.alter_column("masked_id", new_column_name="id_number", existing_type=sa.Text, existing_nullable=False)
        refusals.add_column(sa.Column("kind", sa.String(16), nullable=False, server_default="turned_away"))
        for name in ("name", "record_id", "note", "by", "account"):
            refusals.add_column(sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_index("ix_refusals_id_number", "refusals", ["id_number"])
    table = sa.table("refusals", sa.column("reason", sa.Text), sa.column("note", sa.Text))
    for said, reason in _REASONS.items():
        op.execute(table.update().where(table.c.reason == said).values(reason=reason))
    known = sorted(set(_REASONS.values()))
    op.execute(table.update().where(table.c.reason.not_in(known)).values(note=table.c.reason, reason="unreadable"))


def _reviews() -> None:
    op.create_table(
        "reviews",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("record_id", sa.String(32), sa.ForeignKey("records.id"), nullable=False, unique=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
