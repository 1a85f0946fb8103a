"""The trail, and what the station signs with."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, LargeBinary, String, Table, Text

from kiosk.store.tables.base import Moment, identity

# What the station signs with; the newest counts.
signing_keys: Final = Table(
    "signing_keys",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("nonce", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the private key, bound to the public one
    Column("since", Moment, nullable=False),
)


def _from_an_office(name: str) -> Table:
    """Signed texts that an office issued."""
    return Table(
        name,
        identity,
        Column("number", Integer, primary_key=True, autoincrement=True),
        Column("office_key", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),
        Column("taken_at", Moment, nullable=False),
        Column("taken_by", Text, nullable=False),
    )


certificates: Final = _from_an_office("certificates")
revocations: Final = _from_an_office("revocations")

audit: Final = Table(
    "audit",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),  # as it was sealed, to the character
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("detail", Text, nullable=False),
    Column("seal", String(64), nullable=False),
)

# What people wrote into the trail by their own words. The entry holds its salted digest, so that a text may go and the trail
# stays verifiable.
audit_texts: Final = Table(
    "audit_texts",
    identity,
    Column("number", Integer, primary_key=True, autoincrement=False),  # of the entry
    Column("name", String(16), primary_key=True),
    Column("salt", String(32), nullable=False),
    Column("text", Text, nullable=False),
)
