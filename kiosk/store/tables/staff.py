"""Who works here."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, Integer, LargeBinary, String, Table, Text

from kiosk.store.tables.base import Moment, identity

accounts: Final = Table(
    "accounts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("id", String(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("verifier", Text, nullable=False),  # Argon2id in PHC notation
    Column("issued", Boolean, nullable=False),  # the PIN is another person's choice
    Column("failures", Integer, nullable=False),  # wrong PINs in a row
    Column("locked_until", Moment),
    Column("since", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("office_id", Text, nullable=False, server_default=""),  # who it is on the office's lists; empty: issued here
    Column("valid_until", Moment),  # as the office's list says
)

# The card that chooses an account at the log-in: its number is kept as a pseudonym, under the store's key.
staff_cards: Final = Table(
    "staff_cards",
    identity,
    Column("account_id", String(32), primary_key=True),
    Column("pseudonym", String(64), nullable=False, unique=True),
    Column("since", Moment, nullable=False),
)

# Thumbs and faces of the staff: templates only, sealed in the vault.
staff_biometrics: Final = Table(
    "staff_biometrics",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("account_id", String(32), nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("blob_id", String(32), nullable=False, unique=True),
    Column("size", Integer, nullable=False),
    Column("sha256", String(64), key="digest", nullable=False),
    Column("since", Moment, nullable=False),
)

# Every list of accounts that was taken, as the office signed it. The highest version stands.
account_lists: Final = Table(
    "account_lists",
    identity,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("school_code", Text, nullable=False),
    Column("office_key", LargeBinary, nullable=False),  # Ed25519 public key
    Column("valid_until", Moment, nullable=False),
    Column("file", LargeBinary, nullable=False),
    Column("by", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
)
