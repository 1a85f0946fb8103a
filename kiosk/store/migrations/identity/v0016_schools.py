"""A school is a column of the roster's rows, spelt in one way; windows and receipts may be of one school; 报名点."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

_PARTS = ("school", "school_code")


def upgrade() -> None:
    for name in _PARTS:
        op.add_column("students", sa.Column(name, sa.Text, nullable=False, server_default=""))
    for table, name in (
        ("students", "category"),
        ("windows", "school"),
        ("windows", "category"),
        ("receipts", "school"),
    ):
        op.add_column(table, sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("admissions", sa.Column("kind", sa.String(16), nullable=False, server_default="window"))
    op.create_table(
        "point",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_index("ix_students_school", "students", ["school_code", "school", "position"])
    _fill()


def _fill() -> None:
    """Out of the JSON, as it stands there: the next import spells every school in one way."""
    connection = op.get_bind()
    students = sa.table("students", *(sa.column(name, sa.Text) for name in ("id_number", "more", *_PARTS)))
    rows = []
    for number, more in connection.execute(sa.select(students.c.id_number, students.c.more)).all():
        told = json.loads(more)
        school, code = told.pop("school", ""), told.pop("school_code", "")
        if school or code:
            text = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
            rows.append({"of": number, "told": text, "name": school, "code": code})
    if rows:
        change = sa.update(students).where(students.c.id_number == sa.bindparam("of"))
        connection.execute(
            change.values(more=sa.bindparam("told"), school=sa.bindparam("name"), school_code=sa.bindparam("code")), rows
        )
