"""Which schools an account is kept to. One that is kept to some sees nothing that is not of theirs."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, insert, select

from kiosk.errors import StoreError
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_AREAS = tables.account_areas


class AccountAreas:
    """Areas are how the codes of schools begin: a whole code is one school, 630103 a district's."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def of(self, account_id: str) -> frozenset[str]:
        """None at all: every school."""
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(_AREAS.c.area).where(_AREAS.c.account == account_id)))

    def keep_to(self, account_id: str, areas: Collection[str], *, by: str) -> None:
        """Keep an account to these and no others; to none of them: it sees every school. Raises StoreError("office.area")."""
        if not all(one.isascii() and one.isdigit() and len(one) <= 32 for one in areas):
            raise StoreError("office.area")
        with self._database.write() as connection:
            connection.execute(delete(_AREAS).where(_AREAS.c.account == account_id))
            if areas:
                connection.execute(insert(_AREAS), [{"account": account_id, "area": one} for one in sorted(set(areas))])
            self._audit.append(connection, "account.area", actor=by, subject=account_id, areas=sorted(set(areas)))


def within(school_code: str, areas: Collection[str]) -> bool:
    """Whether a school is in one of the areas; a school without a code is in none."""
    return not areas or any(school_code.startswith(one) for one in areas)
