"""What went to the office, and what came from it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from kiosk.store.tables.base import FileSize, Moment, identity

# 采集包: each part that was written for the office, with where the trail stood.
parcels: Final = Table(
    "parcels",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the sealed file
    Column("size", FileSize, nullable=False),
    Column("entry", Integer, nullable=False),  # the last of the trail that is in it, and its seal
    Column("seal", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Which records went into one, as they were: by the digest of what was told of them.
parcel_records: Final = Table(
    "parcel_records",
    identity,
    Column("parcel", ForeignKey("parcels.number"), primary_key=True),
    Column("record_id", String(32), primary_key=True, index=True),
    Column("digest", String(64), nullable=False),
)

# What the office answered over the network to a file that was delivered to it.
delivered: Final = Table(
    "delivered",
    identity,
    Column("sha256", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("at", Moment, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),  # JSON: code and data
    Column("counts", Text, nullable=False, server_default="{}"),  # JSON
)

# 名单包 and 回执包 that were taken: the head as the office signed it, which names no student.
office_parcels: Final = Table(
    "office_parcels",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("office_key", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False, index=True),
    Column("head", LargeBinary, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("done_at", Moment),  # none: it was broken off while it was taken
    Column("left_at", Moment),  # somebody went back to the one before
)

# Whom a 名单包 lists, so that the school can go back to it: JSON of a student.
parcel_students: Final = Table(
    "parcel_students",
    identity,
    Column("parcel", ForeignKey("office_parcels.number"), primary_key=True),
    Column("id_number", String(32), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
    Column("told", Text, nullable=False),
)

# Records that the office has, in which state, and whether they may be deleted here.
confirmed: Final = Table(
    "confirmed",
    identity,
    Column("parcel", ForeignKey("office_parcels.number"), primary_key=True),
    Column("record_id", String(32), primary_key=True, index=True),
    Column("digest", String(64), primary_key=True),
    Column("may_delete", Boolean, nullable=False),
)

# What the office says of records: which to capture again and why, what it decided.
office_words: Final = Table(
    "office_words",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("parcel", ForeignKey("office_parcels.number"), nullable=False),
    Column("record_id", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
)

# Templates of people who never stood here: all whom one sender told of are one blob in the vault.
known_elsewhere: Final = Table(
    "known_elsewhere",
    identity,
    Column("owner", String(48), primary_key=True),  # who told of them, of what kind they are
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("people", Integer, nullable=False),
    Column("said_at", Moment, nullable=False),
)
