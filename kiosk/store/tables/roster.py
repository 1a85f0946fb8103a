"""Who is on the roster, and what is known of them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text

from kiosk.store.tables.base import Moment, identity

students: Final = Table(
    "students",
    identity,
    Column("id_number", String(32), primary_key=True),
    Column("position", Integer, nullable=False),  # the roster's own order
    Column("name", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("school", Text, nullable=False, server_default=""),
    Column("school_code", Text, nullable=False, server_default=""),  # a school is spelt in one way in all of its rows
    Column("category", Text, nullable=False, server_default=""),
    Column("registration_number", Text, nullable=False),
    Column("more", Text, nullable=False, server_default="{}"),  # JSON: what is neither searched nor sorted by
    Column("gone_at", Moment),  # no longer on the roster; kept, because records refer to the student
    Index("ix_students_name", "name"),
    Index("ix_students_school", "school_code", "school", "position"),
)

# Whom the last import added, changed or took off the roster: JSON of a student before and after, empty for not on it.
roster_undo: Final = Table(
    "roster_undo",
    identity,
    Column("id_number", String(32), ForeignKey("students.id_number"), primary_key=True),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)

# Numbers by the exam office's rule, for students without a resident's number. Nothing here is ever taken out; where the
# student's data are deleted, what stands for the number stays: it is never given again.
substitutes: Final = Table(
    "substitutes",
    identity,
    Column("number", String(18), primary_key=True),
    Column("id_number", String(32), nullable=False),
    Column("person", Text, nullable=False),  # name, sex and birth date; empty where one of them was not known
    Column("given_at", Moment, nullable=False),
    Column("given_by", Text, nullable=False),
)

corrections: Final = Table(
    "corrections",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("record_id", ForeignKey("records.id"), index=True),  # the student's newest one then, where there was any
    Column("field", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False, server_default=""),
    Column("at", Moment, nullable=False),
)

# 学生信息 as it was filled in: what was told last of an item counts. A file's rows have a batch, a correction's none.
particulars: Final = Table(
    "particulars",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("batch", String(32), nullable=False, index=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("told", Text, nullable=False),  # JSON: items by field
    Column("source", Text, nullable=False),  # the file's name
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("undone_at", Moment),
)

# Versions of a school's roster as it signed them: what each was is told by its digest, not kept a second time.
filings: Final = Table(
    "filings",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("school", Text, nullable=False),  # its key
    Column("version", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("students", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)


def _heard_of_students(name: str) -> Table:
    """What somebody found out about students; the newest of a student counts."""
    return Table(
        name,
        identity,
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("id_number", String(32), nullable=False, index=True),
        Column("outcome", String(16), nullable=False),
        Column("note", Text, nullable=False),
        Column("by", Text, nullable=False),
        Column("at", Moment, nullable=False),
    )


roll_calls: Final = _heard_of_students("roll_calls")
id_checks: Final = _heard_of_students("id_checks")

# Why somebody left the roster, as somebody said.
leavings: Final = Table(
    "leavings",
    identity,
    Column("id_number", String(32), primary_key=True),
    Column("cause", String(16), nullable=False),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)
