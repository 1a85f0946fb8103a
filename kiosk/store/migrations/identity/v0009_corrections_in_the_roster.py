"""Corrections are of a student and stand in the roster; the school's own data; who looked at what is found by its subject."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_IN_COLUMNS = ("name", "grade", "class_name", "registration_number")  # of a student; the others are in `more`


def upgrade() -> None:
    _corrections()
    op.create_table(
        "school",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("told", sa.Text, nullable=False),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])


def _corrections() -> None:
    with op.batch_alter_table("corrections") as corrections:
        corrections.add_column(sa.Column("id_number", sa.String(32), nullable=False, server_default=""))
        corrections.add_column(sa.Column("account", sa.Text, nullable=False, server_default=""))
        corrections.alter_column("record_id", existing_type=sa.String(32), nullable=True)
    connection = op.get_bind()
    connection.execute(
        sa.text("UPDATE corrections SET id_number = (SELECT id_number FROM records WHERE records.id = corrections.record_id)")
    )
    with op.batch_alter_table("corrections") as corrections:
        corrections.alter_column("id_number", existing_type=sa.String(32), server_default=None)
    op.create_index("ix_corrections_id_number", "corrections", ["id_number"])
    for row in connection.execute(sa.text("SELECT * FROM corrections ORDER BY number")).mappings().all():
        _put_right(connection, row)


def _put_right(connection: sa.Connection, row: Any) -> None:
    """A correction stood beside the roster: it goes into it where the roster still has the old value."""
    students = sa.table("students", *(sa.column(name, sa.Text) for name in ("id_number", "more", *_IN_COLUMNS)))
    same = students.c.id_number == row["id_number"]
    student = connection.execute(sa.select(students).where(same)).mappings().one_or_none()
    if student is None:
        return
    field, more = row["field"], json.loads(student["more"])
    if field in _IN_COLUMNS:
        if student[field] == row["before"]:
            connection.execute(sa.update(students).where(same).values({field: row["after"]}))
    elif more.get(field, "") == row["before"]:
        told = {name: value for name, value in {**more, field: row["after"]}.items() if value}
        text = json.dumps(told, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        connection.execute(sa.update(students).where(same).values(more=text))
