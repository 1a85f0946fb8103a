"""双胞胎 and others who look alike: declared by a supervisor, so that one is no longer suspected of being the other."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, update

from kiosk.errors import StoreError
from kiosk.store import tables
from kiosk.store.audit import SEVERAL, Audit, require_reason
from kiosk.store.database import Database

_DECLARATIONS, _MEMBERS = tables.declarations, tables.lookalikes
_FEWEST = 2
_STAFF = "account-"


def declared_as(account_id: str) -> str:
    """How somebody of the staff stands in a declaration, where students stand by their numbers."""
    return _STAFF + account_id


def account_of(declared: str) -> str | None:
    """The account of a declared lookalike who is of the staff; None of a student."""
    return declared.removeprefix(_STAFF) if declared.startswith(_STAFF) else None


@dataclass(frozen=True)
class Declaration:
    """Students of whom a supervisor said that they look alike and are different people."""

    number: int
    id_numbers: tuple[str, ...]
    reason: str
    by: str
    at: datetime


class Lookalikes:
    """Declarations that stand. Each speaks of its own members only: twins of twins have to be declared, too."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def declare(self, id_numbers: Collection[str], *, reason: str, by: str) -> None:
        """These look alike, and are different people; saying it again changes nothing.

        Raises StoreError without a reason, and for fewer than two students.
        """
        members = sorted(set(id_numbers))
        require_reason(reason)
        if len(members) < _FEWEST:
            raise StoreError("store.lookalikes_two")
        with self._database.write() as connection:
            if all(set(members) <= _alike(connection, member) for member in members):
                return
            row = {"reason": reason, "by": by, "at": datetime.now(UTC)}
            number = connection.scalar(insert(_DECLARATIONS).values(row).returning(_DECLARATIONS.c.number))
            connection.execute(insert(_MEMBERS), [{"declaration": number, "id_number": member} for member in members])
            whom = SEVERAL.join(account_of(member) or self._audit.pseudonym(member) for member in members)
            self._audit.append(
                connection,
                "lookalikes.declare",
                actor=by,
                subject=whom,
                declaration=number,
                students=len(members),
                reason=reason,
            )

    def withdraw(self, number: int, *, reason: str, by: str) -> None:
        """Take a declaration back. Raises StoreError without a reason, and when there is none of this number."""
        require_reason(reason)
        with self._database.write() as connection:
            standing = (_DECLARATIONS.c.number == number) & _DECLARATIONS.c.withdrawn_at.is_(None)
            if connection.scalar(select(_DECLARATIONS.c.number).where(standing)) is None:
                raise StoreError("store.declaration_unknown", number=number)
            connection.execute(update(_DECLARATIONS).where(standing).values(withdrawn_at=datetime.now(UTC)))
            self._audit.append(connection, "lookalikes.withdraw", actor=by, declaration=number, reason=reason)

    def of(self, id_number: str) -> frozenset[str]:
        """Who was declared to look like this student, with the student."""
        with self._database.read() as connection:
            return _alike(connection, id_number)

    def declarations(self) -> list[Declaration]:
        """All that stand, in the order in which they were made."""
        standing = select(_DECLARATIONS).where(_DECLARATIONS.c.withdrawn_at.is_(None)).order_by(_DECLARATIONS.c.number)
        with self._database.read() as connection:
            members: dict[int, list[str]] = {}
            for row in connection.execute(select(_MEMBERS).order_by(_MEMBERS.c.id_number)):
                members.setdefault(row.declaration, []).append(row.id_number)
            return [
                Declaration(row.number, tuple(members[row.number]), row.reason, row.by, row.at)
                for row in connection.execute(standing)
            ]


def _alike(connection: Connection, id_number: str) -> frozenset[str]:
    of_this = (
        select(_MEMBERS.c.declaration)
        .join(_DECLARATIONS, _DECLARATIONS.c.number == _MEMBERS.c.declaration)
        .where(_MEMBERS.c.id_number == id_number, _DECLARATIONS.c.withdrawn_at.is_(None))
    )
    others = connection.scalars(select(_MEMBERS.c.id_number).where(_MEMBERS.c.declaration.in_(of_this)))
    return frozenset({id_number, *others})
