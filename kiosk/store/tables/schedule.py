"""When and where who is captured."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from kiosk.store.tables.base import Moment, identity

windows: Final = Table(
    "windows",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("round", Text, nullable=False),
    Column("grade", Text, nullable=False),  # empty: every grade
    Column("class_name", Text, nullable=False),  # empty: every class
    Column("school", Text, nullable=False, server_default=""),  # its key; empty: every school
    Column("category", Text, nullable=False, server_default=""),  # 考生类别; empty: every one
    Column("opens_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)

# What a 报名点 may capture: JSON of a `Point`.
point: Final = Table(
    "point",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("told", Text, nullable=False),
)

admissions: Final = Table(
    "admissions",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False, server_default="window"),  # or school: of another one
    Column("until", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

deadlines: Final = Table(
    "deadlines",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("school_code", Text, nullable=False),
    Column("office_key", LargeBinary, nullable=False),  # Ed25519 public key of who may unlock
    Column("by", Text, nullable=False),
    Column("set_at", Moment),  # none: set by a version that could not take it back
    Column("signed_at", Moment),  # the office has signed it: it stands
    Column("withdrawn_at", Moment),
)

unlockings: Final = Table(
    "unlockings",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("until", Moment, nullable=False),
    Column("code", Text, nullable=False, unique=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# When which student comes to be captured: a window cut into slots.
capture_slots: Final = Table(
    "capture_slots",
    identity,
    Column("window", ForeignKey("windows.number"), primary_key=True),
    Column("id_number", String(32), primary_key=True, index=True),
    Column("position", Integer, nullable=False),  # in the queue of the window, from 1
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
)

# When the register takes registrations (考籍注册), apart from the windows in which students are captured. The newest counts.
registration_windows: Final = Table(
    "registration_windows",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("opens_at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("withdrawn_at", Moment),
)
