"""Rounds with windows of time, the deadline, corrections, prints, absences and signatures."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("records", sa.Column("signed_at", _MOMENT))
    with op.batch_alter_table("biometrics") as biometrics:  # a signed form belongs to no step
        biometrics.alter_column("step", existing_type=sa.Integer, nullable=True)
    _corrections()
    _prints()
    _absences()
    _windows()
    _deadlines()


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer, primary_key=True, autoincrement=True)


def _corrections() -> None:
    op.create_table(
        "corrections",
        _number(),
        sa.Column("record_id", sa.String(32), sa.ForeignKey("records.id"), nullable=False, index=True),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )


def _prints() -> None:
    op.create_table(
        "prints",
        _number(),
        sa.Column("record_id", sa.String(32), sa.ForeignKey("records.id"), nullable=False, index=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )


def _absences() -> None:
    op.create_table(
        "absences",
        _number(),
        sa.Column("id_number", sa.String(32), nullable=False, index=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )


def _windows() -> None:
    op.create_table(
        "windows",
        _number(),
        sa.Column("round", sa.Text, nullable=False),
        sa.Column("grade", sa.Text, nullable=False),
        sa.Column("class_name", sa.Text, nullable=False),
        sa.Column("opens_at", _MOMENT, nullable=False),
        sa.Column("closes_at", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT),
    )
    op.create_table(
        "admissions",
        _number(),
        sa.Column("id_number", sa.String(32), nullable=False, index=True),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )


def _deadlines() -> None:
    op.create_table(
        "deadlines",
        _number(),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("school_code", sa.Text, nullable=False),
        sa.Column("office_key", sa.LargeBinary, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_table(
        "unlockings",
        _number(),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("code", sa.Text, nullable=False, unique=True),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
    )
