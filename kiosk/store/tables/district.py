"""An office's side: stations, packages that came in, what they brought, and what contradicts each other."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Float, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from kiosk.store.tables.base import FileSize, Moment, decided_by_two, identity

# Each station that ever sent anything, as its newest package tells of it.
stations: Final = Table(
    "stations",
    identity,
    Column("store", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("school", Text, nullable=False),
    Column("school_code", Text, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("parcel", String(32), nullable=False),  # the newest package's id
    Column("entry", Integer, nullable=False),
    Column("seal", Text, nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("figures", Text, nullable=False),  # JSON
    Column("skew_s", Float, nullable=False),
)

# Each file that was laid into the inbox, by its digest.
received: Final = Table(
    "received",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("sha256", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("size", FileSize, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("id", String(32), nullable=False, server_default="", index=True),
    Column("store", String(32), nullable=False, server_default="", index=True),
    Column("chain", String(48), nullable=False, server_default=""),  # the store; another one where its data were set back
    Column("part", Integer, nullable=False, server_default="0"),
    Column("parts", Integer, nullable=False, server_default="0"),
    Column("before", String(32), nullable=False, server_default=""),
    Column("entry", Integer, nullable=False, server_default="0"),
    Column("seal", Text, nullable=False, server_default=""),
    Column("made_at", Moment),
    Column("reason", Text, nullable=False, server_default=""),  # JSON: code and data
    Column("counts", Text, nullable=False, server_default="{}"),  # JSON
    Column("done_at", Moment),
)

# Each state of a record that ever arrived.
received_records: Final = Table(
    "received_records",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("record_id", String(32), nullable=False, index=True),  # the station's
    Column("digest", String(64), nullable=False),
    Column("chain", String(48), nullable=False),
    Column("stored_as", String(32), nullable=False, index=True),  # the record's id here
    Column("version", Integer, nullable=False),  # the station's
    Column("entry", Integer, nullable=False),  # how far the station's trail was: what is newer
    Column("parcel", ForeignKey("received.number"), nullable=False, index=True),
    Column("state", String(16), nullable=False),  # taken, or superseded by a newer one
    Column("adopted", Text, nullable=False),  # JSON: which corrections and reviews came with it
    UniqueConstraint("record_id", "digest", name="one_row_per_state_of_a_record"),
)

conflicts: Final = Table(
    "conflicts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("first", String(32), nullable=False, index=True),
    Column("second", String(32), nullable=False, index=True),
    Column("found_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("chosen", String(32), nullable=False, server_default=""),
    *decided_by_two(),
)

# Two records that are alike in something, and what two people said of them: the same in all rows of a pair.
suspects: Final = Table(
    "suspects",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("first", String(32), nullable=False, index=True),  # the lesser id
    Column("second", String(32), nullable=False, index=True),
    Column("modality", String(16), nullable=False),
    Column("score", Float, nullable=False),
    Column("limit", Float, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),
    Column("decided_at", Moment),
    *decided_by_two(),
    UniqueConstraint("first", "second", "modality", name="one_row_per_likeness"),
)

# Records that were held against everybody who was there.
compared: Final = Table("compared", identity, Column("record_id", String(32), primary_key=True))

# Blobs on their way into the vault, whose rows are not written yet: who begins anew with the package deletes them first.
arriving: Final = Table(
    "arriving",
    identity,
    Column("blob_id", String(32), primary_key=True),
    Column("parcel", ForeignKey("received.number"), nullable=False, index=True),
)

# Which schools an account is kept to, by what their codes begin with; none: all of them.
account_areas: Final = Table(
    "account_areas",
    identity,
    Column("account", String(32), primary_key=True),
    Column("area", String(32), primary_key=True),
)
