"""The school's own affairs: whom to call, cases, papers, files that went out, faults."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from kiosk.store.tables.base import Moment, identity

# Exports and papers that the station wrote.
written: Final = Table(
    "written",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("people", Integer, nullable=False),
    Column("about", Text, nullable=False),  # pseudonyms, one a line
    Column("deleted_at", Moment),
)

# What went wrong with the devices: one row for each kind of fault, device and hour. Nothing of a student.
device_faults: Final = Table(
    "device_faults",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),  # the beginning of the hour
    Column("last", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("station", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("model", Text, nullable=False),
    Column("code", Text, nullable=False),
)

# One row, number 1: JSON of a `School`.
school: Final = Table(
    "school",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("told", Text, nullable=False),
)

# Contacts beside the school's own: vendors by kind of device, and the district's.
help_lines: Final = Table(
    "help_lines",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("whose", String(16), nullable=False),
    Column("subject", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("note", Text, nullable=False),
)

# Who does what on which day.
duties: Final = Table(
    "duties",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("day", String(10), nullable=False, index=True),  # ISO 8601
    Column("task", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("account", Text, nullable=False),
    UniqueConstraint("day", "task", "name", name="one_duty_of_a_kind"),
)

cases: Final = Table(
    "cases",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(24), nullable=False),
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=False),
)

# Whom a case is about: by the number that was filed and the name, for two may have one number.
case_students: Final = Table(
    "case_students",
    identity,
    Column("case", ForeignKey("cases.number"), primary_key=True),
    Column("id_number", String(32), primary_key=True, index=True),
    Column("name", Text, primary_key=True),
    Column("key", String(32), nullable=False, index=True),  # the roster's for them, once the case is accepted
    Column("keeps", Boolean, nullable=False),
    Column("school", Text, nullable=False, server_default=""),
)

case_acts: Final = Table(
    "case_acts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("case", ForeignKey("cases.number"), nullable=False, index=True),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Documents of a case as they were scanned, in the vault.
case_papers: Final = Table(
    "case_papers",
    identity,
    Column("owner", String(32), primary_key=True),
    Column("case", ForeignKey("cases.number"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("about", Text, nullable=False),  # the student's name; empty: all of them
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# The papers that are asked of everybody, in their order.
material_kinds: Final = Table(
    "material_kinds",
    identity,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False, unique=True),
)

materials: Final = Table(
    "materials",
    identity,
    Column("id_number", String(32), primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("handed_by", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("box", Text, nullable=False, server_default=""),
)
