"""What two people decided: who asked, who confirmed, why and when, as rows keep it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from kiosk.records import Person


def decision(reason: str, asked_by: Person, decided_by: Person, at: datetime) -> dict[str, Any]:
    """The columns of `kiosk.store.tables.base.decided_by_two`, and `decided_at`."""
    return {
        "decided_at": at,
        "reason": reason.strip(),
        "asked_by": asked_by.name,
        "asked_account": asked_by.account,
        "decided_by": decided_by.name,
        "decided_account": decided_by.account,
    }


def people_of(row: Row[Any]) -> tuple[Person | None, Person | None]:
    """Who asked, and who decided; None while nobody has."""
    asked = Person(row.asked_by, row.asked_account) if row.asked_by else None
    decided = Person(row.decided_by, row.decided_account) if row.decided_by else None
    return asked, decided
