"""Deletes for good: rows, the blobs that they name, and what pages, free pages and logs still hold of both.

First the rows go, in one transaction with the entry in the trail and the list of blobs that have to follow; then the blobs;
then the files are rewritten and their logs cut to nothing. A kill in between is made good at the station's next start.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from sqlalchemy import ColumnElement, Connection, delete, func, insert, literal_column, select, update

from kiosk.errors import StoreError
from kiosk.records import PARTS, BiometricKind, Deletion, Part, Person, Why, part_of
from kiosk.store import case_papers, codec, elsewhere_rows, pairing, suspects, tables
from kiosk.store.audit import Audit, require_reason
from kiosk.store.database import Database
from kiosk.store.retention import under_way
from kiosk.store.vault import Vault

_RECORDS, _STEPS, _BIOMETRICS, _PAPERS = tables.records, tables.steps, tables.biometrics, tables.papers
_BATCH: Final = 400
# What hangs on a student's number, and on a record. The order is that in which rows may go.
_OF_RECORD: Final = (
    tables.prints,
    tables.reviews,
    tables.corrections,
    tables.parcel_records,
    tables.confirmed,
    tables.office_words,
    tables.compared,
    _BIOMETRICS,
    _STEPS,
)
_OF_STUDENT: Final = (
    tables.corrections,
    tables.refusals,
    tables.absences,
    tables.admissions,
    tables.consents,
    tables.roster_undo,
    tables.materials,
    tables.leavings,
    tables.photo_runs,
    tables.photo_skips,
    tables.particulars,
    tables.parcel_students,
    tables.exam_seatings,
    tables.exam_seatings_before,
    tables.capture_slots,
    tables.roll_calls,
    tables.id_checks,
)

T = TypeVar("T")
Wanted = Mapping[str, frozenset[Part]]
Progress = Callable[[int], None]


class Erasing:
    """The only way out of the store. Two people answer for each deletion: who asked, and who decided."""

    def __init__(self, identity: Database, vault: Database, audit: Audit, blobs: Vault) -> None:
        self._blobs = blobs
        self._identity = identity
        self._vault = vault
        self._audit = audit

    def erase(
        self,
        wanted: Wanted,
        *,
        asked_by: Person,
        decided_by: Person,
        why: Why,
        reason: str,
        at: datetime,
        progress: Progress | None = None,
    ) -> Deletion:
        """Delete these parts of these students, by ID number, in all versions of their records. With the identity goes
        everything.

        Raises StoreError without a reason, when both people are one, while one of the students is being captured, and when
        there is nothing to delete; then nothing was.
        """
        require_reason(reason)
        if asked_by.same_as(decided_by):
            raise StoreError("retention.same_person", name=decided_by.name)
        with self._identity.write() as connection:
            number, entries = self._take_out(connection, wanted, asked_by, decided_by, why, reason, at, progress)
        finish(self._identity, self._vault)
        cleaned = self.clean()
        people, pieces = len(entries), sum(count for parts in entries.values() for count in parts.values())
        return Deletion(number, at, asked_by, decided_by, why, reason, people, pieces, tuple(entries.items()), cleaned)

    def clean(self) -> bool:
        """Rewrite both files and cut their logs; False while somebody else uses them: then it is owed."""
        done = [self._vault.clean(sealed=True), self._identity.clean(sealed=False)]
        if all(done):
            with self._identity.write() as connection:
                owed = tables.deletions.c.cleaned_at.is_(None)
                connection.execute(update(tables.deletions).where(owed).values(cleaned_at=self._audit.now()))
        return all(done)

    def _take_out(
        self,
        connection: Connection,
        wanted: Wanted,
        asked_by: Person,
        decided_by: Person,
        why: Why,
        reason: str,
        at: datetime,
        progress: Progress | None,
    ) -> tuple[int, dict[str, dict[Part, int]]]:
        _require_none_under_way(connection, list(wanted), self._audit.now())
        number = connection.scalar(
            insert(tables.deletions)
            .values(
                at=at,
                asked_by=asked_by.name,
                asked_account=asked_by.account,
                decided_by=decided_by.name,
                decided_account=decided_by.account,
                why=why,
                reason=reason,
                students=0,
                pieces=0,
            )
            .returning(tables.deletions.c.number)
        )
        assert number is not None
        entries: dict[str, dict[Part, int]] = {}
        whole: list[str] = []  # whose identities go
        gone: list[str] = []  # records that go whole
        for done, (id_number, parts) in enumerate(wanted.items(), start=1):
            records = list(connection.scalars(select(_RECORDS.c.id).where(_RECORDS.c.id_number == id_number)))
            every = frozenset(Part) if Part.IDENTITY in parts else parts
            counts = self._take_pieces(connection, number, id_number, records, every)
            if Part.IDENTITY in parts:
                whole.append(id_number)
                gone += records
                counts[Part.IDENTITY] = 1
            if counts:
                entries[self._audit.pseudonym(id_number)] = counts
            if progress:
                progress(done)
        if not entries:
            raise StoreError("retention.nothing")
        unknown = [number for number, parts in wanted.items() if parts & {Part.TEMPLATES, Part.IDENTITY}]
        gone += elsewhere_rows.forget(connection, self._blobs, frozenset(unknown))
        self._forget(connection, whole, gone)
        pieces = sum(count for parts in entries.values() for count in parts.values())
        told = {"students": len(entries), "pieces": pieces}
        connection.execute(update(tables.deletions).where(tables.deletions.c.number == number).values(told))
        told_parts = sorted({str(part) for found in entries.values() for part in found})
        self._audit.append(
            connection,
            "retention.delete",
            actor=decided_by.name,
            subject=next(iter(entries)) if len(entries) == 1 else "",
            asked_by=asked_by.name,
            deletion=number,
            why=why,
            parts=told_parts,
            reason=reason,
            **told,
        )
        return number, entries

    def _take_pieces(
        self, connection: Connection, deletion: int, id_number: str, records: Sequence[str], parts: frozenset[Part]
    ) -> dict[Part, int]:
        """The rows of pieces go, their blobs are listed to follow, and what went is entered; how many of each part."""
        counts: dict[Part, int] = defaultdict(int)
        by_record: dict[tuple[str, Part], int] = defaultdict(int)
        kinds = [kind for part in parts for kind in PARTS[part]]
        doomed: list[str] = []
        named = select(_BIOMETRICS).where(_BIOMETRICS.c.record_id.in_(records), _BIOMETRICS.c.kind.in_(kinds))
        for row in connection.execute(named):
            by_record[row.record_id, part_of(BiometricKind(row.kind))] += 1
            doomed.append(row.blob_id)
        if Part.PROOF in parts:
            papers = list(connection.scalars(select(_PAPERS.c.blob_id).where(_PAPERS.c.id_number == id_number)))
            if papers:
                by_record["", Part.PROOF] += len(papers)
                doomed += papers
                connection.execute(delete(_PAPERS).where(_PAPERS.c.id_number == id_number))
            proofs, cases = case_papers.take_out(connection, id_number, forget=Part.IDENTITY in parts)
            if proofs:
                by_record["", Part.PROOF] += len(proofs)
                doomed += proofs
            self._audit.forget_texts(connection, [case_papers.subject(case) for case in cases])
        if Part.IDENTITY in parts:
            by_record.update({(record, Part.IDENTITY): 1 for record in records} or {("", Part.IDENTITY): 1})
        if doomed:
            connection.execute(delete(_BIOMETRICS).where(_BIOMETRICS.c.record_id.in_(records), _BIOMETRICS.c.kind.in_(kinds)))
            connection.execute(insert(tables.doomed), [{"blob_id": blob_id} for blob_id in doomed])
        if by_record:
            who = {"deletion": deletion, "pseudonym": self._audit.pseudonym(id_number)}
            connection.execute(
                insert(tables.erased),
                [who | {"record_id": record, "part": part, "pieces": count} for (record, part), count in by_record.items()],
            )
        for (_, part), count in by_record.items():
            if part is not Part.IDENTITY:
                counts[part] += count
        return counts

    def _forget(self, connection: Connection, whole: Sequence[str], gone: Sequence[str]) -> None:
        """Everything else that names these students."""
        if not whole:
            return
        for batch in _batches(gone):
            for table in _OF_RECORD:
                connection.execute(delete(table).where(table.c.record_id.in_(batch)))
            connection.execute(delete(tables.refusals).where(tables.refusals.c.record_id.in_(batch)))
            connection.execute(delete(_RECORDS).where(_RECORDS.c.id.in_(batch)))
        for batch in _batches(whole):
            _forget_declarations(connection, batch)
            for table in _OF_STUDENT:
                connection.execute(delete(table).where(table.c.id_number.in_(batch)))
            connection.execute(delete(tables.students).where(tables.students.c.id_number.in_(batch)))
            for number in list(connection.scalars(select(tables.substitutes.c.number).where(_given_to(batch)))):
                spent = {"number": self._audit.spent(number), "id_number": "", "person": ""}
                connection.execute(update(tables.substitutes).where(tables.substitutes.c.number == number).values(spent))
        _forget_likeness(connection, frozenset(gone))
        suspects.forget(connection, gone)
        self._audit.forget_texts(connection, [*gone, *(self._audit.pseudonym(number) for number in whole)])


def _given_to(id_numbers: Sequence[str]) -> ColumnElement[bool]:
    return tables.substitutes.c.id_number.in_(id_numbers)


def _require_none_under_way(connection: Connection, id_numbers: Sequence[str], now: datetime) -> None:
    if busy := under_way(connection, now) & set(id_numbers):
        raise StoreError("retention.under_way", count=len(busy))


def _forget_likeness(connection: Connection, gone: frozenset[str]) -> None:
    """Who was suspected to be one of these keeps the suspicion, and no name."""
    some = _STEPS.c.detail.like(literal_column("""'%"alike":[{%'"""))
    for row in connection.execute(select(_STEPS.c.number, _STEPS.c.detail).where(some)).all():
        told = json.loads(row.detail)
        names = set()
        for other in told["alike"]:
            if other["record_id"] in gone:
                names.add(other["name"])
                other["name"] = other["number"] = ""
        if names:
            for problem in told["problems"]:
                if problem["data"].get("name") in names:
                    problem["data"] |= {"name": "", "number": ""}
            connection.execute(update(_STEPS).where(_STEPS.c.number == row.number).values(detail=codec.dump(told)))


def _forget_declarations(connection: Connection, id_numbers: Sequence[str]) -> None:
    """What was said about several loses its words; where only one of them is left, it says nothing any more."""
    members = tables.lookalikes
    said = list(connection.scalars(select(members.c.declaration).where(members.c.id_number.in_(id_numbers)).distinct()))
    connection.execute(delete(members).where(members.c.id_number.in_(id_numbers)))
    for batch in _batches(said):
        left = select(members.c.declaration).group_by(members.c.declaration).having(func.count() > 1)
        alone = tables.declarations.c.number.in_(batch) & tables.declarations.c.number.not_in(left)
        over = list(connection.scalars(select(tables.declarations.c.number).where(alone)))
        connection.execute(delete(members).where(members.c.declaration.in_(over)))
        connection.execute(delete(tables.declarations).where(tables.declarations.c.number.in_(over)))
        these = tables.declarations.c.number.in_(batch)
        connection.execute(update(tables.declarations).where(these).values(reason=""))


def finish(identity: Database, vault: Database) -> int:
    """Delete the blobs whose rows are gone; how many. Idempotent."""
    with identity.read() as connection:
        doomed = list(connection.scalars(select(tables.doomed.c.blob_id)))
    for batch in _batches(doomed):
        with identity.write() as names:
            with vault.write() as connection:
                connection.execute(delete(tables.quarantine).where(tables.quarantine.c.blob_id.in_(batch)))
                connection.execute(delete(tables.blobs).where(tables.blobs.c.id.in_(batch)))
                generation = pairing.count(connection, tables.vault_pair)
            pairing.hear_of_vault(names, generation)
            names.execute(delete(tables.doomed).where(tables.doomed.c.blob_id.in_(batch)))
    return len(doomed)


def is_owed(identity: Database) -> bool:
    """Whether the files may still hold something of what was deleted."""
    with identity.read() as connection:
        return (
            connection.scalar(select(tables.deletions.c.number).where(tables.deletions.c.cleaned_at.is_(None)).limit(1))
            is not None
        )


def _batches(values: Sequence[T]) -> list[Sequence[T]]:
    return [values[start : start + _BATCH] for start in range(0, len(values), _BATCH)]
