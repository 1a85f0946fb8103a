"""Notices, consents and their papers; terms, deletions, what was written; texts of the trail that may go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "audit_texts",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    _consents()
    _deletions()
    op.create_table(
        "written",
        _number(),
        sa.Column("kind", sa.String(16), nullable=False),
        *_texts("path"),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        *_texts("by"),
        sa.Column("people", sa.Integer, nullable=False),
        *_texts("about"),
        sa.Column("deleted_at", _MOMENT),
    )


def _consents() -> None:
    op.create_table(
        "notices",
        sa.Column("version", sa.String(64), primary_key=True),
        *_texts("told"),
        sa.Column("since", _MOMENT, nullable=False),
    )
    op.create_table(
        "consents",
        _number(),
        sa.Column("id_number", sa.String(32), nullable=False, index=True),
        sa.Column("basis", sa.String(16), nullable=False),
        sa.Column("agreed", sa.Boolean, nullable=False),
        *_texts("guardian", "relation", "phone", "notice", "reason", "by", "account"),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_table(
        "papers",
        sa.Column("owner", sa.String(32), primary_key=True),
        sa.Column("id_number", sa.String(32), nullable=False, index=True),
        sa.Column("blob_id", sa.String(32), nullable=False, unique=True),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        *_texts("by"),
        sa.Column("at", _MOMENT, nullable=False),
    )
    op.create_table(
        "receipts",
        _number(),
        sa.Column("on", _MOMENT, nullable=False),
        *_texts("grade", "class_name", "note", "by", "account"),
        sa.Column("at", _MOMENT, nullable=False),
    )


def _deletions() -> None:
    op.create_table(
        "deletions",
        _number(),
        sa.Column("at", _MOMENT, nullable=False),
        *_texts("asked_by", "asked_account", "decided_by", "decided_account"),
        sa.Column("why", sa.String(16), nullable=False),
        *_texts("reason"),
        sa.Column("students", sa.Integer, nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
        sa.Column("cleaned_at", _MOMENT),
    )
    op.create_table(
        "erased",
        _number(),
        sa.Column("deletion", sa.Integer, sa.ForeignKey("deletions.number"), nullable=False, index=True),
        sa.Column("pseudonym", sa.String(40), nullable=False, index=True),
        sa.Column("record_id", sa.String(32), nullable=False, index=True),
        sa.Column("part", sa.String(16), nullable=False),
        sa.Column("pieces", sa.Integer, nullable=False),
    )
    op.create_table("doomed", sa.Column("blob_id", sa.String(32), primary_key=True))


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer, primary_key=True, autoincrement=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
