"""保存期限: what is kept of whom, when its terms began, and what was deleted. `kiosk.store.erasing` deletes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, func, insert, select

from kiosk.clock import midnight
from kiosk.records import (
    BiometricKind,
    ClassKey,
    Deletion,
    Erased,
    Holding,
    Part,
    Person,
    Receipt,
    RecordState,
    Why,
    part_of,
)
from kiosk.store import case_papers, elsewhere_rows, tables
from kiosk.store.audit import Audit
from kiosk.store.confirming import released
from kiosk.store.database import Database
from kiosk.store.roster_rows import load_student
from kiosk.store.written import EXPORT

_RECORDS, _BIOMETRICS, _STUDENTS = tables.records, tables.biometrics, tables.students
_LEFT: Final = timedelta(days=1)
_DELETIONS, _ERASED, _RECEIPTS = tables.deletions, tables.erased, tables.receipts


class Retention:
    """What the terms are about."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def holdings(self) -> list[Holding]:
        """Everybody of whom anything is kept, in the roster's order; who is not on it comes last."""
        with self._database.read() as connection:
            people = _people(connection)
            counts = _counts(connection)
            open_ones = under_way(connection, self._audit.now())
            captured = set(connection.scalars(select(_RECORDS.c.id_number).distinct()))
            receipts = connection.execute(select(_RECEIPTS)).all()
            released_at = released(connection)
            exports = select(tables.written.c.at, tables.written.c.about).where(tables.written.c.kind == EXPORT)
            exported: dict[str, datetime] = {}
            for row in connection.execute(exports.order_by(tables.written.c.at)):
                exported.update(dict.fromkeys(row.about.split("\n"), row.at))
        held = []
        for number, (name, group) in people.items():
            confirmed = [row.on for row in receipts if _is_for(row, group)]
            confirmed += [released_at[number]] if number in released_at else []
            held.append(
                Holding(
                    number,
                    name,
                    group,
                    {**counts.get(number, {}), Part.IDENTITY: 1},
                    number in open_ones,
                    number in captured,
                    exported.get(self._audit.pseudonym(number)),
                    max(confirmed, default=None),
                )
            )
        return held

    def note_receipt(self, on: date, group: ClassKey, *, note: str, by: Person) -> None:
        """Enter that the receiver confirmed a group's data on a day."""
        at = midnight(on)
        told = group._asdict()
        values = {"on": at, **told, "note": note}
        with self._database.write() as connection:
            connection.execute(insert(_RECEIPTS).values(**values, by=by.name, account=by.account, at=self._audit.now()))
            told = told if group.school else {"grade": group.grade, "class_name": group.class_name}
            self._audit.append(connection, "retention.receipt", actor=by.name, on=on.isoformat(), note=note, **told)

    def receipts(self) -> list[Receipt]:
        """The newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(_RECEIPTS).order_by(_RECEIPTS.c.number.desc())).all()
        return [
            Receipt(row.on.astimezone().date(), row.grade, row.class_name, row.note, Person(row.by, row.account), row.school)
            for row in rows
        ]

    def deletions(self) -> list[Deletion]:
        """Every act of deleting, the newest first."""
        with self._database.read() as connection:
            rows = connection.execute(select(_DELETIONS).order_by(_DELETIONS.c.number.desc())).all()
            entries = _entries(connection)
        return [
            Deletion(
                row.number,
                row.at,
                Person(row.asked_by, row.asked_account),
                Person(row.decided_by, row.decided_account),
                Why(row.why),
                row.reason,
                row.students,
                row.pieces,
                tuple(entries[row.number].items()),
                row.cleaned_at is not None,
            )
            for row in rows
        ]

    def erased_of(self, record_id: str) -> list[Erased]:
        """What of one record was deleted, the oldest first; of one that is gone altogether, too."""
        return self.erased([record_id]).get(record_id, [])

    def erased(self, record_ids: Sequence[str] | None = None) -> Mapping[str, list[Erased]]:
        """The same of these records, or of all, by record."""
        query = select(_ERASED, _DELETIONS).join(_DELETIONS, _DELETIONS.c.number == _ERASED.c.deletion)
        query = query.where(_ERASED.c.record_id != "").order_by(_ERASED.c.number)
        if record_ids is not None:
            query = query.where(_ERASED.c.record_id.in_(record_ids))
        found: dict[str, list[Erased]] = defaultdict(list)
        with self._database.read() as connection:
            for row in connection.execute(query):
                told = Why(row.why), row.reason, row.asked_by, row.decided_by
                found[row.record_id].append(Erased(Part(row.part), row.pieces, row.at, *told))
        return found

    def erased_since(self, at: datetime) -> Mapping[str, frozenset[Part]]:
        """Which parts of whom were deleted since then, by pseudonym."""
        query = select(_ERASED.c.pseudonym, _ERASED.c.part).join(_DELETIONS, _DELETIONS.c.number == _ERASED.c.deletion)
        found: dict[str, set[Part]] = defaultdict(set)
        with self._database.read() as connection:
            for row in connection.execute(query.where(_DELETIONS.c.at >= at)):
                found[row.pseudonym].add(Part(row.part))
        return {pseudonym: frozenset(parts) for pseudonym, parts in found.items()}

    def faces(self) -> int:
        """Of how many people something of the face is kept; of the staff only of those who were enrolled elsewhere."""
        kinds = (
            BiometricKind.LIVE_FACE,
            BiometricKind.PORTRAIT,
            BiometricKind.FACE_TEMPLATE,
            BiometricKind.CHIP_PHOTO,
        )
        with self._database.read() as connection:
            owners = select(func.count(_RECORDS.c.id_number.distinct())).join(
                _BIOMETRICS, _BIOMETRICS.c.record_id == _RECORDS.c.id
            )
            found: int = connection.scalar(owners.where(_BIOMETRICS.c.kind.in_(kinds))) or 0
            return found + elsewhere_rows.people(connection)


def under_way(connection: Connection, now: datetime) -> set[str]:
    """Who is being captured, by ID number. What was begun and left for a day is under way no more: it has a term as any."""
    last = (
        select(tables.steps.c.record_id, func.max(tables.steps.c.at).label("at")).group_by(tables.steps.c.record_id).subquery()
    )
    query = select(_RECORDS.c.id_number, _RECORDS.c.started_at, last.c.at).outerjoin(last, last.c.record_id == _RECORDS.c.id)
    begun = connection.execute(query.where(_RECORDS.c.state == RecordState.OPEN)).all()
    return {row.id_number for row in begun if now - max(row.started_at, row.at or row.started_at) < _LEFT}


def _group(row: Row[Any]) -> ClassKey:
    return ClassKey(row.school, row.grade, row.class_name)


def _is_for(receipt: Row[Any], group: ClassKey) -> bool:
    return all(wanted in ("", own) for wanted, own in zip(_group(receipt), group, strict=True))


_NO_GROUP: Final = ClassKey("", "", "")


def _people(connection: Connection) -> dict[str, tuple[str, ClassKey]]:
    """Name and class of everybody by number: from the roster; else as they were captured or turned away."""
    found: dict[str, tuple[str, ClassKey]] = {}
    order = (_STUDENTS.c.gone_at.is_not(None), _STUDENTS.c.position)
    for row in connection.execute(select(_STUDENTS).order_by(*order)):
        found[row.id_number] = (row.name, load_student(row).group if row.gone_at is None else _NO_GROUP)
    for number in connection.scalars(select(_RECORDS.c.id_number).distinct()):
        found.setdefault(number, ("", _NO_GROUP))
    for row in connection.execute(select(tables.refusals.c.id_number, tables.refusals.c.name)):
        if row.id_number:
            found.setdefault(row.id_number, (row.name, _NO_GROUP))
    for table in (tables.consents, tables.papers, tables.materials, tables.leavings, tables.particulars):
        for number in connection.scalars(select(table.c.id_number).distinct()):
            found.setdefault(number, ("", _NO_GROUP))
    for number, name in case_papers.keys(connection):
        found.setdefault(number, (name, _NO_GROUP))
    return found


def _counts(connection: Connection) -> dict[str, dict[Part, int]]:
    """How many pieces of each part are kept, by number."""
    found: dict[str, dict[Part, int]] = defaultdict(lambda: defaultdict(int))
    pieces = select(_RECORDS.c.id_number, _BIOMETRICS.c.kind, func.count()).join(
        _RECORDS, _RECORDS.c.id == _BIOMETRICS.c.record_id
    )
    for number, kind, count in connection.execute(pieces.group_by(_RECORDS.c.id_number, _BIOMETRICS.c.kind)):
        found[number][part_of(BiometricKind(kind))] += count
    papers = select(tables.papers.c.id_number, func.count()).group_by(tables.papers.c.id_number)
    for number, count in connection.execute(papers):
        found[number][Part.PROOF] += count
    for number, count in case_papers.counts(connection).items():
        found[number][Part.PROOF] += count
    return found


def _entries(connection: Connection) -> Mapping[int, dict[str, dict[Part, int]]]:
    found: dict[int, dict[str, dict[Part, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for row in connection.execute(select(_ERASED).order_by(_ERASED.c.number)):
        found[row.deletion][row.pseudonym][Part(row.part)] += row.pieces
    return found
