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
    """Out of the JSON. Who has no school is of the station's own; who has no code gets the one that others of the name have."""
    connection = op.get_bind()
    told = connection.scalar(sa.text("SELECT told FROM school"))
    own = json.loads(told) if told else {}
    students = sa.table("students", *(sa.column(name, sa.Text) for name in ("id_number", "more", *_PARTS)))
    found = [
        (row.id_number, json.loads(row.more))
        for row in connection.execute(sa.select(students.c.id_number, students.c.more)).all()
    ]
    named: dict[str, set[str]] = {}
    for _, more in found:
        if more.get("school") and more.get("school_code"):
            named.setdefault(more["school"], set()).add(more["school_code"])
    names: dict[str, str] = {own["code"]: own["name"]} if own.get("code") and own.get("name") else {}
    rows = []
    for number, more in found:
        school, code = more.pop("school", ""), more.pop("school_code", "")
        if not school and not code:
            school, code = own.get("name", ""), own.get("code", "")
        elif not code:
            codes = {own.get("code", "")} if school == own.get("name") else named.get(school, set())
            code = next(iter(codes)) if len(codes) == 1 else ""
        if code:
            school = names.setdefault(code, school) or school
        text = json.dumps(more, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        rows.append({"of": number, "told": text, "name": school, "code": code})
    if rows:
        change = sa.update(students).where(students.c.id_number == sa.bindparam("of"))
        connection.execute(
            change.values(more=sa.bindparam("told"), school=sa.bindparam("name"), school_code=sa.bindparam("code")), rows
        )
