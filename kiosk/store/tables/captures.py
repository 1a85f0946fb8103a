"""What is captured, at which step, and of whom nothing could be."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint, text

from kiosk.store.tables.base import Moment, identity

records: Final = Table(
    "records",
    identity,
    Column("id", String(32), primary_key=True),
    Column("id_number", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("verdict", String(16)),  # set when complete
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment, index=True),
    Column("station", Text, nullable=False),
    Column("operator", Text, nullable=False),
    Column("profile", Text, nullable=False),
    Column("profile_hash", Text, nullable=False),
    Column("recapture_reason", Text, nullable=False),
    Column("signed_at", Moment),
    Column("student", Text, nullable=False),  # JSON: the roster's row as it was on that day
    Column("card", Text),  # JSON, raw codes included
    UniqueConstraint("id_number", "version", name="one_record_per_version"),
    Index(
        "one_open_record_per_student",
        "id_number",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

steps: Final = Table(
    "steps",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("record_id", ForeignKey("records.id"), nullable=False, index=True),
    Column("step", String(16), nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("device_s", Float, nullable=False),
    Column("own_s", Float, nullable=False),
    Column("detail", Text, nullable=False),  # JSON: scores, measures, problems
    Index("ix_steps_decided", "record_id", sqlite_where=text("decided_by != ''"), postgresql_where=text("decided_by != ''")),
)

biometrics: Final = Table(
    "biometrics",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),  # the highest of a kind is the latest
    Column("record_id", ForeignKey("records.id"), nullable=False, index=True),
    Column("step", ForeignKey("steps.number"), nullable=True),  # none: a form, which belongs to the whole record
    Column("kind", String(32), nullable=False),
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),  # by the store's suite; named after the first
)

refusals: Final = Table(
    "refusals",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("id_number", Text, nullable=False, index=True),  # masked in entries of earlier programs
    Column("kind", String(16), nullable=False, server_default="turned_away"),
    Column("name", Text, nullable=False, server_default=""),
    Column("record_id", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("by", Text, nullable=False, server_default=""),
    Column("account", Text, nullable=False, server_default=""),
)

reviews: Final = Table(
    "reviews",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("record_id", ForeignKey("records.id"), nullable=False, unique=True),
    Column("outcome", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

prints: Final = Table(
    "prints",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("record_id", ForeignKey("records.id"), nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

absences: Final = Table(
    "absences",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# A class before the camera: whose turn it is, and who was skipped. `ended_at` none: under way.
photo_runs: Final = Table(
    "photo_runs",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("school", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("id_number", String(32), nullable=False),
    Column("begun_at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("ended_at", Moment),
)

photo_skips: Final = Table(
    "photo_skips",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", Integer, nullable=False),
    Column("id_number", String(32), nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

declarations: Final = Table(
    "declarations",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

lookalikes: Final = Table(
    "lookalikes",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("declaration", ForeignKey("declarations.number"), nullable=False, index=True),
    Column("id_number", String(32), nullable=False, index=True),
)
