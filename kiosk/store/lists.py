"""Filed versions of the roster, and what roll-calls and the register's checks found of its students."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select

from kiosk.errors import StoreError
from kiosk.records import Filing, Finding, IdCheck, RollCall
from kiosk.store import tables
from kiosk.store.audit import Audit
from kiosk.store.database import Database
from kiosk.store.schools import schools_of

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

    def of(self, id_number: str) -> list[Finding]:
        """All of a student's, the oldest first."""
        query = select(self._table).where(self._table.c.id_number == id_number).order_by(self._table.c.number)
        with self._database.read() as connection:
            return [Finding(row.outcome, row.note, row.by, row.at) for row in connection.execute(query)]

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
        """Of all schools, the newest first."""
        with self._database.read() as connection:
            return _filings(connection)

    def file(self, school: str, digest: str, students: int, *, note: str, by: str) -> Filing:
        """File a school's roster as it is: its next version. Raises StoreError when the last one is the same."""
        with self._database.write() as connection:
            last = next((one for one in _filings(connection) if one.school == school), None)
            if last is not None and last.digest == digest:
                raise StoreError("store.filing_same", version=last.version)
            filed = Filing(school, last.version + 1 if last else 1, digest, students, note, by, self._audit.now())
            connection.execute(insert(_FILINGS).values(vars(filed)))
            told: dict[str, Any] = {"school": school, "version": filed.version, "students": students, "sha256": digest}
            self._audit.append(connection, "roster.file", actor=by, **told)
        return filed


def _filings(connection: Connection) -> list[Filing]:
    """What was filed before the school had a name is the roster's first school's."""
    rows = connection.execute(select(_FILINGS).order_by(_FILINGS.c.number.desc())).all()
    first = next((school.key for school in schools_of(connection)), "")
    return [Filing(row.school or first, row.version, row.digest, row.students, row.note, row.by, row.at) for row in rows]
