"""The two databases, and a moment in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import BigInteger, Column, DateTime, Dialect, Integer, MetaData, Text, TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC (SQLite has no time zones)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without a time zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# The size of a file: a package may have 4 GB, and PostgreSQL's INTEGER ends at 2. SQLite's holds 64 bits.
FileSize: Final = BigInteger().with_variant(Integer(), "sqlite")

Room = Literal["identity", "vault"]  # each is a database of its own
identity: Final = MetaData()
vault: Final = MetaData()


def decided_by_two() -> list[Column[str]]:
    """Why two people decided something, and who they are; empty while nobody has."""
    names = ("reason", "asked_by", "asked_account", "decided_by", "decided_account")
    return [Column(name, Text, nullable=False, server_default="") for name in names]
