"""Exams with their sessions and seats; slots, the register's window, filed rosters, roll-calls and checks of ID numbers."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _exams()
    op.create_table(
        "capture_slots",
        sa.Column("window", sa.Integer, sa.ForeignKey("windows.number"), primary_key=True),
        sa.Column("id_number", sa.String(32), primary_key=True, index=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
    )
    op.create_table(
        "registration_windows",
        _number(),
        sa.Column("opens_at", _MOMENT, nullable=False),
        sa.Column("closes_at", _MOMENT, nullable=False),
        *_texts("by"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT),
    )
    op.create_table(
        "filings",
        _number(),
        *_texts("school"),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("students", sa.Integer, nullable=False),
        *_texts("note", "by"),
        sa.Column("at", _MOMENT, nullable=False),
    )
    for name in ("roll_calls", "id_checks"):
        op.create_table(
            name,
            _number(),
            sa.Column("id_number", sa.String(32), nullable=False, index=True),
            sa.Column("outcome", sa.String(16), nullable=False),
            *_texts("note", "by"),
            sa.Column("at", _MOMENT, nullable=False),
        )


def _exams() -> None:
    op.create_table(
        "exams",
        _number(),
        *_texts("title", "site"),
        sa.Column("undoable", sa.Boolean, nullable=False),
        *_texts("by"),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("withdrawn_at", _MOMENT),
    )
    op.create_table(
        "exam_sessions",
        _number(),
        sa.Column("exam", sa.Integer, sa.ForeignKey("exams.number"), nullable=False, index=True),
        *_texts("subject"),
        sa.Column("starts_at", _MOMENT, nullable=False),
        sa.Column("ends_at", _MOMENT, nullable=False),
        sa.Column("latest_entry", _MOMENT, nullable=False),
    )
    op.create_table(
        "exam_seatings",
        *_seatings(),
        sa.UniqueConstraint("exam", "subject", "exam_number", name="one_candidate_per_number"),
        sa.UniqueConstraint("exam", "subject", "room", "seat", name="one_candidate_per_seat"),
    )
    op.create_table("exam_seatings_before", *_seatings())


def _seatings() -> list[sa.Column[Any]]:
    return [
        sa.Column("exam", sa.Integer, sa.ForeignKey("exams.number"), primary_key=True),
        sa.Column("id_number", sa.String(32), primary_key=True, index=True),
        sa.Column("subject", sa.Text, primary_key=True),
        *_texts("exam_number", "room"),
        sa.Column("seat", sa.Integer, nullable=False),
        *_texts("place"),
    ]


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer, primary_key=True, autoincrement=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
