"""The vault, and how the two halves know each other."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, String, Table

from kiosk.store.tables.base import Moment, identity, vault

# How this half knows the other: see `kiosk.store.pairing`. One row, number 1.
identity_pair: Final = Table(
    "pair",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("store_id", String(32), nullable=False),
    Column("generation", Integer, nullable=False),  # of this half
    Column("heard", Integer, nullable=False),  # the other half's generation, as this half last knew it
    Column("in_session", Boolean, nullable=False),  # a station has it open, or was cut off
)

blobs: Final = Table(
    "blobs",
    vault,
    Column("id", String(32), primary_key=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

key_check: Final = Table(
    "key_check",
    vault,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("value", LargeBinary, nullable=False),
)

vault_pair: Final = Table(
    "pair",
    vault,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("store_id", String(32), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("heard", Integer, nullable=False),
    Column("in_session", Boolean, nullable=False),
)

quarantine: Final = Table(
    "quarantine",
    vault,
    Column("blob_id", ForeignKey("blobs.id"), primary_key=True),
    Column("since", Moment, nullable=False),
)
