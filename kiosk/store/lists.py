"""Filed versions of the roster, and what roll-calls and the register's checks found of its students."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Table, insert, select

from kiosk.errors import StoreError
from kiosk.records import Filing, Finding, IdCheck, RollCall
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database

_FILINGS: Final = tables.filings


class Findings:
    """What somebody found of students; the newest of each counts."""

    def __init__(self, database: Database, audit: Audit, table: Table, action: str) -> None:
        self._database = database
        self._audit = audit
        self._table = table
        self._action = action

    def newest(self) -> dict[str, Finding]:
        """By ID number."""
        with self._database.read() as connection:
            rows = connection.execute(select(self._table).order_by(self._table.c.number)).all()
        return {row.id_number: Finding(row.outcome, row.note, row.by, row.at) for row in rows}

    def enter(self, found: Mapping[str, tuple[RollCall | IdCheck, str]], *, by: str) -> None:
        """Outcome and note of each student, by ID number."""
        now = self._audit.now()
        rows = [
            {"id_number": number, "outcome": outcome, "note": note, "by": by, "at": now}
            for number, (outcome, note) in found.items()
        ]
        with self._database.write() as connection:
            if rows:
                connection.execute(insert(self._table), rows)
            self._audit.append(connection, self._action, actor=by, students=len(rows))


class Lists:
    """The paper side of the roster."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit
        self.roll_calls = Findings(database, audit, tables.roll_calls, "roll_call.enter")
        self.id_checks = Findings(database, audit, tables.id_checks, "id_checks.enter")

    def filings(self) -> list[Filing]:
        """The newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(_FILINGS).order_by(_FILINGS.c.version.desc())).all()
        return [Filing(row.version, row.digest, row.students, row.note, row.by, row.at) for row in rows]

    def file(self, digest: str, students: int, *, note: str, by: str) -> Filing:
        """File the roster as it is: the next version. Raises StoreError when it is empty, or the last version is the same."""
        if not students:
            raise StoreError("store.filing_empty")
        with self._database.write() as connection:
            last = connection.execute(select(_FILINGS).order_by(_FILINGS.c.version.desc()).limit(1)).one_or_none()
            if last is not None and last.digest == digest:
                raise StoreError("store.filing_same", version=last.version)
            values = {"digest": digest, "students": students, "note": note, "by": by, "at": self._audit.now()}
            version = connection.scalar(insert(_FILINGS).values(values).returning(_FILINGS.c.version))
            assert version is not None
            self._audit.append(connection, "roster.file", actor=by, version=version, students=students, sha256=digest)
        return Filing(version, digest, students, note, by, values["at"])  # type: ignore[arg-type]
