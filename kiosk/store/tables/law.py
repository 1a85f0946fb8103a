"""On what basis data are kept, and what is gone."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text

from kiosk.store.tables.base import Moment, identity

# The texts that were shown to students, by version; kept for good.
notices: Final = Table(
    "notices",
    identity,
    Column("version", String(64), primary_key=True),
    Column("told", Text, nullable=False),  # JSON of a `Notice`
    Column("since", Moment, nullable=False),
)

# On what basis a student is captured; the newest of a student counts.
consents: Final = Table(
    "consents",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("basis", String(16), nullable=False),
    Column("agreed", Boolean, nullable=False),
    Column("guardian", Text, nullable=False),
    Column("relation", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("notice", Text, nullable=False),  # the version that it is about
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

# Signed consents as they were scanned, in the vault under an owner of their own: there may be no record yet.
papers: Final = Table(
    "papers",
    identity,
    Column("owner", String(32), primary_key=True),
    Column("id_number", String(32), nullable=False, index=True),
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

receipts: Final = Table(
    "receipts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("on", Moment, nullable=False),
    Column("grade", Text, nullable=False),
    Column("class_name", Text, nullable=False),
    Column("school", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("at", Moment, nullable=False),
)

deletions: Final = Table(
    "deletions",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_account", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_account", Text, nullable=False),
    Column("why", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("students", Integer, nullable=False),
    Column("pieces", Integer, nullable=False),
    Column("cleaned_at", Moment),  # none: the files may still hold some of it
)

# What is gone, under pseudonyms. The record's id stays where the record does, and where it went whole.
erased: Final = Table(
    "erased",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("deletion", ForeignKey("deletions.number"), nullable=False, index=True),
    Column("pseudonym", String(40), nullable=False, index=True),
    Column("record_id", String(32), nullable=False, index=True),  # empty: of the student
    Column("part", String(16), nullable=False),
    Column("pieces", Integer, nullable=False),
)

# Blobs whose rows are gone and that have to follow: a kill in between is made good at the next start.
doomed: Final = Table("doomed", identity, Column("blob_id", String(32), primary_key=True))
