"""Whom to call and who is on duty; cases with their documents; what students hand in, and where it is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "help_lines",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("whose", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_table(
        "duties",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("day", sa.String(10), nullable=False, index=True),
        sa.Column("task", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("phone", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.UniqueConstraint("day", "task", "name", name="one_duty_of_a_kind"),
    )
    op.create_table(
        "cases",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "case_students",
        sa.Column("case", sa.Integer, sa.ForeignKey("cases.number"), primary_key=True),
        sa.Column("id_number", sa.String(32), primary_key=True, index=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("key", sa.String(32), nullable=False, index=True),
        sa.Column("keeps", sa.Boolean, nullable=False),
        sa.Column("school", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "case_acts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("case", sa.Integer, sa.ForeignKey("cases.number"), nullable=False, index=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_table(
        "case_papers",
        sa.Column("owner", sa.String(32), primary_key=True),
        sa.Column("case", sa.Integer, sa.ForeignKey("cases.number"), nullable=False, index=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("blob_id", sa.String(32), nullable=False, unique=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_table(
        "material_kinds",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False, unique=True),
    )
    op.create_table(
        "materials",
        sa.Column("id_number", sa.String(32), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("handed_by", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("box", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "leavings",
        sa.Column("id_number", sa.String(32), primary_key=True),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
